"""What of the instructor's notebook students have not seen: its hidden regions, and when they may be near their code.

Two rules keep it so, whatever a student's process does, and `judge.grade` and `judge.cells` follow them. What answers a
test is in no process of the student's before that test has run. And once a test's hidden inputs were in one, nothing is
shown any more of what it says: what students see comes from a run of its own, which knows none of them.
"""

from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import is_grade

METADATA = "hidden_regions"  # of a notebook whose course marks them in words of its own
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"  # as nbgrader has them


@dataclass(frozen=True)
class Hidden:
    """How the hidden regions of a notebook's cells begin and end: with a line that holds these words."""

    begin: str = BEGIN
    end: str = END

    @classmethod
    def of(cls, source: NotebookNode) -> "Hidden":
        return cls(*source.metadata.get(METADATA, ()))

    def in_text(self, text: str) -> bool:
        return self.begin in text

    def without(self, text: str) -> str:
        """What students have of a cell."""
        lines, inside = [], False
        for line in text.splitlines():
            if self.begin in line or inside:
                inside = self.end not in line  # one that never ends hides the rest
            else:
                lines.append(line)
        return "\n".join(lines)

    def tests(self, instructors: dict[str, NotebookNode]) -> frozenset[str]:
        """grade_ids of the graded tests with a hidden region."""
        return frozenset(name for name, cell in instructors.items() if is_grade(cell) and self.in_text(cell.source))
