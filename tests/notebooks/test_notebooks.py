"""What every instructor notebook and its release must be, whoever wrote them."""

import ast
import codecs
import json
import os
import re
import subprocess
import tempfile
import warnings
from functools import cache

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from catalogue import EXERCISES
from conftest import SCRIPTS
from nbclient import NotebookClient
from nbgrader.utils import determine_grade, is_grade, is_solution
from sample_class import (
    ATTENTION,
    BEGIN,
    CONVOLUTION,
    COURSE,
    END,
    LAB,
    MULTIHEAD,
    NOTEBOOKS,
    PRACTICE,
    RESAMPLING,
    points,
    source,
)

ALL = pytest.mark.parametrize("notebook", NOTEBOOKS)
FOR_IMAGES = (CONVOLUTION, RESAMPLING)
FOR_ATTENTION = (ATTENTION, MULTIHEAD, PRACTICE)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
SOLUTION = re.compile(rf"{BEGIN}\n(.*?){END}", re.DOTALL)
TRUE_VALUES = {
    "nbs12/12_1_Self_Attention": """
        0.94744244 -0.24348429 -0.91310441 -0.44522983 1.64201168 -0.08470004 4.02764044 2.18690791
        1.61949281 -0.06641533 3.96863308 2.15858316
        0.97411966 1.59622051 1.32638014 -0.23738409 -0.09516106 0.13062402 -0.72333202 3.70194096 3.02371664
        -0.34413007 2.01339538 1.6902419""",
    "nbs12/12_2_Multihead_Self_Attention": """
        -21.207 -5.373 -20.933 -9.179 -11.319 -17.812 1.248 18.894 -6.409 3.224 19.717 -5.629""",
}


def release(notebook: str) -> nbformat.NotebookNode:
    return nbformat.read(COURSE / "release" / f"{notebook}.ipynb", as_version=4)


def text_of(notebook: str, name: str) -> str:
    """A cell of the instructor's notebook."""
    return next(cell.source for cell in source(notebook).cells if cell.id == name)


def execute(notebook: nbformat.NotebookNode, cwd) -> nbformat.NotebookNode:
    client = NotebookClient(notebook, timeout=3600, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(cwd), env=os.environ | {"PYTHONPATH": str(COURSE)})  # as nbgrader_config.py has it
    return notebook


def by_machine(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if is_grade(cell) and not is_solution(cell)]


@cache
def source_as_run(notebook: str) -> nbformat.NotebookNode:
    with tempfile.TemporaryDirectory() as folder:
        return execute(nbformat.from_dict(json.loads(json.dumps(source(notebook)))), folder)


