"""What a hidden test passes to a student's function is on no page of theirs, whatever the function does with it.

Each leak below keeps or tells what it is called with, a number that stands in no other place, and a cell of the
student's own after the last test shows what was kept.
"""

import json

import pytest
from conftest import code, graded_test, locked, notebook, solution
from small_notebooks import answer, impatient_judge, outputs

from gradebox.feedback import FeedbackPage

SECRET = 86_420
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
SOURCE = notebook(
    locked("imports", "import numpy as np"),
    solution("f", "def f(x):\n    return 2 * x"),
    graded_test("f-check", "assert f(3) == 6"),
    graded_test("f-values", HIDDEN.format(f"assert f({SECRET}) == {2 * SECRET}")),
    graded_test("f-array", HIDDEN.format(f"assert np.array_equal(f(np.array([{SECRET}])), [{2 * SECRET}])")),
    solution("g", "def g(x):\n    return x"),
    graded_test("g-check", "assert g(3) == 3"),
)
# A way to keep numbers: keep(number) does, and kept() gives all there are.
KEPT = {
    "a list": "numbers = []\nkeep = numbers.append\ndef kept():\n    return numbers",
    "a file": """
import os
keep = lambda number: [open(place, "a").write(f"{number}\\n") for place in ("/tmp/seen", "seen", "/dev/shm/seen")]
def kept():
    return [open(place).read() for place in ("/tmp/seen", "seen", "/dev/shm/seen") if os.path.exists(place)]
""",
    "shared memory": """
import mmap
memory = mmap.mmap(-1, 4096)
keep = lambda number: memory.write(f"{number} ".encode())
kept = lambda: memory[:].rstrip(b"\\0").decode()
""",
    "a pipe": """
import os
there, here = os.pipe()
os.set_blocking(there, False)
keep = lambda number: os.write(here, f"{number} ".encode())
def kept():
    try:
        return os.read(there, 4096).decode()
    except BlockingIOError:
        return ""
""",
    "a process": """
import os, socket, time
def begin():
    if os.fork() == 0:
        os.setsid()
        numbers, listening = b"", socket.socket(socket.AF_UNIX)
        listening.bind("\\0seen")
        listening.listen()
        while True:
            asked, _ = listening.accept()
            numbers += asked.recv(100)
            asked.sendall(numbers)
            asked.close()
def keep(number):
    with socket.socket(socket.AF_UNIX) as wire:
        for attempt in range(50):
            try:
                wire.connect("\\0seen")
                break
            except OSError:
                time.sleep(0.01)
        wire.sendall(f"{number} ".encode() if number else b" ")
        return wire.recv(4096).decode()
def kept():
    return keep(0)
begin()
""",
    "ports": """
import socket
def keep(number):
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", int(number) % 2**15 + 2**15))
        server.listen()
        client.connect(server.getsockname())
        taken = server.accept()[0]
        taken.close()
def kept():
    for offset in range(1, 2**15):
        with socket.socket() as server:
            try:
                server.bind(("127.0.0.1", 2**15 + offset))
            except OSError as error:
                if error.errno == 98:
                    print("in use:", offset + 65536)
""",
    "no fork": """
import os, gc
numbers = []
keep = numbers.append
os.fork = os.vfork = lambda: 0
os._exit = lambda status: None
for thing in gc.get_objects():
    if type(thing).__name__ == "Server":
        thing.shell.numbers = numbers
def kept():
    return numbers
""",
    "a thread": """
import threading, queue
waiting, numbers = queue.Queue(), []
threading.Thread(target=lambda: [numbers.append(number) for number in iter(waiting.get, None)], daemon=True).start()
keep = waiting.put
kept = lambda: numbers
""",
}
KEEPING = """
def f(x):
    try:
        keep(int(np.ravel(x)[0]))
    except Exception:
        pass
    return 2 * x
"""


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


def seen(graded) -> str:
    """All that the student is given: the page, and of the notebook what is no hidden test's."""
    page, _ = FeedbackPage().from_notebook_node(graded.notebook)
    return page + json.dumps([cell for cell in graded.notebook.cells if "HIDDEN" not in cell.source])


def tells(graded) -> bool:
    text = seen(graded)
    return str(SECRET) in text or f"{SECRET:,}" in text or str(SECRET)[::-1] in text


@pytest.mark.parametrize("way", KEPT)
def test_what_a_function_keeps_of_a_hidden_input_is_gone_when_the_next_cell_runs(judge, way):
    mine = answer(SOURCE, f=f"{KEPT[way]}\n{KEEPING}", _last="print('kept:', kept())")
    mine.cells.insert(5, code("print('kept:', kept())"))
    graded = judge.grade(mine, SOURCE)
    assert graded.marks["f-values"] == graded.marks["f-array"] == 1, graded.log
    assert not tells(graded)


@pytest.mark.parametrize("way", ["a file", "a process", "ports"])
def test_what_one_submission_keeps_is_not_there_for_the_next(judge, way):
    """Neither in files nor in what the kernel remembers of a connection for a minute after its process has gone."""
    graded = judge.grade(answer(SOURCE, f=f"{KEPT[way]}\n{KEEPING}"), SOURCE)
    assert graded.marks["f-values"] == 1
    assert not tells(judge.grade(answer(SOURCE, _last=f"{KEPT[way]}\nprint('kept:', kept())"), SOURCE))


@pytest.mark.parametrize("way", ["a list", "a file", "shared memory", "a thread"])
def test_what_a_visible_check_leaves_is_still_there(judge, way):
    graded = judge.grade(answer(SOURCE, f=f"{KEPT[way]}\n{KEEPING}", _last="print('kept:', kept())"), SOURCE)
    (printed,) = graded.notebook.cells[-1].outputs
    assert printed.text.count("3") >= 1


