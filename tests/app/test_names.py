"""What students name things is text at every door: nothing of it acts on a terminal, in a table, a page or a file."""

import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import made_once, run
from lms_class import gradebox, laid_out, work
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gradebox.course import as_json, lines, markdown_text, words

# What a file may be called, too: no NUL, no slash.
NASTY = {
    "markup": "[red]eve[bold] :smile: <img src=x onerror=alert(1)> &amp; `x` **y** [a](b)",
    "escapes": "eve\x1b[31m\x1b]0;title\x07\x9b2J\x7f",
    "lines": "eve\nGrading hw1 9\r\t9",
    "turned": "eve\u202ecod.exe\u2066\u200f\u061c",
    "long": "eve" * 33,
    "formula": "=1+1",
    "not UTF-8": os.fsdecode(b"eve\xff\xfe"),
}
ELSEWHERE = {"markup": "[/b] </title>", "escapes": "\0", "long": "eve" * 3333, "not UTF-8": "\udc80"}  # and more
CONTROL = re.compile("[\0-\x1f\x7f-\x9f]")
ACTS = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def student(name: str) -> str:
    """An id: nbgrader's commands take none with a control character in it, so that neither do we."""
    return f"kind-{[*NASTY.values()].index(name)}" if CONTROL.search(name) else name


def hand_in(course: Path, name: str, more: str) -> None:
    """A wrong submission in which everything is called so, one of another course, and one with a time that is none."""
    text, place = name + more, course / "submitted"
    wrong = nbformat.reads(work(course, "wrong").decode(), as_version=4)
    for cell in wrong.cells:
        if cell.metadata.nbgrader.grade_id == "double":
            kind = text.replace("\0", "").encode("ascii", "ignore").decode()  # as far as a class can be called so
            cell.source = f"def double(x):\n    raise type({kind!a}, (ValueError,), {{}})({text!a})"
    about = {"grade": True, "grade_id": text, "locked": True, "points": 1, "schema_version": 3, "solution": False}
    wrong.cells.append(new_code_cell("1", metadata={"nbgrader": about | {"task": False}}))
    data = json.dumps(wrong).encode()
    laid_out({f"{name}.ipynb": data, f"{name}.dat": b"", f"{name}.html": b"<p>own"}, place / student(name) / "hw1")
    foreign = new_notebook(cells=[new_markdown_cell(f"# {' '.join(text.split())}")])
    laid_out({f"{name}.ipynb": json.dumps(foreign).encode()}, place / f"{student(name)}-foreign" / "hw1")
    files = {"hw1.ipynb": work(course), "timestamp.txt": text.encode("utf-8", "replace")}
    laid_out(files, place / f"{student(name)}-time" / "hw1")
    laid_out({"hw1.ipynb": work(course)}, place / f"{name}-id" / "hw1")


@pytest.fixture(scope="module")
def told(released_small, tmp_path_factory) -> Path:
    """A folder with all that was said and written, and the course."""

    def tell(folder: Path) -> None:
        course = folder / "course"
        shutil.copytree(released_small, course)
        for kind, name in NASTY.items():
            hand_in(course, name, ELSEWHERE.get(kind, ""))
        download = folder / "download"
        for name in NASTY.values():
            laid_out({f"{name}.ipynb": work(course), f"{name}.txt": b""}, download / name)
        said = run("gradebox", "autograde", "hw1", cwd=course, errors="surrogateescape")
        (folder / "autograde.out").write_text(said.stdout + said.stderr, errors="surrogateescape")
        commands = [[name, "hw1"] for name in ("feedback", "marks", "mistakes")]
        commands += [["export", "hw1", "--to=csv", "--output=marks.csv"], ["collect", "hw1", download, "--partial"]]
        for command in commands:
            said = gradebox(course, *command)
            (folder / f"{command[0]}.out").write_text(said.out + said.err, errors="surrogateescape")
        run("nbgrader", "export", "--to=grades.csv", cwd=course)

    return made_once("nasty-names", tell, tmp_path_factory)


