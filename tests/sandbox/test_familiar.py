"""What a student's process may be quoted with: what stood in the notebook, and never a word more."""

import pytest

from gradebox.sandbox import Familiar, modest, student_error

CODE = """
class TooLarge(ValueError):
    pass

def f(X, times=2):
    return X @ (times * weights["first"])
"""
FAMILIAR = Familiar(frozenset({"X is too large"}), CODE)
LINE = 'return X @ (times * weights["first"])'


def told(**claim) -> dict:
    return FAMILIAR.account({"line": LINE, "kind": "product", "operands": [], "similar": ""} | claim)


def test_what_stands_there_is_told():
    operands = [
        {"text": "X", "type": "array", "shape": [3, 4]},
        {"text": "times * weights['first']", "type": "TooLarge", "shape": None},
    ]
    assert told(operands=operands, similar="weights") == {
        "line": LINE, "kind": "product", "operands": operands, "similar": "weights",
    }  # fmt: skip


FORGED = {
    "a line": {"line": "return 86420"},
    "a part of a line": {"line": "return X"},
    "a line that is none": {"line": ["86420"]},
    "a kind": {"kind": "86420"},
    "an operand": {"operands": [{"text": "X86420", "type": "array86420", "shape": [86420, 0, 86420]}]},
    "operands that are none": {"operands": "86420"},
    "many": {"operands": [{"text": "X", "type": "array", "shape": [8, 6, 4, 2, 0, 1, 1, 1, 1]}] * 4},
    "a name": {"similar": "n86420"},
}


@pytest.mark.parametrize("claim", FORGED.values(), ids=FORGED)
def test_what_does_not_is_not(claim):
    text = repr(told(**claim))
    assert "86420" not in text and "8, 6, 4, 2, 0" not in text and "return X'" not in text
    assert len(told(**claim)["operands"]) <= 3


@pytest.mark.parametrize(
    ("message", "known"),
    [
        ("X is too large", True),
        ("X is too large: 86420", False),
        ("a value of type TooLarge cannot cross", True),
        ("a value of type T86420 cannot cross", False),
        ("an array of dtype object holds more than numbers or text", True),
        ("operands could not be broadcast together with shapes (3,4) (5,) ", True),
        ("operands could not be broadcast together with shapes (3,4) (86420,86420,86420) ", False),
        ("operands could not be broadcast together with shapes (3,4) (5,) 86420", False),
    ],
)
def test_of_messages_only_known_ones(message, known):
    error = student_error({"ename": "ValueError", "evalue": message}, FAMILIAR)
    assert str(error) == message  # for the test, which may want to know
    assert error.told == (message if known else "")


def test_of_names_only_known_ones():
    assert student_error({"ename": "TooLarge"}, FAMILIAR).ename == "TooLarge"
    assert student_error({"ename": "T86420"}, FAMILIAR).ename == "Error"
    assert FAMILIAR.sentence("'T86420' object has no attribute 'shape'", "f(3).shape") == ""
    assert FAMILIAR.sentence("'TooLarge' object has no attribute 'shape'", "f(3).shape") != ""
    assert FAMILIAR.sentence("name 'g' is not defined", "assert g(3) == 3") != ""


def test_sizes_are_told_of_what_may_be_an_array():
    assert modest((3, 4)) and modest([0, 4]) and modest(())
    assert not modest((86420, 0, 86420)) and not modest((-1, 3)) and not modest([True]) and not modest([1] * 9)
