"""Answers are figures and axes; tests look at lines, labels, limits and colours."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

PLOTS = notebook(
    prose("# Radioactive decay\n\nDraw it."),
    given(
        "setup",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport numpy as np\n\ntimes = np.linspace(0, 10, 50)",
    ),
    solution(
        "decay",
        """
        # decay: the share that is left at the times, with a half-life of 2.5
        ### BEGIN SOLUTION
        decay = 0.5 ** (times / 2.5)
        ### END SOLUTION
        """,
    ),
    solution(
        "figure",
        """
        # fig, ax: the decay over time, with both axes labelled and a logarithmic y-axis
        ### BEGIN SOLUTION
        fig, ax = plt.subplots()
        ax.plot(times, decay, color="tab:red")
        ax.set(xlabel="time / s", ylabel="share", yscale="log")
        ### END SOLUTION
        """,
    ),
    check(
        "figure-line",
        """
        assert len(ax.lines) == 1, "one line"
        x, y = ax.lines[0].get_data()
        assert np.allclose(x, times)
        ### BEGIN HIDDEN TESTS
        assert np.allclose(y, np.exp2(-times / 2.5))
        assert ax.figure is fig
        ### END HIDDEN TESTS
        """,
        2,
    ),
    check("figure-labels", 'assert ax.get_xlabel() and ax.get_ylabel()\nassert ax.get_yscale() == "log"'),
    solution(
        "compare",
        '''
        def compare(half_lives):
            """Draw a curve for each half-life into axes of its own, side by side; return the figure."""
            ### BEGIN SOLUTION
            figure, axes = plt.subplots(1, len(half_lives), sharey=True, squeeze=False)
            for ax, half_life in zip(axes[0], half_lives):
                ax.plot(times, 0.5 ** (times / half_life))
                ax.set_title(f"{half_life} s")
            return figure
            ### END SOLUTION
        ''',
    ),
    check(
        "compare-axes",
        """
        figure = compare([1, 2, 5])
        assert isinstance(figure, plt.Figure)
        assert len(figure.axes) == 3
        ### BEGIN HIDDEN TESTS
        assert [ax.get_title() for ax in figure.axes] == ["1 s", "2 s", "5 s"]
        assert all(line.get_ydata()[0] == 1 for ax in figure.axes for line in ax.lines)
        assert len(compare([3]).axes) == 1
        ### END HIDDEN TESTS
        plt.close("all")
        """,
        2,
    ),
    solution(
        "current",
        '''
        def histogram(numbers):
            """Draw a histogram of ten bins into the current axes."""
            ### BEGIN SOLUTION
            plt.hist(numbers, bins=10)
            ### END SOLUTION
        ''',
    ),
    check(
        "current-axes",
        """
        plt.figure()
        histogram([1, 1, 2, 3])
        assert len(plt.gca().patches) == 10
        assert sum(bar.get_height() for bar in plt.gca().patches) == 4
        plt.close("all")
        """,
        2,
    ),
)

COURSES = {
    "drawings": Course(
        {"plots": PLOTS},
        {
            "solved": (7, SOLVED),
            "half": (
                3,
                right("decay", "current")
                | {
                    "figure": """fig = plt.figure()
ax = fig.gca()
ax.scatter(times, decay)
ax.set_xlabel("t")
ax.set_ylabel("N")
ax.semilogy()""",
                    "compare": """def compare(half_lives):
    for half_life in half_lives:
        plt.plot(times, 0.5 ** (times / half_life))
    return plt.gcf()""",
                },
            ),
            "wrong": (
                2,
                right("compare")
                | {
                    "decay": "decay = np.exp(-times / 2.5)",
                    "figure": "fig, ax = plt.subplots()\nax.plot(times, decay)",
                    "current": "def histogram(numbers):\n    plt.subplots()[1].hist(numbers)\n    plt.figure()",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
