"""A test's functions, passed into the student's: they work there, and stay here."""

import functools
import io
import math
import operator

import numpy as np
import pytest
from conftest import graded_test, notebook, solution
from small_notebooks import answer, impatient_judge, one, text

from gradebox.exercises import Exercise
from gradebox.sandbox.lending import Lent, is_function, is_iterator


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


CODE = """
import functools
def apply(f, *args, **kwargs):
    return f(*args, **kwargs)
def each(f, items):
    return [f(item) for item in items]
def compose(*functions):
    return lambda x: functools.reduce(lambda value, f: f(value), functions, x)
def counted(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        inner.calls += 1
        return f(*args, **kwargs)
    inner.calls = 0
    return inner
def integrate(f, a, b, n=1000):
    return sum(f(a + (i + 0.5) * (b - a) / n) for i in range(n)) * (b - a) / n
def total(items):
    result = 0
    for item in items:
        result += item
    return result
def safely(f):
    try:
        return f()
    except Exception as error:
        return type(error).__name__
class Node:
    def __init__(self, value):
        self.value = value
    def visit(self, f):
        return f(self)
class Button:
    def click(self):
        return self.action(1)
def same(f):
    return f
def walk(n, f):
    return f(n, lambda m: walk(m, f))
"""
TEST = """
import math, functools, operator
assert each(lambda x: x + 1, [1, 2]) == [2, 3] and each(str.upper, ["a"]) == ["A"] and each(abs, [-1]) == [1]
assert each(str, [1]) == ["1"] and apply(sorted, [3, 1], key=lambda x: -x) == [3, 1] and apply(operator.add, 1, 2) == 3
assert compose(lambda x: x + 1, math.sqrt, functools.partial(pow, 2))(8) == 8
assert abs(integrate(math.sin, 0, math.pi) - 2) < 1e-5 and abs(integrate(np.cos, 0, 1) - math.sin(1)) < 1e-5
seen = []
each(seen.append, "ab")
assert seen == ["a", "b"]
greet = counted(lambda name, end="!": name + end)
assert greet("a") == "a!" and greet("b", end="?") == "b?" and greet.calls == 2
def named(x):
    return x
assert counted(named).__name__ == "named" and same(named) is named
assert total(x * x for x in [1, 2, 3]) == 14 and total(iter([1, 2])) == 3 and total(map(int, "12")) == 3
assert Node(4).visit(lambda node: node.value * 2) == 8
button = Button()
button.action = lambda x: x + 41
assert button.click() == 42
def bad():
    raise KeyError("k")
assert safely(bad) == "KeyError" and safely(lambda: 1) == 1
try:
    apply(bad)
except KeyError as error:
    assert error.args == ("k",)
else:
    assert False
assert walk(6, lambda n, again: 1 if n == 0 else n * again(n - 1)) == 720
assert apply(lambda f: f(2), lambda x: x + 1) == 3
class Doubler:
    def __init__(self):
        self.calls = 0
    def __call__(self, x):
        self.calls += 1
        return 2 * x
    def more(self, x):
        return 3 * x
double = Doubler()
assert each(double, [1, 2]) == [2, 4] and double.calls == 2 and each(double.more, [1]) == [3]
"""


def test_a_tests_functions_work_in_the_students_code(judge):
    source = one(CODE, TEST)
    graded = judge.grade(source, source)
    assert graded.marks == {"a-check": 1}, text(graded, "a-check")


def test_what_a_test_asserts_in_its_own_function_stands(judge):
    source = one(CODE, "def look(x):\n    assert x == 3\neach(look, [3])")
    swallowing = CODE + "\ndef each(f, items):\n    try:\n        f(4)\n    except BaseException:\n        pass"
    assert judge.grade(source, source).marks == {"a-check": 1}
    assert judge.grade(answer(source, a=swallowing), source).marks == {"a-check": 0}


def test_what_the_student_prints_meanwhile_is_kept(judge):
    source = one("def f(g):\n    print('before')\n    g(1)\n    print('after')", "f(lambda x: x)")
    assert "before\nafter" in text(judge.grade(source, source), "a-check")


@pytest.mark.parametrize(
    "body",
    [
        "while True: f(1)",
        "while True:\n        try:\n            f(1)\n        except BaseException: pass",
        "import threading\n    side = threading.Thread(target=f, args=(1,))\n    side.start()\n    side.join()",
        "return f(lambda x: g(f))",
    ],
    ids=["forever", "forever and deaf", "from a thread", "deeper and deeper"],
)
def test_calling_a_tests_function_in_odd_ways_costs_only_the_test(judge, body):
    test = "def f(x):\n    return x(1) if callable(x) else 0\nassert g(f) == 1"
    source = one("def g(f):\n    f(1)\n    return 1", test)
    mine = f"def g(f):\n    {body}"
    assert judge.grade(answer(source, a=mine), source).marks == {"a-check": 0}


MINE = [lambda x: x, np.sin, math.sin, operator.add, abs, [].append, {}.get, str.upper, functools.partial(max, 1)]
MINE += [operator.itemgetter(1), functools.cache(lambda x: x)]
OTHERS = [
    *(eval, exec, open, getattr, setattr, __import__, vars, globals, input, compile, type, object, math, np, io),
    *("{}".format, str.format, str.format_map, Exercise, Exercise.check, is_function, Lent().call),
    *(functools.partial(eval), functools.partial, operator.attrgetter("a"), operator.methodcaller("a"), 3, [], "text"),
]  # fmt: skip


def test_only_code_of_the_tests_own_is_lent():
    assert [thing for thing in MINE if not is_function(thing)] == []
    assert [thing for thing in OTHERS if is_function(thing) or is_iterator(thing)] == []
    assert is_iterator(iter([1])) and not is_iterator(io.StringIO("a"))


def test_a_loan_ends_with_the_cell():
    lent = Lent()
    number, name, iterator = lent.number(abs)
    assert (number, name, iterator) == (-1, "abs", False) and lent.call(number, "call", (-2,), {}) == 2
    lent.end()
    with pytest.raises(RuntimeError, match="over"):
        lent.call(number, "call", (-2,), {})
    assert lent.number(abs)[0] == -2


def test_a_function_kept_beyond_its_test_is_no_longer_answered(judge):
    source = notebook(
        solution("a", "def keep(f):\n    return f(3)\ndef later():\n    return 9"),
        graded_test("a-check", "def square(x):\n    return x * x\nassert keep(square) == 9"),
        graded_test("a-more", "assert later() == 9"),
    )
    mine = "kept = []\ndef keep(f):\n    kept.append(f)\n    return f(3)\ndef later():\n    return kept[0](3)"
    graded = judge.grade(answer(source, a=mine), source)
    assert graded.marks == {"a-check": 1, "a-more": 0}
    assert "is over" in text(graded, "a-more")
