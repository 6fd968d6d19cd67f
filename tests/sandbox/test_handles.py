"""Objects that stay with the student: a test asks them what it would ask of any object, and believes no more."""

import pytest
from conftest import graded_test, locked, notebook, solution
from small_notebooks import answer, impatient_judge, one, text


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


VECTOR = """
class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __repr__(self):
        return f"Vector({self.x}, {self.y})"
    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)
    def __hash__(self):
        return hash((self.x, self.y))
    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)
    def __iadd__(self, other):
        self.x += other.x
        return self
    def __mul__(self, by):
        return Vector(self.x * by, self.y * by) if not isinstance(by, Vector) else self.x * by.x + self.y * by.y
    __rmul__ = __mul__
    def __matmul__(self, other):
        return self * other
    def __neg__(self):
        return Vector(-self.x, -self.y)
    def __abs__(self):
        return (self.x**2 + self.y**2) ** 0.5
    def __lt__(self, other):
        return abs(self) < abs(other)
    def __bool__(self):
        return bool(self.x or self.y)
    def __int__(self):
        return int(self.x)
    __index__ = __int__
    def __float__(self):
        return float(self.x)
    def __len__(self):
        return 2
    def __getitem__(self, i):
        return (self.x, self.y)[i]
    def __contains__(self, item):
        return item in (self.x, self.y)
    def __format__(self, form):
        return f"<{self.x:{form}}>"
    def __array__(self, dtype=None, copy=None):
        return np.array([self.x, self.y])
class Money:
    def __init__(self, amount):
        self.amount = amount
    def __rmul__(self, by):
        return Money(np.sum(by) * self.amount)
    def __eq__(self, other):
        return self.amount == other.amount
"""
VECTOR_TEST = """
v, w = Vector(1, 2), Vector(3, 4)
assert v + w == Vector(4, 6) and v != w and not v == w and v * 2 == 2 * v == Vector(2, 4)
assert v * w == 11 and v @ w == 11 and -v == Vector(-1, -2) and abs(w) == 5
assert v < w and w > v and sorted([w, v]) == [v, w] and max(v, w) == w
assert bool(v) and not Vector(0, 0) and len(v) == 2 and list(v) == [1, 2] and 2 in v and 7 not in v
assert (int(w), float(w), [5, 6, 7, 8][w]) == (3, 3.0, 8)
assert repr(v) == str(v) == "Vector(1, 2)"
assert f"{v:03d}" == "<001>" and "Vector(1, 2)" in f"{[v]}"
assert len({v, Vector(1, 2), w}) == 2 and hash(v) == hash(Vector(1, 2))
assert isinstance(v, Vector) and not isinstance(3, Vector) and isinstance(v, (int, Vector)) and issubclass(Vector, Vector)
u = v
u += w
assert u is not None and v.x == 4 and np.array_equal(np.asarray(w), [3, 4])
assert np.float64(2) * Money(3) == Money(6)
del v.x
assert not hasattr(v, "x") and Vector.__name__ == "Vector" and callable(v.__add__)
"""
STACK = """
class Stack:
    def __init__(self):
        self.items, self.log = [], []
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        self.log.append((kind and kind.__name__, str(error)))
        return kind is ValueError
    def __setitem__(self, key, value):
        self.items.append((key, value))
    def __delitem__(self, key):
        self.items = [item for item in self.items if item[0] != key]
    def __iter__(self):
        return iter(self.items)
def count(n):
    for i in range(n):
        yield i
"""
STACK_TEST = """
with Stack() as stack:
    stack["a"] = 1
with stack:
    raise ValueError("boom")
del stack["a"]
assert list(stack) == [] and stack.log == [(None, "None"), ("ValueError", "boom")]
numbers = count(3)
assert next(numbers) == 0 and list(numbers) == [1, 2] and next(numbers, None) is None
assert sum(count(4)) == 6 and 2 in count(3) and [*zip(count(2), "ab")] == [(0, "a"), (1, "b")]
try:
    next(stack)
except TypeError as error:
    assert "not an iterator" in str(error)
"""
KINDS = """
import dataclasses, enum, pathlib, re, types
@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0
class Color(enum.Enum):
    RED = 1
    BLUE = 2
pattern = re.compile(r"a(\\d+)")
folder = pathlib.Path("a") / "b"
space = types.SimpleNamespace(a=1, b=[2])
def adder(n):
    return lambda x: x + n
"""
KINDS_TEST = """
assert Point(1, 2) == Point(1, 2) and Point(1) < Point(2) and repr(Point(1)) == "Point(x=1, y=0)" and Point(3).y == 0
assert Color.RED == Color(1) and Color.RED.name == "RED" and Color.BLUE.value == 2 and [c.name for c in Color] == ["RED", "BLUE"]
assert pattern.match("a12").group(1) == "12" and not pattern.match("b") and folder.name == "b" and str(folder) == "a/b"
assert space.a == 1 and space.b == [2] and adder(2)(3) == 5 and isinstance(adder(1), types.FunctionType)
"""


@pytest.mark.parametrize(
    "source",
    [one(VECTOR, VECTOR_TEST), one(STACK, STACK_TEST), one(KINDS, KINDS_TEST, "import types")],
    ids=["operators", "protocols", "kinds"],
)
def test_objects_of_the_students_work_like_objects(judge, source):
    graded = judge.grade(source, source)
    assert graded.marks == {"a-check": 1}, text(graded, "a-check")


def test_a_wrong_operator_of_the_students_loses_the_test(judge):
    source = one(VECTOR, "assert Vector(1, 2) + Vector(3, 4) == Vector(4, 6)")
    wrong = VECTOR.replace("self.y + other.y", "self.y - other.y")
    assert judge.grade(answer(source, a=wrong), source).marks == {"a-check": 0}


