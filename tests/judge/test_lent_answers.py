"""What the grader fills in for students earns nobody a point: no answer is near the tests that it answers.

In the practice exam two locked cells hold hidden text: a right softmax for the layer to work with, and other ways to
write softmax and the layer. Each attack below hands in code that uses what it finds of these, wherever it looks.
"""

import pytest
from attack_notebooks import by_exercise
from conftest import graded_test, locked, notebook, solution
from nbformat.v4 import new_code_cell
from sample_class import COURSE, PRACTICE, points, solutions, source, submission
from small_notebooks import answer, impatient_judge, text

from gradebox.judge.modules import course_modules
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox

STAND_IN, ALTERNATIVES = "softmax-stand-in", "alternatives"
SOFTMAXES = ("softmax_of_the_grader", "softmax_in_loops", "softmax_by_logarithms")
LAYERS = ("SelfAttentionInLoops", "SelfAttentionWithEinsum")

# Defines found(name): whatever goes by a name, or nothing.
BY_NAME = "def found(name):\n    return globals().get(name)"
BY_GC = """
import gc
def found(name):
    things = [thing for thing in gc.get_objects() if getattr(thing, "__name__", "") == name]
    return things[-1] if things else None
"""
BY_FRAME = """
import sys
def found(name):
    frame = sys._getframe()
    while frame:
        held = [thing for thing in frame.f_locals.values() if isinstance(thing, dict)]
        for names in (frame.f_locals, frame.f_globals, *held):
            if name in names:
                return names[name]
        frame = frame.f_back
"""
BY_TEXT = """
import linecache
busy = []
def found(name):
    if busy:  # the stand-in's text asks for softmax itself
        return None
    busy.append(name)
    texts = ["".join(lines[2]) for lines in linecache.cache.values() if len(lines) > 2]
    texts += [text for text in get_ipython().user_ns["In"] if isinstance(text, str)]
    names = dict(globals())
    for text in texts:
        if f"def {name}(" in text or f"class {name}:" in text:
            exec(text, names)
    busy.clear()
    return names.get(name)
"""
# The cells run more than once: whoever gets to know an answer in one run tries to leave it for the next.
BY_FILE = """
import glob, inspect, os
PLACES = ["/tmp/left", "/dev/shm/left", "/var/tmp/left", "left", os.path.expanduser("~/left")]
def found(name):
    for place in PLACES:
        if os.path.exists(place):
            names = dict(globals())
            exec(open(place).read(), names)
            return names.get(name)
"""
BY_FILE_LAST = """
for place in PLACES:
    try:
        with open(place, "w") as file:
            file.writelines(inspect.getsource(globals()[name]) + "\\n" for name in NAMES if name in globals())
    except OSError:
        pass
"""
BY_PROCESS = """
import inspect, os, socket, sys
PLACE = "\\0gradebox-attack"
def found(name):
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(1)
        try:
            asking.connect(PLACE)
            text = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
        except OSError:
            return None
    names = dict(globals())
    exec(text, names)
    return names.get(name)
"""
BY_PROCESS_LAST = """
text = "\\n".join(inspect.getsource(globals()[name]) for name in NAMES if name in globals())
if os.fork() == 0:
    os.setsid()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(PLACE)
        listening.listen()
        while True:
            with listening.accept()[0] as asked:
                asked.sendall(text.encode())
"""
WAYS = {
    "name": (BY_NAME, ""),
    "gc": (BY_GC, ""),
    "frame": (BY_FRAME, ""),
    "text": (BY_TEXT, ""),
    "file": (BY_FILE, BY_FILE_LAST),
    "process": (BY_PROCESS, BY_PROCESS_LAST),
}
FIRST = f"NAMES = {SOFTMAXES + LAYERS}"
NOTHING = {
    "softmax": f"""
def softmax(X):
    own = [found(name) for name in {SOFTMAXES}]
    return next(each for each in own if each is not None)(X)
""",
    "self-attention": f"""
class SelfAttention:
    def __new__(cls, dims):
        own = [found(name) for name in {LAYERS}]
        return next(each for each in own if each is not None)(dims)
""",
}


@pytest.fixture(scope="module")
def judge():
    warm = WarmJudge(Sandbox().settings(), course_modules(COURSE, source(PRACTICE)))
    warm.rehearse(source(PRACTICE))
    yield warm
    warm.close()


@pytest.fixture(scope="module")
def small():
    with impatient_judge() as warm:
        yield warm


def work(way: str, answers: dict[str, str] = NOTHING):
    """The practice exam, with a way to find what was filled in; above all else, and once more below."""
    finds, leaves = WAYS[way]
    made = submission(PRACTICE, answers)
    made.cells.insert(0, new_code_cell(f"{FIRST}\n{finds}"))
    made.cells.append(new_code_cell(leaves or "pass"))
    return made


