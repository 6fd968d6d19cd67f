"""Imports, constants and helpers stand in graded tests, and later solutions use them."""

from peers.courses import BLANK, SOLVED, Course, check, notebook, prose, right, solution

ROOTS = notebook(
    prose("# Roots of equations\n\nBisection first, Newton's method then."),
    solution(
        "bisect",
        '''
        def bisect(f, a, b, steps=60):
            """A root of f between a and b."""
            ### BEGIN SOLUTION
            for _ in range(steps):
                middle = (a + b) / 2
                a, b = (a, middle) if f(a) * f(middle) <= 0 else (middle, b)
            return (a + b) / 2
            ### END SOLUTION
        ''',
    ),
    check(
        "bisect-check",
        """
        import math

        EPS = 1e-8

        def near(a, b):
            return abs(a - b) < EPS

        assert near(bisect(lambda x: x - 1, 0, 3), 1)
        ### BEGIN HIDDEN TESTS
        assert near(bisect(math.cos, 0, 3), math.pi / 2)
        assert near(bisect(lambda x: 2 - x * x, 0, 2), math.sqrt(2))
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "newton",
        '''
        def newton(f, df, x):
            """A root of f near x; steps until they are smaller than EPS."""
            ### BEGIN SOLUTION
            step = 1
            while abs(step) > EPS:
                step = f(x) / df(x)
                x -= step
            return x
            ### END SOLUTION
        ''',
    ),
    check(
        "newton-check",
        """
        SQUARE = (lambda x: x * x - 2, lambda x: 2 * x)
        assert near(newton(*SQUARE, 1.0), math.sqrt(2))
        ### BEGIN HIDDEN TESTS
        assert near(newton(math.sin, math.cos, 3.0), math.pi)
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "agree",
        """
        # agree: whether both methods find the same root of SQUARE (use near)
        ### BEGIN SOLUTION
        agree = near(newton(*SQUARE, 1.0), bisect(SQUARE[0], 0, 2))
        ### END SOLUTION
        """,
    ),
    check("agree-check", "assert agree is True"),
    solution(
        "kepler",
        '''
        def kepler(M, e):
            """The E with E - e sin E = M."""
            ### BEGIN SOLUTION
            return newton(lambda E: E - e * math.sin(E) - M, lambda E: 1 - e * math.cos(E), M)
            ### END SOLUTION
        ''',
    ),
    check("kepler-check", "E = kepler(1.0, 0.3)\nassert near(E - 0.3 * math.sin(E), 1.0)"),
)

COURSES = {
    "given_in_tests": Course(
        {"roots": ROOTS},
        {
            "solved": (6, SOLVED),
            "half": (  # what the first test binds is there, though it fails
                3,
                right("newton", "kepler")
                | {
                    "bisect": """def bisect(f, a, b, steps=60):
    return (a + b) / 2""",
                },
            ),
            "wrong": (  # the test that binds SQUARE binds it before it fails
                3,
                right("bisect")
                | {
                    "newton": "def newton(f, df, x):\n    return x - EPS",
                    "agree": "agree = near(bisect(SQUARE[0], 0, 2), math.sqrt(2))",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