def written(told: Path) -> dict[str, bytes]:
    """By file: what commands said, and what they wrote but for students' own cells."""
    course = told / "course"
    paths = [*told.glob("*.out"), *course.glob("*.csv"), *(course / "autograded").glob("*.jsonl")]
    paths += [*(course / "submitted" / ".collected").glob("*.*"), *(course / "feedback").rglob("*.html")]
    return {str(path.relative_to(told)): path.read_bytes() for path in paths}


def test_nothing_that_acts_is_said_or_written(told):
    found = written(told)
    assert {"autograde.out", "feedback.out", "marks.out", "mistakes.out", "export.out", "collect.out"} <= found.keys()
    assert {"course/grades.csv", "course/marks.csv", "course/autograded/hw1.jsonl"} <= found.keys()
    assert sum(name.endswith(".html") for name in found) > len(NASTY)
    for name, data in found.items():
        text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\t", " " * name.endswith(".html"))
        assert not ACTS.search(text), (
            name,
            ascii(ACTS.search(text)),
            ascii(text[ACTS.search(text).start() - 80 :][:160]),
        )


@pytest.mark.parametrize("kind", NASTY)
def test_every_door_says_the_name_as_it_is_or_its_numbers(kind, told):
    name, found = NASTY[kind], {file: data.decode() for file, data in written(told).items()}
    record = {line["student"]: line for line in map(json.loads, found["course/autograded/hw1.jsonl"].splitlines())}
    if kind == "not UTF-8":
        assert "is not UTF-8" in record["eve??"]["reason"] and "eve?? refused" in found["autograde.out"]
        return
    if CONTROL.search(name):
        assert "control characters" in record[f"{name}-id"]["reason"]
        assert f"{words(name + '-id')} refused" in found["autograde.out"]
    who = student(name)
    assert record[f"{who}-foreign"]["state"] == record[f"{who}-time"]["state"] == "refused"
    assert words(f"{name}.ipynb is another notebook") in found["autograde.out"]
    assert (record[who]["state"], record[who]["score"]) == ("graded after repair", 0)
    assert f"“{name}.ipynb”" in record[who]["repairs"]["hw1"][0]
    for command in ("feedback.out", "marks.out"):
        assert words(who) in found[command]
    page = BeautifulSoup(found[f"course/feedback/{who}/hw1/hw1.html"], "html.parser")
    assert words(who) in page.title.string and words(who) in page.select_one("header").get_text()
    assert not page.select("img[onerror]") and [each.name for each in page.title.children] == [None]
    assert f"“{words(name)}.ipynb”" in page.select_one("main .cell.text li").get_text()
    raised = page.select_one("td p").get_text()  # without colours
    assert (words(name)[:100] in raised) or (kind == "escapes" and "eve\\x1b]0;title\\x07" in raised)
    assert words(who) in found["course/grades.csv"].replace('""', '"')


def test_no_line_on_the_terminal_is_longer_than_a_few_screens(told):
    for name, data in written(told).items():
        if name.endswith(".out"):
            assert max(map(len, data.decode().splitlines())) < 3000, name


def test_names_beside_a_page_are_not_handed_on(told):
    course = told / "course"
    for who in (student(name) for kind, name in NASTY.items() if kind != "not UTF-8"):
        assert [path.name for path in (course / "feedback" / who / "hw1").iterdir()] == ["hw1.html"]
        assert len(list((course / "autograded" / who / "hw1").iterdir())) == 3


@pytest.mark.parametrize("text", [*NASTY.values(), "a\0b", "שלום Zoë 東京 \N{SNOWMAN}"])
def test_json_and_markdown_keep_the_text(text):
    assert json.loads(as_json({text: [text]})) == {text: [text]} and not ACTS.search(as_json({text: text}))
    assert not ACTS.search(lines(text).replace("\t", ""))
    cell = BeautifulSoup(shown(markdown_text(text)), "html.parser")
    assert cell.get_text().strip() == words(text) and not cell.select("img, a, strong, code")


def shown(text: str) -> str:
    from gradebox.feedback.markup import markdown

    return markdown(text)[0]
