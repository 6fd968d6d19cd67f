"""What the judge does with a submission: who runs what, what crosses, what is shown, what is earned."""

import numpy as np
import pytest
from conftest import code, graded_test, locked, notebook, solution
from nbformat import from_dict

from gradebox.judge.cells import prepared
from gradebox.judge.source import AuthorError
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox


@pytest.fixture(scope="module")
def judge():
    """A warm judge with short limits, so that what never ends is over soon."""
    sandbox = Sandbox(
        cell_seconds=1, notebook_seconds=20, output_mib=0.05, preload=["numpy.random", "matplotlib.pyplot", "torch"]
    )
    warm = WarmJudge(sandbox.settings())
    yield warm
    warm.close()


def answer(source, **written):
    """The submission that has these cells in place of the instructor's solutions; ``_name`` is a cell added last."""
    cells = []
    for cell in source.cells:
        new = from_dict(cell)
        new.source = written.pop(cell.id, new.source)
        cells.append(new)
    return notebook(*cells, *(code(text) for text in written.values()))


def outputs(graded, name):
    return next(
        cell.outputs for cell in graded.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def text(graded, name) -> str:
    """All that is shown under a cell."""
    return "\n".join(
        output.get("text") or "\n".join(output.get("traceback", [])) or output.get("data", {}).get("text/plain", "")
        for output in outputs(graded, name)
    )


DOUBLE = notebook(
    locked("imports", "import numpy as np"),
    solution("double", "def double(x, times=2):\n    return times * x"),
    graded_test("double-check", "assert double(3) == 6"),
    graded_test("double-values", "assert np.array_equal(double(np.arange(3), times=3), [0, 3, 6])"),
)
TWO = notebook(
    locked("imports", "import numpy as np"),
    solution("one", "def one(x):\n    return x"),
    graded_test("one-check", "assert one(1) == 1"),
    graded_test("one-values", "assert one(2) == 2"),
    solution("two", "def two(x):\n    return x"),
    graded_test("two-check", "assert two(1) == 1"),
)


# --- who runs what ------------------------------------------------------------------------------------------------


def test_right_answer_earns_its_points(judge):
    assert judge.grade(DOUBLE, DOUBLE).marks == {"double-check": 1, "double-values": 1}


def test_students_names_do_not_reach_the_tests(judge):
    mine = "class np:\n    array_equal = lambda *a: True\ndef double(x, times=2):\n    return 0"
    assert sum(judge.grade(answer(DOUBLE, double=mine), DOUBLE).marks.values()) == 0


def test_only_what_the_instructors_cell_binds_is_exported():
    source = "import numpy as np\nfor i in [1]:\n    total = i\nclass A: pass\ndef f(): inner = 1\n[j for j in [1]]"
    assert prepared("cell", source).binds == {"A", "f", "i", "total"}


def test_a_cell_of_the_students_own_runs_with_the_student(judge):
    graded = judge.grade(answer(DOUBLE, _own="print(double(21))"), DOUBLE)
    assert graded.notebook.cells[-1].outputs[0].text == "42\n"


def test_the_last_of_two_definitions_counts(judge):
    wrong = "def double(x, times=2):\n    return None"
    cells = [*answer(DOUBLE, double=wrong).cells]
    cells.insert(2, code("def double(x, times=2):\n    return times * x"))
    assert sum(judge.grade(notebook(*cells), DOUBLE).marks.values()) == 2


def test_edited_locked_cells_and_tests_run_as_the_instructor_wrote_them(judge):
    edited = answer(
        DOUBLE, imports="np = None", double="def double(x, times=2):\n    return 0", **{"double-check": "pass"}
    )
    graded = judge.grade(edited, DOUBLE)
    assert graded.marks == {"double-check": 0, "double-values": 0}


def test_a_forged_locked_cell_is_not_trusted(judge):
    forged = locked("mine", "assert True; double = lambda x, times=2: times * x")
    cells = [*answer(DOUBLE, double="pass").cells]
    cells.insert(2, forged)
    graded = judge.grade(notebook(*cells), DOUBLE)
    # It runs with the student, and there its definition counts as one of theirs: by its answers, not as a test.
    assert graded.marks == {"double-check": 1, "double-values": 1}
    cells[2] = locked("mine", "import builtins\nbuiltins.AssertionError = ValueError\nnp = None")
    assert sum(judge.grade(notebook(*cells), DOUBLE).marks.values()) == 0


def test_a_test_that_is_missing_earns_nothing(judge):
    handed_in = notebook(*[cell for cell in DOUBLE.cells if cell.id != "double-check"])
    assert judge.grade(handed_in, DOUBLE).marks == {"double-check": 0, "double-values": 1}


def test_two_cells_with_one_grade_id_do_not_earn_twice(judge):
    handed_in = notebook(*DOUBLE.cells, graded_test("double-check", "pass"))
    assert judge.grade(handed_in, DOUBLE).marks["double-check"] == 1


def test_points_in_the_submission_are_not_believed(judge):
    handed_in = answer(DOUBLE)
    handed_in.cells[2].metadata.nbgrader.points = 1000
    assert judge.grade(handed_in, DOUBLE).marks["double-check"] == 1


def test_partial_credit_is_what_the_last_line_says(judge):
    source = notebook(solution("a", "x = 2"), graded_test("a-check", "x / 4", points=2))
    with pytest.raises(AuthorError, match="a-check"):
        judge.grade(source, source)
    source = notebook(solution("a", "x = 8"), graded_test("a-check", "x / 4", points=2))
    assert judge.grade(answer(source, a="x = 4"), source).marks["a-check"] == 1


def test_picture_cells_are_for_the_student_only(judge):
    source = notebook(
        locked("a-picture", "y = 1\nprint('seen')"),
        solution("a", "x = 1"),
        graded_test("a-check", "'y' not in globals() or 1/0"),
    )
    graded = judge.grade(source, source)
    assert graded.marks["a-check"] == 1
    assert text(graded, "a-picture") == "seen\n"


def test_a_locked_cell_below_the_last_test_is_for_the_student_only(judge):
    source = notebook(*DOUBLE.cells, locked("goodbye", "print(double(4))\nraise ValueError('too late')"))
    graded = judge.grade(source, source)
    assert "8" in text(graded, "goodbye") and "too late" in text(graded, "goodbye")
    assert graded.log == []


def test_a_stand_in_lives_on_the_students_side_and_saves_the_parts_that_need_it(judge):
    source = notebook(
        solution("one", "def one():\n    return 1"),
        graded_test("one-check", "assert one() == 1"),
        locked("one-stand-in", "one = one if one() == 1 else lambda: 1"),
        solution("two", "def two(ones):\n    return one() + ones()"),
        graded_test("two-check", "assert two(one) == 2"),
    )
    graded = judge.grade(answer(source, one="def one():\n    return 7"), source)
    assert graded.marks == {"one-check": 0, "two-check": 1}


def test_a_stand_in_moved_above_the_tests_does_not_answer_them(judge):
    source = notebook(
        solution("one", "def one():\n    return 1"),
        graded_test("one-check", "assert one() == 1"),
        locked("lend", "one = lambda: 1"),
        graded_test("later", "assert one() == 1"),
    )
    moved = answer(source, one="raise NotImplementedError()")
    moved.cells.insert(1, moved.cells.pop(2))
    graded = judge.grade(moved, source)
    assert graded.marks == {"one-check": 0, "later": 1}
    assert [cell.metadata.nbgrader.grade_id for cell in graded.notebook.cells] == ["one", "lend", "one-check", "later"]


# --- what crosses -------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("source", [LAYER, MODULE], ids=["class", "nn.Module"])
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


# --- hang and crash -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("culprit", "sentence"),
    [
        ("while True: pass", "took longer than 1 s"),
        ("import os; os._exit(1)", "ended Python"),
        ("import ctypes; ctypes.string_at(0)", "crashed Python"),
        ("import signal\n    signal.signal(2, signal.SIG_IGN)\n    while True: pass", "did not react"),
    ],
    ids=["loop", "exit", "crash", "deaf loop"],
)
def test_a_function_that_hangs_or_crashes_costs_only_itself(judge, culprit, sentence):
    graded = judge.grade(answer(TWO, one=f"def one(x):\n    {culprit}"), TWO)
    assert graded.marks == {"one-check": 0, "one-values": 0, "two-check": 1}
    assert sentence in text(graded, "one-check")


