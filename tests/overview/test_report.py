"""The class page says of a made-up class what was put in, and of odd ones that they are odd."""

import csv
import json
import random
import re
import shutil
import sqlite3
import warnings
from functools import cache
from statistics import mean, median

import pytest
from bs4 import BeautifulSoup
from lms_class import gradebox
from made_up_class import ASSIGNMENT, BOOKS, EXERCISES, MISTAKES, PARTS, WRITTEN, make

from gradebox.overview import numbers

POSSIBLE = sum(PARTS.values())


@pytest.fixture(scope="module")
def made(made_up):
    """What was put into a class of 300."""
    return made_up(300)[1]


@pytest.fixture(scope="module")
def reported(made_up, tmp_path_factory):
    """Its course, with its page."""
    folder = tmp_path_factory.mktemp("reported") / "course"
    shutil.copytree(made_up(300)[0], folder)
    said = report(folder)
    assert said.out == "Wrote feedback/waves.html: 291 of 295 graded\n"
    return folder


@pytest.fixture
def course(made_up, tmp_path):
    """A course of one's own, with a class of 60."""
    folder = tmp_path / "course"
    shutil.copytree(made_up(60)[0], folder)
    return folder


def report(course, *arguments):
    """Run the command; nothing it uses may warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module="nbgrader")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of what matplotlib imports; nobody sees them
        said = gradebox(course, "report", *(arguments or (ASSIGNMENT,)))
    assert (said.status, said.err) == (0, "")
    return said


def written(course, ending=".json"):
    path = course / "feedback" / f"{ASSIGNMENT}{ending}"
    return json.loads(path.read_text()) if ending.endswith("json") else path.read_text()


def page(course, name=f"{ASSIGNMENT}.html"):
    return soup((course / "feedback" / name).read_text())


@cache  # most tests look at the same page
def soup(text):
    return BeautifulSoup(text, "html.parser")


# --- what was put in ------------------------------------------------------------------------------------------------


def test_totals_are_those_that_were_put_in(reported, made):
    found, totals = written(reported), made.totals()
    assert found["spread"]["median"] == pytest.approx(median(totals.values()))
    assert found["spread"]["mean"] == pytest.approx(mean(totals.values()), abs=1e-5)
    assert (found["handed_in"], found["graded"]) == (295, len(totals))
    for bar in found["bars"]:
        assert bar["students"] == sum(bar["start"] <= total < bar["end"] for total in totals.values())
    rows = {row["person"]["id"]: row for row in found["students"]}
    assert {student: row["total"] for student, row in rows.items() if row["total"] is not None} == totals


def test_exercises_are_as_hard_as_they_were_made(reported, made):
    rows = {row["exercise"]: row for row in written(reported)["exercises"]}
    assert [*rows] == [name for names in BOOKS.values() for name in names] + [WRITTEN]
    for name in EXERCISES:
        marks = made.points[name]
        item = rows[name]["item"]
        assert item["students"] == len(marks)
        assert item["mean"] == pytest.approx(mean(marks.values()) / POSSIBLE, abs=1e-5)
        assert item["everything"] == pytest.approx(sum(p == POSSIBLE for p in marks.values()) / len(marks), abs=1e-5)
    assert rows[WRITTEN]["waiting"] == len(made.groups["waits"]) and rows[WRITTEN]["item"]["mean"] is None


def test_the_warnings_stand_beside_the_exercises_made_for_them_and_no_other(reported):
    rows = {row["exercise"]: row["item"]["warning"] for row in written(reported)["exercises"]}
    assert {name: warning for name, warning in rows.items() if warning} == {
        "wave": numbers.TELLS_NOTHING,
        "modes": numbers.HARDLY_ANYBODY,
        "sound": numbers.STRONG_MISS_IT,
    }
    shown = page(reported).select("tr.warning")
    assert [row.code.text for row in shown] == ["wave", "modes", "sound"]
    assert all(rows[row.code.text] in row.text for row in shown)


def test_mistakes_come_with_their_sentence_and_who_made_them_the_commonest_first(reported, made):
    found = written(reported)["mistakes"]
    told = {(each["exercise"], each["sentence"]): {who["id"] for who in each["people"]} for each in found}
    assert told == {key: who for key, who in made.mistakes.items() if who}
    for name in EXERCISES:
        counts = [each["students"] for each in found if each["exercise"] == name]
        assert counts == sorted(counts, reverse=True)
    shown = page(reported).select_one("#mistakes").find_parent("section")
    assert next(iter(MISTAKES)) in shown.text
    assert "sin" in [name.text for name in shown.select("li code")]


@pytest.mark.parametrize(
    "kind", ["refused", "nothing", "behind", "lacks", "late", "stopped", "repaired", "slow", "large", "absent"]
)
def test_whoever_was_made_odd_is_named_for_it_and_nobody_else(reported, made, kind):
    groups = {group["kind"]: group for group in written(reported)["groups"]}
    assert {who["id"] for who in groups[kind]["people"]} == made.groups[kind]
    assert groups[kind]["students"] == len(made.groups[kind])
    listed = page(reported).select_one(f"h3#{kind}").find_next("ul")
    assert len(listed.select("li")) == len(made.groups[kind])


def test_what_waits_for_a_hand_leads_into_the_formgrader(reported, made):
    (found,) = written(reported)["by_hand"]
    assert {who["id"] for who in found["people"]} == made.groups["waits"] and found["answers"] == 40
    with sqlite3.connect(reported / "gradebook.db") as database:
        rows = database.execute(
            "select s.student_id, m.id from submitted_notebook m join notebook n on m.notebook_id = n.id "
            "join submitted_assignment s on m.assignment_id = s.id where n.name = '2_Strings'"
        )
        ids = dict(rows.fetchall())
    links = {link["href"] for link in page(reported).select("a[href*='/submissions/']")}
    assert links == {f"http://localhost:8888/formgrader/submissions/{ids[who]}/" for who in made.groups["waits"]}


def test_the_page_is_one_small_file_that_runs_nothing(reported):
    text = written(reported, ".html")
    assert len(text.encode()) < 2_000_000
    found = page(reported)
    assert not found.select("script, link, img[src^=http], [onclick]")
    assert found.select_one("meta[http-equiv=Content-Security-Policy]")["content"].startswith("default-src 'none'")
    charts = found.select("svg.chart")
    assert len(charts) == 3
    assert all(chart["role"] == "img" and len(chart["aria-label"]) > 60 for chart in charts)
    ids = [element["id"] for element in found.select("[id]")]
    assert len(ids) == len(set(ids))


def test_tables_are_for_spreadsheets(reported, made):
    rows = list(csv.DictReader(written(reported, ".csv").splitlines()))
    assert [row["exercise"] for row in rows] == [*EXERCISES, WRITTEN]
    students = list(csv.DictReader(written(reported, ".students.csv").splitlines()))
    totals = made.totals()
    assert {row["student"]: float(row["total"]) for row in students if row["total"]} == totals
    mistakes = list(csv.DictReader(written(reported, ".mistakes.csv").splitlines()))
    assert sum(int(row["students"]) for row in mistakes) >= sum(map(len, made.mistakes.values()))


# --- without names --------------------------------------------------------------------------------------------------


def anonymous_files(course):
    report(course, ASSIGNMENT, "--anonymous")
    found = {path.name: path.read_text() for path in (course / "feedback").glob(f"{ASSIGNMENT}.anonymous*")}
    assert sorted(found) == [f"{ASSIGNMENT}.anonymous.{ending}" for ending in ("csv", "html", "json", "mistakes.csv")]
    return found


def test_nobody_is_named_and_no_order_gives_anybody_away(course):
    before = anonymous_files(course)
    assert not (course / "feedback" / f"{ASSIGNMENT}.html").exists()
    for text in before.values():
        assert not re.search(r"zq\d|Quillon|Vantongeren", text)
    renamed(course)
    assert anonymous_files(course) == before


def renamed(course) -> None:
    """Everybody under another's id: gradebook, log and folders."""
    with sqlite3.connect(course / "gradebook.db") as database:
        ids = [row[0] for row in database.execute("select id from student order by id")]
        other = dict(zip(ids, random.Random(8).sample(ids, len(ids)), strict=True))
        for table, column in (("student", "id"), ("submitted_assignment", "student_id")):
            database.executemany(
                f"update {table} set {column} = 'x' || ? where {column} = ?", [(n, o) for o, n in other.items()]
            )
            database.execute(f"update {table} set {column} = substr({column}, 2)")
    log = course / "autograded" / f"{ASSIGNMENT}.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps(line | {"student": other[line["student"]]}) + "\n" for line in lines))
    for step in ("autograded", "feedback"):
        for student in ids:
            if (folder := course / step / student).exists():
                folder.rename(course / step / f".{other[student]}")
        for folder in (course / step).glob(".zq*"):
            folder.rename(folder.with_name(folder.name[1:]))