# What a function may do with a hidden input besides: each body gets it as `n`.
TOLD = {
    "a message": "raise ValueError(f'no {n}')",
    "a message in letters": "raise ValueError(' '.join(chr(97 + int(d)) for d in str(n)) + str(n))",
    "the class of an error": "raise type(f'Error{n}', (ValueError,), {})('no')",
    "a built-in error of another name": "ValueError.__name__ if 0 else None; raise type(f'E{n}', (KeyError,), {})(n)",
    "a key": "return {}[n]",
    "an error about a text": "return np.float64(float('no ' + str(n)))",
    "a text as answer": "return f'no {n}'",
    "an object of a kind": "return type(f'Kind{n}', (), {'__add__': 1})()",
    "a named tuple": "import collections; return collections.namedtuple(f'T{n}', 'a')(1)",
    "a printed line": "print('n is', n); return 0",
    "a warning": "import warnings; warnings.warn(f'n is {n}'); return 0",
    "stderr": "import sys; sys.stderr.write(f'n is {n}'); return 0",
    "a picture": "import matplotlib.pyplot as plt; plt.title(str(n)); plt.plot([n]); plt.show(); return 0",
    "html": "from IPython.display import HTML, display; display(HTML(f'<b>{n}</b>')); return 0",
    "a file name": "open(f'/tmp/{n}', 'w').close(); return open(f'/nowhere/{n}')",
    "an exit": "raise SystemExit(str(n))",
    "the end": "import os; os.write(2, str(n).encode()); os._exit(n % 256)",
    "an assertion": "assert n == 3, f'n is {n}'; return 2 * n",
    "a note": "error = ValueError('no'); error.add_note(f'n is {n}'); raise error",
    "a cause": "raise ValueError('no') from KeyError(n)",
    "sizes": "return np.zeros((n, 0, n))",
    "a function by a name": "exec(f'def g{n}():\\n    raise ValueError'); return locals()[f'g{n}']()",
    "another function": "globals()['f'] = lambda x, n=n: n; return n / 0",
}


@pytest.mark.parametrize("way", TOLD)
def test_what_a_function_says_of_a_hidden_input_is_not_told(judge, way):
    mine = answer(SOURCE, f=f"def f(x):\n    n = int(np.ravel(x)[0])\n    {TOLD[way]}")
    graded = judge.grade(mine, SOURCE)
    assert graded.marks["f-values"] == 0 and graded.marks["g-check"] == 1
    assert not tells(graded)


def test_a_visible_check_that_crashes_once_it_knows_is_not_told_either(judge):
    """The last check is below the hidden tests, and calls a function of somebody who has met them."""
    mine = "met = []\ndef f(x):\n    met.append(x)\n    return 2 * x"
    later = "def g(x):\n    if len(met) > 1:\n        raise ValueError(f'no {met}')\n    return x"
    graded = judge.grade(answer(SOURCE, f=mine, g=later), SOURCE)
    assert graded.marks == {"f-check": 1, "f-values": 1, "f-array": 1, "g-check": 0}
    assert not tells(graded)
    (said,) = outputs(graded, "g-check")
    assert "every time" in said.evalue


# --- what is told ---------------------------------------------------------------------------------------------------

MESSAGES = {
    "their own words": (
        "if x > 9:\n        raise ValueError('x is too large for me')\n    return 2 * x",
        "too large for me",
    ),
    "what the check has shown": ("return {}['k'] + x", "KeyError: 'k'"),
    "the type": ("return {}[x]", "KeyError"),
    "a name": ("return scale_of_all * x", "scale_of_all"),
}


@pytest.mark.parametrize("way", MESSAGES)
def test_an_honest_error_is_told(judge, way):
    body, said = MESSAGES[way]
    graded = judge.grade(answer(SOURCE, f=f"def f(x):\n    {body}"), SOURCE)
    (error,) = outputs(graded, "f-values")
    assert said in f"{error.ename}: {error.evalue}"


def test_what_hidden_tests_leave_each_other_is_theirs(judge):
    """An object that one hidden test makes, and later ones work with, as in one kernel."""
    source = notebook(
        solution("a", "class Counter:\n    n = 0\n    def up(self):\n        self.n += 1\n        return self.n"),
        graded_test("a-values", HIDDEN.format("counter = Counter()\nassert counter.up() == 1")),
        solution("b", "def b(counter):\n    return counter.up()"),
        graded_test("b-check", "assert b(Counter()) == 1"),
        graded_test("b-values", HIDDEN.format("assert b(counter) == 2")),
        graded_test("b-more", "assert b(counter) == 3"),  # visible, and needs what only the hidden ones make
    )
    graded = judge.grade(source, source)
    assert set(graded.marks.values()) == {1}
    assert "run for its marks" in outputs(graded, "b-more")[0].text
    assert judge.grade(answer(source, a="class Counter:\n    pass"), source).marks["b-values"] == 0


def test_marks_in_the_words_of_the_course_hide_as_well(judge):
    """A course may mark its hidden regions in words of its own, see ClearHiddenTests."""
    own = notebook(*SOURCE.cells)
    for cell in own.cells:
        cell.source = cell.source.replace("BEGIN HIDDEN TESTS", "VERBORGEN").replace("END HIDDEN TESTS", "ENDE")
    own.metadata["hidden_regions"] = ["VERBORGEN", "ENDE"]
    mine = answer(own, f=f"{KEPT['a list']}\n{KEEPING}", _last="print('kept:', kept())")
    graded = judge.grade(mine, own)
    assert graded.marks["f-values"] == 1
    assert str(SECRET) not in json.dumps(graded.notebook.cells[-1])
