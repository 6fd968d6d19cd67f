"""The course's folders have other names and stand in another order."""

from peers.courses import BLANK, SOLVED, Course, check, notebook, prose, right, solution

BITS = notebook(
    prose("# Bits"),
    solution(
        "binary",
        '''
        def binary(n):
            """The binary digits of n as a string."""
            ### BEGIN SOLUTION
            return format(n, "b")
            ### END SOLUTION
        ''',
    ),
    check(
        "binary-check",
        'assert binary(6) == "110"\n### BEGIN HIDDEN TESTS\nassert binary(0) == "0"\n### END HIDDEN TESTS',
    ),
    solution(
        "parity",
        '''
        def parity(n):
            """1 if n has an odd number of ones."""
            ### BEGIN SOLUTION
            return binary(n).count("1") % 2
            ### END SOLUTION
        ''',
    ),
    check("parity-check", "assert [parity(n) for n in range(5)] == [0, 1, 1, 0, 1]", 2),
)
GRAY = notebook(
    prose("# Gray's code"),
    solution(
        "gray",
        '''
        def gray(n):
            """The n-th number of Gray's code; table.txt holds the first."""
            ### BEGIN SOLUTION
            return n ^ n >> 1
            ### END SOLUTION
        ''',
    ),
    check("gray-table", 'assert [gray(n) for n in range(8)] == [int(x) for x in open("table.txt")]', 2),
)
TABLE = "0\n1\n3\n2\n6\n7\n5\n4\n"

COURSES = {
    "folders": Course(
        {"bits": BITS, "gray": GRAY},
        {
            "solved": (5, SOLVED),
            "half": (
                2,
                right("gray")
                | {
                    "binary": 'def binary(n):\n    return binary(n // 2) + str(n % 2) if n else ""',
                    "parity": "def parity(n):\n    return n % 2",
                },
            ),
            "blank": (0, BLANK),
        },
        files={"homework/teachers/./table.txt": TABLE},
        config="""
        c.CourseDirectory.directory_structure = "{assignment_id}/{nbgrader_step}/{student_id}"
        c.CourseDirectory.source_directory = "teachers"
        c.CourseDirectory.release_directory = "handout"
        c.CourseDirectory.submitted_directory = "collected"
        c.CourseDirectory.autograded_directory = "checked"
        c.CourseDirectory.feedback_directory = "returned"
        """,
        source="homework/teachers/.",
    ),
    "named_folders": Course(
        {"bits": BITS, "gray": GRAY},
        {"solved": (5, SOLVED), "half": (3, right("binary", "parity")), "blank": (0, BLANK)},
        files={"teachers/homework/table.txt": TABLE},
        config="""
        c.CourseDirectory.source_directory = "teachers"
        c.CourseDirectory.release_directory = "handout"
        c.CourseDirectory.submitted_directory = "collected"
        c.CourseDirectory.autograded_directory = "checked"
        """,
        source="teachers/homework",
    ),
}
