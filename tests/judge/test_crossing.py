"""What crosses between a student's process and the tests: values, classes and objects from afar, errors."""

import pytest
from conftest import graded_test, locked, notebook, solution
from small_notebooks import DOUBLE, answer, impatient_judge, text

from gradebox.judge.errors import AuthorError

LAYER = notebook(
    locked("imports", "import numpy as np"),
    solution(
        "layer",
        "class Layer:\n    def __init__(self, n, scale=1.0):\n        self.W = scale * np.ones((n, n))\n"
        "    def forward(self, x):\n        return x @ self.W",
    ),
    graded_test(
        "layer-check",
        "layer = Layer(2, scale=3)\nassert layer.W.shape == (2, 2)\nlayer.W = np.zeros((2, 2))\n"
        "assert np.array_equal(layer.forward(np.ones((1, 2))), np.zeros((1, 2)))",
    ),
)
MODULE = notebook(
    locked("imports", "import torch\nfrom torch import nn"),
    solution(
        "module",
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(2, 3)\n"
        "    def forward(self, x):\n        return self.a(x)",
    ),
    graded_test(
        "module-check",
        "net = Net()\nassert net(torch.ones(4, 2)).shape == (4, 3)\nassert [p.shape for p in net.parameters()] == [(3, 2), (3,)]\n"
        "state = net.state_dict()\nassert set(state) == {'a.weight', 'a.bias'}\n"
        "state = {name: torch.ones_like(value) for name, value in state.items()}\nnet.load_state_dict(state)\n"
        "assert torch.equal(net(torch.ones(1, 2)), torch.full((1, 3), 3.0))",
    ),
)


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


@pytest.mark.parametrize("source", [LAYER, pytest.param(MODULE, marks=pytest.mark.torch)], ids=["class", "nn.Module"])
def test_classes_and_their_objects_work_from_afar(judge, source):
    assert set(judge.grade(source, source).marks.values()) == {1}


def test_an_error_keeps_its_type_its_message_and_the_students_lines(judge):
    mine = "def helper(x):\n    return x[10]\n\ndef double(x, times=2):\n    return helper([x])"
    graded = judge.grade(answer(DOUBLE, double=mine), DOUBLE)
    shown = text(graded, "double-check")
    assert "IndexError: list index out of range" in shown
    assert "----> 2     return x[10]" in shown and "in helper" in shown
    assert "gradebox" not in shown and "assert" not in shown


def test_a_test_can_catch_a_built_in_error(judge):
    source = notebook(
        solution("a", "def a():\n    raise ValueError('no')"),
        graded_test(
            "a-check",
            "try:\n    a()\nexcept ValueError as error:\n    assert str(error) == 'no'\nelse:\n    assert False",
        ),
    )
    assert judge.grade(source, source).marks["a-check"] == 1


def test_changes_in_place_stay_on_the_other_side_unless_asked_for(judge):
    source = notebook(
        locked("imports", "import numpy as np"),
        solution("fill", "def fill(a):\n    a[:] = 7"),
        graded_test("fill-check", "a = np.zeros(2)\nfill(a)\nassert not a.any()"),
        graded_test(
            "fill-values",
            "from gradebox.sandbox import call_and_return_arguments\n"
            "_, (a,), _ = call_and_return_arguments(fill, np.zeros(2))\nassert (a == 7).all()",
        ),
    )
    assert judge.grade(source, source).marks == {"fill-check": 1, "fill-values": 1}


def test_values_of_loops_cross_too(judge):
    source = notebook(
        solution("loop", "found = []\nfor i in range(3):\n    found.append(i * i)"),
        graded_test("loop-check", "assert found == [0, 1, 4]"),
    )
    assert judge.grade(source, source).marks["loop-check"] == 1


def test_what_cannot_cross_is_told_to_the_author(judge):
    source = notebook(solution("big", "x = bytearray(64 * 2**20)"), graded_test("big-check", "assert len(x)"))
    with pytest.raises(AuthorError, match=r"big-check.*'x'.*size limit"):
        judge.grade(source, source)


def test_instructors_names_win_over_later_changes_of_the_students(judge):
    source = notebook(
        solution("a", "x = 1"),
        locked("data", "x = 5"),
        solution("b", "y = 2"),
        graded_test("b-check", "assert x == 5 and y == 2"),
    )
    assert judge.grade(answer(source, b="x = 1; y = 2"), source).marks["b-check"] == 1


@pytest.mark.parametrize("claim", ["None", "[1]", "{'double': None}", "{'double': (1, 2)}", "{3: (True, 4)}"])
def test_names_that_are_claimed_in_an_odd_way_are_not_there(judge, claim):
    odd = "\nimport gc\nserver = next(each for each in gc.get_objects() if type(each).__name__ == 'Server')\n"
    work = answer(
        DOUBLE, double=f"def double(x, times=2):\n    return x * times{odd}server.do_export = lambda names: {claim}"
    )
    assert sum(judge.grade(work, DOUBLE).marks.values()) == 0
