"""A wrong answer is told why: the slip or two that give it, what its failing cases share, what its error was at."""

import numpy as np
import pytest
from conftest import graded_test, notebook, solution
from nbformat import from_dict

from gradebox.checks import Case, Exercise, WrongAnswer
from gradebox.exercises.mistakes import made_of
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox


class Matrix(Case):
    traits = {  # noqa: RUF012
        "square matrices": lambda case: case.args[0].shape[0] == case.args[0].shape[1],
        "more than two rows": lambda case: len(case.args[0]) > 2,
        "at most four columns": lambda case: case.args[0].shape[1] <= 4,
    }


def matrix(*shape: int) -> Matrix:
    return Matrix(" x ".join(map(str, shape)), 1 + np.random.RandomState(sum(shape)).normal(size=shape))


def standardised(x):
    centred = x - x.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0) + 1)
    result = centred / scale
    return result


def exercise(**options) -> Exercise:
    made = Exercise(
        "standardised",
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1),
        values=[matrix(3, 3), matrix(4, 4)],
        general=[matrix(2, 5), matrix(5, 3), matrix(3, 7), matrix(2, 3)],
        reference=standardised,
        **options,
    )
    made.slip("rows-centred", "The mean of each column should go.", {"x.mean(axis=0)": "x.mean(axis=1, keepdims=True)"})
    made.slip("no-root", "A standard deviation is the root of a variance.", {"np.sqrt(": "("})
    made.slip("not-scaled", "Nothing is divided by the standard deviation.", {"centred / scale": "centred"})
    made.slip("x-scaled", "Scale what is centred, not what came in.", {"centred / scale": "x / scale"})
    return made


def said(text: str, part: str = "values", of: Exercise | None = None) -> str:
    """What a hidden test says to a function, as a student's cell holds it."""
    of = of or exercise()
    try:
        of.check(part, made_of(text, __name__, "student"))
    except WrongAnswer as wrong:
        return str(wrong)
    return ""


def hint(text: str, part: str = "values") -> str:
    return said(text, part).partition("\nHint: ")[2]


def function(*lines: str) -> str:
    return "\n    ".join(["def standardised(x):", *lines]) + "\n"


# --- slips ----------------------------------------------------------------------------------------------------------


def test_a_slip_is_known_however_it_is_written():
    assert hint(function("c = x - np.mean(x, 0)", "return c / (np.var(x, 0) + 1)")) == (
        "A standard deviation is the root of a variance."
    )


def test_two_slips_at_once_are_both_told():
    text = function("c = x - np.mean(x, 1)[:, None]", "return c / ((c * c).mean(0) + 1)")
    for part in ("values", "general"):
        assert hint(text, part) == (
            "The mean of each column should go. A standard deviation is the root of a variance."
        )


def test_a_slip_with_another_flaw_elsewhere_is_told_where_it_is_alone():
    text = function("if x.shape == (2, 5): return x", "return x - x.mean(0)")
    assert hint(text, "values") == "Nothing is divided by the standard deviation."
    assert "Nothing is divided" not in hint(text, "general")


