"""Lateness is what whoever collected says: a time that a student wrote is told, and lowers no penalty."""

import json
import os
from datetime import datetime, timedelta

import pytest
from lms_class import gradebox, laid_out, work
from nbgrader.api import Gradebook

from gradebox.classroom.reading import Refused
from gradebox.classroom.times import handed_in_at, timestamp_of

NOW = datetime(2026, 3, 10, 12)
SAVED = datetime(2026, 3, 1, 12)
DAY = timedelta(days=1)


def decided(said: datetime | None, collected: datetime | None = None, recorded: datetime | None = None):
    return handed_in_at(said, (SAVED - datetime(1970, 1, 1)).total_seconds(), collected, recorded, NOW)


@pytest.mark.parametrize(
    ("said", "collected", "recorded", "when", "tells"),
    [
        (None, None, None, None, ""),
        (SAVED + DAY, None, None, SAVED + DAY, ""),
        (SAVED, None, SAVED + DAY, SAVED, ""),  # collected anew, with nothing against it
        (SAVED - DAY, SAVED - DAY, None, SAVED - DAY, ""),  # files that were written when they were collected
        (SAVED - DAY, SAVED - DAY, SAVED + DAY, SAVED - DAY, ""),
        (SAVED - DAY, None, None, SAVED - DAY, "is older than the notebook beside it (2026-03-01 12:00 UTC)"),
        (SAVED - DAY, None, SAVED + DAY, SAVED + DAY, "which was known before, counts"),
        (SAVED - DAY, SAVED + DAY, None, SAVED + DAY, "is not what gradebox collect noted"),
        (SAVED + 2 * DAY, SAVED + DAY, None, SAVED + 2 * DAY, "is not what gradebox collect noted"),
        (NOW + DAY, None, None, NOW + DAY, "lies in the future"),
        (None, SAVED, None, SAVED, "timestamp.txt is gone"),
    ],
)
def test_what_a_timestamp_decides(said, collected, recorded, when, tells):
    found, told = decided(said, collected, recorded)
    assert found == when
    assert tells in " ".join(told) and bool(told) == bool(tells)


@pytest.mark.parametrize("text", [b"yesterday", b"\xff\xfe\x00", b"9999999999", b"1-1-1 0:0 +99999999999", b"0" * 9999])
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(Refused, match=r"timestamp.txt says .*, which is no time"):
        timestamp_of({"timestamp.txt": text})


def test_a_students_own_time_is_told_and_lowers_no_penalty(small):
    """It came late, by what the exchange wrote; then comes a copy with a time of the student's own."""
    with open(small / "nbgrader_config.py", "a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{small}/gradebook.db", "small") as gradebook:
        gradebook.update_or_create_assignment("hw1", duedate=datetime(2026, 3, 1))
    place = small / "submitted" / "eve" / "hw1"

    def graded(mark: str, when: str) -> tuple[dict, str]:
        laid_out({"hw1.ipynb": work(small, mark=mark), "timestamp.txt": when.encode()}, place)
        os.utime(place / "hw1.ipynb", (0, SAVED.timestamp()))
        said = gradebox(small, "autograde", "hw1", "--workers=1").out
        return json.loads((small / "autograded" / "hw1.jsonl").read_text()), " ".join(said.split())

    def kept() -> tuple[datetime, float]:
        with Gradebook(f"sqlite:///{small}/gradebook.db", "small") as gradebook:
            submission = gradebook.find_submission("hw1", "eve")
            return submission.timestamp, submission.late_submission_penalty

    record, said = graded("first", "2026-03-02 12:00:00 UTC")
    assert record["remarks"] == [] and kept() == (datetime(2026, 3, 2, 12), 3)

    record, said = graded("second", "2001-01-01 00:00:00 UTC")
    (told,) = record["remarks"]
    assert "2001-01-01 00:00 UTC, which is older than the notebook beside it" in told
    assert "2026-03-02 12:00 UTC, which was known before, counts" in told and told[:60] in said
    assert (record["state"], kept()) == ("graded", (datetime(2026, 3, 2, 12), 3))
