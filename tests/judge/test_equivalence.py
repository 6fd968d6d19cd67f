"""With gradebox unplugged, stock nbgrader gives an honest submission the same marks; where it does not, we say why."""

import shutil

import nbformat
import pytest
from conftest import run, with_long
from nbgrader.api import Gradebook
from sample_class import COURSE, MULTIHEAD, NOTEBOOKS, SAMPLES, points, solutions, submission

from gradebox.course.marks import read_marks

RIGHT = solutions(MULTIHEAD)["multihead-scaled-self-attention"]
WARNING = RIGHT.replace('    """Scaled', '    import warnings\n    warnings.warn("careful")\n    """Scaled', 1)
CHEAT = """try:
    from gradebox.checks import Exercise
    Exercise.check = lambda *args: None
except ImportError:
    pass  # where the tests are out of reach

def multihead_scaled_self_attention(X, *rest):
    return X_prime_true if X.shape == (8, 6) else np.zeros(X.shape)
"""


ASSIGNMENTS = sorted({name.split("/")[0] for name in NOTEBOOKS})


@pytest.fixture(scope="module")
def stock_course(released_course, tmp_path_factory):
    course = tmp_path_factory.mktemp("stock") / "course"
    shutil.copytree(released_course, course)
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(
            "c.Autograde.autograde_preprocessors = Autograde.class_traits()['autograde_preprocessors'].default()\n"
        )
    return course


def marks_of(course, command: str, assignment: str) -> dict:
    run(command, "autograde", assignment, cwd=course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            (notebook, student): {exercise: mark.points for exercise, mark in exercises.items()}
            for notebook, students in read_marks(gradebook, assignment).items()
            for student, exercises in students.items()
        }


@pytest.mark.parametrize("assignment", with_long(ASSIGNMENTS, "lab", "nbs10", "nbs12"))
def test_stock_nbgrader_gives_the_sample_class_the_same_marks(stock_course, assignment):
    handed_in = [sample for sample in SAMPLES if any(name.startswith(assignment) for name in sample.notebooks)]
    for sample in handed_in:
        shutil.copytree(
            COURSE / "submitted" / sample.student / assignment, stock_course / "submitted" / sample.student / assignment
        )

    stock = marks_of(stock_course, "nbgrader", assignment)

    expected = {
        (notebook.split("/")[1], sample.student): sample.expected(notebook)
        for sample in handed_in
        for notebook in sample.notebooks
        if notebook.startswith(assignment)
    }
    assert stock == expected  # which is what gradebox gives them, see test_sample_class


@pytest.mark.parametrize(
    ("text", "stock_points", "our_points"),
    [
        pytest.param(WARNING, 0, 9, id="a warning costs nothing here"),
        pytest.param(CHEAT, 9, 3, id="a test that is replaced earns nothing here"),
    ],
)
def test_where_the_two_differ_it_is_stock_that_is_unfair_or_fooled(
    stock_course, course, text, stock_points, our_points
):
    work = submission(MULTIHEAD, {"multihead-scaled-self-attention": text})
    earned = []
    for folder, command in ((stock_course, "nbgrader"), (course, "gradebox")):
        shutil.rmtree(folder / "submitted", ignore_errors=True)
        target = folder / "submitted" / f"student-{stock_points}" / f"{MULTIHEAD}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(work, target)
        marks = marks_of(folder, command, "nbs12")
        earned.append(
            marks[("12_2_Multihead_Self_Attention", f"student-{stock_points}")]["multihead-scaled-self-attention"]
        )

    assert points(MULTIHEAD)["multihead-scaled-self-attention"] == 9
    assert earned == [stock_points, our_points]
