"""A class with difficult names, what it hands in, and how each LMS packs that: small makers of made-up downloads."""

import contextlib
import csv
import io
import json
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from conftest import graded_test, locked, notebook, solution
from nbformat import from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.converters import Autograde

from gradebox.app import GradeboxApp
from gradebox.classroom import Asked, asked_for, open_gradebook
from gradebox.lms import CollectApp

CONFIG = """
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute as NbGraderExecute

from gradebox.execute import Execute
from gradebox.export import SafeCsv
from gradebox.feedback import FeedbackPage, Grades

c = get_config()
c.CourseDirectory.course_id = "small"
c.Autograde.autograde_preprocessors = [
    Execute if step is NbGraderExecute else step
    for step in Autograde.class_traits()["autograde_preprocessors"].default()
]
c.GenerateFeedback.exporter_class = FeedbackPage
c.GenerateFeedback.preprocessors = [Grades]
c.ExportApp.plugin_class = SafeCsv
c.Sandbox.preload = []
"""
DUE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POSSIBLE = 4


def homework():
    """A notebook for 4 points, one of which is given by hand."""
    about = {"grade": True, "grade_id": "why", "locked": False, "points": 1, "schema_version": 3, "solution": True}
    return notebook(
        locked("imports", "import math"),
        solution("double", "def double(x):\n    return 2 * x"),
        graded_test("double-check", "assert double(3) == 6"),
        graded_test("double-values", "assert double(-1) == -2", 2),
        new_markdown_cell("Because.", id="why", metadata={"nbgrader": about | {"task": False}}),
    )


def other_homework():
    return notebook(
        locked("data", "words = ['to', 'be', 'or', 'not']"),
        solution("longest", "def longest(words):\n    return max(words, key=len)"),
        graded_test("longest-check", "assert longest(words) == 'not'"),
    )


def make_course(course: Path) -> None:
    """Two assignments, of one notebook each, ready to be released."""
    for assignment, source in (("hw1", homework()), ("hw2", other_homework())):
        (course / "source" / assignment).mkdir(parents=True)
        nbformat.write(source, course / "source" / assignment / f"{assignment}.ipynb")
    (course / "nbgrader_config.py").write_text(CONFIG)


def work(course: Path, kind: str = "right", assignment: str = "hw1", mark: str = "") -> bytes:
    """What a student hands in. right: 3 points; wrong: none; waits: 3 points, and an answer to read."""
    found = nbformat.read(course / "release" / assignment / f"{assignment}.ipynb", as_version=4)
    for cell in found.cells:
        about = cell.metadata.nbgrader
        if about.grade_id == "double" and kind != "wrong":
            cell.source = f"def double(x):\n    return x + x{mark and f'  # {mark}'}"
        if about.grade_id == "why" and kind == "waits":
            cell.source = "Twice is what double means."
    return nbformat.writes(from_dict(found)).encode()


# --- the class -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Student:
    """As all systems know them. ``id`` is nbgrader's, ``number`` Canvas's, ``pid`` Moodle's in this assignment."""

    id: str
    first: str
    last: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        return f"{self.id}@example.org"

    @property
    def pid(self) -> int:
        return 7000000 + self.number

    @property
    def sid(self) -> str:
        return f"0{self.number}99"

    @property
    def github(self) -> str:
        return f"{self.id.replace('.', '-')}-hub"

    @property
    def in_canvas(self) -> str:
        """The sortable name, all but letters and digits left out."""
        return "".join(each for each in f"{self.last}{self.first}".lower() if each.isalnum() or each == "_")


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


CLASS = [
    Student("ada", "Ada", "Lovelace", 101),
    Student("jane", "Jane", "Doe", 102),
    Student("jane.2", "Jane", "Doe", 103),  # two of one name
    Student("ann", "Ann", "Lee", 104),
    Student("leeds", "Ann", "Leeds", 105),  # a name that is another's with more behind
    Student("obrien", "Seán", "O'Brien", 106),
    Student("zoe", decomposed("Zoë"), decomposed("Müller-Lüdenscheidt"), 107),
    Student("noa", "נועה", "לוי", 108),  # from right to left
    Student("wang", "小明", "王", 109),
    Student("soren", "Søren", "Łoś", 110),
    Student("long", "Maximiliane" * 9, "Wolfeschlegelsteinhausen" * 4, 111),
    Student("cell", "=1+1", "@Formula", 112),
]
BY_ID = {student.id: student for student in CLASS}
KINDS = {student.id: ("right", "wrong", "waits", "right")[number % 4] for number, student in enumerate(CLASS)}
POINTS = {"right": 3, "wrong": 0, "waits": 3}


