"""When work was handed in: what says whoever collected it. A student may have put a time beside it, too.

nbgrader's exchange and `gradebox collect` write timestamp.txt themselves, over whatever a student put there. A folder
that was filled by hand, or by `nbgrader zip_collect` told to take .txt files, may hold the student's own. So a time
that cannot be right is told, and never stands for a later one that is known.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from gradebox.classroom.reading import Refused
from gradebox.course import CourseError

SLACK = timedelta(minutes=5)  # between the clocks of two machines
WAY_OUT = "give an extension in the gradebook if that is wrong"


def collected_times(coursedir: CourseDirectory, assignment: str) -> dict[str, datetime]:
    """When `gradebox collect` says that each student handed in, as far as it knows: UTC without a zone."""
    path = Path(coursedir.root, coursedir.submitted_directory, ".collected", f"{assignment}.json")
    try:
        known = json.loads(path.read_bytes())["students"]
        return {student: parse_utc(each["when"]) for student, each in known.items() if each["when"]}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged: move it away and collect again.") from error


def timestamp_of(files: Mapping[str, bytes]) -> datetime | None:
    """What nbgrader's timestamp.txt says, UTC without a zone. Raises Refused if that is no time."""
    text = files.get("timestamp.txt", b"")[:200].decode("utf-8", "replace").strip()
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError, TypeError) as error:
        raise Refused(
            f"timestamp.txt says “{text[:40]}”, which is no time: write one like 2026-01-31 18:00:00 UTC"
        ) from error


def handed_in_at(
    said: datetime | None,
    saved: float,
    collected: datetime | None,
    recorded: datetime | None,
    now: datetime,
) -> tuple[datetime | None, list[str]]:
    """The time that decides about lateness, and what there is to tell about it. All times in UTC without a zone.

    said      -- by timestamp.txt
    saved     -- when the notebook was last written, in seconds since 1970
    collected -- what `gradebox collect` noted
    recorded  -- what the gradebook has, from an earlier run
    """
    if said is None or said == collected:
        told = "timestamp.txt is gone; what gradebox collect noted counts" if collected and said is None else ""
        return collected, [told] if told else []
    doubts = []
    if said > now + SLACK:
        doubts.append("lies in the future")
    if said < (written := datetime.fromtimestamp(saved, UTC).replace(tzinfo=None)) - SLACK:
        doubts.append(f"is older than the notebook beside it ({written:%Y-%m-%d %H:%M} UTC)")
    if collected:
        doubts.append(f"is not what gradebox collect noted ({collected:%Y-%m-%d %H:%M} UTC)")
    if not doubts:
        return said, []
    told = f"timestamp.txt says {said:%Y-%m-%d %H:%M} UTC, which {' and '.join(doubts)}"
    later = max(filter(None, [collected, recorded]), default=said)
    if later > said:
        return later, [f"{told}: {later:%Y-%m-%d %H:%M} UTC, which was known before, counts; {WAY_OUT}"]
    return said, [f"{told}: nothing else says when it was handed in, so it counts; look who wrote it"]
