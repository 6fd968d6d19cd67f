"""A class of which everything is known: who is how able, how hard an exercise is, who made which mistake, who was late.

Written straight into a gradebook, a log and graded notebooks, so that 300 students take seconds and nobody is graded.

    python tests/made_up_class.py FOLDER [STUDENTS]    to look at the pages of one: gradebox report, in that folder
"""

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import numpy as np
from conftest import graded_test, locked, notebook, solution
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.api import Gradebook

from gradebox.classroom.diagnoses import UNKNOWN
from gradebox.classroom.gradebook import AssignmentRecords, Marked

ASSIGNMENT, BEFORE = "waves", "sums"  # by name, too, in this order
BOOKS = {"1_Springs": ("force", "energy", "period", "damping"), "2_Strings": ("wave", "modes", "sound")}
PARTS = {"check": 1.0, "values": 2.0, "general": 1.0}
WRITTEN = "why"  # graded by hand
WRITTEN_BOOK = "2_Strings"
WRITTEN_POINTS = 4.0
DUE = datetime(2026, 5, 1, 12, 0)
NOTHING = {"text/html": "Nothing to check yet.", "text/plain": "0.0"}  # as the course's checks say it
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "made-up"\n'


@dataclass(frozen=True)
class Known:
    """An exercise as it was made up."""

    solved: float  # share of the class that has everything
    weight: float  # of ability in who has: 1 all, 0 chance, below 0 the weak ones have
    partly: float = 0.1  # share of the class that has the check alone


EXERCISES = {
    "force": Known(0.8, 0.8),
    "energy": Known(0.6, 0.85),
    "period": Known(0.5, 0.9, 0.2),
    "damping": Known(0.4, 0.8),
    "wave": Known(0.7, 0.0),  # chance
    "modes": Known(0.0, 0.8, 0.02),  # hardly anybody has anything
    "sound": Known(0.5, -0.8),  # strong students miss it
}
# Sentences, and of all who do not have everything the share who were told them. Of the others who have nothing every
# second wrote nothing.
MISTAKES = {"Is that the mass or its root?": 0.5, "Degrees are no radians: which does `sin` take?": 0.3}
SIZES = {
    "refused": 4,
    "nothing": 3,
    "behind": 5,
    "lacks": 6,
    "late": 12,
    "stopped": 4,
    "repaired": 20,
    "slow": 3,
    "large": 2,
    "absent": 5,
    "waits": 40,
}


@dataclass
class MadeUp:
    """What was put in."""

    students: list[str]
    points: dict[str, dict[str, float]]  # exercise -> student -> points; no entry: handed in no such notebook
    mistakes: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # (exercise, sentence) -> students
    unwritten: dict[str, set[str]] = field(default_factory=dict)  # exercise -> who wrote nothing there
    groups: dict[str, set[str]] = field(default_factory=dict)
    penalties: dict[str, float] = field(default_factory=dict)

    def totals(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for marks in self.points.values():
            for student, points in marks.items():
                found[student] = found.get(student, 0.0) + points
        return {student: max(0.0, total - self.penalties.get(student, 0.0)) for student, total in found.items()}


def id_of(number: int) -> str:
    return f"zq{number:04}"


def make(course: Path, students: int = 300, seed: int = 1, figures: int = 0) -> MadeUp:
    """Write the course and its class.

    figures -- bytes of pictures in every graded notebook
    """
    rng = np.random.default_rng(seed)
    made = invented(students, rng)
    course.mkdir(parents=True, exist_ok=True)
    (course / "nbgrader_config.py").write_text(CONFIG)
    for assignment in (ASSIGNMENT, BEFORE):
        for name in BOOKS if assignment == ASSIGNMENT else ("Sums",):
            path = course / "source" / assignment / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(source(name), path)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "made-up") as gradebook:
        add_cells(gradebook, course)
        for number, student in enumerate(made.students):
            gradebook.add_student(student, first_name=f"Quillon{number}", last_name=f"Vantongeren{number}")
        write_marks(gradebook, made, rng)
    write_log(course, made, rng)
    write_notebooks(course, made, figures)
    return made