def test_only_slips_in_different_places_are_made_together():
    names = [pair.name for pair in exercise().derived]
    assert names == ["rows-centred + no-root", "rows-centred + not-scaled", "rows-centred + x-scaled",
                     "no-root + not-scaled", "no-root + x-scaled"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes", "complaint"),
    [
        ("gone", {"np.mean(x)": "0"}, "slip gone: 'np.mean\\(x\\)' is 0 times in the reference, not 1 times"),
        ("twice", {"axis=0": "axis=1"}, "slip twice: 'axis=0' is 2 times in the reference"),
        ("same", {"centred / scale": "centred / scale"}, "slip same: 'centred / scale' becomes itself"),
        ("no-root", {"+ 1": ""}, "two mistakes are called no-root"),
    ],
)
def test_a_slip_that_cannot_be_is_the_authors_mistake(name, changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        exercise().slip(name, "A sentence.", changes)


def test_a_reference_that_is_not_the_truth_is_the_authors_mistake():
    wrong = Exercise("x", lambda x: 2 * x, values=[matrix(2, 2)], general=[], reference=standardised)
    assert any("the reference is not the truth" in problem for problem in wrong.problems())


def test_a_trait_that_a_case_does_not_have_is_the_authors_mistake():
    lacking = exercise()
    lacking.general = [*lacking.general, Matrix("no matrix", np.ones(3))]
    assert any("'square matrices' cannot be told" in problem for problem in lacking.problems())
    mixed = exercise()
    mixed.general = [*mixed.general, Case("plain", np.ones((2, 2)))]
    assert any("several classes" in problem for problem in mixed.problems())


# --- what failing cases share -----------------------------------------------------------------------------------------

RIGHT = "(x - x.mean(0)) / np.sqrt(x.var(0) + 1)"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((f"y = {RIGHT}", "return y if len(x) == len(x.T) else 3 * y"), "right for square matrices only"),
        ((f"y = {RIGHT}", "return y if len(x) != len(x.T) else 3 * y"), "right for all but square matrices"),
        (
            (f"y = {RIGHT}", "return y if len(x) > 2 and x.shape[1] <= 4 else 3 * y"),
            "right for more than two rows with at most four columns only",
        ),
    ],
)
def test_what_the_failing_cases_share_is_said(lines, sentence):
    assert any(sentence in hint(function(*lines), part) for part in ("values", "general"))


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("0 * y", "Only zeros came back."),
        ("0 * y + 7", "All numbers of your result are the same."),
        ("-y", "The signs are wrong, all else is right."),
        ("2 * y", "Every number is 2 times what it should be."),
        ("y + 0.25", "Every number is off by the same amount."),
        ("np.round(y)", "Your result is right but for its fractions: something rounds, or holds whole numbers only."),
        ("y[::-1]", "The rows come in reverse order."),
        ("y[:, ::-1]", "The columns come in reverse order."),
        ("np.roll(y, 1, axis=0)", "Everything stands one row too low."),
        ("np.roll(y, -1, axis=1)", "Everything stands one column too far to the left."),
        ("np.sort(y, axis=None).reshape(y.shape)", "The right numbers are there, in the wrong order."),
        ("np.where(np.arange(len(y))[:, None] == len(y) - 1, 0, y)", "Only the last row is wrong."),
        ("np.where(np.arange(y.shape[1]) == 0, y, 0)", "Only the first column is right."),
        ("np.where(np.arange(len(y))[:, None] < 2, 0, y)", "Whatever is wrong stands in the first two rows."),
        (
            "np.where(np.add.outer(np.arange(len(y)) % 2, np.arange(y.shape[1]) % 2 * 2) == 1, np.nan, y)",
            "Only what stands at odd rows and even columns is wrong; the first row and the first column are number 0.",
        ),
        ("y[:0]", "It is empty: nothing was put into it."),
        ("np.pad(y, ((0, 1), (0, 0)))", "Your result always has one row too many."),
        ("y[:, :-1]", "Your result always has one column too few."),
        ("np.hstack([y, y])", "Your result always has too many columns."),
    ],
)
def test_where_an_answer_is_wrong_is_said(expression, sentence):
    assert sentence in hint(function(f"y = {RIGHT}", f"return {expression}"))


def test_the_edges_are_named():
    edges = Exercise("standardised", lambda x: x, values=[matrix(5, 5), matrix(6, 4)], general=[], reference=None)
    ring = function("y = np.zeros(x.shape)", "y[1:-1, 1:-1] = x[1:-1, 1:-1]", "return y")
    corner = function("y = np.zeros(x.shape)", "y[:-1, :-1] = x[:-1, :-1]", "return y")
    assert "Your result is wrong at the edges only." in said(ring, of=edges)
    assert "Only the last row and the last column are wrong." in said(corner, of=edges)


def test_of_a_single_row_it_is_left_open_which_one_it_is():
    """It says nothing against the first or the last one; the other cases decide."""
    rows = Exercise("standardised", lambda x: x, values=[matrix(3, 4), matrix(1, 4)], general=[], reference=None)
    first = function("y = x.copy()", "y[0] = 0", "return y")
    last = function("y = x.copy()", "y[-1] = 0", "return y")
    assert "Only the first row is wrong." in said(first, of=rows)
    assert "Only the last row is wrong." in said(last, of=rows)


def test_results_in_a_list_are_looked_at_one_by_one():
    def columns(x):
        return [x[:, [number]] for number in range(x.shape[1])]

    listed = Exercise("columns", columns, values=[matrix(3, 4), matrix(5, 2)], general=[], reference=None)
    one_by_one = "[x[:, [n]]{} for n in range(x.shape[1])]"
    assert "Every number is off by the same amount." in said(function(f"return {one_by_one.format(' + 1')}"), of=listed)
    assert "Your result always has one row too few." in said(function(f"return {one_by_one.format('[1:]')}"), of=listed)
    assert "It is empty: nothing was put into it." in said(function("return []"), of=listed)


def test_nothing_is_said_that_does_not_hold_for_all_cases():
    text = function(f"y = {RIGHT}", "return np.random.RandomState(x.size).normal(size=y.shape)")
    assert hint(text) == ""


# --- crashes ----------------------------------------------------------------------------------------------------------

