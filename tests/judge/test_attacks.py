"""Every attack in tests/judge/attacks earns nothing, costs nobody anything and leaves nothing behind."""

import importlib
import time
from pathlib import Path

import pytest
from attack_notebooks import ATTACKS, TARGET, attack_notebook, by_exercise
from processes import descendants, gone
from sample_class import ATTENTION, COURSE, SAMPLES, build, source, without_pictures

from gradebox.judge.modules import course_modules
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox

SAME = 20  # looks, one after the other, at which an idle judge has to have as many processes


@pytest.fixture(scope="module")
def judges():
    """Warm judges by their limits, each with how many processes it keeps ready: most attacks share one."""
    started = {}

    def judge(limits: dict) -> tuple[WarmJudge, int]:
        key = repr(limits)
        if key not in started:
            # What a cell needs on the clock is the machine's affair; what it needs of the processor is limited.
            sandbox = Sandbox(**{"clock_seconds": 10, **limits})
            warm = WarmJudge(sandbox.settings(), course_modules(COURSE, SOURCE))
            warm.rehearse(SOURCE)
            started[key] = warm, kept_ready(warm)
        return started[key]

    yield judge
    for each, _ in started.values():
        each.close()


def kept_ready(judge: WarmJudge) -> int:
    """How many processes an idle judge has: its warm parents, and those forked ahead for the next submission."""
    seen: list[int] = []
    while len(seen) < SAME or len({*seen[-SAME:]}) > 1:
        seen.append(len(descendants(judge.process.pid)))
        time.sleep(0.1)
    return seen[-1]


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
    judge, processes = judges(getattr(attack, "LIMITS", {}))
    full = next(sample for sample in SAMPLES if sample.student == "sample-full-marks")
    neighbour = next(without_pictures(notebook) for path, notebook in build(full).items() if path.stem in ATTENTION)
    expected = {exercise: points for exercise, points in full.expected(ATTENTION).items() if points}
    names = files()

    attacked = by_exercise(judge.grade(without_pictures(attack_notebook(attack)), SOURCE).marks)
    after = by_exercise(judge.grade(neighbour, SOURCE).marks)

    assert attack.__doc__
    assert attacked == expected | {TARGET: 0}
    assert after == expected
    # As many as before: a judge and a student's process are kept ready, new ones after every submission.
    assert gone(lambda: len(descendants(judge.process.pid)) > processes)
    assert files() <= names
