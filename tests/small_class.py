"""A small class that hands in 12.2, less its pictures: what it hands in, how it is graded, and what came of it."""

import json
import sqlite3
from pathlib import Path

import nbformat
from conftest import run
from sample_class import MULTIHEAD, UNSCALED_HEADS, solutions, submission, without_pictures

ASSIGNMENT, NAME = MULTIHEAD.split("/")
RIGHT = solutions(MULTIHEAD)
WRONG = {"multihead-scaled-self-attention": UNSCALED_HEADS}
# What identifies a row for a person, and what nbgrader writes into it; ids and times of day are left out.
ROWS = {
    "grades": """select s.student_id, n.name, b.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade
        from grade g join base_cell b on g.cell_id = b.id join submitted_notebook m on g.notebook_id = m.id
        join notebook n on m.notebook_id = n.id join submitted_assignment s on m.assignment_id = s.id""",
    "comments": """select s.student_id, n.name, b.name, c.auto_comment, c.manual_comment
        from comment c join base_cell b on c.cell_id = b.id join submitted_notebook m on c.notebook_id = m.id
        join notebook n on m.notebook_id = n.id join submitted_assignment s on m.assignment_id = s.id""",
    "notebooks": """select s.student_id, n.name, m.flagged, m.late_submission_penalty, s.timestamp, s.extension
        from submitted_notebook m join notebook n on m.notebook_id = n.id
        join submitted_assignment s on m.assignment_id = s.id""",
    "students": "select * from student",
    "courses": "select * from course",
}


def rows(course: Path) -> dict[str, list[tuple]]:
    with sqlite3.connect(course / "gradebook.db") as database:
        return {what: sorted(database.execute(query), key=repr) for what, query in ROWS.items()}


def graded_files(course: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(course)): (path.read_bytes(), path.stat().st_mode)
        for path in (course / "autograded").glob("*/*/**/*")
        if path.is_file()
    }


def log(course: Path) -> dict[str, dict]:
    """The log's records by student; there has to be one for each."""
    lines = (course / "autograded" / f"{ASSIGNMENT}.jsonl").read_text().splitlines()
    records = {record["student"]: record for record in map(json.loads, lines)}
    assert len(records) == len(lines)
    return records


def hand_in(course: Path, student: str, cells: dict[str, str] = RIGHT, timestamp: str = "", name: str = NAME) -> Path:
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(without_pictures(submission(MULTIHEAD, cells)), folder / f"{name}.ipynb")
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)
    return folder / f"{name}.ipynb"


def grade(course: Path, *arguments: str, workers: int = 1) -> str:
    return run("gradebox", "autograde", ASSIGNMENT, f"--workers={workers}", *arguments, cwd=course).stdout
