"""Tests and locked cells take library functions away, and turn what the whole process shares."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

SYSTEMS = notebook(
    prose("# Linear systems\n\nSolve them yourselves: numpy's own solvers are not there while you are graded."),
    given(
        "setup",
        """
        import os
        import numpy as np
        import matplotlib.pyplot as plt

        np.linalg.det = None  # part A is about it
        """,
    ),
    solution(
        "determinant",
        '''
        def determinant(A):
            """The determinant of a 2 × 2 matrix."""
            ### BEGIN SOLUTION
            return A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]
            ### END SOLUTION
        ''',
    ),
    check("determinant-check", "assert determinant(np.array([[1.0, 2.0], [3.0, 4.0]])) == -2"),
    solution(
        "elimination",
        '''
        def solve(A, b):
            """The x with A x = b."""
            ### BEGIN SOLUTION
            A, b = A.astype(float), b.astype(float)
            n = len(b)
            for i in range(n):
                pivot = i + abs(A[i:, i]).argmax()
                A[[i, pivot]], b[[i, pivot]] = A[[pivot, i]], b[[pivot, i]]
                for j in range(i + 1, n):
                    factor = A[j, i] / A[i, i]
                    A[j] -= factor * A[i]
                    b[j] -= factor * b[i]
            x = np.zeros(n)
            for i in reversed(range(n)):
                x[i] = (b[i] - A[i] @ x) / A[i, i]
            return x
            ### END SOLUTION
        ''',
    ),
    check("elimination-check", "assert np.allclose(solve(np.array([[2, 0], [0, 4]]), np.array([1, 1])), [0.5, 0.25])"),
    check(
        "elimination-own",
        """
        ### BEGIN HIDDEN TESTS
        np.linalg.solve = None
        np.linalg.inv = None
        np.random.seed(5)
        M = np.random.rand(4, 4)
        assert np.allclose(M @ solve(M, np.ones(4)), 1)
        assert np.allclose(solve(np.array([[0, 1], [1, 0]]), np.array([1, 2])), [2, 1]), "a pivot of zero"
        ### END HIDDEN TESTS
        """,
        3,
    ),
    solution(
        "condition",
        '''
        def error_of_inverse(A):
            """How far A times its inverse is from the identity: the inverse column by column, by your solve."""
            ### BEGIN SOLUTION
            n = len(A)
            columns = [solve(A, np.eye(n)[i]) for i in range(n)]
            return abs(A @ np.array(columns).T - np.eye(n)).max()
            ### END SOLUTION
        ''',
    ),
    check("condition-check", "assert error_of_inverse(np.array([[1.0, 2.0], [3.0, 4.0]])) < 1e-12"),
)

PROCESS = notebook(
    prose("# A laboratory's habits\n\nDice, environment, folders, pictures, warnings."),
    given(
        "laboratory", "import os\nimport tempfile\nimport warnings\nimport numpy as np\nimport matplotlib.pyplot as plt"
    ),
    solution(
        "dice",
        '''
        def roll(n):
            """n throws of a die, from numpy's global generator."""
            ### BEGIN SOLUTION
            return np.random.randint(1, 7, n)
            ### END SOLUTION
        ''',
    ),
    check(
        "dice-seeded",
        """
        assert set(roll(500)) == {1, 2, 3, 4, 5, 6}
        ### BEGIN HIDDEN TESTS
        np.random.seed(11)
        expected = np.random.randint(1, 7, 20)
        np.random.seed(11)
        assert np.array_equal(roll(20), expected)
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "protocol",
        '''
        def protocol(values):
            """Write the values, a line each, into the file that the environment's PROTOCOL names."""
            ### BEGIN SOLUTION
            with open(os.environ["PROTOCOL"], "w") as file:
                file.writelines(f"{value}\\n" for value in values)
            ### END SOLUTION
        ''',
    ),
    check(
        "protocol-written",
        """
        os.environ["PROTOCOL"] = "monday.txt"
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                protocol([1, 2])
                assert os.listdir() == ["monday.txt"]
                assert open("monday.txt").read() == "1\\n2\\n"
            finally:
                os.chdir(before)
        """,
        2,
    ),
    solution(
        "curve",
        '''
        def curve(x, y):
            """Draw y over x in the laboratory's style, which is whatever rcParams say, and return the axes."""
            ### BEGIN SOLUTION
            _, ax = plt.subplots()
            ax.plot(x, y)
            return ax
            ### END SOLUTION
        ''',
    ),
    check(
        "curve-style",
        """
        plt.rcParams["lines.linewidth"] = 7
        ax = curve([1, 2, 3], [1, 4, 9])
        assert list(ax.lines[0].get_ydata()) == [1, 4, 9]
        ### BEGIN HIDDEN TESTS
        assert ax.lines[0].get_linewidth() == 7
        ### END HIDDEN TESTS
        plt.close("all")
        """,
        2,
    ),
    solution(
        "ratio",
        '''
        def ratio(a, b):
            """a / b element by element, 0 where b is 0, and numpy never has to warn."""
            ### BEGIN SOLUTION
            return np.divide(a, b, out=np.zeros(len(a)), where=np.asarray(b) != 0)
            ### END SOLUTION
        ''',
    ),
    check(
        "ratio-silent",
        """
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert list(ratio(np.array([1.0, 3.0]), np.array([0.0, 2.0]))) == [0, 1.5]
        """,
        2,
    ),
)

COURSES = {
    "sabotage": Course(
        {"systems": SYSTEMS},
        {
            "solved": (6, SOLVED),
            "half": (  # what is taken away is what they use
                1,
                {
                    "determinant": "def determinant(A):\n    return round(np.linalg.det(A), 9)",
                    "elimination": "def solve(A, b):\n    return np.linalg.solve(A, b)",
                    "condition": """def error_of_inverse(A):
    return abs(A @ np.linalg.inv(A) - np.eye(len(A))).max()""",
                },
            ),
            "wrong": (  # no pivots
                2,
                right("determinant")
                | {
                    "elimination": """def solve(A, b):
    return b / A.diagonal()""",
                    "condition": "def error_of_inverse(A):\n    return 1.0",
                },
            ),
            "blank": (0, BLANK),
        },
    ),
    "sabotaged_process": Course(
        {"laboratory": PROCESS},
        {
            "solved": (8, SOLVED),
            "half": (
                4,
                right("dice", "protocol")
                | {
                    "curve": """def curve(x, y):
    _, ax = plt.subplots()
    ax.plot(x, y, linewidth=2)
    return ax""",
                    "ratio": """def ratio(a, b):
    with np.errstate(all="warn"):
        return np.where(b == 0, 0, a / b)""",
                },
            ),
            "wrong": (
                2,
                right("curve")
                | {
                    "dice": "def roll(n):\n    return np.random.default_rng(1).integers(1, 7, n)",
                    "protocol": """def protocol(values):
    with open("protocol.txt", "w") as file:
        print(*values, sep="\\n", file=file)""",
                },
            ),
            "blank": (0, BLANK),
        },
    ),
}
