"""From a download to submitted/: which attempt counts, and whether it is newer than what is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from gradebox.classroom import Asked
from gradebox.lms.downloads import Attempt, Download
from gradebox.lms.report import BESIDE, EMPTY, KEPT, NO_NOTEBOOK, OLDER, REPLACED, TAKEN, UNCHANGED, Row
from gradebox.lms.sorting import Sorted, sorted_out
from gradebox.lms.submitted import HandedIn, Submitted

LAST, IN_TIME = "last", "in-time"
NOT_KNOWN = "differs from what is there, and nothing says which is newer: --force takes it"


@dataclass(frozen=True)
class Rules:
    """What the instructor has asked for."""

    zone: tzinfo  # of times that do not say it
    attempts: str = LAST
    force: bool = False  # take what is not known to be newer
    write: bool = True


def collect(download: Download, submitted: Submitted, asked: Asked, rules: Rules) -> Iterator[list[Row]]:
    """Hand in for one student after the other; yields what became of each one's files.

    Nothing is written for whom no notebook of the assignment is found.
    """
    for student, attempts in download.attempts.items():
        yield list(collect_one(student, attempts, download, submitted, asked, rules))


def collect_one(
    student: str, attempts: list[Attempt], download: Download, submitted: Submitted, asked: Asked, rules: Rules
) -> Iterator[Row]:
    due = asked.due_for(student)
    due = due and due.replace(tzinfo=UTC)
    chosen = None
    for attempt in in_order(attempts, due, rules.attempts):
        if chosen is not None:
            at = f" of {said(attempt.when, rules.zone)}" if attempt.when else ""
            yield from (Row(OLDER, entry.name, student, f"an attempt{at}") for entry, _ in attempt.entries)
            continue
        done = sorted_out(attempt.entries, asked)
        yield from (Row(kind_of(row, done), row.file, student, row.what) for row in done.rows)
        if done.origins:
            chosen = attempt, done
    if chosen is None:
        yield Row(EMPTY, "", student, f"none of {' and '.join(asked.notebooks)} is in it")
        return
    attempt, done = chosen
    kind, why = compared(student, attempt, done, attempts, submitted, download.lms.name, rules)
    yield from taken_rows(kind, student, attempt, done, asked, [why, how_late(attempt, due, download), attempt.remark])
    if kind in (TAKEN, REPLACED) and rules.write:
        submitted.put(student, done.files, attempt.when)
    if kind == UNCHANGED and rules.write and attempt.when and attempt.when != submitted.when(student):
        submitted.set_when(student, attempt.when)
    if kind in (TAKEN, REPLACED, UNCHANGED):
        old = submitted.book.get(student)
        known = old is not None and old.digest == done.digest
        since = old.collected if known else datetime.now(UTC).isoformat(timespec="seconds")
        submitted.book[student] = entry_of(student, attempt, done, download, since)


def kind_of(row: Row, done: Sorted) -> str:
    """Nothing lies beside a notebook that is not there."""
    return NO_NOTEBOOK if row.kind == BESIDE and not done.origins else row.kind


def in_order(attempts: list[Attempt], due: datetime | None, which: str) -> list[Attempt]:
    """The attempts, that first which counts: the last, or the last in time where there is one."""
    newest_first = attempts[::-1]
    if which == LAST or due is None:
        return newest_first
    return sorted(newest_first, key=lambda each: each.when is not None and each.when > due)


def compared(
    student: str,
    attempt: Attempt,
    done: Sorted,
    attempts: list[Attempt],
    submitted: Submitted,
    lms: str,
    rules: Rules,
) -> tuple[str, str]:
    """What is to be done with a student's work, and what there is to say about that."""
    if sum(each.age == attempt.age for each in attempts) > 1:
        return KEPT, "there are two attempts, and nothing says which is newer: leave one in the download"
    new, there, book = done.digest, submitted.digest(student), submitted.book.get(student)
    if not there:
        return TAKEN, ""
    if new == there or (book and new == book.digest):
        return UNCHANGED, ""
    before = submitted.when(student)
    if rules.force:
        return REPLACED, "as --force says"
    if attempt.when and before and attempt.when != before:
        if attempt.when > before:
            return REPLACED, ""
        return OLDER, f"what is there is of {said(before, rules.zone)}"
    if book and book.lms == lms and attempt.order != book.order and attempt.order and book.order:
        return (REPLACED, "") if attempt.order > book.order else (OLDER, "what is there was uploaded later")
    return KEPT, NOT_KNOWN


def taken_rows(
    kind: str, student: str, attempt: Attempt, done: Sorted, asked: Asked, remarks: list[str]
) -> Iterator[Row]:
    missing = [notebook for notebook in asked.notebooks if notebook not in done.origins]
    if missing:
        remarks = [*remarks, f"without {' and '.join(missing)}"]
    if len(attempt.group) > 1:
        remarks = [*remarks, f"together with {', '.join(each for each in attempt.group if each != student)}"]
    for notebook, origin in done.origins.items():
        yield Row(kind, origin, student, "; ".join(filter(None, [done.notes.get(notebook, ""), *remarks])))


def entry_of(student: str, attempt: Attempt, done: Sorted, download: Download, since: str) -> HandedIn:
    """The book's line."""
    keys = dict(attempt.who.keys)
    if len(attempt.group) > 1 and "pid" in keys:  # the group's
        keys = {kind: value for kind, value in download.people.everybody[student].keys if kind == "pid"}
    return HandedIn(
        lms=download.lms.name,
        name=attempt.who.name,
        keys=keys,
        origins=done.origins,
        group=list(attempt.group) if len(attempt.group) > 1 else [],
        when=attempt.when.astimezone(UTC).isoformat() if attempt.when else "",
        late=attempt.late,
        order=attempt.order,
        digest=done.digest,
        collected=since,
    )


def how_late(attempt: Attempt, due: datetime | None, download: Download) -> str:
    if attempt.when and due:
        return f"late by {said_length(attempt.when - due)}" if attempt.when > due else ""
    if attempt.late:
        return f"late, says {download.lms.title}, but not by how much: no penalty is computed here"
    return ""


def said(when: datetime, zone: tzinfo) -> str:
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def said_length(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    days, hours = minutes // 1440, minutes % 1440 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