CRASHES = {
    "a matrix product": (
        ("return x @ np.ones((7, 7))",),
        "In your line `return x @ np.ones((7, 7))`: `x` is an array of shape (3, 3), `np.ones((7, 7))` an array of "
        "shape (7, 7). A matrix product takes as many columns on its left as rows on its right.",
    ),
    "broadcasting": (
        ("y = x + np.ones(9)", "return y"),
        "In your line `y = x + np.ones(9)`: `x` is an array of shape (3, 3), `np.ones(9)` an array of shape (9,); "
        "number by number they do not fit together.",
    ),
    "an index": (
        ("for i in range(9):", "    y = x[i, 0]"),
        "In your line `y = x[i, 0]`: `x` is an array of shape (3, 3), and `(i, 0)` reaches beyond it.",
    ),
    "unpacking": (
        ("b, h, w = x.shape",),
        "In your line `b, h, w = x.shape`: `x.shape` is a tuple of length 2, too many or too few for `(b, h, w)`.",
    ),
    "a loop": (
        ("rows = len(x)", "for i in rows:", "    x = x + i", "return x"),
        "In your line `for i in rows:`: `rows` is a single number: a loop goes over a list, an array or a range.",
    ),
    "a name": (
        ("result = x", "return resutl"),
        "In your line `return resutl`: `resutl` does not exist there; did you mean `result`?",
    ),
    "an attribute": (
        ("return x.means()",),
        "In your line `return x.means()`: `x` is an array of shape (3, 3), and there is no `x.means`.",
    ),
    "a call": (
        ("return np.split(x, 2)",),
        "In your line `return np.split(x, 2)`: `x` is an array of shape (3, 3), `2` is a single number.",
    ),
    "a library": (
        ("import no_such_library", "return x"),
        "In your line `import no_such_library`: that library is not here; everything you need is imported at the top "
        "of the notebook.",
    ),
}


@pytest.fixture(scope="module")
def judge():
    warm = WarmJudge(Sandbox(cell_seconds=10).settings())
    yield warm
    warm.close()


def in_the_judge(judge, text: str) -> str:
    hidden = (
        "import numpy as np\nfrom gradebox.checks import Case, Exercise\n"
        "exercise = Exercise('standardised', lambda x: 2 * x, [Case('three', np.ones((3, 3)))], [])\n"
        "exercise.check('values', standardised)"
    )
    work = notebook(
        solution("a", "import numpy as np\ndef standardised(x):\n    return 2 * x"), graded_test("t", hidden)
    )
    handed_in = from_dict(work)
    handed_in.cells[0].source = f"import numpy as np\n{text}"
    (error,) = judge.grade(handed_in, work).notebook.cells[1].outputs
    return error.evalue


@pytest.mark.parametrize(("lines", "sentence"), CRASHES.values(), ids=CRASHES)
def test_an_error_is_explained_by_the_students_line_and_its_sizes(lines, sentence, judge):
    assert hint(function(*lines)) == sentence
    assert in_the_judge(judge, function(*lines)).endswith(f"\nHint: {sentence}")


def test_a_changed_signature_is_told_as_asked_and_found(judge):
    said = in_the_judge(judge, "def standardised(x, axis):\n    return x\n")
    assert said.endswith("The function is called as `standardised(x)`; yours takes `(x, axis)`.")


LAYER = """
import numpy as np
from gradebox.checks import Case, Exercise, WrongAnswer

def ask(Layer, size):
    layer = Layer(size)
    if layer.weights.shape != (size, size):
        raise WrongAnswer(f"`weights` should have the shape {(size, size)}.")
    return float(layer.total())

exercise = Exercise("layer", lambda size: float(size * size), [Case("size 3", 3)], [], ask=ask)
exercise.check("values", Layer)
"""
RIGHT_LAYER = """
import numpy as np

class Layer:
    def __init__(self, size):
        self.weights = np.ones((size, size))

    def total(self):
        return self.weights.sum()
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("(size, size))", "size)", "`weights` should have the shape (3, 3). (size 3)"),
        # What is made of an answer may fail as well: that is no call of theirs.
        ("return self", "self", "It stopped with TypeError. (size 3)"),
    ],
)
def test_an_exercise_says_itself_what_it_cannot_ask_a_class(old, new, told, judge):
    work = notebook(solution("layer", RIGHT_LAYER), graded_test("t", LAYER))
    handed_in = from_dict(work)
    handed_in.cells[0].source = RIGHT_LAYER.replace(old, new)
    (error,) = judge.grade(handed_in, work).notebook.cells[1].outputs
    assert error.evalue == told


def gram(x):
    return x.T @ x


def test_an_error_is_a_slips_own_where_the_same_was_computed():
    """Whatever numpy says: other functions have other words, and the same words may be about other sizes."""
    product = Exercise("gram", lambda x: x.T @ x, values=[matrix(3, 4)], general=[matrix(2, 5)], reference=gram)
    product.slip("not-transposed", "One of the two factors is transposed.", {"x.T @ x": "x @ x"})

    assert "transposed" in said("def gram(x):\n    return np.dot(x, x)\n", of=product)
    assert "transposed" in said("def gram(x):\n    y = x\n    return y.dot(x)\n", of=product)
    assert "transposed" not in said("def gram(x):\n    return (x @ x.T) @ np.ones((4, 3))\n", of=product)


# --- other readings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "reading", "sentence"),
    [
        (f"({RIGHT}).T", "transposed", "The numbers are right, but rows and columns are swapped (transposed)."),
        (f"({RIGHT})[None]", "extra-axis", "there is an axis of length 1 too many or too few."),
        (f"x, {RIGHT}", "pair", "A tuple came back. Its second item is right: return that alone."),
    ],
)
def test_another_reading_is_named_and_earns_points_where_the_exercise_says_so(expression, reading, sentence):
    text = function(f"return {expression}")
    assert sentence in said(text)
    assert said(text, of=exercise(accepts=[reading])) == ""