@ALL
def test_source_runs_clean_and_earns_everything(notebook):
    ran = source_as_run(notebook)

    complaints = [
        output
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert not complaints
    assert all(determine_grade(cell)[0] == cell.metadata.nbgrader.points for cell in by_machine(ran))


@ALL
def test_every_picture_has_its_caption_right_below(notebook):
    cells = source_as_run(notebook).cells
    drawing = [
        number
        for number, cell in enumerate(cells)
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert len(drawing) >= 3
    for number in drawing:
        caption = cells[number + 1]
        assert cells[number].id.endswith("-picture")
        assert (caption.cell_type, caption.id) == ("markdown", f"{cells[number].id}-text")
        # A sentence about the picture, not the heading of what comes next.
        assert re.match(r"[^#].{40}", caption.source, re.DOTALL), caption.id


@pytest.mark.parametrize("notebook", FOR_ATTENTION)
def test_pictures_name_their_axes_and_write_their_numbers(notebook):
    space = {"np": np, "plt": plt}
    with plt.ioff(), plt.rc_context({"backend": "agg"}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing can be shown here
        exec(text_of(notebook, "show-helper"), space)
        heads = {"head 1": np.eye(3), "head 2": np.full((3, 3), 1 / 3), "head 3": None, "head 4": np.ones(3)}
        space["show"](heads, limits=(0, 1), rows="key", columns="query", names=["A", "b", "C"], digits=2)
    *axes, bar = plt.gcf().axes
    plt.close("all")

    assert [ax.get_title() for ax in axes] == ["head 1\n3 × 3", "head 2\n3 × 3", "head 3", "head 4"]
    for ax, number in zip(axes, ("1.00", "0.33"), strict=False):
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("query", "key")
        assert [label.get_text() for label in (*ax.get_xticklabels(), *ax.get_yticklabels())] == [*"AbCAbC"]
        assert ax.texts[4].get_text() == number
    assert all("nothing" in ax.texts[0].get_text() for ax in axes[2:])
    assert bar.get_ylim() == (0, 1)


@pytest.mark.parametrize("notebooks", [FOR_IMAGES, FOR_ATTENTION, (LAB,)], ids=["images", "attention", "lab"])
def test_picture_helper_is_the_same_for_one_subject_and_short(notebooks):
    texts = {text_of(notebook, "show-helper") for notebook in notebooks}
    assert len(texts) == 1
    (show,) = (node for node in ast.parse(texts.pop()).body if getattr(node, "name", "") == "show")
    assert show.end_lineno - show.lineno < 25


@ALL
def test_what_is_not_to_be_read_is_folded_away(notebook):
    for cell in source(notebook).cells:
        if cell.cell_type != "code" or is_solution(cell):
            continue
        folded = {name: cell.metadata[name] for name in ("jupyter", "cellView", "tags") if name in cell.metadata}
        if cell.source.startswith("#@title "):
            assert folded == {"jupyter": {"source_hidden": True}, "cellView": "form", "tags": ["hide-input"]}, cell.id
        else:
            shown = HIDDEN.sub("", cell.source).splitlines()
            assert not folded and len(shown) <= 15 and not cell.id.endswith(("-check", "-helper")), cell.id


@ALL
def test_hints_of_the_checks_cannot_be_read_next_to_the_exercise(notebook):
    text = "\n".join(cell.source for cell in release(notebook).cells)
    sentences = [
        mistake.diagnosis for found, exercise in EXERCISES if found == notebook for mistake in exercise.mistakes
    ]
    assert not [sentence for sentence in sentences if sentence in text]
    assert len([sentence for sentence in sentences if codecs.encode(sentence, "rot13") in text]) >= 5


@ALL
def test_a_check_says_which_cell_to_run_first(notebook):
    for cell in source(notebook).cells:
        if cell.id.endswith("-check"):
            with pytest.raises(NameError, match="Run the cell 'Helpers' near the top first"):
                exec(cell.source, {})


@ALL
def test_blank_release_runs_to_its_end(notebook, tmp_path):
    ran = execute(release(notebook), tmp_path)

    complaints = [
        (cell.id, output)
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert not complaints
    for check in (cell for cell in by_machine(ran) if cell.id.endswith("-check")):
        (said,) = check.outputs
        assert said.data["text/html"] == "Nothing to check yet: the cell above waits for your code, or for a return."
    figures = [(cell.id, o) for cell in ran.cells for o in cell.get("outputs", []) if "Figure" in str(o.get("data"))]
    assert figures and all("image/png" in output.data for _, output in figures)


@ALL
def test_blank_release_earns_nothing(notebook, tmp_path):
    ran = execute(release(notebook), tmp_path)

    # The hidden tests are not in the release; there only the visible checks can tell.
    checks = [cell for cell in by_machine(ran) if cell.metadata.nbgrader.grade_id.endswith("-check")]
    assert checks
    assert [determine_grade(cell)[0] for cell in checks] == [0] * len(checks)


@ALL
def test_release_gives_nothing_away(notebook):
    text = "\n".join(cell.source for cell in release(notebook).cells)
    shown = {line.strip() for line in text.splitlines() if line.strip()}
    given = {
        line.strip()
        for cell in source(notebook).cells
        if cell.cell_type == "code" or not is_solution(cell)
        for line in SOLUTION.sub("", HIDDEN.sub("", cell.source)).splitlines()
    }

    for cell in source(notebook).cells:
        for secret in HIDDEN.findall(cell.source):
            secrets = {line.strip() for line in secret.splitlines() if line.strip()} - given
            assert not secrets & shown
        if is_solution(cell) and cell.cell_type == "code":
            solution = SOLUTION.findall(cell.source)
            assert solution, f"{cell.id} has no solution block"
            for line in "".join(solution).splitlines():
                assert line.strip() in given or line.strip() not in shown, f"{cell.id}: {line}"
    assert "SOLUTION" not in text and "HIDDEN TESTS" not in text
    assert not any(cell.get("outputs") for cell in release(notebook).cells)


@ALL
def test_stub_is_the_solution_with_a_gap(notebook):
    solved = {cell.id: cell.source.splitlines() for cell in source(notebook).cells}
    for cell in release(notebook).cells:
        if is_solution(cell) and cell.cell_type == "code":
            own = [line for line in cell.source.splitlines() if line not in solved[cell.id]]
            assert {line.strip() for line in own} == {"...  # YOUR CODE HERE"}


@ALL
def test_release_is_made_from_todays_source(notebook, released_course):
    assert (COURSE / "release" / f"{notebook}.ipynb").read_text() == (
        released_course / "release" / f"{notebook}.ipynb"
    ).read_text(), "release/ is not what source/ gives: run 'make release' and commit it"


@ALL
def test_pictures_are_drawn_and_not_written_by_hand(notebook):
    assert not [cell.id for cell in source(notebook).cells if "<svg" in cell.source.lower()]


@ALL
def test_cells_are_locked_and_named(notebook):
    cells = source(notebook).cells
    names = [cell.metadata.nbgrader.grade_id for cell in cells]
    assert len(names) == len(set(names))
    assert names == [cell.id for cell in cells]
    for cell in cells:
        assert is_solution(cell) or cell.metadata.nbgrader.locked, f"{cell.id} is neither solution nor locked"


@ALL
def test_every_exercise_has_its_three_parts_and_weights(notebook):
    graded = {cell.metadata.nbgrader.grade_id: cell for cell in by_machine(source(notebook))}
    exercises = {exercise: most for exercise, most in points(notebook).items() if most}
    assert exercises
    for exercise, most in exercises.items():
        if most == 1:  # one point cannot be split: it is a criterion of its own, with one hidden test
            graded.pop(f"{exercise}-values")
            continue
        check, values, general = (
            graded.pop(f"{exercise}-{part}").metadata.nbgrader.points for part in ("check", "values", "general")
        )
        whole = check + values + general
        assert 0 < check <= whole / 3 and 0 < general <= whole / 3
    assert not graded, "graded cells outside the scheme"


@ALL
def test_hidden_tests_are_hidden_and_checks_are_visible(notebook):
    for cell in by_machine(source(notebook)):
        hidden = HIDDEN.search(cell.source) is not None
        assert hidden == (not cell.metadata.nbgrader.grade_id.endswith("-check")), cell.id


@pytest.mark.parametrize("assignment", sorted({notebook.split("/")[0] for notebook in NOTEBOOKS}))
@pytest.mark.parametrize("helper", ["check-helper", "show-helper"])
def test_helpers_are_the_same_in_all_notebooks_of_an_assignment(assignment, helper):
    texts = {
        cell.source
        for notebook in NOTEBOOKS
        if notebook.startswith(f"{assignment}/")
        for cell in source(notebook).cells
        if cell.id == helper
    }
    assert len(texts) <= 1


@pytest.mark.parametrize("notebook", TRUE_VALUES)
def test_true_values_stand_in_the_release(notebook):
    text = "\n".join(cell.source for cell in release(notebook).cells)
    numbers = {float(number) for number in re.findall(r"-?\d+\.\d+", text)}
    assert {float(number) for number in TRUE_VALUES[notebook].split()} <= numbers


@ALL
def test_colab_badge_opens_this_notebook(notebook):
    (link,) = re.findall(r"\(https://colab\.research\.google\.com/github/([^)]+)\)", release(notebook).cells[2].source)
    _owner, _repository, blob, branch, path = link.split("/", 4)
    assert (blob, branch) == ("blob", "main")
    assert path == f"release/{notebook}.ipynb"
    assert (COURSE / path).is_file()


@ALL
def test_titles_promise_the_points_there_are(notebook):
    opener = source(notebook).cells[0].source
    promised = [int(row) for row in re.findall(r"\|\s*(\d+)\s*\|\s*$", opener, re.MULTILINE)]
    headings = "\n".join(cell.source for cell in source(notebook).cells if cell.cell_type == "markdown")
    there = [int(cell.metadata.nbgrader.points) for cell in source(notebook).cells if is_grade(cell)]
    assert sum(there) in (sum(promised), sum(promised) / 2)  # with or without a row for the sum
    assert sum(map(int, re.findall(r"\(\d+ min · (\d+) points?\)", headings))) == sum(there)


def test_source_notebooks_are_normalised():
    files = sorted(map(str, (COURSE / "source").glob("**/*.ipynb")))
    done = subprocess.run([SCRIPTS / "nbstripout", "--verify", "--keep-id", *files], capture_output=True, text=True)
    assert done.returncode == 0, f"run 'make normalise': {done.stdout}{done.stderr}"
