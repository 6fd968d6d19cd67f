"""What a hidden test says: a sentence for every way an answer can be wrong, the same in the judge and without it."""

import json
import re
import sys
import types

import numpy as np
import pytest
from conftest import TORCH, graded_test, locked, notebook, solution
from nbformat import from_dict

from gradebox.checks import Case, Exercise, WrongAnswer, made
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox
from gradebox.untrusted.watch import Watch

# An exercise of the test's own: take the mean off every column. Its numbers are easily recognised in a message.
EXERCISE = """
import numpy as np
from gradebox.checks import Case, Exercise

def numbers(rows, columns, seed):
    return 7919 + np.random.RandomState(seed).permutation(rows * columns).reshape(rows, columns) / 4

exercise = Exercise(
    "centred",
    lambda x: 0.0078125 + x - x.sum(axis=0) / len(x),
    values=[Case("4 x 3 numbers", numbers(4, 3, 1)), Case("4 x 3 other numbers", numbers(4, 3, 2))],
    general=[Case("2 x 5 numbers", numbers(2, 5, 3)), Case("3 x 3 numbers", numbers(3, 3, 4))],
)

@exercise.mistake("The mean of each column should go, not that of each row.")
def rows(x):
    return 0.0078125 + x - x.mean(axis=1, keepdims=True)

@exercise.mistake("Nothing was taken off: where does the mean come in?")
def nothing(x):
    return 0.0078125 + x
"""
NOTEBOOK = """
import sys
import numpy as np
X = np.arange(12.0).reshape(4, 3)
D, N = X.shape

def centred_pytorch(x):
    import torch
    return (0.0078125 + torch.tensor(x) - torch.tensor(x).mean(dim=0)).numpy()
"""
RIGHT = "0.0078125 + x - x.mean(axis=0)"
PARTS = ("values", "general")


@pytest.fixture(scope="module")
def judge():
    warm = WarmJudge(Sandbox(cell_seconds=10, preload=["numpy.random", "matplotlib.pyplot", *TORCH]).settings())
    yield warm
    warm.close()


def in_the_judge(judge, written: str) -> dict[str, str]:
    hidden = "### BEGIN HIDDEN TESTS\n{}\nexercise.check('{}', centred)\n### END HIDDEN TESTS"
    work = notebook(
        locked("given", NOTEBOOK),
        solution("centred", returning(RIGHT)),
        *(graded_test(f"centred-{part}", hidden.format(EXERCISE, part)) for part in PARTS),
    )
    handed_in = from_dict(work)
    handed_in.cells[1].source = written
    graded = judge.grade(handed_in, work)
    said = {}
    for cell in graded.notebook.cells:
        errors = [output.evalue for output in cell.outputs if output.output_type == "error"]
        assert bool(errors) == (graded.marks.get(cell.id, 1) == 0), "a test that fails says why"
        said[cell.id.removeprefix("centred-")] = "".join(errors)
    assert not said["given"] + said["centred"]
    return {part: said[part] for part in PARTS}


def on_a_plain_function(written: str) -> dict[str, str]:
    student, author = {"__name__": "__main__"}, {}
    exec(NOTEBOOK + written, student)
    exec(EXERCISE, author)
    said = dict.fromkeys(PARTS, "")
    for part in PARTS:
        try:
            author["exercise"].check(part, student["centred"])
        except WrongAnswer as wrong:
            said[part] = str(wrong)
    return said


@pytest.fixture(params=["in the judge", "on a plain function"])
def said(request, judge):
    """What the two hidden tests say to a solution cell: part -> message, empty if it passes."""
    if request.param == "in the judge":
        return lambda written: in_the_judge(judge, written)
    return on_a_plain_function


def returning(expression: str) -> str:
    return f"def centred(x):\n    return {expression}"


@pytest.mark.parametrize("written", [RIGHT, f"({RIGHT}).tolist()", f"tuple({RIGHT})"], ids=["array", "lists", "tuple"])
def test_a_right_answer_passes_and_nothing_is_said(said, written):
    assert said(returning(written)) == {"values": "", "general": ""}


def test_lists_of_no_numbers_or_different_lengths_are_no_answer(said):
    for expression in ("[[1.0, 2.0], [3.0]]", "[lambda: x, lambda: x]"):
        assert re.match(r"A list( of lists)? came back, where an array", said(returning(expression))["values"])


