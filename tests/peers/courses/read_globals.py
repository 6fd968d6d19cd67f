"""Functions of the student's read globals that tests set."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

MOTION = notebook(
    prose("# Throwing a ball\n\nYour functions read `t`, `v`, `g` and `A` from the notebook."),
    given("setup", "import numpy as np\n\ng = 9.81\nv = 10.0"),
    solution(
        "height",
        '''
        def height():
            """How high the ball is at the time t, thrown up from 0 with speed v."""
            ### BEGIN SOLUTION
            return v * t - g * t**2 / 2
            ### END SOLUTION
        ''',
    ),
    check(
        "height-check",
        """
        t = 0
        assert height() == 0
        t = 1.0
        assert np.isclose(height(), 10 - 9.81 / 2)
        ### BEGIN HIDDEN TESTS
        g = 1.62  # on the moon
        t = np.array([0.0, 2.0])
        assert np.allclose(height(), [0, 16.76])
        g = 9.81
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "top",
        """
        # the time at which the ball is highest
        ### BEGIN SOLUTION
        t_top = v / g
        ### END SOLUTION
        """,
    ),
    check(
        "top-check",
        """
        t = t_top
        assert np.isclose(height(), v**2 / (2 * g))
        """,
    ),
    solution(
        "iterate",
        '''
        def dominant(steps):
            """The largest eigenvalue of the matrix A, by so many steps of power iteration."""
            ### BEGIN SOLUTION
            x = np.ones(len(A))
            for _ in range(steps):
                x = A @ x
                x /= np.linalg.norm(x)
            return x @ A @ x
            ### END SOLUTION
        ''',
    ),
    check(
        "iterate-check",
        """
        A = np.array([[2.0, 1.0], [1.0, 2.0]])
        assert np.isclose(dominant(50), 3)
        ### BEGIN HIDDEN TESTS
        A = np.diag([1.0, 5.0, 2.0])
        assert np.isclose(dominant(80), 5)
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "tally",
        '''
        calls = 0

        def tally():
            """Count up the global calls, and put the time t into the global log."""
            ### BEGIN SOLUTION
            global calls
            calls += 1
            log.append(t)
            ### END SOLUTION
        ''',
    ),
    check(
        "tally-check",
        """
        log = []
        calls = 5
        for t in range(3):
            tally()
        assert log == [0, 1, 2]
        assert calls == 8
        """,
        2,
    ),
)

COURSES = {
    "read_globals": Course(
        {"motion": MOTION},
        {
            "solved": (7, SOLVED),
            "half": (  # the matrix is their own
                3,
                right("height", "top")
                | {
                    "iterate": """A = np.array([[2.0, 1.0], [1.0, 2.0]])

def dominant(steps, A=A):
    return np.linalg.eigvalsh(A).max()""",
                    "tally": """calls = 0

def tally():
    calls = 1
    log.append(t)""",
                },
            ),
            "wrong": (
                4,
                right("iterate", "tally")
                | {
                    "height": """t = 1.0

def height(t=t):
    return v * t - g * t**2 / 2""",
                    "top": "t_top = 0.5",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
