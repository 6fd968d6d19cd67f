"""Every attack in tests/judge/attacks earns nothing, costs nobody anything and leaves nothing behind."""

import importlib
import time
from pathlib import Path

import pytest
from attack_notebooks import ATTACKS, TARGET, attack_notebook, by_exercise
from processes import descendants
from sample_class import ATTENTION, COURSE, SAMPLES, build, source, without_pictures

from gradebox.judge.modules import course_modules
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox


@pytest.fixture(scope="module")
def judges():
    """Warm judges by their limits: most attacks share one."""
    started = {}

    def judge(limits: dict) -> WarmJudge:
        key = repr(limits)
        if key not in started:
            started[key] = WarmJudge(Sandbox(**limits).settings(), course_modules(COURSE, source(ATTENTION)))
        return started[key]

    yield judge
    for each in started.values():
        each.close()


def gone(leftovers) -> bool:
    """Whether there are none; the kernel may take a moment to clear a process away."""
    deadline = time.monotonic() + 5
    while leftovers():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def kept_ready(judge: WarmJudge) -> int:
    """How many processes an idle judge has: its warm parents, and those forked ahead for the next submission."""
    number, deadline = -1, time.monotonic() + 5
    while number != (number := len(descendants(judge.process.pid))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return number


SOURCE = without_pictures(source(ATTENTION))  # which take most of the time, and which no attack is about

# In a home, and made by the tools of tests that run at the same time.
OTHERS = {".cache", ".config", ".dbus", ".ipython", ".jupyter", ".local", ".npm", ".pki"}


def files() -> set[str]:
    """Names in the places an attack could reach if a wall had a hole."""
    shared = [path for place in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(place).glob("attack*")]
    own = [path for place in (COURSE, COURSE / "submitted", COURSE / "source", Path.home()) for path in place.iterdir()]
    return {str(path) for path in shared + own if path.name not in OTHERS}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_fails(name, judges):
    attack = importlib.import_module(f"judge.attacks.{name}")
    judge = judges(getattr(attack, "LIMITS", {}))
    full = next(sample for sample in SAMPLES if sample.student == "sample-full-marks")
    neighbour = next(without_pictures(notebook) for path, notebook in build(full).items() if path.stem in ATTENTION)
    expected = {exercise: points for exercise, points in full.expected(ATTENTION).items() if points}
    judge.rehearse(SOURCE)
    processes, names = kept_ready(judge), files()

    attacked = by_exercise(judge.grade(without_pictures(attack_notebook(attack)), SOURCE).marks)
    after = by_exercise(judge.grade(neighbour, SOURCE).marks)

    assert attack.__doc__
    assert attacked == expected | {TARGET: 0}
    assert after == expected
    # As many as before: a judge and a student's process are kept ready, new ones after every submission.
    assert gone(lambda: len(descendants(judge.process.pid)) > processes)
    assert files() <= names
