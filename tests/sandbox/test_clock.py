"""Time limits on a busy machine: what an honest notebook waits for a processor is not its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from textwrap import indent

import pytest
from conftest import graded_test, notebook, solution
from inside_the_walls import LIGHT
from small_notebooks import answer, text

from gradebox.judge.warm import WarmJudge
from gradebox.sandbox import clock
from gradebox.sandbox.clock import FairClock
from gradebox.sandbox.walls import Sandbox

OTHERS = 5  # processes that want the same processor
WORK_SECONDS = 0.8  # of it; five others make it more than what the clock allows
BUSY = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass"
WORK = notebook(
    solution("work", "def work():\n" + indent(BUSY.format(WORK_SECONDS), "    ")),
    graded_test("called", "work()"),
    graded_test("judged", BUSY.format(WORK_SECONDS)),
)


@contextmanager
def one_processor() -> Iterator[None]:
    """What starts now runs on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def others() -> Iterator[None]:
    """Processes that never rest."""
    with ExitStack() as stack:
        for _ in range(OTHERS):
            stack.callback(stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"])).kill)
        yield


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this kernel does not say who waits")
def test_on_a_busy_machine_who_works_gets_the_time_and_who_sleeps_is_stopped():
    sleeps = answer(WORK, work="import time\ndef work():\n    time.sleep(600)")
    with one_processor():
        judge = WarmJudge(Sandbox(cell_seconds=20, clock_seconds=2, **LIGHT).settings())
        try:
            with others():
                honest, sleeper = judge.grade(WORK, WORK), judge.grade(sleeps, WORK)
        finally:
            judge.close()
    assert honest.marks == {"called": 1, "judged": 1}, text(honest, "called") + text(honest, "judged")
    assert sleeper.marks == {"called": 0, "judged": 1}
    assert "It took longer than 2 s, so it was stopped." in text(sleeper, "called")


def test_who_keeps_himself_from_a_processor_is_stopped_too():
    helpers = f"import subprocess, sys\nhelpers = [[sys.executable, '-c', 'while True: pass']] * {OTHERS}"
    starves = f"{helpers}\ndef work():\n    list(map(subprocess.Popen, helpers))\n" + indent(BUSY.format(3), "    ")
    with one_processor():
        judge = WarmJudge(Sandbox(cell_seconds=20, clock_seconds=2, **LIGHT).settings())
        try:
            graded = judge.grade(answer(WORK, work=starves), WORK)
        finally:
            judge.close()
    assert graded.marks["called"] == 0
    assert "It took longer than 2 s, so it was stopped." in text(graded, "called")


def test_the_clock_stands_still_for_who_waits_but_not_for_ever(monkeypatch):
    now, mine = [100.0], [5.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(clock, "waited", lambda process: mine[0])
    fair = FairClock(most=10)
    assert fair.now() == 100

    now[0], mine[0] = 104.0, 8.0
    assert fair.now() == 101
    fair.tell("student", 2)
    fair.tell("student", 2.5)
    fair.tell("student", 0)  # it did not say
    assert fair.now() == 98.5

    assert not fair.past(200, ask=lambda: pytest.fail("there is time left"))
    now[0] = 112.0
    assert not fair.past(104, ask=lambda: fair.tell("student", 6))
    assert fair.past(101, ask=lambda: fair.tell("student", 60))
    assert fair.now() == 102
