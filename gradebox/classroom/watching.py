"""Watching submitted/: when to look, and what has come to rest there.

A file that is still being copied changes from look to look: what a look finds is graded once the next one finds the
same. One whose copying pauses for longer is refused as cut off, and graded again as soon as it grows.
"""

from collections.abc import Iterator
from pathlib import Path

from gradebox.classroom.classroom import HandedIn

QUIET = 2.0  # seconds between two looks that have to find the same
LOOK_AGAIN = 300  # seconds after which there is a look even if nothing has changed
POLL_MS = 2000  # between two looks at a file system that does not tell of changes


def changes(folder: Path, polling: bool) -> Iterator[None]:
    """Yields at once, whenever something below a folder has changed, and now and then; for ever.

    polling -- look for changes: network file systems do not tell of what other machines write
    """
    from watchfiles import watch  # an extra

    yield
    watching = watch(
        folder,
        watch_filter=None,  # what is to be ignored, the grader knows
        rust_timeout=LOOK_AGAIN * 1000,
        yield_on_timeout=True,
        force_polling=polling or None,
        poll_delay_ms=POLL_MS,
        ignore_permission_denied=True,
    )
    for _ in watching:
        yield


class AtRest:
    """Remembers what was there, to tell what has not changed since."""

    def __init__(self):
        self.seen: set[tuple[str, str, str]] = set()

    def settled(self, assignment: str, work: list[HandedIn]) -> list[HandedIn]:
        """Those of ``work`` that the last look found as they are."""
        now = {(assignment, each.student, each.fingerprint) for each in work}
        settled = [each for each in work if (assignment, each.student, each.fingerprint) in self.seen]
        self.seen = {mark for mark in self.seen if mark[0] != assignment} | now
        return settled