def move(made, names, place: int) -> None:
    """Put some of the cells at another place."""
    moved = [cell for cell in made.cells if cell.get("id") in names]
    made.cells = [cell for cell in made.cells if cell.get("id") not in names]
    made.cells[place:place] = moved


def earned(judge, made) -> dict[str, float]:
    return {exercise: mark for exercise, mark in by_exercise(judge.grade(made, source(PRACTICE)).marks).items() if mark}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_grader_fills_in_is_not_there_when_it_would_answer(judge, way):
    made = work(way)
    assert earned(judge, made) == {}
    move(made, {STAND_IN, ALTERNATIVES}, place=1)  # before all that they could answer
    assert earned(judge, made) == {}


def test_tests_moved_below_what_answers_them_find_it_gone(judge):
    tests = {cell.id for cell in source(PRACTICE).cells if cell.metadata.nbgrader.get("grade")}
    made = work("name")
    move(made, tests, place=len(made.cells))
    assert earned(judge, made) == {}


def test_cells_below_a_stand_in_rename_what_they_find_in_vain(judge):
    made = work("name", {})
    take = "\n".join(f"if found('{name}'): SelfAttention = found('{name}')" for name in LAYERS)
    take += "\nif found('softmax_of_the_grader'): softmax = softmax_of_the_grader"
    place = next(number for number, cell in enumerate(made.cells) if cell.get("id") == "self-attention")
    made.cells.insert(place + 1, new_code_cell(take))
    made.cells.append(new_code_cell(take))
    move(made, {ALTERNATIVES}, place=1)
    assert earned(judge, made) == {}


def test_a_softmax_kept_for_the_layer_answers_nothing_of_it(judge):
    """What the stand-in lends is a part of the layer and not the layer."""
    layer = "class SelfAttention:\n    def __init__(self, dims):\n        self.dims = dims\n"
    layer += "    def forward(self, x):\n        return softmax(x)"
    assert earned(judge, work("name", {"softmax": "def softmax(X):\n    return X", "self-attention": layer})) == {}


def test_a_layer_that_is_right_suffers_from_no_softmax(judge):
    possible = points(PRACTICE)
    layer = solutions(PRACTICE)["self-attention"]
    for wrong in ("def softmax(X):\n    return X", "def softmax(X):\n    raise ValueError", "softmax = None", "1 / 0"):
        found = earned(judge, submission(PRACTICE, {"softmax": wrong, "self-attention": layer}))
        assert found == {name: most for name, most in possible.items() if not name.startswith("softmax") and most}


# --- other courses -------------------------------------------------------------------------------------------------

ORACLE = notebook(
    locked("imports", "import math"),
    locked(
        "given",
        "k = 2\n### BEGIN HIDDEN TESTS\ndef oracle(x):\n    return k * math.exp(x)\n### END HIDDEN TESTS\nbase = 1",
    ),
    solution("f", "def f(x):\n    return base * k * math.exp(x)"),
    graded_test("f-check", "assert f(0) == 2"),
    graded_test("f-values", "### BEGIN HIDDEN TESTS\nassert f(1) == oracle(1)\n### END HIDDEN TESTS"),
    locked("shown", "print('an example:', oracle(0))"),
)


def test_an_oracle_in_a_locked_cell_is_there_for_the_tests_only(small):
    assert small.grade(ORACLE, ORACLE).marks == {"f-check": 1, "f-values": 1}
    graded = small.grade(answer(ORACLE, f="def f(x):\n    return oracle(x)"), ORACLE)
    assert graded.marks == {"f-check": 0, "f-values": 0}
    late = answer(ORACLE, f="def f(x):\n    return oracle(x)")
    late.cells.insert(0, late.cells.pop(1))
    assert small.grade(late, ORACLE).marks == {"f-check": 0, "f-values": 0}


def test_a_hidden_stand_in_below_its_tests_helps_those_who_come_after(small):
    lending = notebook(
        solution("one", "def one(x):\n    return x + 1"),
        graded_test("one-values", "### BEGIN HIDDEN TESTS\nassert one(1) == 2\n### END HIDDEN TESTS"),
        locked("lend", "### BEGIN HIDDEN TESTS\ndef one(x):\n    return x + 1\n### END HIDDEN TESTS"),
        solution("two", "def two(x):\n    return one(one(x))"),
        graded_test("two-values", "### BEGIN HIDDEN TESTS\nassert two(1) == 3\n### END HIDDEN TESTS"),
    )
    wrong = answer(lending, one="def one(x):\n    return 7")
    assert small.grade(wrong, lending).marks == {"one-values": 0, "two-values": 1}
    wrong.cells.insert(0, wrong.cells.pop(2))
    graded = small.grade(wrong, lending)
    assert graded.marks["one-values"] == 0, text(graded, "one-values")
