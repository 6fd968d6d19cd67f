"""Tests that cannot run apart from the student's code: found out by rehearsal, run with it, and nothing else is."""

import pytest
from conftest import graded_test, locked, notebook, solution, with_long
from small_notebooks import answer, text
from traitlets.config import Config

from gradebox.judge import AuthorError, Stock, WarmJudge
from gradebox.judge.settings import settings_for

SQUARES = "### BEGIN SOLUTION\ndef squares(n):\n    return [i * i for i in range(n)]\n### END SOLUTION"
SUM = "### BEGIN SOLUTION\ndef sum_of_squares(n):\n    return sum(squares(n))\n### END SOLUTION"
USED = """
kept = squares
del squares
try:
    sum_of_squares(3)
except NameError:
    pass
else:
    raise AssertionError("sum_of_squares does without squares")
finally:
    squares = kept
"""
SUMS = notebook(
    solution("squares", SQUARES),
    graded_test("squares-check", "assert squares(3) == [0, 1, 4]"),
    solution("sum", SUM),
    graded_test("sum-check", "assert sum_of_squares(3) == 5"),
    graded_test("sum-used", USED),
)
ALL = {"squares-check": 1, "sum-check": 1, "sum-used": 1}


class Course:
    """A judge that has rehearsed a notebook with stock nbgrader beside it."""

    def __init__(self, source, files=None, **settings):
        self.config = Config({"Sandbox": {"preload": ["numpy"], "cell_seconds": 5.0}})
        self.config.merge(Config(settings))
        self.source = source
        self.judge = WarmJudge(settings_for(self.config, source))
        self.stock = Stock(self.config, files or {}, {})
        self.proof = self.judge.rehearse(source, files, stock=self.stock)

    def grade(self, **written):
        return self.judge.grade(answer(self.source, **written), self.source)

    @property
    def together(self):
        return set(self.proof.plan.together)


@pytest.fixture(scope="module")
def sums():
    course = Course(SUMS)
    yield course
    course.judge.close()


@pytest.fixture
def rehearsed():
    courses = []

    def rehearse(*cells, **settings):
        courses.append(Course(notebook(*cells), **settings))
        return courses[-1]

    yield rehearse
    for course in courses:
        course.judge.close()


def test_only_what_cannot_run_apart_runs_together_and_that_is_said(sums):
    assert sums.together == {"sum-used"}
    assert sums.proof.said() == [
        "tests that run together with the student's code, which could tamper with them: sum-used"
    ]
    graded = sums.grade()
    assert graded.marks == ALL
    assert "together with the student's code: sum-used" in graded.log


def test_everybody_gets_what_stock_nbgrader_gives(sums):
    doing_without = sums.grade(sum="def sum_of_squares(n):\n    return sum(i * i for i in range(n))")
    assert doing_without.marks == ALL | {"sum-used": 0}
    assert "does without squares" in text(doing_without, "sum-used")
    wrong = sums.grade(squares="def squares(n):\n    return [0] * n")
    assert wrong.marks == {"squares-check": 0, "sum-check": 0, "sum-used": 1}
    assert sums.judge.grade(sums.stock.blank(SUMS), SUMS).marks == dict.fromkeys(ALL, 0)


def test_tampering_reaches_only_what_runs_together(sums):
    forger = (
        "class Equal(list):\n    def __eq__(self, other):\n        return True\n\ndef squares(n):\n    return Equal()"
    )
    assert sums.grade(squares=forger).marks["squares-check"] == 0
    silenced = (
        "get_ipython().ast_transformers.append(type('T', (), {'visit': lambda self, tree: type(tree)([], [])})())"
    )
    assert sums.grade(_last=silenced, squares=f"{silenced}\ndef squares(n):\n    return []").marks["squares-check"] == 0


