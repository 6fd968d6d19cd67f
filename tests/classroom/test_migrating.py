"""Cells that come, go or get another name after students were graded: marks and comments stay where the cell does."""

import shutil
import sqlite3
from pathlib import Path

import nbformat
import pytest
from conftest import graded_test, notebook, solution
from lms_class import gradebox
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from regraded_class import (
    TESTED,
    WRITTEN,
    autograde,
    by_hand,
    changes,
    comment_of,
    edit,
    grade_of,
    graded,
    hand_in,
    release,
)

from gradebox.classroom.regrading import NOTHING


@pytest.fixture
def course(regraded_small, tmp_path) -> Path:
    """A course of one's own with a class that was graded; ada's text by a person, and a test of bob's, too."""
    folder = shutil.copytree(regraded_small, tmp_path / "course")
    by_hand(folder, "ada", WRITTEN, score=0.5, comment="Why [twice]?", extra=0.25)
    by_hand(folder, "bob", TESTED, score=1)
    return folder


def rename(cells: dict, old: str, new: str) -> None:
    cells[old].metadata.nbgrader.grade_id = new


def dump(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        return list(connection.iterdump())


def sound(course: Path) -> None:
    """No row of the gradebook hangs in the air, and each submission has all the rows that nbgrader gives one."""
    with sqlite3.connect(course / "gradebook.db") as database:
        assert database.execute("pragma foreign_key_check").fetchall() == []
        for rows, cells in (("grade", ("GradeCell", "TaskCell")), ("comment", ("SolutionCell", "TaskCell"))):
            missing = f"""select m.id, b.name
                from submitted_notebook m join base_cell b on b.notebook_id = m.notebook_id
                where b.type in {cells} and not exists
                (select 1 from {rows} r where r.notebook_id = m.id and r.cell_id = b.id)"""
            assert database.execute(missing).fetchall() == []
        for kind in ("grade", "solution", "task"):
            name = f"{kind.capitalize()}Cell"
            strays = f"""select id from {kind}_cells where id not in (select id from base_cell where type = '{name}')
                union select id from base_cell where type = '{name}' and id not in (select id from {kind}_cells)"""
            assert database.execute(strays).fetchall() == []


def test_renamed_cells_keep_what_was_given_and_an_added_one_is_graded(course):
    def change(cells, notebook):
        rename(cells, WRITTEN, "explain")
        rename(cells, TESTED, "double-negative")
        rename(cells, "double", "twice")
        notebook.append(graded_test("double-zero", "assert double(0) == 0", 3))

    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        gradebook.find_comment("double", "hw1", "hw1", "bob").manual_comment = "Once is not twice."
        gradebook.db.commit()
    edit(course, change)
    refused = gradebox(course, "release", "hw1")
    assert refused.status == 1 and "--migrate says which marks cannot be kept" in refused.err
    before = dump(course / "gradebook.db")

    said = release(course, "--migrate").out

    assert "renamed: hw1, why is explain; marks and comments stay" in said
    assert "renamed: hw1, double-values is double-negative; marks and comments stay" in said
    assert "renamed: hw1, double is twice; marks and comments stay" in said
    assert "added: hw1, double-zero" in said
    assert "Not kept of what people gave: nothing" in said
    (copy,) = course.glob("gradebook.db.before-*")
    assert copy.name in said and dump(copy) == before
    sound(course)
    would = changes(autograde(course, "--diff"))
    assert would[:2] == [
        ["ada", "hw1", "double-zero", NOTHING, "3", "cell added"],
        ["ada", "", "total", "3.75", "6.75", ""],
    ]
    assert not [row for row in would if row[2] in (WRITTEN, TESTED, "explain", "double-negative")]
    assert graded(autograde(course)) == 3
    assert grade_of(course, "ada", "explain") == (None, 0.5, 0.25, False)
    assert comment_of(course, "ada", "explain") == "Why [twice]?"
    assert comment_of(course, "bob", "twice") == "Once is not twice."
    assert grade_of(course, "bob", "double-negative") == (0, 1, None, False)
    assert grade_of(course, "bob", "double-zero") == (3, None, None, False)
    assert graded(autograde(course)) == 0


def test_what_goes_with_a_removed_cell_is_said_to_the_last_mark(course):
    edit(course, lambda cells, notebook: [notebook.remove(cells[name]) for name in (WRITTEN, TESTED)])

    said = release(course, "--migrate").out.splitlines()

    assert said[: said.index("Not kept of what people gave:") + 5] == [
        "removed: hw1, double-values",
        "removed: hw1, why",
        "Not kept: 5 of the machine's marks, for cells that are gone.",
        "Not kept of what people gave:",
        "    bob: hw1, double-values: 1 points",
        "    ada: hw1, why: 0.5 points, 0.25 extra credit",
        "    ada: hw1, why: “Why [twice]?”",
        said[7],
    ]
    sound(course)
    would = changes(autograde(course, "--diff"))
    assert ["ada", "hw1", TESTED, "2", NOTHING, "cell removed"] in would
    assert graded(autograde(course)) == 3
    assert grade_of(course, "bob", "double-check") == (0, None, None, False)
    with sqlite3.connect(course / "gradebook.db") as database:
        assert database.execute("select count(*) from grade").fetchone() == (3,)


def test_another_question_in_the_place_of_one_does_not_get_its_marks(course):
    """Both are empty texts to be filled in: nothing tells that one is the other, and they have ids of their own."""

    def change(cells, notebook):
        about = cells[WRITTEN].metadata | {"nbgrader": cells[WRITTEN].metadata.nbgrader | {"grade_id": "when"}}
        notebook.remove(cells[WRITTEN])
        notebook.append(new_markdown_cell("In January.", id="another", metadata=about))

    edit(course, change)

    said = release(course, "--migrate").out

    assert "removed: hw1, why" in said and "added: hw1, when" in said
    assert "ada: hw1, why: 0.5 points, 0.25 extra credit" in said
    sound(course)
    assert grade_of(course, "ada", "when") == (None, None, None, True)


def test_notebooks_may_come_go_and_get_another_name(course):
    folder = course / "source" / "hw1"
    (folder / "hw1.ipynb").rename(folder / "doubling.ipynb")
    nbformat.write(
        notebook(solution("one", "one = 1"), graded_test("one-check", "assert one == 1")), folder / "more.ipynb"
    )
    hand_in(course, "ada", "waits")

    said = release(course, "--migrate").out

    assert "notebook renamed: hw1 is doubling" in said and "notebook added: more" in said
    sound(course)
    with sqlite3.connect(course / "gradebook.db") as database:
        assert database.execute("select count(*) from grade where manual_score is not null").fetchone() == (2,)
    (folder / "more.ipynb").unlink()
    assert "notebook removed: more" in release(course, "--migrate").out
    sound(course)
    assert graded(autograde(course)) == 3


def test_nothing_to_migrate_is_a_release_like_any_other(course):
    edit(course, lambda cells, _: cells[WRITTEN].metadata.nbgrader.update(points=2))
    ours = shutil.copytree(course, course.parent / "ours")
    release(course)

    said = release(ours, "--migrate").out

    assert "No cell was added, removed or renamed." in said and not list(ours.glob("gradebook.db.before-*"))
    assert dump(ours / "gradebook.db") == dump(course / "gradebook.db")
    released = Path("release", "hw1", "hw1.ipynb")
    assert (ours / released).read_bytes() == (course / released).read_bytes()


def test_a_migration_that_cannot_be_written_changes_nothing(course, monkeypatch):
    from gradebox.classroom import cellrows

    edit(course, lambda cells, notebook: notebook.remove(cells[WRITTEN]))
    before, released = dump(course / "gradebook.db"), (course / "release" / "hw1" / "hw1.ipynb").read_bytes()
    done = []

    def failing(self, *arguments):
        if done:
            raise OSError(28, "No space left on device", "gradebook.db")
        done.append(change(self, *arguments))

    change = cellrows.Writer.change_cell
    monkeypatch.setattr(cellrows.Writer, "change_cell", failing)

    refused = gradebox(course, "release", "hw1", "--migrate")

    assert refused.status == 1 and "No space left on device" in refused.err
    assert dump(course / "gradebook.db") == before
    assert (course / "release" / "hw1" / "hw1.ipynb").read_bytes() == released


def test_an_exam_and_a_gradebook_that_is_not_there_are_told_apart(course):
    assert "without --exam" in gradebox(course, "release", "hw1", "--migrate", "--exam").err
    (course / "gradebook.db").unlink()
    assert "There is no gradebook" in gradebox(course, "release", "hw1", "--migrate").err
    assert not (course / "gradebook.db").exists()
