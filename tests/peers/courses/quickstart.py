"""The example course that `nbgrader quickstart` makes, with tests written by hand and with generated ones."""

from pathlib import Path

import conftest
from peers.courses import BLANK, SOLVED, Course, right


class Quickstart(Course):
    """Made by nbgrader's own command."""

    assignment = "ps1"

    def build(self, course: Path) -> None:
        conftest.run("nbgrader", "quickstart", course.name, *self.config.split(), cwd=course.parent)


HALF = right("squares", "part-a") | {
    "sum_of_squares": "def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6",
    "sum_of_squares_application": "def pyramid(n):\n    return sum_of_squares(n)",
}
WRONG = right("sum_of_squares", "sum_of_squares_equation") | {
    "squares": "def squares(n):\n    return [i ** 2 for i in range(n)]",
    "part-b": "For none.",
}

COURSES = {
    "quickstart": Quickstart(
        {}, {"solved": (3, SOLVED), "half": (2.5, HALF), "wrong": (0.5, WRONG), "blank": (0, BLANK)}
    ),
    "quickstart_autotest": Quickstart(
        {},
        {
            "solved": (3, SOLVED),
            "half": (2.5, HALF),
            "wrong": (0.5, WRONG | {"cell-d3df8cd59fd0eb74": "my_dictionary = {}"}),
            "blank": (0, BLANK),
        },
        config="--autotest",
    ),
}
