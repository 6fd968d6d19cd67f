"""A small class that was graded, in a course that its instructor goes on changing; and what its gradebook says."""

import itertools
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from lms_class import gradebox, work
from nbgrader.api import Gradebook

DUE = datetime(2026, 3, 1, 12)
LATE = "2026-03-02 12:00:00 UTC"
TESTED = "double-values"
WRITTEN = "why"


def hand_in(course: Path, student: str, kind: str = "right", timestamp: str = "", **written: str) -> None:
    folder = course / "submitted" / student / "hw1"
    folder.mkdir(parents=True, exist_ok=True)
    found = nbformat.reads(work(course, kind), as_version=4)
    for cell in found.cells:
        cell.source = written.get(cell.metadata.nbgrader.grade_id, cell.source)
    nbformat.write(found, folder / "hw1.ipynb")
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def edit(course: Path, change, name: str = "hw1") -> None:
    """Change cells of the instructor's notebook: by grade_id, in place."""
    path = course / "source" / "hw1" / f"{name}.ipynb"
    found = nbformat.read(path, as_version=4)
    change({cell.metadata.nbgrader.grade_id: cell for cell in found.cells}, found.cells)
    nbformat.write(found, path)


def release(course: Path, *arguments: str):
    said = gradebox(course, "release", "hw1", *arguments)
    assert said.status == 0, said
    return said


def autograde(course: Path, *arguments: str) -> str:
    said = gradebox(course, "autograde", "hw1", "--workers=1", *arguments)
    assert said.status == 0, said
    return said.out


def graded(said: str) -> int:
    """How many a run has graded."""
    return max(map(int, re.findall(r"^Grading hw1 (\d+)/", said, re.MULTILINE)), default=0)


def by_hand(course: Path, student: str, cell: str = WRITTEN, score: float = 0.5, comment: str = "", extra=None) -> None:
    """As the formgrader writes it."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        grade = gradebook.find_grade(cell, "hw1", "hw1", student)
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, extra, False
        if comment:
            gradebook.find_comment(cell, "hw1", "hw1", student).manual_comment = comment
        gradebook.db.commit()


def grade_of(course: Path, student: str, cell: str) -> tuple:
    """The machine's points, a person's, extra credit, whether it waits."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        row = gradebook.find_grade(cell, "hw1", "hw1", student)
        return row.auto_score, row.manual_score, row.extra_credit, row.needs_manual_grade


def comment_of(course: Path, student: str, cell: str = WRITTEN) -> str | None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        return gradebook.find_comment(cell, "hw1", "hw1", student).manual_comment


def penalty_of(course: Path, student: str) -> float | None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        return gradebook.find_submission_notebook("hw1", "hw1", student).late_submission_penalty


def set_due(course: Path, due: datetime | None) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        gradebook.find_assignment("hw1").duedate = due
        gradebook.db.commit()


def extend(course: Path, student: str, extension: timedelta) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        gradebook.find_submission("hw1", student).extension = extension
        gradebook.db.commit()


def everything(course: Path) -> dict[str, bytes | tuple]:
    """All that a run may write: files with their content and time, rows of the gradebook."""
    files = {
        str(path.relative_to(course)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(course.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return files | {"": tuple(sorted(path.name for path in course.iterdir()))}


def log(course: Path) -> dict[str, dict]:
    lines = (course / "autograded" / "hw1.jsonl").read_text().splitlines()
    return {record["student"]: record for record in map(json.loads, lines)}


def changes(said: str) -> list[list[str]]:
    """The lines of the answer: student, notebook, cell, before, after, why; a student's name stands once."""
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines() if line.startswith("│")]
    for above, row in itertools.pairwise(rows):
        row[0] = row[0] or above[0]
    return rows


def make_class(course: Path) -> None:
    """In a released course: ada is right and waits for a person to read her text, bob is wrong, cyd is a day late."""
    with open(course / "nbgrader_config.py", "a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    set_due(course, DUE)
    hand_in(course, "ada", "waits")
    hand_in(course, "bob", double="def double(x):\n    return x")
    hand_in(course, "cyd", timestamp=LATE)
    assert graded(autograde(course)) == 3