@pytest.mark.parametrize(
    "end", ["import os; os._exit(0)", "while True: pass", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_who_ends_the_process_does_not_pass_what_runs_together(sums, end):
    mine = "def sum_of_squares(n):\n    if n == 3:\n        " + end.replace("; ", "\n        ")
    assert sums.grade(sum=mine).marks == {"squares-check": 1, "sum-check": 0, "sum-used": 0}


def test_a_test_that_needs_what_another_leaves_takes_it_along(rehearsed):
    course = rehearsed(
        solution("squares", SQUARES),
        graded_test("first", "import math\nlimit = math.pi\nassert squares(2) == [0, 1]"),
        solution("sum", SUM),
        graded_test("used", f"{USED}\nassert limit > 3"),
    )
    assert course.together == {"used"}
    assert course.proof.plan.whole
    assert course.grade().marks == {"first": 1, "used": 1}
    assert course.grade(squares="def squares(n):\n    return []").marks == {"first": 0, "used": 1}


def test_what_stands_in_a_test_can_be_needed_by_a_solution(rehearsed):
    course = rehearsed(
        solution("a", "### BEGIN SOLUTION\na = 1\n### END SOLUTION"),
        graded_test("a-check", "import math\nassert a == 1"),
        solution("area", "### BEGIN SOLUTION\narea = math.pi\n### END SOLUTION"),
        graded_test("area-check", "assert round(area, 2) == 3.14"),
    )
    assert course.grade().marks == {"a-check": 1, "area-check": 1}
    assert course.grade(a="a = 2").marks == {"a-check": 0, "area-check": 1}
    assert course.grade(area="area = 3").marks == {"a-check": 1, "area-check": 0}


def test_what_does_not_earn_everything_is_told_and_graded(rehearsed):
    course = rehearsed(
        solution("a", "### BEGIN SOLUTION\na = 1\n### END SOLUTION"),
        graded_test("a-check", "assert a == 1"),
        graded_test("bonus", "assert a == 2, 'for those who found the better one'"),
    )
    assert course.proof.said()[-1:] == [
        "the test 'bonus' gives the instructor's own notebook 0 of 1 points (stock nbgrader: 0): "
        "for those who found the better one"
    ]
    assert course.grade().marks == {"a-check": 1, "bonus": 0}
    assert course.grade(a="a = 2").marks == {"a-check": 0, "bonus": 1}


TAKEN_AWAY = [
    ("np.linalg.inv = None\n", "np.linalg.inv(a)"),
    ("import builtins\nbuiltins.sum = None\n", "sum([1]) * a"),
    ("import warnings\nwarnings.simplefilter('error')\n", "np.log(-1 * a) if np.isnan(np.log(a - 5)).any() else a"),
    ("import os\nos.environ['HINT'] = ''\n", "a if __import__('os').environ.get('HINT') is None else 0 * a"),
    (
        "from unittest import mock\npatch = mock.patch('random.random', None)\npatch.start()\n",
        "a if __import__('random').random() < 1 else 0",
    ),
    ("import numpy.linalg\nnumpy.linalg.inv, kept = None, numpy.linalg.inv\nuse(1 * np.eye(2))\n", "np.linalg.inv(a)"),
]


@pytest.mark.parametrize("effect", with_long(TAKEN_AWAY, *TAKEN_AWAY[1:]))
def test_what_a_test_takes_away_is_away_for_those_whom_it_is_meant_for(rehearsed, effect):
    taken, using_it = effect
    course = rehearsed(
        locked("imports", "import numpy as np"),
        solution("use", "### BEGIN SOLUTION\ndef use(a):\n    return a\n### END SOLUTION"),
        graded_test("before", "assert use(np.eye(2)).shape == (2, 2)"),
        graded_test("without", f"{taken}assert np.array_equal(use(np.eye(2)), np.eye(2))"),
        graded_test("after", "assert use(np.eye(2)).shape == (2, 2)"),
    )
    assert course.together == {"without", "after"}
    assert course.grade().marks == {"before": 1, "without": 1, "after": 1}
    marks = course.grade(use=f"def use(a):\n    return {using_it}").marks
    assert (marks["before"], marks["without"]) == (1, 0)


def test_a_test_that_makes_data_of_its_own_runs_apart(rehearsed):
    course = rehearsed(
        locked("imports", "import numpy as np\nimport matplotlib.pyplot as plt"),
        solution("twice", "### BEGIN SOLUTION\ndef twice(a):\n    return 2 * a\n### END SOLUTION"),
        graded_test("twice-check", "np.random.seed(3)\na = np.random.rand(5)\nassert np.allclose(twice(a), a + a)"),
        graded_test("drawn", "plt.plot([1, 2])\nimport statistics\nassert statistics.mean(twice(np.arange(3))) == 2"),
    )
    assert course.together == set()
    assert course.proof.said() == []


def test_an_import_that_a_student_left_out_is_missed(rehearsed):
    course = rehearsed(
        solution(
            "mean", "### BEGIN SOLUTION\nimport numpy as np\n\ndef mean(a):\n    return np.mean(a)\n### END SOLUTION"
        ),
        graded_test("mean-check", "assert mean(np.arange(3)) == 1"),
    )
    assert course.together == set()
    assert course.grade().marks == {"mean-check": 1}
    other_name = "import numpy\n\ndef mean(a):\n    return numpy.mean(a)"
    assert course.grade(mean=other_name).marks == {"mean-check": 0}
    assert course.grade(mean=f"{other_name}\nnp = None").marks == {
        "mean-check": 1
    }  # a module is ours, whatever they say


def test_modules_and_files_beside_the_notebook_are_found_by_all(rehearsed, tmp_path):
    files = {"units.py": b"FOOT = 0.3048\n", "data/lengths.txt": b"1 2 3"}
    source = notebook(
        locked("imports", "import units"),
        solution("metres", "### BEGIN SOLUTION\ndef metres(feet):\n    return feet * units.FOOT\n### END SOLUTION"),
        graded_test("metres-check", "import units as u\nassert metres(10) == 10 * u.FOOT"),
        graded_test("file", "lengths = open('data/lengths.txt').read().split()\nassert metres(len(lengths)) > 0.9"),
    )
    course = Course(source, files)
    assert course.together == set()
    mine = {**files, "units.py": b"FOOT = 1\n"}
    graded = course.judge.grade(source, source, mine)
    assert graded.marks == {"metres-check": 0, "file": 1}  # the test has the instructor's
    course.judge.close()


def test_what_depends_on_chance_is_told_and_graded(rehearsed, tmp_path):
    (tmp_path / "runs").write_text("")
    odd = f"runs = open({str(tmp_path / 'runs')!r}, 'r+')\nassert len(runs.read()) != 1\nruns.write('x')"
    course = rehearsed(locked("nothing", "pass"), graded_test("fickle", odd), Judge={"together": "refuse"})
    assert (
        "'fickle' gave the instructor's own notebook 1 points, and 0 when it was graded again" in course.proof.said()[0]
    )


class TestRefusing:
    """`c.Judge.together = "refuse"`."""

    def test_a_test_that_cannot_run_apart_is_named(self, rehearsed):
        with pytest.raises(AuthorError, match=r"'sum-used' cannot run apart.*gets 0 of 1, by stock nbgrader 1"):
            rehearsed(*SUMS.cells, Judge={"together": "refuse"})

    def test_a_test_that_takes_something_away_is_named(self, rehearsed):
        taking = graded_test("taking", "import builtins\nbuiltins.sum = None\nassert sum_of_squares(3) == 5")
        adding = solution("sum", "def sum_of_squares(n):\n    return 5")
        with pytest.raises(AuthorError, match=r"'taking' has to run together.*it changes what the student's code"):
            rehearsed(adding, taking, Judge={"together": "refuse"})

    def test_a_test_that_nobody_passes_is_only_told(self, rehearsed):
        course = rehearsed(graded_test("broken", "def ("), Judge={"together": "refuse"})
        assert "'broken'" in course.proof.said()[0]
        assert course.grade().marks == {"broken": 0}


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("import os\nos._exit(3)", "The cell 'ends' ended the process it ran in"),
        ("import ctypes\nctypes.string_at(0)", "The cell 'ends' ended the process it ran in"),
    ],
)
def test_a_test_that_kills_its_process_is_named(rehearsed, test, why):
    with pytest.raises(AuthorError, match=why):
        rehearsed(graded_test("well", "assert True"), graded_test("ends", test))


