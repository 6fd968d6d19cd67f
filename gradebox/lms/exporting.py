"""The command gradebox export: marks into the table that an LMS takes back, pages into a zip."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from traitlets import Bool, Enum, Unicode, default

from gradebox.classroom import open_gradebook, show
from gradebox.course import CourseError, source_notebooks, words, write_whole
from gradebox.lms.commands import LmsApp
from gradebox.lms.filling import Wanted, fill
from gradebox.lms.interface import Lms
from gradebox.lms.known import KNOWN
from gradebox.lms.marks import Graded, graded_class
from gradebox.lms.pages import pages_zip
from gradebox.lms.report import OPEN, WAITS, Row, summary, to_look_at
from gradebox.lms.sheets import as_csv, as_xlsx, everything, plain
from gradebox.lms.submitted import Submitted
from gradebox.lms.tables import read_table

OWN = ("csv", "xlsx")


class ExportApp(LmsApp):
    name = "gradebox export"
    description = """Write an assignment's marks as an LMS takes them back, and the feedback pages

    With --into, the marks go into a table that the LMS itself has handed out; everything else in it stays byte for byte
    as it is. Marks that are higher there stay, and so does the cell of who waits for a grade by hand.
    """
    examples = """
        gradebox export nbs12 --to canvas --into 2026-01-31_Grades.csv --column 'Homework 1 (98765)'
        gradebox export nbs12 --to moodle --into worksheet.csv --feedback pages.zip
        gradebox export nbs12 --to xlsx        everything there is, a row for each student
    """
    aliases = LmsApp.aliases | {
        "to": "ExportApp.to",
        "into": "ExportApp.into",
        "column": "ExportApp.column",
        "feedback": "ExportApp.feedback",
        "output": "ExportApp.output",
        "roster": "ExportApp.roster",
    }
    flags = LmsApp.flags | {
        "overwrite": ({"ExportApp": {"overwrite": True}}, "Lower marks that are higher in the table, too."),
        "provisional": ({"ExportApp": {"provisional": True}}, "Write marks that wait for a grade by hand, too."),
        "partial": ({"ExportApp": {"partial": True}}, "What is left open is no failure."),
    }
    to = Enum([*OWN, *KNOWN], "csv", help="Who is to read it").tag(config=True)
    into = Unicode("", help="The LMS's own table, whose copy is filled").tag(config=True)
    column = Unicode("", help="The column of the table that is filled (default: called as the assignment)").tag(
        config=True
    )
    feedback = Unicode("", help="Write the feedback pages, too, into this zip").tag(config=True)
    output = Unicode("", help="Where to write the marks (default: ASSIGNMENT-LMS.csv)").tag(config=True)
    overwrite = Bool(False, help="Whether to lower marks").tag(config=True)
    provisional = Bool(False, help="Whether to write marks that are not complete").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), ExportApp]

    def start_all(self, assignments: list[str]) -> None:
        (assignment,) = self.arguments("ASSIGNMENT")
        lms = KNOWN.get(self.to)
        submitted = Submitted(self.coursedir, assignment)
        with open_gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            graded, possible = graded_class(gradebook, assignment)
            people = self.people(gradebook, submitted) if self.into else None
        graded = {
            student: replace(mark, keys=submitted.book[student].keys if student in submitted.book else {})
            for student, mark in graded.items()
        }
        rows: list[Row] = []
        written: dict[Path, bytes] = {}
        if self.into:
            written[self.target(assignment)], rows = self.filled(lms, assignment, graded, possible, people)
        elif not (self.feedback and lms and not lms.may_be_made):
            written[self.target(assignment)], rows = self.made(lms, assignment, graded, possible)
        if self.feedback:
            notebooks = [path.stem for path in source_notebooks(self.coursedir, assignment)]
            data, told = pages_zip(self.coursedir, assignment, graded, notebooks, submitted.book, lms)
            written[Path(self.feedback)] = data
            rows += told
        for path, data in written.items():
            write_whole(path, data)
        self.tell(rows, lms, written)

    def target(self, assignment: str) -> Path:
        """Where the marks go. Raises CourseError if the LMS's own table is there."""
        ending = Path(self.into).suffix if self.into else ".xlsx" if self.to == "xlsx" else ".csv"
        path = Path(self.output or f"{assignment}-{self.to}{ending}")
        if self.into and path.resolve() == Path(self.into).resolve():
            raise CourseError(f"{path} would be overwritten by its own copy: name another file with --output.")
        return path

    def filled(self, lms: Lms | None, assignment: str, graded, possible: Decimal, people) -> tuple[bytes, list[Row]]:
        """The LMS's table with marks in it, and what became of each."""
        if lms is None or not lms.takes_marks:
            raise CourseError(f"--into needs an LMS whose table it is: --to {'|'.join(takers())}.")
        table = read_table(Path(self.into))
        sheet = lms.sheet(table, self.column or assignment)
        if sheet.most is None:
            print(f"{words(table.file)} does not say what the maximum is: points are not scaled.")
        elif Decimal(str(sheet.most)) != possible:
            print(f"Scaled: {plain(possible)} points in the notebooks are {sheet.most:g} in {words(table.file)}.")
        rows = list(fill(table, sheet, graded, possible, people, Wanted(self.overwrite, self.provisional)))
        return table.data(), rows

    def made(self, lms: Lms | None, assignment: str, graded: dict[str, Graded], possible: Decimal):
        """A table from nothing, and who is left blank in it."""
        if lms is None:
            rows = everything(graded.values(), possible, self.provisional)
        else:
            rows = lms.made(self.column or assignment, list(graded.values()), self.provisional)
        waits = [Row(WAITS, student=each.student) for each in graded.values() if each.waits and not self.provisional]
        return (as_xlsx if self.to == "xlsx" else as_csv)(rows), waits

    def tell(self, rows: list[Row], lms: Lms | None, written: dict[Path, bytes]) -> None:
        if table := to_look_at(rows, ""):
            show(table)
        print(f"Wrote {' and '.join(words(path) for path in written)}: {summary(rows) or 'everybody'}")
        if lms and self.target_is_table(written):
            print(lms.uploads)
        if lms and self.feedback:
            print(lms.page_uploads)
        self.end(sum(row.kind in OPEN for row in rows))

    def target_is_table(self, written: dict[Path, bytes]) -> bool:
        return any(path != Path(self.feedback) for path in written)


def takers() -> list[str]:
    return [name for name, lms in KNOWN.items() if lms.takes_marks]
