"""Exceptions that a student defines: caught by class, like any other, and never more than an error of the student's."""

import pytest
from small_notebooks import answer, impatient_judge, one, text


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


BANK = """
class BankError(Exception):
    pass
class Broke(BankError, ValueError):
    def __init__(self, need):
        super().__init__(f"need {need}")
        self.need = need
def pay(amount):
    raise Broke(amount)
def made(amount):
    return Broke(amount)
def failing(kind):
    raise kind(1)
def steps():
    yield 1
    raise BankError("late")
class Safe:
    def __enter__(self):
        self.seen = None
    def __exit__(self, kind, error, trace):
        self.seen = error
        return kind is Broke
"""
TEST = """
import unittest
for kind in (Broke, BankError, ValueError, Exception, (KeyError, Broke)):
    try:
        pay(3)
    except kind as error:
        assert str(error) == "need 3" and error.args == ("need 3",) and error.need == 3
        assert isinstance(error, BankError) and type(error) is Broke and error.__class__.__name__ == "Broke"
    else:
        assert False
try:
    pay(3)
except KeyError:
    assert False
except BankError:
    pass
case = unittest.TestCase()
with case.assertRaises(Broke) as caught:
    pay(4)
assert caught.exception.need == 4
case.assertRaises(BankError, list, steps())
assert issubclass(Broke, BankError) and issubclass(Broke, ValueError) and not issubclass(BankError, ValueError)
assert Broke(5).need == 5 and isinstance(Broke(5), BankError) and isinstance(made(2), Broke) and made(2).need == 2
try:
    raise Broke(6)
except BankError as error:
    assert error.need == 6
with case.assertRaises(Broke):
    failing(Broke)
with case.assertRaises(KeyError):
    failing(KeyError)
safe = Safe()
with safe:
    pay(7)
assert safe.seen.need == 7
"""


def test_exceptions_of_the_students_are_caught_by_class(judge):
    source = one(BANK, TEST)
    graded = judge.grade(source, source)
    assert graded.marks == {"a-check": 1}, text(graded, "a-check")


@pytest.mark.parametrize("base", ["StopIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit", "BaseException"])
def test_an_exception_that_would_end_a_test_early_fails_it(judge, base):
    source = one("class Own(Exception):\n    pass\ndef f(x):\n    return x", "assert [f(i) for i in (1, 2)] == [1, 2]")
    mine = f"class Own({base}):\n    pass\ndef f(x):\n    raise Own"
    assert judge.grade(answer(source, a=mine), source).marks == {"a-check": 0}
    looping = one(
        "class Own(Exception):\n    pass\ndef f(x):\n    return x", "for i in map(f, [1]):\n    assert i == 1"
    )
    assert judge.grade(answer(looping, a=mine), looping).marks == {"a-check": 0}


def test_another_exception_than_the_tests_is_not_caught(judge):
    source = one(BANK, "try:\n    pay(1)\nexcept Broke:\n    pass\nelse:\n    assert False")
    for other in ("raise KeyError(1)", "raise BankError(1)", "raise type('Broke', (Exception,), {})(1)", "return 1"):
        mine = BANK.replace("raise Broke(amount)", other)
        assert judge.grade(answer(source, a=mine), source).marks == {"a-check": 0}
