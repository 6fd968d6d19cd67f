"""What an instructor is told of a notebook that cannot be graded as the course wants it."""

from types import SimpleNamespace

import pytest
from small_notebooks import DOUBLE

from gradebox.judge.errors import AuthorError
from gradebox.judge.rehearsal import Rehearsal, Run

ALL = {"double-check": 1.0, "double-values": 1.0}
REFUSING = SimpleNamespace(allow=False, marks=lambda notebook: ALL)


def refusal(first: Run, exposed: set[str]) -> str:
    with pytest.raises(AuthorError) as error:
        Rehearsal(DOUBLE, grade=None, stock=REFUSING).plan(first, first, exposed)
    return str(error.value)


def test_a_test_that_came_to_no_end_is_told_as_such_whatever_it_left():
    """What it had no time for, the second run does: that looks as if the test changed something."""
    slow = Run(ALL | {"double-values": 0.0}, {"double-values": "The time for this cell was used up."})
    told = refusal(slow, exposed={"double-values"})
    assert "'double-values' cannot run apart" in told and told.endswith("The time for this cell was used up.")


def test_a_test_that_changes_what_the_code_sees_is_refused_by_name():
    assert "'double-check' has to run together" in refusal(Run(ALL), exposed={"double-check"})
