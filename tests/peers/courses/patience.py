"""The course has a time limit of its own: what takes longer fails, what comes after it is graded."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

NUMBERS = notebook(
    prose("# Large numbers\n\nA cell has five seconds."),
    given("setup", "import time"),
    solution(
        "fibonacci",
        '''
        def fibonacci(n):
            """The n-th Fibonacci number."""
            ### BEGIN SOLUTION
            a, b = 0, 1
            for _ in range(n):
                a, b = b, a + b
            return a
            ### END SOLUTION
        ''',
    ),
    check("fibonacci-small", "assert [fibonacci(n) for n in range(6)] == [0, 1, 1, 2, 3, 5]"),
    check(
        "fibonacci-large",
        "### BEGIN HIDDEN TESTS\nassert fibonacci(90) == 2880067194370816120\n### END HIDDEN TESTS",
        2,
    ),
    solution(
        "wait",
        '''
        def answer():
            """42, and soon."""
            ### BEGIN SOLUTION
            time.sleep(1)
            return 42
            ### END SOLUTION
        ''',
    ),
    check("wait-check", "assert answer() == 42", 2),
    solution("last", "last = None\n### BEGIN SOLUTION\nlast = fibonacci(10)\n### END SOLUTION"),
    check("last-check", "assert last == 55"),
)
SLOW = "def answer():\n    time.sleep(9)\n    return 42"

COURSES = {
    "patience": Course(
        {"numbers": NUMBERS},
        {
            "solved": (6, SOLVED),
            "half": (
                2,
                right("fibonacci", "last")
                | {
                    "wait": SLOW,
                    "fibonacci": "def fibonacci(n):\n    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)",
                },
            ),
            "wrong": (5, right("fibonacci", "wait") | {"last": "last = fibonacci(10)\nwhile True:\n    last += 1"}),
            "blank": (0, BLANK),
        },
        config="c.ExecutePreprocessor.timeout = 5",
    ),
    "patience_of_execute": Course(
        {"numbers": NUMBERS},
        {"solved": (6, SOLVED), "half": (4, right("fibonacci", "last") | {"wait": SLOW})},
        config="c.Execute.timeout = 5",
    ),
}