def test_a_cell_that_crashes_is_left_out_and_the_others_run_again(judge):
    cells = [*TWO.cells]
    cells.insert(2, code("import os\nos._exit(1)"))
    graded = judge.grade(notebook(*cells), TWO)
    assert set(graded.marks.values()) == {1}
    assert "ended Python" in graded.notebook.cells[2].outputs[0].evalue


def test_a_function_that_ran_out_of_time_is_not_waited_for_again(judge):
    calls = "\n".join(f"try:\n    one({i})\nexcept Exception: pass" for i in range(5))
    source = notebook(
        solution("one", "def one(x):\n    return x"),
        graded_test("one-check", "assert one(1) == 1"),
        graded_test("one-values", calls),
    )
    graded = judge.grade(answer(source, one="def one(x):\n    while True: pass"), source)
    assert set(graded.marks.values()) == {0}
    assert "not called again" in text(graded, "one-values")


def test_crashing_again_and_again_comes_to_an_end(judge):
    cells = [code("import os\nos._exit(1)") for _ in range(9)]
    graded = judge.grade(notebook(*cells, *TWO.cells), TWO)
    assert set(graded.marks.values()) == {0}
    assert "too often" in text(graded, "imports")


# --- what is shown --------------------------------------------------------------------------------------------------


def test_output_looks_as_in_a_notebook(judge):
    source = notebook(solution("a", "x = 1"), graded_test("a-check", "assert x == 1\nprint('well done')"))
    mine = (
        "%matplotlib inline\nimport sys\nimport matplotlib.pyplot as plt\nx = 1\nprint('out')\n"
        "print('err', file=sys.stderr)\nplt.plot([1, 2])\nplt.show()\n{'a': x}"
    )
    graded = judge.grade(answer(source, a=mine), source)
    stream, complaint, picture, result = outputs(graded, "a")
    assert (stream.name, stream.text, complaint.name) == ("stdout", "out\n", "stderr")
    assert picture.data["image/png"].startswith("iVBOR")
    assert result.data["text/plain"] == "{'a': 1}" and result.execution_count == 1
    assert graded.notebook.cells[0].execution_count == 1
    assert text(graded, "a-check") == "well done\n"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("x = 1\nget_ipython().run_line_magic('pinfo2', 'x') if x > 1 else print('as Python')", "as Python"),
        ("import asyncio\nawait asyncio.sleep(0)\nprint('waited')", "waited"),
        ("\n\ndef f():\n    return 'blank lines first'\nprint(f())", "blank lines first"),
        ("for i in range(2):\n    %timeit -n1 -r1 pass\nprint('timed')", "timed"),
        ("words = !ls\nprint(words)", "[]"),
        ("pwd", "'/tmp/work'"),
    ],
)
def test_python_and_magics_run_as_in_a_notebook(judge, cell, shown):
    source = notebook(solution("a", "x = 1"), graded_test("a-check", "assert True"))
    assert shown in text(judge.grade(answer(source, a=cell), source), "a")


