"""Data in a folder and modules of the course beside the notebook, which solutions and tests read, import and write."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, plain, prose, right, solution

UNITS = '''
"""Units of the course."""

FOOT = 0.3048


class Length:
    def __init__(self, metres):
        self.metres = metres

    def __eq__(self, other):
        return isinstance(other, Length) and abs(self.metres - other.metres) < 1e-9

    def __repr__(self):
        return f"{self.metres} m"
'''
COMPARING = """
from units import Length


def same(measured, metres):
    assert isinstance(measured, Length), "a Length, please"
    assert measured == Length(metres), f"{measured} instead of {metres} m"
"""
DEPTHS = "place;feet\nreef;12\ntrench;7500\nbay;30\n"

SOUNDINGS = notebook(
    prose("# Soundings\n\n`data/depths.csv` has depths in feet; `units.py` knows what a foot is."),
    given("setup", "import csv\n\nfrom units import FOOT, Length"),
    plain("import checks.comparing as comparing"),
    solution(
        "length",
        '''
        def length(feet):
            """So many feet as a Length."""
            ### BEGIN SOLUTION
            return Length(feet * FOOT)
            ### END SOLUTION
        ''',
    ),
    check(
        "length-check",
        """
        assert length(10) == Length(3.048)
        ### BEGIN HIDDEN TESTS
        comparing.same(length(0), 0)
        comparing.same(length(100), 30.48)
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "depths",
        '''
        def depths(path="data/depths.csv"):
            """The depths in a file: place -> Length."""
            ### BEGIN SOLUTION
            with open(path) as file:
                return {row["place"]: length(float(row["feet"])) for row in csv.DictReader(file, delimiter=";")}
            ### END SOLUTION
        ''',
    ),
    check("depths-read", 'assert list(depths()) == ["reef", "trench", "bay"]\nassert depths()["bay"] == Length(9.144)'),
    check(
        "depths-other",
        """
        ### BEGIN HIDDEN TESTS
        with open("other.csv", "w") as file:
            file.write("place;feet\\nwell;100\\n")
        assert depths("other.csv") == {"well": Length(30.48)}
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "deepest",
        '''
        def write_deepest(path):
            """Write the name of the deepest place of data/depths.csv into a file."""
            ### BEGIN SOLUTION
            found = depths()
            with open(path, "w") as file:
                file.write(max(found, key=lambda place: found[place].metres))
            ### END SOLUTION
        ''',
    ),
    check("deepest-written", 'write_deepest("deepest.txt")\nassert open("deepest.txt").read().strip() == "trench"', 2),
)

COURSES = {
    "support_files": Course(
        {"soundings": SOUNDINGS},
        {
            "solved": (7, SOLVED),
            "half": (
                3,
                right("length")
                | {
                    "depths": """def depths(path=None):
    return {"reef": length(12), "trench": length(7500), "bay": length(30)}""",
                    "deepest": 'def write_deepest(path):\n    open(path, "w").close()',
                },
            ),
            "wrong": (
                2,
                right("deepest")
                | {
                    "length": "def length(feet):\n    return Length(feet / 3)",
                    "depths": """def depths(path="data/depths.csv"):
    return {line.split(";")[0]: length(float(line.split(";")[1])) for line in list(open(path))[1:]}""",
                },
            ),
            "blank": (0, BLANK),
        },
        files={
            "source/homework/units.py": UNITS,
            "source/homework/checks/__init__.py": "",
            "source/homework/checks/comparing.py": COMPARING,
            "source/homework/data/depths.csv": DEPTHS,
        },
    )
}
