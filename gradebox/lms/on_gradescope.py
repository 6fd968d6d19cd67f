"""What run_autograder does on Gradescope: grades /autograder/submission, writes /autograder/results/results.json.

The submission is graded as in the course, by ``gradebox autograde`` in a copy of it. Where that cannot be done (no
sandbox, a mistake of ours) no results are written, so that Gradescope tells the instructor that the run failed, and
nobody gets a mark that is none. Lateness is Gradescope's.
"""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_task

from gradebox.classroom import asked_for, open_gradebook
from gradebox.course import CourseError, Record, place, read_notebook, records, words
from gradebox.feedback import message_of, nothing_yet
from gradebox.lms.archives import opened
from gradebox.lms.commands import CollectApp
from gradebox.lms.sorting import sorted_out
from gradebox.lms.submitted import Submitted

STUDENT = "student"  # there is one, and Gradescope knows who
NOT_ANSWERED = "Not answered yet."
BY_HAND = "Waits for a grade by hand."


def main() -> None:
    parser = argparse.ArgumentParser(description="Grade one submission on Gradescope.")
    parser.add_argument("root", type=Path, help="where Gradescope keeps everything: /autograder")
    parser.add_argument("assignment")
    parser.add_argument("--no-sandbox", action="store_true")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        course = Path(folder, "course")
        shutil.copytree(options.root / "source" / "course", course)
        try:
            found = graded(options.root / "submission", course, options.assignment, options.no_sandbox)
        except CourseError as error:
            sys.exit(f"This submission was not graded, and nobody has lost a mark: {error}")
    found |= {"execution_time": round(time.monotonic() - begin, 2), "stdout_visibility": "hidden"}
    found["extra_data"] = {"sandbox": not options.no_sandbox}
    target = options.root / "results" / "results.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=1))


def graded(submission: Path, course: Path, assignment: str, no_sandbox: bool) -> dict:
    """The results of a submission. Raises CourseError if there are none."""
    with contextlib.chdir(course):
        app = CollectApp()
        app.initialize([])
        if why := hand_in(submission, app, assignment):
            return {"score": 0.0, "output": why, "output_format": "text", "tests": []}
        autograde(assignment, no_sandbox)
        lines = Path(app.coursedir.autograded_directory, f"{assignment}.jsonl").read_text().splitlines()
        return results(app.coursedir, assignment, json.loads(lines[-1]))


def hand_in(submission: Path, app: CollectApp, assignment: str) -> str:
    """Put what was handed in where it is graded. Returns why not, if no notebook of the assignment is in it."""
    with open_gradebook(app.coursedir.db_url, app.coursedir.course_id) as gradebook, opened(submission) as entries:
        converter = Autograde(coursedir=app.coursedir, parent=app)
        wanted = asked_for(app.coursedir, converter, assignment, gradebook)
        done = sorted_out([(entry, entry.name) for entry in entries], wanted)
    if done.origins:
        Submitted(app.coursedir, assignment).put(STUDENT, done.files, None)
        return ""
    seen = "; ".join(": ".join(filter(None, [words(row.file), words(row.what)])) for row in done.rows)
    return f"No notebook of this assignment ({', '.join(wanted.notebooks)}) is in what was handed in. {seen}".strip()


def autograde(assignment: str, no_sandbox: bool) -> None:
    command = [sys.executable, "-P", "-c", "from gradebox.app import main; main()", "autograde", assignment]
    done = subprocess.run(
        [*command, "--workers=1", *(["--no-sandbox"] if no_sandbox else [])], capture_output=True, text=True
    )
    print(done.stdout)
    if done.returncode != 0:
        raise CourseError((done.stderr.strip().splitlines() or ["no reason was given"])[-1])


def results(coursedir: CourseDirectory, assignment: str, log: dict, student: str = STUDENT) -> dict:
    """What Gradescope shows, from a line of the log and what grading has written. Raises CourseError if it failed."""
    if log["reason"] and not log["fingerprint"]:
        raise CourseError(log["reason"])  # through no fault of the submission
    if log["reason"]:
        return {"score": 0.0, "output": f"Not graded: {log['reason']}.", "output_format": "text", "tests": []}
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        all_records = records(gradebook, assignment)
    known = {notebook: record for (whose, notebook), record in sorted(all_records.items()) if whose == student}
    tests = []
    for notebook, record in known.items():
        path = place(coursedir, coursedir.autograded_directory, student, assignment) / f"{notebook}.ipynb"
        cells = read_notebook(path).cells if path.exists() else []
        tests += tests_of(notebook if len(known) > 1 else "", record, cells)
    said = [f"{notebook}: {repair}" for notebook, repairs in log["repairs"].items() for repair in repairs]
    return {
        "score": round(max(0.0, sum(record.earned for record in known.values())), 4),
        "output": "\n".join(said),
        "output_format": "text",
        "tests": tests,
    }


def tests_of(notebook: str, record: Record, cells: list[NotebookNode]) -> Iterator[dict]:
    """A test of Gradescope's for each graded cell, in their order. Of hidden ones what they say, never how they ask."""
    by_name = {cell.metadata.nbgrader.grade_id: cell for cell in cells if is_grade(cell) or is_task(cell)}
    there = [name for name in by_name if name in record.points]
    for name in [*there, *sorted(record.points.keys() - by_name.keys())]:
        points = record.points[name]
        test = {
            "name": f"{notebook}: {name}" if notebook else name,
            "score": points.earned,
            "max_score": points.possible,
            "output": BY_HAND if points.waits else message(by_name.get(name)),
            "output_format": "text",
            "visibility": "visible",  # one that is hidden would hide the total, too
        }
        yield test if points.waits else test | {"status": "passed" if points.verdict == "right" else "failed"}


def message(cell: NotebookNode | None) -> str:
    """What a graded cell says to the student."""
    if cell is None:
        return "The graded cell is missing from the notebook."
    if cell.cell_type == "code" and nothing_yet(cell):
        return NOT_ANSWERED
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return "\n".join(part for part in message_of(errors[0]) if part) if errors else ""


if __name__ == "__main__":
    main()
