"""gradebox watch: what lands is graded once it is whole, and the watching ends and begins again at will."""

import json
import signal
import subprocess
import time
from pathlib import Path

import lms_class
import pytest
from conftest import SCRIPTS

from gradebox.classroom.classroom import HandedIn
from gradebox.classroom.files import the_only_writer
from gradebox.classroom.watching import AtRest

PATIENCE = 3600  # seconds after which a test gives up; nothing is measured


def wait_for(path: Path, watching: subprocess.Popen) -> None:
    give_up = time.monotonic() + PATIENCE
    while not path.exists():
        assert watching.poll() is None and time.monotonic() < give_up, f"no {path.name}"
        time.sleep(0.05)


@pytest.fixture
def watching(small):
    """Watches the small course; its output is in watch.txt."""
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        with open(small / "watch.txt", "a") as said:
            command = [SCRIPTS / "gradebox", "watch", "hw1", "--workers=1", *arguments]
            started.append(subprocess.Popen(command, cwd=small, stdout=said, stderr=subprocess.STDOUT))
        return started[-1]

    (small / "submitted").mkdir(exist_ok=True)
    yield start
    for process in started:
        process.kill()
        process.wait()


def work(course: Path) -> bytes:
    return lms_class.work(course, "right")


def lay(course: Path, student: str, data: bytes) -> Path:
    folder = course / "submitted" / student / "hw1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hw1.ipynb").write_bytes(data)
    return course / "feedback" / student / "hw1" / "hw1.html"


def records(course: Path) -> dict[str, dict]:
    lines = (course / "autograded" / "hw1.jsonl").read_text().splitlines()
    return {record["student"]: record for record in map(json.loads, lines)}


@pytest.mark.parametrize("arguments", [[], ["--poll"]])
def test_what_is_there_and_what_lands_is_graded_and_it_ends_when_told(small, watching, arguments):
    data = work(small)
    first = lay(small, "first", data)
    process = watching(*arguments)
    wait_for(first, process)
    half = lay(small, "second", data[: len(data) // 2])  # still being copied
    time.sleep(0.2)
    lay(small, "second", data)
    wait_for(half, process)
    process.send_signal(signal.SIGTERM if arguments else signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert {name: record["state"] for name, record in records(small).items()} == {"first": "graded", "second": "graded"}
    assert "Stopped" in (small / "watch.txt").read_text()


def test_it_waits_for_another_grader_and_goes_on_where_it_was(small, watching):
    page = lay(small, "first", work(small))
    with the_only_writer(small):
        process = watching()
        give_up = time.monotonic() + PATIENCE
        while "Another grader" not in (small / "watch.txt").read_text():
            assert process.poll() is None and time.monotonic() < give_up
            time.sleep(0.05)
        assert not page.exists()
        process.terminate()
        assert process.wait(PATIENCE) == 0
    wait_for(page, watching())


def test_what_still_changes_is_not_graded_yet():
    at_rest = AtRest()
    growing, whole = HandedIn("a", Path("a"), "1", "1", 1), HandedIn("b", Path("b"), "1", "1", 1)
    assert at_rest.settled("hw1", [growing, whole]) == []
    grown = HandedIn("a", Path("a"), "2", "2", 2)
    assert at_rest.settled("hw1", [grown, whole]) == [whole]
    assert at_rest.settled("hw1", [grown]) == [grown]
