"""Cells without nbgrader's metadata hold the data, the imports and the helpers that solutions and tests need."""

from peers.courses import BLANK, SOLVED, Course, check, notebook, plain, prose, right, solution

HEIGHTS = notebook(
    prose("# Heights of sunflowers\n\nTwo plots, measured in centimetres."),
    plain(
        """
        import math

        import numpy as np

        plot_a = np.array([151.0, 163.0, 148.0, 170.0, 158.0])
        plot_b = np.array([171.0, 182.0, 165.0, 178.0, 174.0])
        """
    ),
    plain(
        """
        def close(a, b, digits=6):
            return math.isclose(a, b, abs_tol=10**-digits)
        """
    ),
    solution(
        "mean-difference",
        """
        # mean of plot b minus mean of plot a
        ### BEGIN SOLUTION
        difference = plot_b.mean() - plot_a.mean()
        ### END SOLUTION
        """,
    ),
    plain('print("b is taller by", round(float(plot_b.mean() - plot_a.mean())), "cm")'),
    check("mean-difference-check", "assert close(difference, 16)"),
    solution(
        "pooled",
        '''
        def pooled_variance(a, b):
            """The variance of both samples, pooled."""
            ### BEGIN SOLUTION
            return ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / (len(a) + len(b) - 2)
            ### END SOLUTION
        ''',
    ),
    check(
        "pooled-check",
        """
        assert close(pooled_variance(plot_a, plot_a), plot_a.var(ddof=1))
        ### BEGIN HIDDEN TESTS
        assert close(pooled_variance(plot_a, plot_b), 61)
        assert close(pooled_variance(plot_a, plot_b[:3]), 700 / 9)
        ### END HIDDEN TESTS
        """,
        2,
    ),
    plain("shuffled = np.random.default_rng(3).permutation(np.concatenate([plot_a, plot_b]))"),
    solution(
        "t-value",
        '''
        def t_value(a, b):
            """The t statistic of two samples."""
            ### BEGIN SOLUTION
            return (b.mean() - a.mean()) / math.sqrt(pooled_variance(a, b) * (1 / len(a) + 1 / len(b)))
            ### END SOLUTION
        ''',
    ),
    check(
        "t-value-check",
        """
        assert close(t_value(plot_a, plot_a), 0)
        ### BEGIN HIDDEN TESTS
        assert close(t_value(plot_a, plot_b), 16 / math.sqrt(61 * 2 / 5))
        assert abs(t_value(shuffled[:5], shuffled[5:])) < 3
        ### END HIDDEN TESTS
        """,
        2,
    ),
)

COURSES = {
    "plain_cells": Course(
        {"heights": HEIGHTS},
        {
            "solved": (5, SOLVED),
            "half": (
                1,
                right("mean-difference")
                | {"pooled": "def pooled_variance(a, b):\n    return (a.var() + b.var()) / 2", "t-value": "pass"},
            ),
            "wrong": (
                2,
                {
                    "mean-difference": "difference = plot_a.mean() - plot_b.mean()",
                    "pooled": "def pooled_variance(a, b):\n    return (a.var(ddof=1) + b.var(ddof=1)) / 2",
                    "t-value": """def t_value(a, b):
    return (b.mean() - a.mean()) / math.sqrt(61 * 2 / 5)""",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