def roster(*columns: str, students: Iterable[Student] = CLASS) -> str:
    """A roster as CSV: by default nbgrader's own columns."""
    columns = columns or ("id", "first_name", "last_name", "email", "lms_user_id")
    fields = {"first_name": "first", "last_name": "last", "lms_user_id": "number", "github_username": "github"}
    lines = [",".join(f'"{getattr(each, fields.get(name, name))}"' for name in columns) for each in students]
    return "\n".join([",".join(columns), *lines]) + "\n"


@dataclass(frozen=True)
class HandIn:
    """A file that somebody hands in."""

    student: Student
    data: bytes
    name: str = "hw1.ipynb"
    when: datetime = datetime(2026, 2, 28, 10, 30, tzinfo=UTC)
    serial: int = 1

    @property
    def late(self) -> bool:
        return self.when > DUE


# --- what each LMS makes of it -------------------------------------------------------------------------------------

Files = dict[str, bytes]


def canvas(handed_in: Iterable[HandIn]) -> Files:
    return {
        f"{each.student.in_canvas}_{'LATE_' if each.late else ''}{each.student.number}_"
        f"{each.student.number * 1000 + each.serial}_{each.name}": each.data
        for each in handed_in
    }


def moodle(handed_in: Iterable[HandIn], folder: str = "_assignsubmission_file/") -> Files:
    return {f"{each.student.name}_{each.student.pid}{folder}{each.name}": each.data for each in handed_in}


def gradescope(handed_in: Iterable[HandIn], together: Mapping[str, list[Student]] | None = None) -> Files:
    files, lines = {}, []
    for each in handed_in:
        folder = f"submission_{90000 + each.student.number * 10 + each.serial}"
        files[f"assignment_9_export/{folder}/{each.name}"] = each.data
        people = (together or {}).get(each.student.id, [each.student])
        named = "".join(
            f"  - :name: {json.dumps(one.name)}\n    :sid: '{one.sid}'\n    :email: {one.email}\n" for one in people
        )
        lines.append(
            f"{folder}:\n  :submitters:\n{named}  :created_at: {each.when:%Y-%m-%d %H:%M:%S}.678901000 Z\n"
            "  :score: 0.0\n  :status: processed\n  :results: !ruby/object:Results\n    score: 0.0\n  :history:\n"
            "  - :id: 5\n    :created_at: 2026-02-27 10:00:00.000000000 Z\n    :submitters: []\n"
        )
    files["assignment_9_export/submission_metadata.yml"] = b"---\n" + "".join(lines).encode()
    return files


def blackboard(handed_in: Iterable[HandIn]) -> Files:
    files = {}
    for each in handed_in:
        before = f"Homework_1_{each.student.id}_attempt_{each.when:%Y-%m-%d-%H-%M-%S}"
        files[f"{before}_mangled{each.serial}.ipynb"] = each.data
        receipt = (
            f"Name: {each.student.name} ({each.student.id})\nAssignment: Homework_1\nDate Submitted: some day\n"
            f"Current Mark: Needs Marking\n\nSubmission Field:\nThere is no student submission text data.\n\nFiles:\n"
            f"\tOriginal filename: {each.name}\n\tFilename: mangled{each.serial}.ipynb\n"
        )
        files[f"{before}.txt"] = receipt.encode()
    return files


def brightspace(handed_in: Iterable[HandIn]) -> Files:
    files = {"index.html": b"<html>"}
    for each in handed_in:
        clock = f"{each.when.hour % 12 or 12}{each.when:%M %p}"
        when = f"{each.when:%b} {each.when.day}, {each.when.year} {clock}"
        folder = f"{each.student.number}-{2000 + each.serial} - {each.student.name} - {when}"
        files[f"{folder}/{each.name}"] = each.data
    return files


def github(handed_in: Iterable[HandIn]) -> Files:
    files = {}
    for each in handed_in:
        repository = f"hw1-submissions/homework-1-{each.student.github}"
        files |= {f"{repository}/{each.name}": each.data, f"{repository}/.git/HEAD": b"ref: refs/heads/main"}
    return files


def google(handed_in: Iterable[HandIn]) -> Files:
    return {f"{each.student.name} - {each.name}": each.data for each in handed_in}


def folders(handed_in: Iterable[HandIn]) -> Files:
    return {f"{each.student.id}/{each.name}": each.data for each in handed_in}


MAKERS = {
    make.__name__: make for make in (canvas, moodle, gradescope, blackboard, brightspace, github, google, folders)
}


# --- and the tables that each hands out and takes back; marks are put where they are said ---------------------------

Marks = Mapping[str, str]  # by student, as they are written there


