"""What the judge does with a submission: who runs what, what is earned, what hanging or crashing costs."""

import numpy as np
import pytest
from conftest import code, graded_test, locked, notebook, solution
from small_notebooks import DOUBLE, TWO, answer, impatient_judge, text

from gradebox.judge.cells import prepared
from gradebox.judge.errors import AuthorError


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


# --- who runs what ------------------------------------------------------------------------------------------------


def test_right_answer_earns_its_points(judge):
    assert judge.grade(DOUBLE, DOUBLE).marks == {"double-check": 1, "double-values": 1}


def test_students_names_do_not_reach_the_tests(judge):
    mine = "class np:\n    array_equal = lambda *a: True\ndef double(x, times=2):\n    return 0"
    assert sum(judge.grade(answer(DOUBLE, double=mine), DOUBLE).marks.values()) == 0


def test_only_what_the_instructors_cell_binds_is_exported():
    source = "import numpy as np\nfor i in [1]:\n    total = i\nclass A: pass\n"
    source += "def f(): inner = 1\n[j for j in [1]]\n{k: {k} for k in [1]}"
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