def invented(students: int, rng: np.random.Generator) -> MadeUp:
    """Who has what. Everything is exactly as often as it is said above."""
    everybody = [id_of(number) for number in range(students)]
    scale = students / 300
    order = list(rng.permutation(everybody))
    groups: dict[str, set[str]] = {}
    for kind in ("absent", "refused", "nothing", "behind", "lacks"):  # nobody is in two of these
        groups[kind] = {str(order.pop()) for _ in range(round(SIZES[kind] * scale))}
    working = sorted(set(everybody) - groups["absent"] - groups["refused"])
    for kind in ("late", "stopped", "repaired", "slow", "large"):
        groups[kind] = set(map(str, rng.choice(working, round(SIZES[kind] * scale), replace=False)))
    usual = sorted(set(working) - groups["nothing"] - groups["behind"])
    ability = dict(zip(everybody, rng.normal(size=students), strict=True))
    made = MadeUp(everybody, {}, groups=groups)
    for book, names in BOOKS.items():
        there = [student for student in usual if book == next(iter(BOOKS)) or student not in groups["lacks"]]
        for name in names:
            marks = one_exercise(EXERCISES[name], there, ability, rng)
            made.points[name] = marks | dict.fromkeys(sorted(groups["nothing"] | groups["behind"]), 0.0)
            if name == "force":  # or who is behind would be among those who earned nothing
                made.points[name] |= dict.fromkeys(groups["behind"], PARTS["check"])
            told(made, name, rng)
    there = [student for student in usual if student not in groups["lacks"]]
    waits = set(map(str, rng.choice(there, round(SIZES["waits"] * scale), replace=False)))
    groups["waits"] = waits
    made.points[WRITTEN] = dict.fromkeys(sorted(set(working) - groups["lacks"]), 0.0)
    made.penalties = dict.fromkeys(sorted(groups["late"]), 0.5)
    return made


def one_exercise(
    known: Known, there: list[str], ability: dict[str, float], rng: np.random.Generator
) -> dict[str, float]:
    noise = rng.normal(size=len(there)) * (1 - known.weight**2) ** 0.5
    worth = {student: known.weight * ability[student] + noise[k] for k, student in enumerate(there)}
    best = sorted(there, key=lambda student: -worth[student])
    all_, some = round(known.solved * len(there)), round(known.partly * len(there))
    return {
        student: sum(PARTS.values()) if place < all_ else PARTS["check"] if place < all_ + some else 0.0
        for place, student in enumerate(best)
    }


def told(made: MadeUp, name: str, rng: np.random.Generator) -> None:
    wrong = sorted(student for student, points in made.points[name].items() if points < sum(PARTS.values()))
    order = list(map(str, rng.permutation(wrong)))
    for sentence, share in MISTAKES.items():
        many = round(share * len(wrong))
        made.mistakes[name, sentence] = set(order[:many])
        order = order[many:]
    made.unwritten[name] = set([student for student in order if not made.points[name][student]][::2])
    made.mistakes[name, UNKNOWN] = {*order} - made.unwritten[name]


# --- writing it -----------------------------------------------------------------------------------------------------


def source(name: str) -> nbformat.NotebookNode:
    cells = [locked(f"{name}-imports", "import math")]
    for exercise in BOOKS.get(name, ("sum",)):
        cells.append(solution(exercise, f"def {exercise}(x):\n    return x"))
        cells += [
            graded_test(f"{exercise}-{part}", f"assert {exercise}(1) == 1", points) for part, points in PARTS.items()
        ]
    if name == WRITTEN_BOOK:
        about = {"grade": True, "grade_id": WRITTEN, "locked": False, "points": WRITTEN_POINTS, "schema_version": 3}
        cells.append(
            new_markdown_cell("Because.", id=WRITTEN, metadata={"nbgrader": about | {"solution": True, "task": False}})
        )
    return notebook(*cells)


def add_cells(gradebook: Gradebook, course: Path) -> None:
    for assignment in (ASSIGNMENT, BEFORE):
        due = DUE if assignment == ASSIGNMENT else DUE - timedelta(days=14)
        gradebook.add_assignment(assignment, duedate=due)
        for path in sorted((course / "source" / assignment).glob("*.ipynb")):
            gradebook.add_notebook(path.stem, assignment)
            for cell in nbformat.read(path, as_version=4).cells:
                about = cell.metadata.nbgrader
                if about.grade:
                    kind = "code" if cell.cell_type == "code" else "markdown"
                    gradebook.add_grade_cell(
                        about.grade_id, path.stem, assignment, max_score=about.points, cell_type=kind
                    )
                if about.solution:
                    gradebook.add_solution_cell(about.grade_id, path.stem, assignment)


def parts_of(points: float) -> dict[str, float]:
    return (
        PARTS
        if points >= sum(PARTS.values())
        else {part: min(points, PARTS[part]) if part == "check" else 0.0 for part in PARTS}
    )


