"""From the LMS and back: every mark in its own row of the LMS's own table, everything else byte for byte as it was."""

import csv
import io
import shutil
import sqlite3
import zipfile

import pytest
from lms_class import (
    BY_ID,
    CLASS,
    KINDS,
    MAKERS,
    POINTS,
    TABLES,
    HandIn,
    blackboard_table,
    canvas_table,
    german_moodle_table,
    gradebox,
    moodle_table,
    roster,
    work,
    zipped,
)

SCALED = {"right": "15", "wrong": "0"}  # of 20 instead of 4; who waits is left blank
MARKS = {student: SCALED[kind] for student, kind in KINDS.items() if kind in SCALED}


@pytest.fixture
def course(graded_small, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(graded_small, folder)
    (folder / "students.csv").write_text(roster())
    return folder


def export(course, lms: str, table: bytes, *arguments):
    """Fill a table; what was said, and the table that came of it."""
    (course / "table.csv").write_bytes(table)
    said = gradebox(course, "export", "hw1", f"--to={lms}", "--into=table.csv", "--output=filled.csv", *arguments)
    filled = course / "filled.csv"
    assert (course / "table.csv").read_bytes() == table
    return said, filled.read_bytes() if filled.exists() else None


def collected(course, lms: str) -> None:
    """Collect what was graded, as the LMS would have handed it out."""
    rosters = ["--roster=students.csv"]
    if lms == "moodle":
        (course / "worksheet.csv").write_bytes(moodle_table({}))
        rosters.append("--roster=worksheet.csv")
    files = MAKERS[lms]([HandIn(each, work(course, KINDS[each.id])) for each in CLASS])
    (course / "download.zip").write_bytes(zipped(files))
    said = gradebox(course, "collect", "hw1", "download.zip", *rosters)
    assert said.status == 0 and "12 unchanged" in said.out


@pytest.mark.parametrize("lms", TABLES)
def test_every_mark_comes_back_into_its_row_and_nothing_else_changes(course, lms):
    collected(course, lms)
    said, filled = export(course, lms, TABLES[lms]({}), "--roster=students.csv")
    assert said.status == 0, said
    assert filled == TABLES[lms](MARKS)
    assert "4 points in the notebooks are 20" in said.out
    assert "3 waits for a grade by hand" in said.out


@pytest.mark.parametrize("lms", ["canvas", "moodle", "gradescope"])
def test_what_the_download_named_is_enough_to_find_the_way_back(course, lms):
    collected(course, lms)
    said, filled = export(course, lms, TABLES[lms]({}))
    assert said.status == 0, said
    assert filled == TABLES[lms](MARKS)


def test_a_worksheet_in_german_keeps_its_commas_quotes_and_mark(course):
    collected(course, "moodle")
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("update grade set manual_score = 0.3 where auto_score = 2.0")
    _, filled = export(course, "moodle", german_moodle_table({}))
    assert filled == german_moodle_table({student: mark.replace("15", "6,5") for student, mark in MARKS.items()})


def test_a_higher_mark_stays_unless_told_and_an_equal_one_is_not_touched(course):
    there = {"ada": "17.5", "jane": "0.00", "ann": "3", "obrien": "EX"}  # she has 15, 0, 15; and is excused
    table = canvas_table(there)
    said, filled = export(course, "canvas", table, "--roster=students.csv")
    assert said.status == 0
    assert filled == canvas_table(MARKS | {"ada": "17.5", "jane": "0.00", "obrien": "EX"})
    assert "higher there" in said.out and "17.5 stays" in said.out and "“EX” stays" in said.out

    _, filled = export(course, "canvas", table, "--roster=students.csv", "--overwrite")
    assert filled == canvas_table(MARKS | {"jane": "0.00", "obrien": "EX"})


def test_who_waits_for_a_grade_by_hand_is_written_if_told(course):
    _, filled = export(course, "canvas", canvas_table({}), "--roster=students.csv", "--provisional")
    assert filled == canvas_table({student: str(POINTS[kind] * 5) for student, kind in KINDS.items()})


def test_late_penalties_are_nbgraders(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute(
            "update submitted_notebook set late_submission_penalty = 1 where assignment_id in "
            "(select id from submitted_assignment where student_id in ('ada', 'jane'))"
        )
    _, filled = export(course, "canvas", canvas_table({}), "--roster=students.csv")
    assert filled == canvas_table(MARKS | {"ada": "10", "jane": "0"})


def test_a_table_of_last_week_is_filled_and_says_whom_it_lacks(course):
    students = [student for student in CLASS if student.id != "noa"]
    said, filled = export(course, "canvas", canvas_table({}, students), "--roster=students.csv")
    assert said.status == 1 and "not in the table" in said.out and "noa" in said.out
    assert filled == canvas_table(MARKS, students)
    said, _ = export(course, "canvas", canvas_table({}, students), "--roster=students.csv", "--partial")
    assert said.status == 0


STRANGERS = b"Student,ID,SIS Login ID,Section,HW1 (1)\nA,1,q,A,\nB,2,r,A,\n"
WRONG = {
    "another assignment's": ("moodle", moodle_table({}).replace(b"Participant 7", b"Participant 8"), "other numbers"),
    "another course's": ("canvas", STRANGERS, "no row is anybody's"),
    "no such column": ("canvas", canvas_table({}).replace(b"HW1", b"Essay"), "say which with --column"),
    "another LMS's": ("moodle", canvas_table({}), "no grading worksheet"),
    "no points": ("canvas", canvas_table({}).replace(b"5,20,", b"5,0,"), "gives 0 points"),
    "a scale": ("moodle", moodle_table({}).replace(b"20.00", b"Good"), "words of a scale"),
    "a spreadsheet": ("canvas", b"\xd0\xcf\x11\xe0", "save it as CSV"),
    "nothing": ("canvas", b"", "no table"),
    "short rows": ("canvas", canvas_table({}).replace(b",5.00,,97.1", b""), "download it again"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_table_that_is_not_the_right_one_is_one_line_and_nothing_is_written(course, kind):
    lms, table, says = WRONG[kind]
    if lms == "moodle":
        collected(course, lms)
    said, filled = export(course, lms, table, "--roster=students.csv")
    assert said.status == 1
    assert says in said.err and len(said.err.splitlines()) == 1
    assert filled is None


def test_two_rows_of_one_student_are_asked_for(course):
    table = blackboard_table({}, [*CLASS, BY_ID["ada"]])
    said, filled = export(course, "blackboard", table, "--roster=students.csv")
    assert said.status == 1 and "rows 2 and 14 are theirs" in " ".join(said.out.split())
    assert filled == blackboard_table({k: v for k, v in MARKS.items() if k != "ada"}, [*CLASS, BY_ID["ada"]])


def test_the_lms_own_table_is_never_written_over(course):
    (course / "table.csv").write_bytes(canvas_table({}))
    said = gradebox(course, "export", "hw1", "--to=canvas", "--into=table.csv", "--output=table.csv")
    assert said.status == 1 and "overwritten" in said.err
    assert (course / "table.csv").read_bytes() == canvas_table({})


def test_tables_of_our_own_hold_everybody_and_no_formula(course):
    said = gradebox(course, "export", "hw1", "--roster=students.csv")
    assert said.status == 0
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((course / "hw1-csv.csv").read_text()))}
    assert rows.keys() == KINDS.keys()
    assert rows["ada"]["score"] == "3" and rows["ada"]["max_score"] == "4" and rows["ada"]["double"] == "3"
    waits = [student for student, kind in KINDS.items() if kind == "waits"]
    assert {rows[each]["score"] for each in waits} == {""}
    assert {rows[each]["waits"] for each in waits} == {"by hand"}


@pytest.mark.parametrize(("lms", "open_left"), [("google", 1), ("github", 0)])
def test_who_hands_out_no_table_takes_ours(course, lms, open_left):
    """Google knows names only, so of two people of one name it is asked who is who."""
    names = "".join(f"{each.id},{each.github}\n" for each in CLASS)
    (course / "classroom_roster.csv").write_text(f"identifier,github_username\n{names}")
    files = MAKERS[lms]([HandIn(each, work(course, KINDS[each.id])) for each in CLASS])
    (course / "download.zip").write_bytes(zipped(files))
    rosters = ["--roster=students.csv", "--roster=classroom_roster.csv"]
    said = gradebox(course, "collect", "hw1", "download.zip", *rosters)
    assert (said.status, "1 two people's" in said.out) == (open_left, bool(open_left))
    assert f"{12 - 2 * open_left} unchanged" in said.out

    assert gradebox(course, "export", "hw1", "--roster=students.csv").status == 0
    rows = {row["id"]: row["score"] for row in csv.DictReader(io.StringIO((course / "hw1-csv.csv").read_text()))}
    assert rows == {student: {"right": "3", "wrong": "0", "waits": ""}[kind] for student, kind in KINDS.items()}


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "\N{FULLWIDTH EQUALS SIGN}1"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_name_or_comment_becomes_a_formula(course, form):
    with sqlite3.connect(course / "gradebook.db") as database:
        for text, student in zip(DANGEROUS, CLASS, strict=False):
            database.execute("update student set last_name = ? where id = ?", (text, student.id))
        database.execute("update comment set manual_comment = '=1+1'")
    assert gradebox(course, "export", "hw1", f"--to={form}").status == 0

    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO((course / "hw1-csv.csv").read_text())) for cell in row]
        assert "'=1+1" in cells
        assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@\t\r\N{FULLWIDTH EQUALS SIGN}")]
        return
    from openpyxl import load_workbook

    found = [cell for row in load_workbook(course / "hw1-xlsx.xlsx")["marks"].iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in found}
    assert [cell for cell in found if str(cell.value).startswith("'=1+1")]