def canvas_table(marks: Marks, students: Iterable[Student] = CLASS) -> bytes:
    lines = [
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (11),HW1 (98765),Final Score",
        "    Points Possible,,,,,5,20,(read only)",
        *(
            f'"{each.last}, {each.first}",{each.number},{each.sid},{each.id},"A ""x""",5.00,'
            f"{marks.get(each.id, '')},97.1"
            for each in students
        ),
        '"Student, Test",999,,,A,,,',
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def moodle_table(marks: Marks, students: Iterable[Student] = CLASS, times: bool = True) -> bytes:
    when = "Saturday, 28 February 2026, 10:30 AM" if times else "-"
    lines = [
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments",
        *(
            f'"Participant {each.pid}","{each.name}",{each.email},"Submitted for grading",{marks.get(each.id, "")},'
            f'20.00,Yes,"{when}",-,'
            for each in students
        ),
    ]
    return ("\n".join(lines) + "\n").encode()


def german_moodle_table(marks: Marks, students: Iterable[Student] = CLASS) -> bytes:
    lines = [
        'ID;"Vollständiger Name";E-Mail-Adresse;Status;Bewertung;Bestwertung;"Bewertung kann geändert werden";'
        '"Zuletzt geändert (Abgabe)";"Zuletzt geändert (Bewertung)";"Feedback als Kommentar"',
        *(
            f'Teilnehmer/in{each.pid};"{each.name}";{each.email};"Zur Bewertung abgegeben";"{marks.get(each.id, "")}";'
            f'"20,00";Ja;"Samstag, 28. Februar 2026, 10:30";-;'
            for each in students
        ),
    ]
    return b"\xef\xbb\xbf" + "\n".join(lines).encode()


def blackboard_table(marks: Marks, students: Iterable[Student] = CLASS) -> bytes:
    lines = [
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"HW1 [Total Pts: 20 Score] |664617"\t'
        '"Quiz [Total Pts: 5] |1"',
        *(
            f'"{each.last}"\t"{each.first}"\t"{each.id}"\t"{each.sid}"\t"{marks.get(each.id, "")}"\t"4.5"'
            for each in students
        ),
    ]
    return b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le")


def brightspace_table(marks: Marks, students: Iterable[Student] = CLASS) -> bytes:
    lines = [
        "OrgDefinedId,Username,Last Name,First Name,HW1 Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator",
        *(f'#{each.sid},#{each.id},"{each.last}","{each.first}",{marks.get(each.id, "")},#' for each in students),
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def gradescope_table(marks: Marks, students: Iterable[Student] = CLASS) -> bytes:
    lines = [
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time",
        *(
            f'"{each.first}","{each.last}",{each.sid},{each.email},,{marks.get(each.id, "")},20.0,Ungraded,1,'
            for each in students
        ),
    ]
    return ("\n".join(lines) + "\n").encode()


TABLES = {
    "canvas": canvas_table,
    "moodle": moodle_table,
    "blackboard": blackboard_table,
    "brightspace": brightspace_table,
    "gradescope": gradescope_table,
}


class NotSaidToBeUtf8(zipfile.ZipInfo):
    """A member with a name in UTF-8 that does not say so, as Ruby's zips have them."""

    def _encodeFilenameFlags(self):
        return self.filename.encode(), self.flag_bits & ~0x800


def zipped(files: Mapping[str, bytes], info: type[zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(info(name), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def link_in_zip(name: str, target: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return data.getvalue()


def laid_out(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


# --- commands, in this process: a course of a few cells takes less time than starting one ---------------------


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


def gradebox(course: Path, *arguments: object) -> Said:
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.chdir(course), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        app = GradeboxApp()
        try:
            app.initialize([str(each) for each in arguments])
            app.start()
        except SystemExit as end:
            status = end.code or 0
        finally:
            if app.subapp is not None:
                type(app.subapp).clear_instance()
    return Said(status, out.getvalue(), err.getvalue())


def submitted(course: Path, assignment: str = "hw1") -> dict[str, dict[str, bytes]]:
    """What lies in submitted/: student -> file -> content, times left out."""
    return {
        folder.parent.name: {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "timestamp.txt"
        }
        for folder in sorted((course / "submitted").glob(f"*/{assignment}"))
    }


def timestamp(course: Path, student: str, assignment: str = "hw1") -> str:
    path = course / "submitted" / student / assignment / "timestamp.txt"
    return path.read_text() if path.exists() else ""


def report(course: Path, assignment: str = "hw1") -> dict[str, dict[str, str]]:
    """The report of the last collect: file -> its row."""
    text = (course / "submitted" / ".collected" / f"{assignment}.csv").read_text(encoding="utf-8-sig")
    return {row["file"] or row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def asked(course: Path, assignment: str = "hw1") -> Asked:
    """What an assignment of the course asks for."""
    with contextlib.chdir(course):
        app = CollectApp()
        app.initialize([])
        with open_gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
            return asked_for(app.coursedir, Autograde(coursedir=app.coursedir, parent=app), assignment, gradebook)
