"""Students whose ids have dots, an @, blanks, and letters of other alphabets."""

from peers.courses import BLANK, SOLVED, Course, check, notebook, prose, right, solution

CUBES = notebook(
    prose("# Volumes"),
    solution(
        "cube",
        """
        def cube(a):
            ### BEGIN SOLUTION
            return a ** 3
            ### END SOLUTION
        """,
    ),
    check(
        "cube-check", "assert cube(2) == 8\n### BEGIN HIDDEN TESTS\nassert cube(0.5) == 0.125\n### END HIDDEN TESTS", 2
    ),
    solution(
        "shell",
        '''
        def shell(outer, inner):
            """The volume between two cubes."""
            ### BEGIN SOLUTION
            return cube(outer) - cube(inner)
            ### END SOLUTION
        ''',
    ),
    check("shell-check", "assert shell(3, 1) == 26"),
    check("shell-none", "### BEGIN HIDDEN TESTS\nassert shell(2, 2) == 0\n### END HIDDEN TESTS"),
)

COURSES = {
    "names": Course(
        {"volumes": CUBES},
        {
            "ada.lovelace": (4, SOLVED),
            "grace@navy.mil": (2, right("cube")),
            "María José": (0, BLANK),
            "Ömer-Ω's": (1, right("shell") | {"cube": "def cube(a):\n    return 3 * a"}),
            "李 明": (4, right("cube", "shell")),
        },
    )
}
