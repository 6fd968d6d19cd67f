"""What is shown of a submission that was graded: it looks as in a notebook, and habits cost nothing."""

import pytest
from conftest import code, graded_test, notebook, solution
from small_notebooks import DOUBLE, answer, impatient_judge, outputs, text


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


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


def test_a_library_that_is_not_there_costs_only_what_uses_it(judge):
    """Its import is told; what stands below it counts, line numbers and all."""
    mine = (
        "print('once')\nimport no_such_library\nfrom neither import this\n\n"
        "def double(x, times=2):\n    return times * x\n\n1 / 0"
    )
    graded = judge.grade(answer(DOUBLE, double=mine), DOUBLE)
    assert set(graded.marks.values()) == {1}
    said = text(graded, "double")
    assert said.startswith("once\n\ncell double, line 2\n") and "No module named 'no_such_library'" in said

    uses_it = "import no_such_library\n%pwd\ndef double(x, times=2):\n    return no_such_library.double(x)"
    graded = judge.grade(answer(DOUBLE, double=uses_it), DOUBLE)
    assert set(graded.marks.values()) == {0}
    assert "name 'no_such_library' is not defined" in text(graded, "double-check")


def test_the_one_function_asked_for_counts_under_another_name(judge):
    graded = judge.grade(answer(DOUBLE, double="def twice(x, times=2):\n    return times * x"), DOUBLE)
    assert set(graded.marks.values()) == {1}
    assert "Your `twice` was taken for `double`" in text(graded, "double")
    assert any("`twice`" in line for line in graded.log)


@pytest.mark.parametrize(
    "mine",
    [
        "def twice(x):\n    return 2 * x",
        "def helper(x, times=2):\n    return x\n\ndef twice(x, times=2):\n    return 2 * x",
        "double = None\n\ndef twice(x, times=2):\n    return 2 * x",
        "class Twice:\n    pass",
    ],
    ids=["other parameters", "which of them", "the name is taken", "a class"],
)
def test_another_name_is_taken_only_where_nothing_else_can_be_meant(judge, mine):
    assert set(judge.grade(answer(DOUBLE, double=mine), DOUBLE).marks.values()) == {0}


def test_a_helper_at_the_bottom_is_there_in_time(judge):
    """It had run before in the student's session; what else stands there has not, and stays below."""
    mine = answer(DOUBLE, double="def double(x, times=2):\n    return scaled(x, times)")
    mine.cells.append(code("import math\n\ndef scaled(x, by):\n    return by * x"))
    graded = judge.grade(mine, DOUBLE)
    assert set(graded.marks.values()) == {1}
    assert any("scaled" in line for line in graded.log)
    assert graded.notebook.cells[-1].source.startswith("import math")

    mine.cells[-1].source += "\nprint(double(3))"
    assert set(judge.grade(mine, DOUBLE).marks.values()) == {0}
