"""What grading again would change, and why, before anything is written: `gradebox autograde --diff`."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from gradebox.classroom.classroom import Classroom, HandedIn
from gradebox.classroom.folders import printable
from gradebox.classroom.grading import REFUSED, Outcome, Submission
from gradebox.classroom.report import MOST_WHAT, WIDEST, Report, show
from gradebox.classroom.standing import Book, Standing
from gradebox.classroom.versions import OLDER, UNKNOWN, differences, engine, renamed
from gradebox.course import words

NOTHING = "\N{EN DASH}"
DATES = "due date, extension or penalty settings changed"


@dataclass(frozen=True)
class Change:
    """A line of the answer."""

    student: str
    notebook: str
    cell: str
    before: str
    after: str
    why: str


class Comparison(Report):
    """A run that writes nothing: whose marks would change."""

    def __init__(self, classroom: Classroom, total: int):
        super().__init__(classroom, total)
        self.changes: list[Change] = []
        self.compared: set[str] = set()  # students
        self.stale = classroom.stale_penalties()

    def compare(self, each: HandedIn, submission: Submission | None, outcome: Outcome) -> None:
        """Take note of what a submission would come to."""
        self.add(self.classroom.record_of(each, outcome))
        if outcome.state == REFUSED:
            self.changes += self.refusal(each, outcome)
            return
        self.compared.add(each.student)
        before, after = self.classroom.records.again(
            each.student, submission.when, *self.classroom.marked(each, outcome)
        )
        if not before:
            total = sum(book.score - (book.penalty or 0.0) for book in after.values())
            waits = any(row.waits for book in after.values() for row in book.grades.values())
            self.changes.append(Change(each.student, "", "total", NOTHING, written(total, waits), "not graded before"))
            return
        changes = [*self.cells(each, before, after), *self.penalties(each.student, before, after)]
        if changes:
            totals = [sum(book.score - (book.penalty or 0.0) for book in books.values()) for books in (before, after)]
            self.changes += changes
            self.changes.append(Change(each.student, "", "total", *(f"{total:g}" for total in totals), ""))

    def refusal(self, each: HandedIn, outcome: Outcome) -> Iterator[Change]:
        record = self.classroom.log.records.get(printable(each.student))
        if record is None or (record["state"], record["reason"]) != (REFUSED, outcome.reason):
            stands = "an earlier grade stands; " if each.student in self.classroom.records.submissions else ""
            yield Change(each.student, "", "", "", REFUSED, f"{stands}{outcome.reason}")

    def cells(self, each: HandedIn, before: dict[str, Book], after: dict[str, Book]) -> Iterator[Change]:
        marks = self.last_marks(each.student)
        for released in self.classroom.assignment.notebooks:  # in the instructor's order
            notebook, rows = released.name, after[released.name].grades
            for name, new in ((cell.name, rows[cell.name]) for cell in released.cells if cell.name in rows):
                old = before[notebook].grades.get(name, Standing()) if notebook in before else Standing()
                if not math.isclose(old.mark, new.mark, abs_tol=1e-9) or old.waits != new.waits:
                    graded = name in marks.get(notebook, {}) or old.manual is not None or old.auto is not None
                    said = written(old.mark, old.waits) if graded else NOTHING
                    why = self.why(each, notebook, name)
                    yield Change(each.student, notebook, name, said, written(new.mark, new.waits), why)
        for notebook, name, points in self.removed(marks):
            said = written(points or 0.0, points is None)
            yield Change(each.student, notebook, name, said, NOTHING, self.why(each, notebook, name))

    def penalties(self, student: str, before: dict[str, Book], after: dict[str, Book]) -> Iterator[Change]:
        stale = {(each.student, each.notebook) for each in self.stale}
        for notebook, book in after.items():
            old, new = (before[notebook].penalty if notebook in before else None) or 0.0, book.penalty or 0.0
            if not math.isclose(old, new, abs_tol=1e-9):
                why = DATES if (student, notebook) in stale else "follows the mark"
                yield Change(student, notebook, "late penalty", f"{old:g}", f"{new:g}", why)

    def last_marks(self, student: str) -> dict[str, dict[str, float | None]]:
        """What the machine gave when this student was graded last."""
        return self.last_grade(student).get("marks", {})

    def last_grade(self, student: str) -> dict:
        """The line of the log, or what it keeps of the grade before a refusal; empty if there is none."""
        record = self.classroom.log.records.get(printable(student), {})
        if record.get("state") == REFUSED:
            return (record.get("history") or [{}])[-1]
        return record

    def removed(self, marks: dict) -> Iterator[tuple[str, str, float | None]]:
        """Cells that earned something when they were graded last, and are no longer there under any name."""
        wanted = {released.name: released.by_name for released in self.classroom.assignment.notebooks}
        for notebook, scores in marks.items():
            if notebook in self.classroom.records.notebooks.keys() - wanted.keys():
                continue  # only not asked for
            if notebook not in wanted and any(scores.keys() <= cells.keys() for cells in wanted.values()):
                continue  # it has another name
            for name, points in scores.items():
                if name not in wanted.get(notebook, {}) and not self.has_another_name(notebook, name):
                    yield notebook, name, points

    def has_another_name(self, notebook: str, name: str) -> bool:
        now = self.classroom.version["notebooks"].get(notebook)
        for version in self.classroom.versions.records.values():
            then = version["notebooks"].get(notebook)
            if now and then and name in then["cells"]:
                return renamed(then, now, name)
        return False

    def why(self, each: HandedIn, notebook: str, name: str) -> str:
        record = self.classroom.log.records.get(printable(each.student), {})
        last = self.last_grade(each.student)
        then = self.classroom.versions.records.get(last.get("tests"))
        if then is None or "submission" not in record:
            return OLDER
        said = ["submission changed"] if each.submission != record["submission"] else []
        said += differences(then, self.classroom.version, notebook, name)
        if not said and last.get("engine") != engine():
            said = ["gradebox changed"]
        return ", ".join(said) or UNKNOWN

    # --- at the end -----------------------------------------------------------------------------------------------

    def show(self) -> None:
        name = self.classroom.name
        self.changes += [  # where nothing is graded again
            Change(each.student, each.notebook, "late penalty", f"{each.before or 0:g}", f"{each.now or 0:g}", DATES)
            for each in self.stale
            if each.student not in self.compared
        ]
        if self.changes:
            table = Table(title=f"{name} \N{MIDDLE DOT} what would change", title_justify="left", title_style="bold")
            for column in ("student", "notebook", "cell", "before", "after"):
                table.add_column(column, no_wrap=True, justify="right" if column in ("before", "after") else "left")
            table.add_column("why", overflow="fold", max_width=WIDEST)
            student = None
            for each in sorted(self.changes, key=lambda change: change.student):
                if student not in (None, each.student):
                    table.add_section()
                who, student = "" if each.student == student else words(each.student), each.student
                what = words(each.notebook), words(each.cell), each.before, each.after
                table.add_row(who, *what, words(each.why, MOST_WHAT))
            show(table)
        changed = len({each.student for each in self.changes})
        number = f"The marks of {changed} would change" if changed else "Nothing would change"
        print(f"{name}: {number}. {self.total} of {len(self.classroom.handed_in)} graded again; nothing was written.")


def written(mark: float, waits: bool) -> str:
    return f"{mark:g}{'?' if waits else ''}"
