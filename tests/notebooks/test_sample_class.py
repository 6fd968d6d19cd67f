"""The sample class earns what its ids say, graded the way `make grade` does it."""

import shutil

import nbformat
import pytest
from conftest import run, with_long
from nbgrader.api import Gradebook
from sample_class import (
    ATTENTION,
    CONVOLUTION,
    COURSE,
    GRADABLE,
    LAB,
    NOTEBOOKS,
    RESAMPLING,
    SAMPLES,
    build,
    points,
    solutions,
    source,
    submission,
    written_in,
)

from gradebox.course.marks import read_marks
from gradebox.course.source import exercise_of
from gradebox.judge.modules import course_modules
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox

ASSIGNMENTS = sorted({notebook.split("/")[0] for notebook in NOTEBOOKS})
EVERYONE = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.student)


@pytest.fixture(scope="module")
def graded_class(released_course, tmp_path_factory):
    course = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(released_course, course)
    for sample in SAMPLES:
        shutil.copytree(COURSE / "submitted" / sample.student, course / "submitted" / sample.student)
    run("gradebox", "autograde", cwd=course)
    return course


@pytest.fixture(scope="module")
def marks(graded_class):
    with Gradebook(f"sqlite:///{graded_class}/gradebook.db") as gradebook:
        return {assignment: read_marks(gradebook, assignment) for assignment in ASSIGNMENTS}


@EVERYONE
def test_sample_is_what_the_script_builds(sample):
    for path, notebook in build(sample).items():
        assert (COURSE / "submitted" / path).read_text() == nbformat.writes(notebook) + "\n", "run 'make samples'"


@EVERYONE
def test_sample_earns_what_it_should(sample, marks):
    for notebook in {*sample.notebooks} & {*GRADABLE}:
        assignment, name = notebook.split("/")
        earned = {exercise: mark.points for exercise, mark in marks[assignment][name][sample.student].items()}
        assert earned == sample.expected(notebook)


def test_class_report_counts_who_fell_for_what(graded_class):
    told = run("gradebox", "mistakes", "nbs12", cwd=graded_class).stdout

    rows = [[part.strip() for part in line.strip("│").split("│")] for line in told.splitlines() if line.startswith("│")]
    unscaled = [row for row in rows if row[0] == "multihead-scaled-self-attention" and "not scaled" in row[2]]
    assert [row[1] for row in unscaled] == ["1"]
    assert ["softmax", "1", "wrong in a way that is not in the catalogue"] in rows  # a cell that is no Python


@pytest.mark.parametrize("notebook", with_long(NOTEBOOKS, LAB, CONVOLUTION, RESAMPLING, ATTENTION))
def test_one_exercise_failing_never_costs_another(notebook):
    judge = WarmJudge(Sandbox().settings_for(source(notebook)), course_modules(COURSE, source(notebook)))
    full = {exercise: most for exercise, most in points(notebook).items() if most}
    cells = written_in(notebook)
    solved = solutions(notebook)
    try:
        for blank in {cells[exercise] for exercise in full}:
            handed_in = submission(notebook, {name: text for name, text in solved.items() if name != blank})
            earned = dict.fromkeys(full, 0.0)
            for grade_id, mark in judge.grade(handed_in, source(notebook)).marks.items():
                earned[exercise_of(grade_id)] += mark
            assert earned == {exercise: 0 if cells[exercise] == blank else most for exercise, most in full.items()}
    finally:
        judge.close()


HOLLOW = """class Hollow:
    def __len__(self):
        return 3

    def __iter__(self):
        return iter(())

    def __getitem__(self, key):
        return np.zeros((4, 1))

{} = Hollow()
"""


def test_a_list_that_only_claims_to_hold_something_earns_nothing():
    judge = WarmJudge(Sandbox().settings_for(source(ATTENTION)), course_modules(COURSE, source(ATTENTION)))
    lists = " = ".join(["all_queries", "all_keys", "all_values"])
    cells = {"queries-keys-values": HOLLOW.format(lists), "x-prime": HOLLOW.format("all_x_prime")}
    try:
        marks = judge.grade(submission(ATTENTION, cells), source(ATTENTION)).marks
    finally:
        judge.close()
    assert sum(marks.values()) == 0


def test_written_answers_wait_for_a_grader(marks):
    twelve = marks["nbs12"]["12_1_Self_Attention"]
    assert twelve["sample-full-marks"]["positional-encoding"].by_hand
    assert twelve["sample-written-answer-only"]["positional-encoding"].by_hand
    assert not twelve["sample-blank"]["positional-encoding"].by_hand


def test_marks_table_shows_students_exercises_and_totals(graded_class):
    table = run("gradebox", "marks", "nbs12", cwd=graded_class).stdout
    rows = {line.split()[1]: line for line in table.splitlines() if "sample-" in line}
    best = sum(points("nbs12/12_2_Multihead_Self_Attention").values())
    assert len(rows) == 6
    assert f"{best:g}" in table
    assert "multihead" in table and "total" in table
    assert "waits for a grade by hand" in table


@pytest.mark.skipif("nbs10/10_4_Downsampling_and_Upsampling" not in GRADABLE, reason="needs torch")
def test_who_has_written_nothing_is_told_so_and_is_nobody_in_the_report(graded_class):
    told = run("gradebox", "mistakes", "nbs10", cwd=graded_class).stdout
    run("gradebox", "feedback", cwd=graded_class)
    page = graded_class / "feedback" / "sample-blank" / "nbs10" / "10_4_Downsampling_and_Upsampling.html"

    assert told.count("not in the catalogue") == 1  # the crash of another sample
    assert page.read_text().count("Not answered yet.") >= 7


def test_grading_again_grades_nobody(graded_class):
    assert "Grading" not in run("gradebox", "autograde", cwd=graded_class).stdout


def test_changed_submission_is_graded_again(graded_class):
    path = graded_class / "submitted" / "sample-blank" / "nbs12" / "12_2_Multihead_Self_Attention.ipynb"
    path.touch()
    graded = [line for line in run("gradebox", "autograde", cwd=graded_class).stdout.splitlines() if "Grading" in line]
    assert len(graded) == 1 and "1/1" in graded[0] and "sample-blank graded" in graded[0]


def test_feedback_is_a_page_per_notebook(graded_class):
    run("gradebox", "feedback", cwd=graded_class)
    pages = sorted(path.name for path in (graded_class / "feedback" / "sample-full-marks").glob("*/*.html"))
    assert [page.removesuffix(".html") for page in pages] == sorted(name.split("/")[1] for name in GRADABLE)
    assert run("gradebox", "feedback", cwd=graded_class).stdout == ""