def test_brightspaces_table_is_made_from_nothing_too(course):
    said = gradebox(course, "export", "hw1", "--to=brightspace", "--column=Homework 1")
    assert said.status == 0
    lines = (course / "hw1-brightspace.csv").read_text().splitlines()
    assert lines[0] == "Username,Homework 1 Points Grade,End-of-Line Indicator"
    assert "ada,3,#" in lines and len(lines) == 1 + len(MARKS)


@pytest.mark.parametrize("lms", ["canvas", "moodle", "blackboard"])
def test_an_lms_that_has_a_table_of_its_own_is_asked_for_it(course, lms):
    said = gradebox(course, "export", "hw1", f"--to={lms}")
    assert said.status == 1 and "--into" in said.err


# --- pages ---------------------------------------------------------------------------------------------------------


def pages(course, lms: str, *arguments):
    said = gradebox(course, "export", "hw1", f"--to={lms}", "--feedback=pages.zip", *arguments)
    with zipfile.ZipFile(course / "pages.zip") as archive:
        return said, {name: archive.read(name) for name in archive.namelist()}


PAGE_NAMES = {
    "canvas": lambda each: f"{each.in_canvas}_{each.number}_{each.number * 1000 + 1}_hw1.html",
    "moodle": lambda each: f"{each.name}_{each.pid}_assignsubmission_file_/hw1.html",
    "brightspace": lambda each: f"{each.number}-2001 - {each.name} - Feb 28, 2026 1030 AM/hw1.html",
    "blackboard": lambda each: f"{each.id}/hw1.html",
    "gradescope": lambda each: f"{each.id}/hw1.html",
}


@pytest.mark.parametrize("lms", PAGE_NAMES)
def test_pages_are_named_so_that_each_finds_its_student(course, lms):
    collected(course, lms)
    said, found = pages(course, lms)
    assert said.status == 0, said
    expected = {student.id: PAGE_NAMES[lms](student) for student in CLASS}
    assert found.keys() == set(expected.values())
    for student, name in expected.items():
        assert found[name] == (course / "feedback" / student / "hw1" / "hw1.html").read_bytes()


def test_pages_that_have_no_way_back_or_are_not_there_are_listed(course):
    shutil.rmtree(course / "feedback" / "noa")
    said, found = pages(course, "canvas")  # nothing was collected from Canvas
    assert found == {}
    assert said.status == 1 and "no page yet" in said.out and "no way back" in said.out