def write_marks(gradebook: Gradebook, made: MadeUp, rng: np.random.Generator) -> None:
    """Into the gradebook. Before, everybody had about the share that is theirs now; but who is far behind was good."""
    now, earlier = (AssignmentRecords(gradebook, name, None) for name in (ASSIGNMENT, BEFORE))
    totals = made.totals()
    possible = len(EXERCISES) * sum(PARTS.values())
    for student in sorted(totals):
        time = DUE + timedelta(hours=3 if student in made.groups["late"] else -3)
        marked = {}
        for book, names in BOOKS.items():
            if any(student in made.points[name] for name in names):
                scores: dict = {
                    f"{name}-{part}": points
                    for name in names
                    for part, points in parts_of(made.points[name][student]).items()
                }
                if book == WRITTEN_BOOK:
                    scores[WRITTEN] = None if student in made.groups["waits"] else 0.0
                marked[book] = Marked(scores, {})
        now.save(student, time, marked, BOOKS.keys() - marked.keys(), print)
        share = 0.9 if student in made.groups["behind"] else totals[student] / possible + rng.uniform(-0.02, 0.02)
        scores = {f"sum-{part}": max(0.0, share) * points for part, points in PARTS.items()}
        earlier.save(student, DUE - timedelta(days=15), {"Sums": Marked(scores, {})}, set(), print)
    for submission in gradebook.assignment_submissions(ASSIGNMENT):
        if submission.student_id in made.penalties:
            (book,) = (book for book in submission.notebooks if book.name == next(iter(BOOKS)))
            book.late_submission_penalty = made.penalties[submission.student_id]
    gradebook.db.commit()


def write_log(course: Path, made: MadeUp, rng: np.random.Generator) -> None:
    lines = []
    for student in made.students:
        if student in made.groups["absent"]:
            continue
        groups = {kind for kind, members in made.groups.items() if student in members}
        refused, repaired = "refused" in groups, "repaired" in groups
        lines.append(
            {
                "student": student,
                "assignment": ASSIGNMENT,
                "state": "refused" if refused else "graded after repair" if repaired else "graded",
                "reason": "1_Springs.ipynb is not JSON: ask for it again" if refused else "",
                "repairs": {"1_Springs": ["The cell force-check was put back."]} if repaired else {},
                "seconds": 0.0 if refused else round((40.0 if "slow" in groups else 0.5) * rng.uniform(0.9, 1.1), 3),
                "memory_mib": 0.0
                if refused
                else round((900.0 if "large" in groups else 80.0) * rng.uniform(0.9, 1.1), 1),
                "log": ["1_Springs: period: It took longer than 30 s, so it was stopped."]
                if "stopped" in groups
                else [],
                "time": datetime(2026, 5, 2, tzinfo=UTC).isoformat(),
            }
        )
    path = course / "autograded" / f"{ASSIGNMENT}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def write_notebooks(course: Path, made: MadeUp, figures: int) -> None:
    """Graded notebooks, in which tests that failed say what the student was told; and a feedback page for each."""
    sentences = {
        (name, student): sentence
        for (name, sentence), students in made.mistakes.items()
        for student in students
        if sentence != UNKNOWN
    }
    for book, names in BOOKS.items():
        empty = json.dumps(source(book))
        for student in sorted(made.totals()):
            if student not in made.points[names[0]]:
                continue
            graded = nbformat.from_dict(json.loads(empty))
            for cell in graded.cells:
                name, _, part = cell.metadata.nbgrader.grade_id.rpartition("-")
                if part in PARTS and not parts_of(made.points[name][student])[part]:
                    if part == "check" and student in made.unwritten[name]:
                        cell.outputs = [new_output("execute_result", NOTHING)]
                        continue
                    hint = sentences.get((name, student))
                    said = "48 of 48 numbers differ." + (f"\nHint: {hint}" if hint else "")
                    cell.outputs = [new_output("error", ename="AssertionError", evalue=said, traceback=[])]
            if figures:
                graded.cells[0].outputs = [new_output("display_data", {"image/png": "A" * figures})]
            path = course / "autograded" / student / ASSIGNMENT / f"{book}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(nbformat.v4.writes(graded))
            page = course / "feedback" / student / ASSIGNMENT / f"{book}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("<!DOCTYPE html><title>a feedback page</title>")


if __name__ == "__main__":
    make(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 300, figures=200_000)
