"""What instructors leave unmarked: cells of data, imports and helpers, and imports that only a solution has."""

import pytest
from conftest import code, graded_test, locked, notebook, solution
from small_notebooks import answer, impatient_judge


@pytest.fixture(scope="module")
def judge():
    with impatient_judge() as warm:
        yield warm


DATA = notebook(
    code("import math\ndata = [1, 2, 3]"),
    solution("total", "def total():\n    return sum(data)"),
    code("def half(x):\n    return x / 2"),
    graded_test("total-check", "assert total() == sum(data)\nassert half(math.floor(7.5)) == 3.5", points=2),
)


def test_a_plain_cell_of_the_instructors_gives_its_names_to_solutions_and_tests(judge):
    assert judge.grade(DATA, DATA).marks == {"total-check": 2}


def test_what_a_student_makes_of_it_stays_with_the_student(judge):
    """Else nobody would have to add: data of one's own has any sum one likes."""
    work = answer(DATA)
    work.cells[0].source = "data = []\nclass math:\n    floor = lambda x: 7"
    work.cells[2].source = "def half(x):\n    return 3.5"
    assert judge.grade(work, DATA).marks == {"total-check": 0}
    work.cells[1].source = "def total():\n    return 6"
    assert judge.grade(work, DATA).marks == {"total-check": 2}


def test_a_plain_cell_that_was_deleted_is_missed_by_the_student_alone(judge):
    work = answer(DATA, total="def total():\n    return 6")
    work.cells = [work.cells[1], work.cells[3]]
    assert judge.grade(work, DATA).marks == {"total-check": 2}


def test_a_plain_cell_that_calls_the_solution_works_from_afar(judge):
    source = notebook(
        solution("double", "def double(x):\n    return 2 * x"),
        code("result = double(21)"),
        graded_test("double-check", "assert result == 42"),
    )
    assert judge.grade(source, source).marks == {"double-check": 1}
    assert judge.grade(answer(source, double="def double(x):\n    return x"), source).marks == {"double-check": 0}


def test_a_plain_cell_runs_in_its_place(judge):
    source = notebook(
        locked("start", "x = 1"),
        solution("x", "x = 2"),
        graded_test("x-check", "assert x == 2"),
        code("x = 3"),
        graded_test("x-values", "assert x == 3"),
    )
    assert judge.grade(source, source).marks == {"x-check": 1, "x-values": 1}


def test_a_plain_cell_that_fails_says_so_in_the_log_and_stops_nothing(judge):
    source = notebook(
        solution("a", "a = 1"), code("print(a)\n1 / 0"), graded_test("a-check", "assert a == 1"), code("1 / 0")
    )
    graded = judge.grade(source, source)
    assert graded.marks == {"a-check": 1}
    assert graded.log == ["cell 2 of the source (judge): ZeroDivisionError: division by zero"]


def test_what_only_a_solution_imports_is_there_for_its_tests(judge):
    source = notebook(
        solution("root", "import numpy as np\nfrom math import sqrt as root\ndef f(x):\n    return root(x)"),
        graded_test("root-check", "assert np.isclose(f(2), root(2)) and isinstance(np.float64(1), np.floating)"),
    )
    assert judge.grade(source, source).marks == {"root-check": 1}
    forged = "class np:\n    isclose = lambda *a: True\n    float64 = floating = int\nroot = print\ndef f(x): return 0"
    assert judge.grade(answer(source, root=forged), source).marks == {"root-check": 0}
