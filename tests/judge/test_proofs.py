"""Rehearsals: nothing of them lasts in the judge, and what they proved is kept until something changes."""

import pytest
from conftest import graded_test, locked, notebook, solution

from gradebox.judge import AuthorError, proofs
from gradebox.judge.plan import APART
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox import Sandbox

NOTHING = proofs.Proof([], APART, [])
SETTINGS = Sandbox(preload=["numpy"]).settings()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "gradebox" / "proofs"


@pytest.fixture
def judge():
    judges = []

    def start(**changed):
        judges.append(WarmJudge(SETTINGS | changed))
        return judges[-1]

    yield start
    for each in judges:
        each.close()


def counted(test: str):
    """A notebook whose test leaves a line in a file for every time it ran."""
    return notebook(
        locked("imports", "import numpy as np"),
        solution("answer", "def answer():\n    return 42"),
        graded_test("answer-values", test),
    )


def rehearsals(judge, source, path, **how) -> int:
    """How often the test ran."""
    path.write_text("")
    judge.rehearse(source, **how)
    return len(path.read_text())


def test_what_was_proved_is_not_proved_again_until_something_changes(judge, cache, tmp_path):
    path = tmp_path / "runs"
    source = counted(f"open({str(path)!r}, 'a').write('x')\nassert answer() == 42")
    first = judge()
    assert rehearsals(first, source, path, anew=False) == 2  # the second with what the first has taught
    assert len(list(cache.iterdir())) == 1
    assert rehearsals(judge(), source, path, anew=False) == 0
    assert rehearsals(judge(), source, path, anew=True) == 2
    assert rehearsals(judge(), source, path, anew=False, files={"data.csv": b"1"}) == 2
    assert rehearsals(judge(cell_seconds=7.0), source, path, anew=False) == 2
    source.cells[-1].source += "  # mended"
    assert rehearsals(judge(), source, path, anew=False) == 2


def test_a_course_folder_on_the_path_may_change(judge, tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "course"))
    path = tmp_path / "runs"
    source = counted(f"open({str(path)!r}, 'a').write('x')\nassert answer() == 42")
    assert rehearsals(judge(), source, path, anew=False) == 2
    (tmp_path / "course" / "gradebook.db-journal").touch()
    assert rehearsals(judge(), source, path, anew=False) == 0


def test_grading_goes_on_as_before_with_a_kept_proof(judge):
    source = counted("assert answer() == 42")
    wrong = notebook(*source.cells)
    wrong.cells[1] = solution("answer", "def answer():\n    return 7")
    judge().rehearse(source, anew=False)
    again = judge()
    again.rehearse(source, anew=False)
    assert again.grade(source, source).marks == {"answer-values": 1}
    assert again.grade(wrong, source).marks == {"answer-values": 0}


def test_a_failed_rehearsal_proves_nothing(judge, cache):
    source = counted("assert answer() == 43")
    for _ in range(2):
        with pytest.raises(AuthorError, match="answer-values"):
            judge().rehearse(source, anew=False)
    assert not cache.exists()


@pytest.mark.parametrize("spoiled", [b"", b"[1]", b"\xff{"])
def test_a_spoiled_proof_is_no_proof(judge, cache, tmp_path, spoiled):
    path = tmp_path / "runs"
    source = counted(f"open({str(path)!r}, 'a').write('x')\nassert answer() == 42")
    judge().rehearse(source, anew=False)
    next(cache.iterdir()).write_bytes(spoiled)
    assert rehearsals(judge(), source, path, anew=False) == 2


def test_old_proofs_are_forgotten(cache, monkeypatch):
    proofs.keep("old", NOTHING)
    monkeypatch.setattr(proofs, "KEPT_SECONDS", -1000)
    proofs.keep("new", NOTHING)
    assert [path.name for path in cache.iterdir()] == []


def test_no_place_to_keep_them_costs_only_time(cache, judge):
    cache.parent.parent.mkdir(exist_ok=True)
    cache.parent.write_text("a file where a folder should be")
    judge().rehearse(counted("assert answer() == 42"), anew=False)