def test_a_test_that_never_ends_costs_its_own_points(rehearsed):
    course = rehearsed(
        graded_test("endless", "while True:\n    pass"),
        solution("a", "### BEGIN SOLUTION\na = 1\n### END SOLUTION"),
        graded_test("a-check", "assert a == 1"),
        Sandbox={"cell_seconds": 1.0, "preload": ["numpy"]},
        Judge={"together": "refuse"},
        Execute={"timeout": 2},
    )
    assert "'endless'" in course.proof.said()[0]
    assert course.grade().marks == {"endless": 0, "a-check": 1}


def test_an_instructors_notebook_that_ends_its_process_at_last_is_told_and_graded(rehearsed):
    course = rehearsed(
        graded_test("a-check", "assert True"),
        *(locked(f"ends-{number}", "import os\nos._exit(1)") for number in range(7)),
        Judge={"together": "refuse"},
    )
    assert course.grade().marks == {"a-check": 1}


def test_a_solution_that_raises_costs_its_own_points_and_is_told(rehearsed):
    course = rehearsed(
        solution("a", "### BEGIN SOLUTION\na = 1 / 0\n### END SOLUTION"),
        graded_test("a-check", "assert a == 1"),
        solution("b", "### BEGIN SOLUTION\nb = 2\n### END SOLUTION"),
        graded_test("b-check", "assert b == 2"),
    )
    assert "the instructor's own solution cell 'a' raises: division by zero" in course.proof.said()
    assert course.proof.said()[-1].startswith("the test 'a-check' gives the instructor's own notebook 0 of 1 points")
    assert course.grade().marks == {"a-check": 0, "b-check": 1}
    assert course.grade(a="a = 1").marks == {"a-check": 1, "b-check": 1}