WRONG_KINDS = {
    "nothing": ("None", "Nothing came back: does your code end with a return? (4 x 3 numbers)"),
    "a generator": (
        "(column for column in x)",
        "A generator (your function has a yield, not a return) came back, where an array was expected.",
    ),
    "a function": ("centred", "A function, not called, came back, where an array was expected."),
    "a list of lists": ("x.tolist()", "A list of lists came back, where an array was expected."),
    "a list of arrays": ("list(x)", "A list came back, where an array was expected."),
    "a tuple": ("(x, x)", "A tuple came back, where an array was expected."),
    "text": ("'done'", "The result holds text, where numbers were expected."),
    "a dictionary": ("{'x': x}", "An object of type dict came back, where an array was expected."),
    "a number": ("1.0", "A single number came back, where an array of shape (4, 3) was expected."),
    "a 0-d array": ("np.array(1.0)", "A single number came back, where an array of shape (4, 3) was expected."),
    "complex numbers": (f"({RIGHT}) + 0j", "Complex numbers came back, where real ones were expected."),
    "truth values": (f"({RIGHT}) > 0", "The result holds truth values, where numbers were expected."),
    "another shape": ("x[:2]", "The shape is (2, 3), it should be (4, 3)."),
    "an empty array": ("x[:0]", "The shape is (0, 3), it should be (4, 3)."),
    "NaN": (
        f"np.where(np.arange(3) == 1, np.nan, {RIGHT})",
        "4 of 12 numbers are not finite (NaN or infinite), the first at index (0, 1).",
    ),
    "an error": ("x @ x", "It stopped with ValueError: matmul: "),
}
if TORCH:
    WRONG_KINDS["a tensor"] = (
        f"__import__('torch').tensor({RIGHT})",
        "A torch tensor came back, where an array was expected.",
    )


@pytest.mark.parametrize(("expression", "sentence"), WRONG_KINDS.values(), ids=WRONG_KINDS)
def test_each_kind_of_no_answer_has_a_sentence_of_its_own(said, expression, sentence):
    messages = said(returning(expression))

    assert messages["values"].startswith(sentence)
    assert messages["general"]


def test_objects_are_no_numbers(said):
    message = said(returning(f"({RIGHT}).astype(object)"))["values"]

    assert message.startswith(
        (
            "The result holds objects, where numbers were expected.",
            "What came back is no array of numbers: an array of dtype object holds more than numbers or text.",
        )
    )


CONVENTIONS = {
    "transposed": (f"({RIGHT}).T", "the numbers are right, but rows and columns are swapped (transposed)"),
    "float32": (
        f"({RIGHT} + 1e-5).astype(np.float32)",
        "right to a few digits only: does some step round, or compute in float32?",
    ),
    "rounded": (f"np.round({RIGHT}, 4)", "right to a few digits only: does some step round"),
    "an axis in front": (f"({RIGHT})[np.newaxis]", "the numbers are right, but there is an axis of length 1 too many"),
    "an axis behind": (f"({RIGHT})[..., None]", "the numbers are right, but there is an axis of length 1 too many"),
}


@pytest.mark.parametrize(("expression", "sentence"), CONVENTIONS.values(), ids=CONVENTIONS)
def test_a_right_answer_in_another_convention_is_named(said, expression, sentence):
    messages = said(returning(expression))

    assert sentence in messages["values"]
    assert sentence in messages["general"]


def test_a_transposed_square_is_named_too(said):
    written = "def centred(x):\n    y = 0.0078125 + x - x.mean(axis=0)\n    return y.T if len(x) == x.shape[1] else y"

    assert said(written)["general"].startswith("The numbers are right, but rows and columns are swapped (transposed).")


def test_wrong_numbers_are_counted_and_placed_in_words_for_the_case(said):
    messages = said(f"def centred(x):\n    y = {RIGHT}\n    y[2, 2] += 1\n    y[0, 1] -= 0.5\n    return y")

    assert messages["values"] == (
        "2 of 12 numbers are wrong, the first at index (0, 1); the largest difference is at (2, 2). (4 x 3 numbers)"
    )


ALL_WRONG = [expression for expression, _ in (*WRONG_KINDS.values(), *CONVENTIONS.values())] + ["x", "x * 2", "x[0]"]