def test_a_transformer_of_the_students_own_changes_the_cells_that_follow(judge):
    louder = "get_ipython().input_transformers_post.append(lambda lines: [line.replace('hm', 'HM') for line in lines])"
    source = notebook(
        solution("a", "x = 1"), solution("b", "print('hm')\nprint('hm')"), graded_test("b-check", "assert True")
    )
    assert text(judge.grade(answer(source, a=louder), source), "b") == "HM\nHM\n"


def test_the_first_cell_finds_a_fresh_notebook(judge):
    source = notebook(solution("a", "x = 1"), graded_test("a-check", "assert True"))
    looks = "print(sorted(name for name in globals() if name[0] != '_'))\nprint(len(In), Out)"
    graded = judge.grade(answer(source, a=looks), source)
    names, rest = text(graded, "a").splitlines()
    assert names == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit']"
    assert rest == "2 {}"


def test_prints_and_warnings_of_a_function_cost_nothing(judge):
    noisy = "import sys, warnings\ndef double(x, times=2):\n    print('hm'); print('oh', file=sys.stderr); warnings.warn('careful')\n    return times * x"
    graded = judge.grade(answer(DOUBLE, double=noisy), DOUBLE)
    assert set(graded.marks.values()) == {1}
    assert "hm" in text(graded, "double-check") and "careful" in text(graded, "double-check")