def test_words_that_one_student_alone_was_told_are_not_shown_in_class(course):
    path = sorted((course / "autograded").glob("*/waves/1_Springs.ipynb"))[0]
    notebook = json.loads(path.read_text())
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "No.\nHint: Kim copied it", "traceback": []}
    notebook["cells"][2]["outputs"] = [error]
    path.write_text(json.dumps(notebook))
    assert not any("Kim" in text for text in anonymous_files(course).values())
    report(course)
    assert "Kim copied it" in written(course, ".html")


# --- scripts --------------------------------------------------------------------------------------------------------


def test_the_only_script_is_the_one_that_the_policy_names(course):
    report(course, ASSIGNMENT, "--scripts")
    found = page(course)
    (script,) = found.select("script")
    assert "sortable" in script.string
    policy = found.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert re.search(r"script-src 'sha256-[\w+/]{43}='", policy)


# --- odd classes ----------------------------------------------------------------------------------------------------


def test_before_anybody_is_graded_the_page_says_so(course):
    shutil.rmtree(course / "autograded")
    with sqlite3.connect(course / "gradebook.db") as database:
        for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
            database.execute(f"delete from {table}")
    report(course)
    assert "Nothing of waves is graded yet: run 'gradebox autograde waves'." in page(course).select_one(".note").text
    assert "Nobody has been graded yet" in page(course, "index.html").text