YES = """
class Yes:
    def yes(self, *others):
        return True
    def nothing(self, *others):
        return 0.0
    def __enter__(self):
        return self
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = equals = all = __exit__ = yes
    __sub__ = __rsub__ = __abs__ = nothing
    def __ne__(self, other):
        return False
    __hash__ = None
def f(x):
    return Yes()
"""


@pytest.mark.parametrize(
    "test",
    [
        *(
            "assert f(3) == 9",
            "assert 9 == f(3)",
            "assert not f(3) != 9",
            "assert f(3) == f(-3) == 9",
            "assert f(3) in [9]",
        ),
        *("assert abs(f(3) - 9) < 1e-6", "assert 8 < f(3) < 10", "assert (np.array(f(3)) == 9).all()"),
        *("assert np.allclose(f(3), 9)", "assert f(3) in {9: 1}", "np.testing.assert_equal(f(3), 9)"),
        *("assert np.equal(f(3), 9)", "assert f(3) == np.float64(9)", "assert isinstance(f(3), int) and f(3) == 9"),
    ],
)
def test_an_object_that_says_yes_to_everything_does_not_pass_for_a_number(judge, test):
    source = one("def f(x):\n    return x * x", test)
    assert judge.grade(source, source).marks == {"a-check": 1}
    assert judge.grade(answer(source, a=YES), source).marks == {"a-check": 0}


def test_nor_where_another_line_of_the_test_is_about_objects(judge):
    test = "assert Vector(1, 2) == Vector(1, 2) and abs(Vector(3, 4)) == 5\nassert f(3) == 9\nassert f(2).real == 4"
    source = one(f"{VECTOR}\ndef f(x):\n    return x * x", test)
    assert judge.grade(source, source).marks == {"a-check": 1}
    assert judge.grade(answer(source, a=VECTOR + YES), source).marks == {"a-check": 0}


def test_a_method_of_an_answer_does_not_pass_for_the_datas_own(judge):
    source = one("def f(x):\n    return np.full(2, x)", "assert (f(3) == 3).all()\nassert f(3).all()")
    assert judge.grade(source, source).marks == {"a-check": 1}
    assert judge.grade(answer(source, a=YES), source).marks == {"a-check": 0}


def test_a_context_manager_does_not_swallow_what_the_test_finds_wrong(judge):
    source = one(STACK, "with Stack() as s:\n    assert list(s) == [1]")
    one_item = STACK.replace("[], []", "[1], []")
    source = one(one_item, source.cells[-1].source)
    swallowing = STACK.replace("kind is ValueError", "True")
    assert judge.grade(source, source).marks == {"a-check": 1}
    assert judge.grade(answer(source, a=swallowing), source).marks == {"a-check": 0}


def test_what_a_generator_gives_counts_where_the_instructor_gives_a_list(judge):
    source = one("def f(n):\n    return [*range(n)]", "assert list(f(3)) == [0, 1, 2] and 2 in f(3) and sum(f(3)) == 3")
    generator = "def f(n):\n    yield from range(n)"
    assert judge.grade(answer(source, a=generator), source).marks == {"a-check": 1}


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "raise SystemExit", "return 5", "return 'x' * 10**8", "import os; os._exit(1)"],
)
def test_a_hostile_repr_costs_the_test_and_nothing_else(judge, body):
    source = notebook(
        locked("imports", "import numpy as np"),
        solution("a", "def f():\n    return 1"),
        graded_test("a-check", "assert f() == 1, f()"),
        graded_test("a-more", "assert f() == 1, repr([f()])"),
        solution("b", "x = 1"),
        graded_test("b-check", "assert x == 1"),
    )
    mine = f"class R:\n    def __repr__(self):\n        {body}\ndef f():\n    return R()"
    assert judge.grade(answer(source, a=mine), source).marks == {"a-check": 0, "a-more": 0, "b-check": 1}


@pytest.mark.parametrize("library", ["sympy", "sklearn.linear_model", "matplotlib.pyplot"])
def test_objects_of_libraries_answer_from_afar(judge, library):
    pytest.importorskip(library)
    code, test = {
        "sympy": ("import sympy\nx = sympy.Symbol('x')\ne = sympy.diff(x**3, x)", "assert str(e) == '3*x**2' and e.subs(x, 2) == 12"),
        "sklearn.linear_model": (
            "from sklearn.linear_model import LinearRegression\nm = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])",
            "assert np.allclose(m.coef_, [2]) and np.allclose(m.predict(np.array([[2.0]])), 5)",
        ),
        "matplotlib.pyplot": (
            "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], [3, 4], label='l')\nax.set_title('t')",
            "assert ax.get_title() == 't' and len(ax.lines) == 1 and list(ax.lines[0].get_ydata()) == [3, 4]\n"
            "assert isinstance(fig, plt.Figure) and isinstance(ax, plt.Axes) and not isinstance(ax, plt.Figure)",
        ),
    }[library]  # fmt: skip
    source = one(code, test, "import numpy as np\nimport matplotlib.pyplot as plt")
    graded = judge.grade(source, source)
    assert graded.marks == {"a-check": 1}, text(graded, "a-check")


def test_a_pandas_answer_is_a_copy_where_the_test_uses_pandas_and_an_object_where_not(judge):
    pytest.importorskip("pandas")
    code = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', None]})"
    for first, test in (
        ("import pandas as pd", "pd.testing.assert_frame_equal(df, pd.DataFrame({'a': [1, 2], 'b': ['x', None]}))"),
        ("import numpy as np", "assert df['a'].sum() == 3 and list(df.columns) == ['a', 'b']"),
    ):
        source = one(code, test, first)
        graded = judge.grade(source, source)
        assert graded.marks == {"a-check": 1}, text(graded, "a-check")
