"""What comes of grading one notebook."""

from dataclasses import dataclass, field

from nbformat import NotebookNode


@dataclass(frozen=True)
class Graded:
    """A submission after grading."""

    notebook: NotebookNode
    marks: dict[str, float]  # grade_id -> points, for every graded test of the source notebook
    log: list[str]  # what the instructor may want to know
    usage: dict[str, float] = field(default_factory=dict)  # CPU seconds and peak bytes of the two processes