def test_too_much_output_is_cut_with_a_word(judge):
    graded = judge.grade(answer(DOUBLE, double="print('x' * 100_000)"), DOUBLE)
    shown = text(graded, "double")
    assert len(shown) < 60_000 and "the rest is left out" in shown


def test_a_syntax_error_is_shown_where_it_is(judge):
    graded = judge.grade(answer(DOUBLE, double="def double(x:\n    return 2"), DOUBLE)
    assert "SyntaxError" in text(graded, "double") and "def double(x:" in text(graded, "double")
    assert set(graded.marks.values()) == {0}


@pytest.mark.parametrize(
    "habit",
    ["!pip install x", "%pip install x", "!wget http://x/y", "x = !ls", "%%bash\nls", "from google.colab import drive\ndrive.mount('/content')",
     "from google.colab import files\nfiles.upload()", "%matplotlib notebook", "%load_ext autoreload", "%timeit -n1 -r1 1+1", "%cd /tmp", "?print"],
)  # fmt: skip
def test_habits_of_colab_cost_nothing(judge, habit):
    cells = [code(habit), *DOUBLE.cells]
    graded = judge.grade(notebook(*cells), DOUBLE)
    assert not [output for output in graded.notebook.cells[0].outputs if output.output_type == "error"]
    assert set(graded.marks.values()) == {1}


def test_shell_escapes_say_that_they_did_nothing(judge):
    graded = judge.grade(notebook(code("!pip install x"), *DOUBLE.cells), DOUBLE)
    assert "[not run while grading] pip install x" in graded.notebook.cells[0].outputs[0].text


# --- one submission and the next ------------------------------------------------------------------------------------


def test_files_are_there_and_what_is_written_is_gone_the_next_time(judge):
    read = answer(
        DOUBLE,
        _read="import os\nprint(sorted(os.listdir('.')), open('data/a.csv').read())\nopen('mine', 'w').write('x')",
    )
    for _ in range(2):
        graded = judge.grade(read, DOUBLE, {"data/a.csv": b"1,2"})
        assert graded.notebook.cells[-1].outputs[0].text == "['data'] 1,2\n"


def test_grading_twice_gives_the_same(judge):
    random = answer(DOUBLE, _random="print(np.random.rand(3), hash('x'))")
    first, second = (judge.grade(random, DOUBLE) for _ in range(2))
    assert first.notebook == second.notebook


def test_what_a_test_leaves_behind_is_gone_the_next_time(judge):
    source = notebook(
        solution("a", "x = 1"),
        graded_test(
            "a-check",
            "import numpy as np\nassert not hasattr(np, 'left') or x == 1\nif x != 1: np.left = 1; assert False",
        ),
    )
    assert judge.grade(answer(source, a="x = 2"), source).marks["a-check"] == 0
    assert judge.grade(source, source).marks["a-check"] == 1


def test_odd_metadata_is_no_trouble(judge):
    nested = "\ud800"
    for _ in range(60):
        nested = {"deeper": [nested, 10**30]}
    submitted = answer(TWO)
    submitted.cells[0].metadata["mine"] = nested
    graded = judge.grade(submitted, TWO, {"data\udcff.bin": bytes(range(256))})
    assert set(graded.marks.values()) == {1}
    assert graded.notebook.cells[0].metadata["mine"] == nested


def test_a_large_array_is_no_trouble(judge):
    source = notebook(
        locked("imports", "import numpy as np"), solution("a", "def a(n):\n    return np.ones(n)"),
        graded_test("a-check", "assert a(10**6).sum() == 10**6"),
    )  # fmt: skip
    assert judge.grade(source, source).marks["a-check"] == 1
    assert np.isclose(judge.grade(answer(source, a="def a(n):\n    return np.ones(10**8)"), source).marks["a-check"], 0)
