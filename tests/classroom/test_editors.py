"""Files as today's editors save them, and releases of yesterday: nothing of theirs costs a mark or a word."""

import nbformat
import pytest
from damaged_work import CHECK, FILE, dumped, right
from editors import EDITORS
from mending import mend, notebooks_of
from sample_class import COURSE, GRADABLE, points, solutions
from small_class import ASSIGNMENT, NAME, grade, log
from solved_notebook import judged

from gradebox.course.source import exercise_of

OLD = COURSE / "tests" / "old_release"


@pytest.mark.parametrize("editor", EDITORS)
def test_what_an_editor_adds_is_no_damage(editor, plain_course):
    notebooks = notebooks_of(plain_course, ASSIGNMENT)
    whole = mend(notebooks, dumped(right()), FILE)

    saved = mend(notebooks, EDITORS[editor](right()), FILE)

    assert (saved.wanted, saved.repairs) == (NAME, [])
    assert {name: (kind, text.strip(), about) for name, (kind, text, about) in saved.cells.items()} == {
        name: (kind, text.strip(), about) for name, (kind, text, about) in whole.cells.items()
    }


def test_files_of_all_editors_are_graded_in_full_and_keep_their_folded_cells(course):
    for number, save in enumerate(EDITORS.values()):
        folder = course / "submitted" / f"student-{number}" / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(save(right()))

    grade(course)

    records = log(course)
    assert len(records) == len(EDITORS)
    for student, record in records.items():
        assert (record["state"], record["score"]) == ("graded", sum(points(f"{ASSIGNMENT}/{NAME}").values())), student
        kept = nbformat.read(course / "autograded" / student / ASSIGNMENT / FILE, as_version=4)
        (check,) = (cell for cell in kept.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == CHECK)
        assert check.source.startswith("#@title ") and check.metadata["cellView"] == "form"
        assert check.metadata["jupyter"]["source_hidden"] and "hide-input" in check.metadata["tags"]


@pytest.mark.parametrize("notebook", GRADABLE)
def test_last_years_release_is_graded_by_todays_tests(notebook, released_course):
    """The release before pictures became matplotlib and cells were folded: other helpers, other checks."""
    assignment, name = notebook.split("/")
    answers = solutions(notebook)
    old = nbformat.read(OLD / f"{name}.ipynb", as_version=4)
    for cell in old.cells:
        if (grade_id := cell.metadata.get("nbgrader", {}).get("grade_id")) in answers:
            cell.source = answers[grade_id]
    there = {cell.metadata.nbgrader.grade_id for cell in old.cells if "nbgrader" in cell.metadata}

    mended = mend(notebooks_of(released_course, assignment), nbformat.writes(old).encode(), f"{name}.ipynb")
    graded = judged(notebook, mended.notebook)

    assert any("the original was put back" in repair for repair in mended.repairs)
    earned: dict[str, float] = {}
    for grade_id, mark in graded.marks.items():
        earned[exercise_of(grade_id)] = earned.get(exercise_of(grade_id), 0.0) + mark
    for exercise, most in points(notebook).items():
        asked_then = any(exercise_of(grade_id) == exercise for grade_id in there)
        assert earned.get(exercise, 0.0) == (most if asked_then else 0.0), exercise