def test_an_assignment_that_was_never_released_is_not_graded_either(course):
    (course / "source" / "later").mkdir()
    shutil.copy(course / "source" / ASSIGNMENT / "1_Springs.ipynb", course / "source" / "later")
    report(course, "later")
    assert "Nothing of later is graded yet" in page(course, "later.html").text


@pytest.mark.parametrize("students", [1, 7])
def test_of_a_class_of_few_the_page_says_what_cannot_be_told(tmp_path, students):
    made = make(tmp_path / "course", students)
    report(tmp_path / "course")
    found = page(tmp_path / "course")
    assert len(made.totals()) == students
    assert ("Of so few" in found.text) == (students < numbers.FEW_FOR_CORRELATION)
    assert not found.select("tr.warning")
    said = report(tmp_path / "course", ASSIGNMENT, "--anonymous")
    assert ("may tell who is who" in said.out) == (students < 5)


def test_where_everybody_is_equal_the_page_says_so(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("update grade set auto_score = 1, needs_manual_grade = 0")
        database.execute("update submitted_notebook set late_submission_penalty = null")
    shutil.rmtree(course / "autograded")  # or some would have handed in one notebook less
    report(course)
    assert "Everybody has the same total" in page(course).text
    assert [bar["students"] for bar in written(course)["bars"] if bar["students"]] == [written(course)["graded"]]


def test_exercises_without_graded_cells_or_points_are_told_as_such(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("delete from grade where cell_id in (select id from base_cell where name like 'modes-%')")
        database.execute(
            "update grade_cells set max_score = 0 where id in (select id from base_cell where name = 'why')"
        )
    for name, wanted in (("1_Springs", ()), ("2_Strings", ("why", "wave-check", "wave-values", "wave-general"))):
        path = course / "source" / ASSIGNMENT / f"{name}.ipynb"
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            about = cell["metadata"]["nbgrader"]
            about["grade"], about["points"] = about["grade_id"] in wanted, about.get("points", 0)
        path.write_text(json.dumps(notebook))
    report(course)
    rows = {row["exercise"]: row for row in written(course)["exercises"]}
    assert "modes" not in rows and rows["why"]["possible"] == 0
    assert [each["answers"] for each in written(course)["by_hand"]] == [8]


def test_notebooks_without_graded_cells_leave_nothing_to_count(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("delete from grade")
        database.execute("delete from grade_cells")
    for path in (course / "source" / ASSIGNMENT).glob("*.ipynb"):
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            cell["metadata"]["nbgrader"]["grade"] = False
        path.write_text(json.dumps(notebook))
    report(course)
    assert "There are no graded cells in these notebooks" in page(course).text
    assert written(course)["exercises"] == []


MARKUP = "<img src=x onerror=alert(1)>"


def test_an_id_that_is_markup_or_a_formula_is_text(course):
    for old, new in (("zq0001", MARKUP), ("zq0002", "=1+1")):
        rename(course, old, new)
    report(course)
    for name in (f"{ASSIGNMENT}.html", "index.html"):
        assert not page(course, name).select("img, [onerror]")
        assert MARKUP in page(course, name).text
    ids = [row["student"] for row in csv.DictReader(written(course, ".students.csv").splitlines())]
    assert "'=1+1" in ids and "=1+1" not in ids


def rename(course, old: str, new: str) -> None:
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("update student set id = ? where id = ?", (new, old))
        database.execute("update submitted_assignment set student_id = ? where student_id = ?", (new, old))
    log = course / "autograded" / f"{ASSIGNMENT}.jsonl"
    log.write_text(log.read_text().replace(f'"{old}"', f'"{new}"'))
    for step in ("autograded", "feedback"):
        if (course / step / old).exists():
            (course / step / old).rename(course / step / new)


def test_a_log_of_an_earlier_version_and_none_at_all_are_told(course):
    log = course / "autograded" / f"{ASSIGNMENT}.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text(
        "".join(json.dumps({key: line[key] for key in ("student", "state")}) + "\n" for line in lines) + "{cut"
    )
    report(course)
    assert "Some were graded by an earlier version" in page(course).text
    assert {group["kind"] for group in written(course)["groups"]} == {
        *("refused", "nothing", "behind", "lacks", "late", "repaired", "absent")
    }
    log.unlink()
    report(course)
    assert "There is no log of 'gradebox autograde'" in page(course).text


SAID = {
    "together": ["1_Springs: together with the student's code: force-check", "1_Springs: Graded without a sandbox"],
    "stopped": [
        "1_Springs: force: It took longer than 30 s, so it was stopped.",
        "1_Springs: energy: The time for this cell was used up.",
        "1_Springs: period: Not run: this notebook had used up its 120 s before.",
    ],
}


@pytest.mark.parametrize("kind", SAID)
def test_what_the_log_says_of_somebodys_code_is_told(course, kind):
    log = course / "autograded" / f"{ASSIGNMENT}.jsonl"
    lines = [json.loads(line) | {"log": ["2_Strings.ipynb had 12 MiB"]} for line in log.read_text().splitlines()]
    graded = [line for line in lines if line["state"] == "graded"][:2]
    for line in graded:
        line["log"] += SAID[kind]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report(course)
    groups = {group["kind"]: group for group in written(course)["groups"]}
    assert {who["id"]: who["what"] for who in groups[kind]["people"]} == {
        line["student"]: "; ".join(SAID[kind]) for line in graded
    }
    assert groups.keys().isdisjoint(SAID.keys() - {kind})


def test_graded_notebooks_that_cannot_be_read_are_counted(course):
    for path in sorted((course / "autograded").glob("*/waves/1_Springs.ipynb"))[:2]:
        path.write_text(["[1]", "{cut"][path.parent.parent.name > "zq0000"])
    report(course)
    assert "Graded notebooks that cannot be read, so their mistakes are missing: 2" in page(course).text


def test_what_cannot_be_is_said_in_a_line_and_nothing_is_written(course):
    said = gradebox(course, "report", "nothing-of-that-name")
    assert said.status == 1 and "There is no assignment 'nothing-of-that-name'" in said.err
    (course / "source" / "index").mkdir()
    shutil.copy(course / "source" / ASSIGNMENT / "1_Springs.ipynb", course / "source" / "index")
    said = gradebox(course, "report", "index")
    assert said.status == 1 and "rename it" in said.err
    (course / "gradebook.db").unlink()
    said = gradebox(course, "report", ASSIGNMENT)
    assert said.status == 1 and "There is no gradebook" in said.err
    assert not list((course / "feedback").glob("*.*"))