def test_no_message_holds_a_hidden_input_or_an_expected_value(said):
    author = {}
    exec(EXERCISE, author)
    exercise = author["exercise"]
    secret = np.concatenate([np.ravel([*case.args, exercise.right(case)]) for case in exercise.values])
    secret = {f"{abs(number):.2f}" for number in secret if abs(number) > 1}

    for expression in ALL_WRONG:
        for message in said(returning(expression)).values():
            assert message
            assert not [number for number in secret if number in message], message


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_a_known_mistake_gets_its_diagnosis_in_both_parts(said):
    for message in said(returning("x + 0.0078125 - np.mean(x, 1)[:, None]")).values():
        assert message.endswith("\nHint: The mean of each column should go, not that of each row.")


def test_an_answer_like_a_mistake_in_one_case_only_gets_no_diagnosis(said):
    messages = said(
        "calls = []\ndef centred(x):\n    calls.append(1)\n    return x + 0.0078125 if len(calls) == 1 else 2 * x\n"
    )

    assert "Nothing was taken off" not in messages["values"]


class Counting:
    """Asked for an attribute that it does not have."""


def test_an_error_about_a_class_is_a_mistakes_own_whatever_the_class_is_called():
    exercise = Exercise("count", lambda: 3, values=[Case("once")], general=[], ask=lambda kind: kind().count)
    exercise.mistake("The count is to be kept in the object.", costs=["values"])(type("NothingKept", (), {}))

    with pytest.raises(WrongAnswer, match="has no attribute 'count' \\(once\\)\nHint: The count is to be kept"):
        exercise.check("values", Counting)


def test_lists_are_compared_one_result_after_the_other():
    exercise = Exercise("two", lambda: [np.zeros(2), np.ones(2)], values=[Case("two")], general=[], ask=made)

    exercise.check("values", [np.zeros(2), np.ones(2)])
    with pytest.raises(WrongAnswer, match=r"^The length is 1, it should be 2\."):
        exercise.check("values", [np.zeros(2)])
    with pytest.raises(WrongAnswer, match=r"^Result 2: 2 of 2 numbers are wrong"):
        exercise.check("values", [np.zeros(2), np.zeros(2)])


# --- shortcuts -------------------------------------------------------------------------------------------------------

WITH_TORCH = {
    "imported before": (
        "import torch\ndef centred(x):\n    x = torch.tensor(x)\n    return (0.0078125 + x - x.mean(0)).numpy()",
        "centred",
    ),
    "through the given function": ("def centred(x):\n    return centred_pytorch(x)", "centred_pytorch"),
    "imported by name when called": (
        "def centred(x):\n    x = __import__('tor' + 'ch').tensor(x)\n    return (0.0078125 + x - x.mean(0)).numpy()",
        "centred",
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize(("written", "caller"), WITH_TORCH.values(), ids=WITH_TORCH)
def test_torch_in_a_numpy_exercise_earns_nothing_and_is_named(said, written, caller):
    for message in said(written).values():
        assert message == (
            f"The numbers are right, but they come from torch, called in `{caller}`. This exercise is to be solved "
            "without it."
        )


def test_what_reads_the_notebooks_data_earns_nothing_and_is_told_which(said):
    for message in said("def centred(x):\n    return 0.0078125 + X - X.mean(axis=0)").values():
        assert "\nHint: " in message
        assert "Your code reads `X` from the notebook; everything it needs is in its arguments." in message


def test_what_reads_only_a_size_keeps_values_loses_general_and_is_told_which(said):
    messages = said("def centred(x):\n    return 0.0078125 + x - x.sum(axis=0) / D")

    assert messages["values"] == ""
    assert "Your code reads `D` from the notebook" in messages["general"]


def test_what_reads_a_size_in_a_helper_or_a_nested_function_is_told_which(said):
    messages = said(
        "def mean(x):\n    return sum(x[d] for d in range(D)) / D\ndef centred(x):\n    return 0.0078125 + x - mean(x)"
    )

    assert "Your code reads `D` from the notebook" in messages["general"]


def test_a_change_of_the_argument_in_place_loses_general_only_and_is_told_which(said):
    messages = said("def centred(x):\n    x -= x.mean(axis=0)\n    return x + 0.0078125")

    assert messages["values"] == ""
    assert messages["general"].startswith(
        "The result is right, but your function changes its argument `x` in place, and with it an array that is not "
    )


def test_a_stub_stays_a_stub(judge):
    messages = in_the_judge(judge, "def centred(x):\n    raise NotImplementedError")

    assert not [text for text in messages.values() if re.search("wrong|Hint|stopped", text)]


def test_a_module_without_a_file_is_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", types.ModuleType("scipy"))
    with Watch(["scipy"]) as watch:
        np.sum(np.ones(3))
        json.dumps({})
    assert watch.seen == {}
