"""gradebox similar: copies stand out in disguise, what is common accuses nobody, and bad input does no harm."""

import nbformat
import pytest
from alike_class import DISGUISES, EXERCISES, handed_in, honest
from conftest import graded_test, notebook, run, solution

from gradebox.alike import Answer, Pair, alike, groups, similar_page

CLASS = {f"s{number:02}": honest(number) for number in range(40)}
MARKUP = "<img src=x onerror=alert(1)>"


def named(work: dict[str, dict[str, str]]) -> set[tuple[str, str]]:
    return {tuple(sorted(pair.students)) for pair in alike(handed_in(work))}


@pytest.mark.parametrize("disguise", ["as it is", "names", "comments, lay-out", "constants", "order of lines"])
def test_a_disguised_copy_is_named_first(disguise):
    copy = {name: DISGUISES[disguise](CLASS["s03"][name]) for name in EXERCISES}
    best = alike(handed_in(CLASS | {"copy": copy}))[0]
    assert sorted(best.students) == ["copy", "s03"]


def test_honest_work_is_seldom_named():
    assert len(named(CLASS)) <= 2  # of 780 pairs


def test_what_everybody_writes_accuses_nobody():
    same = {f"s{number}": honest(1) for number in range(20)}
    assert named(same) == set()


def test_two_alone_and_one_alone_are_no_class():
    assert named({"a": honest(1)}) == set()
    short = Answer("a", "def double(x):\n    return x * 2"), Answer("b", "def double(x):\n    return x * 2")
    assert alike({"double": (list(short), [])}) == []


def test_a_blank_class_accuses_nobody():
    stub = Answer("", "def f(x):\n    ...  # YOUR CODE HERE")
    assert alike({"f": ([Answer(name, stub.text) for name in "abc"] + [Answer("d", "")], [stub])}) == []


def test_answers_that_are_no_python_are_compared_as_well():
    broken = {name: text + "\n    return ((" for name, text in CLASS["s03"].items()}
    work = CLASS | {"s03": broken, "copy": {name: text.replace("return", "yield") for name, text in broken.items()}}
    assert ("copy", "s03") in named(work)


def test_prose_is_compared_by_its_words():
    said = "The scores grow with the square root of the size, so the softmax saturates and no gradient is left for us."
    others = [Answer(f"s{n}", " ".join(f"word{n}{m} other{m * n}" for m in range(15)), False) for n in range(20)]
    copied = [Answer("a", f"{said} {said[::-1]}", False), Answer("b", f"{said}  {said[::-1]}".upper(), False)]
    (pair,) = alike({"why": (others + copied, [])})
    assert pair.students == ("a", "b")


def test_linked_pairs_are_a_group():
    pairs = [Pair(students, ()) for students in (("a", "b"), ("b", "c"), ("x", "y"))]
    assert groups(pairs) == [["a", "b", "c"]]


@pytest.fixture
def course(tmp_path):
    """A graded course, as far as this command reads it: a copied pair, one of whose ids is markup."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    usual = {name: known[0].text for name, (_, known) in handed_in({}).items()}
    hand_out(tmp_path / "source" / "hw", usual)
    for student, answers in CLASS.items():
        hand_out(tmp_path / "autograded" / student / "hw", answers)
    copied = {name: f"{text}\n    # {MARKUP}\u202e\n" + "#" * 100_000 for name, text in CLASS["s03"].items()}
    hand_out(tmp_path / "autograded" / MARKUP.replace("/", "") / "hw", copied)
    return tmp_path


def hand_out(folder, answers):
    folder.mkdir(parents=True)
    cells = [
        cell for name, text in answers.items() for cell in (solution(name, text), graded_test(f"{name}-check", ""))
    ]
    nbformat.write(notebook(*cells), folder / "work.ipynb")


def test_the_page_shows_pairs_and_nothing_on_it_acts(course):
    said = run("gradebox", "similar", "hw", cwd=course).stdout
    page = (course / "feedback" / "hw-similar.html").read_text()
    assert "not a verdict" in said and "s03" in said
    assert "not a verdict" in page and "default-src 'none'" in page
    assert "&lt;img src=x" in page and "<img" not in page and "<script" not in page and "\u202e" not in page
    assert not list((course / "feedback").glob(".*"))


def test_nothing_graded_is_said_in_one_line(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    hand_out(tmp_path / "source" / "hw", honest(1))
    ended = run("gradebox", "similar", "hw", cwd=tmp_path, check=False)
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1
    assert "gradebox autograde hw" in ended.stderr


def test_a_page_without_pairs_says_so():
    assert "no two answers stand out" in similar_page("hw", [], 1)
