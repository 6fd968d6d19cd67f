"""A whole assignment: submissions → executor → gradebook. One process, the driver, reads and writes; the rest grade.

Every submission ends as graded, graded after repair, or refused with a reason, and none stops the others. Which of
them are still to be graded is in the log (see `classroom.files`), so a run can be killed at any moment.
"""

import contextlib
import fnmatch
import hashlib
import json
import os
import pickle
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from gradebox.classroom.assignment import released_assignment
from gradebox.classroom.files import GradedFiles, Log, clear_up
from gradebox.classroom.folders import (
    files_below,
    is_ignored,
    looked_at,
    no_notebook,
    printable,
    read_files,
    read_regular,
    student_folders,
)
from gradebox.classroom.gradebook import MOST_ID, AssignmentRecords, Late
from gradebox.classroom.grading import (
    MOST_NOTEBOOK_MIB,
    REFUSED,
    Outcome,
    Submission,
    grade_submission,
    rehearse,
    start_judges,
)
from gradebox.classroom.reading import Refused
from gradebox.classroom.seen import Seen
from gradebox.classroom.standing import Marked
from gradebox.classroom.times import collected_times, handed_in_at, timestamp_of
from gradebox.classroom.versions import engine, version_of
from gradebox.classroom.workers import outcome_of
from gradebox.course import CourseError
from gradebox.judge import MAX_FILES_MIB, Proof
from gradebox.sandbox import MIB

MOST_NOTEBOOKS = 50  # in one folder
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
AHEAD = 2  # submissions given out for every one that is being graded


@dataclass(frozen=True)
class HandedIn:
    """One student's folder, before anything in it is read."""

    student: str
    folder: Path
    fingerprint: str  # changes when a file is added, removed or written, here or in the instructor's folder
    submission: str  # the same, of files here only
    size: int  # bytes


class Classroom:
    """One assignment of a course, ready to be graded.

    coursedir -- nbgrader's own, with student_id (a glob), student_id_exclude and notebook_id set
    converter -- nbgrader's Autograde as configured: its steps, hooks and permissions

    Raises CourseError if the assignment is not there, was not released, or nobody has handed it in.
    """

    def __init__(self, coursedir: CourseDirectory, converter: Autograde, assignment: str, gradebook):
        self.coursedir = coursedir
        self.converter = converter
        self.name = assignment
        steps = converter.autograde_preprocessors
        late = AssignLatePenalties(parent=converter) if AssignLatePenalties in steps else None
        if late is not None:
            late.init_plugin()
        self.records = AssignmentRecords(gradebook, assignment, late)
        try:
            files = read_files(self.instructors_paths())
        except Refused as error:
            raise CourseError(f"source/{assignment}: {error}. Mend that and run this again.") from error
        self.assignment = released_assignment(coursedir, converter, assignment, self.records.notebooks, files)
        try:
            self.packed = self.assignment.packed()
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CourseError(
                f"nbgrader_config.py holds what cannot be sent to the graders ({error}): put it into a module."
            ) from error
        self.autograded = Path(coursedir.root, coursedir.autograded_directory)
        self.log = Log(self.autograded / f"{assignment}.jsonl")
        self.versions = Log(self.autograded / f"{assignment}.tests.jsonl", "tests")
        self.course = self.fingerprint()
        self.version = version_of(self.assignment, self.course)
        self.collected = collected_times(coursedir, assignment)
        self.handed_in = self.find_handed_in()

    def rehearse(self, pool: Executor, workers: int, many: bool) -> dict[str, Proof]:
        """See what comes of the instructor's notebooks, once: all workers grade by that.

        many -- submissions, so that preparing for them is worth the time

        Raises SandboxError, AuthorError or CourseError.
        """
        self.assignment = replace(self.assignment, many=many)
        packed = self.assignment.packed()
        starts = [pool.submit(start_judges, packed) for _ in range(workers)]
        proofs = pool.submit(rehearse, packed).result()
        for start in starts:
            start.result()
        self.assignment = replace(self.assignment, proofs=proofs)
        self.packed = self.assignment.packed()
        return proofs

    # --- what there is to do ------------------------------------------------------------------------------------

    def instructors_paths(self) -> dict[str, Path]:
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", self.name))
        spared = self.converter.exclude_overwriting.get(self.name, [])
        paths, _ = files_below(source, self.coursedir.ignore)
        return {name: path for name, path in paths.items() if name not in spared}

    def find_handed_in(self) -> list[HandedIn]:
        wanted = self.coursedir.student_id
        submitted = Path(self.coursedir.root, self.coursedir.submitted_directory)
        found = []
        for student in student_folders(self.coursedir, self.name):
            folder = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, self.name))
            if self.asked_for(student) and os.path.lexists(folder):
                found.append(HandedIn(student, folder, *looked_at(folder, self.course)))
        if not found:
            who = "Nobody has" if wanted == "*" else f"No student '{wanted}' has"
            raise CourseError(
                f"{who} handed in '{self.name}': put notebooks into {self.coursedir.submitted_directory}/STUDENT/"
                f"{self.name}/." + (f" {submitted} is not there." if not submitted.is_dir() else "")
            )
        return found

    def asked_for(self, student: str) -> bool:
        spared = self.coursedir.student_id_exclude.split(",")
        return fnmatch.fnmatchcase(student, self.coursedir.student_id) and student not in spared

    def fingerprint(self) -> str:
        """Changes when an instructor's notebook, file or released cell does, or a module of the course in a test."""
        seen = [sorted(self.assignment.files.items())]
        for released in self.assignment.notebooks:
            cells = [(cell.name, cell.source, sorted(cell.about.items())) for cell in released.cells]
            seen.append([json.dumps(released.source, sort_keys=True), cells])
            seen.append(sorted(released.modules.items()))
        return hashlib.sha256(repr(seen).encode()).hexdigest()

    def to_do(self, force: bool) -> list[HandedIn]:
        """Who is to be graded, those first who will take longest: by what they took last time, else by size."""
        seconds = {student: record.get("seconds", 0.0) for student, record in self.log.records.items()}
        stale = [each for each in self.handed_in if force or not self.up_to_date(each)]
        return sorted(stale, key=lambda each: (-seconds.get(each.student, float("inf")), -each.size, each.student))

    def up_to_date(self, each: HandedIn) -> bool:
        record = self.log.records.get(each.student)
        if record is None or record.get("fingerprint") != each.fingerprint:
            return False
        if record["state"] == REFUSED:
            return True
        if not record["marks"].keys() <= self.records.notebooks.keys():  # a notebook has another name
            return False
        place = self.place(each.student)
        written = all((place / f"{name}.ipynb").exists() for name in record["marks"])
        return written and each.student in self.records.submissions

    def place(self, student: str) -> Path:
        return Path(self.coursedir.format_path(self.coursedir.autograded_directory, student, self.name))

    # --- doing it -----------------------------------------------------------------------------------------------

    def grade(
        self,
        work: list[HandedIn],
        pool: Executor,
        slots: Callable[[], int],
        tell: Callable[[str], None],
    ) -> Iterator[dict]:
        """Grade submissions and write what comes back; yields each one's line of the log as soon as it is written.

        Raises CourseError, SandboxError or AuthorError if nothing more can be graded or written.
        """
        self.autograded.mkdir(parents=True, exist_ok=True)
        if self.version["tests"] not in self.versions.records:
            self.versions.add(self.version)
        for each, submission, outcome in self.outcomes(work, pool, slots):
            yield self.write(each, submission, outcome, tell)
        self.tidy()

    def outcomes(
        self, work: list[HandedIn], pool: Executor, slots: Callable[[], int], hooks: bool = True
    ) -> Iterator[tuple[HandedIn, Submission | None, Outcome]]:
        """Grade submissions: whose it is, what was read of it, what became of it. Nothing is written.

        hooks -- whether to run nbgrader's pre_convert_hook, which may do anything
        """
        queue = deque((each, 1) for each in work)
        pending: dict[Future, tuple[HandedIn, int, Submission]] = {}
        while queue or pending:
            while queue and len(pending) < AHEAD * slots():
                each, attempt = queue.popleft()
                try:
                    submission = self.read(each, hooks)
                except OSError as error:
                    reason = f"{Path(error.filename or each.folder).name} cannot be read: {error.strerror}"
                    yield each, None, Outcome(each.student, REFUSED, reason, ours=True)
                    continue
                except Refused as refusal:
                    yield each, None, Outcome(each.student, REFUSED, str(refusal))
                    continue
                future = pool.submit(grade_submission, self.packed, submission)
                pending[future] = each, attempt, submission
            for future in wait(pending, return_when=FIRST_COMPLETED).done if pending else ():
                each, attempt, submission = pending.pop(future)
                outcome = outcome_of(future, each.student, attempt)
                if outcome is None:
                    queue.appendleft((each, attempt + 1))
                else:
                    yield each, submission, outcome

    def tidy(self) -> None:
        """Clear up after this run, or after one that was killed."""
        self.log.compact()
        self.versions.compact()
        clear_up(self.autograded)

    def read(self, each: HandedIn, hooks: bool) -> Submission:
        """Read a student's folder. Raises Refused if something in it is no file, or cannot be read."""
        try:
            each.student.encode()
        except UnicodeEncodeError as error:
            raise Refused("the student's id is not UTF-8: rename the folder") from error
        if CONTROL.search(each.student):
            raise Refused("the student's id holds control characters, which nbgrader's commands trip over: rename it")
        if len(each.student) > MOST_ID:
            raise Refused(f"the student's id has more than {MOST_ID} characters: rename the folder")
        if not self.converter.create_student and each.student not in self.records.students:
            raise Refused("is not in the gradebook, and students are not added to it (Autograde.create_student)")
        if each.folder.is_symlink():
            raise Refused("the folder is a link, which may lead anywhere: put the files themselves there")
        if not each.folder.is_dir():
            raise Refused("is a file where a folder should be: put the notebook into a folder of that name")
        if hooks:
            self.run_hook(each, self.converter.run_pre_convert_hook)
        notebooks, room = {}, MOST_NOTEBOOK_MIB * MIB
        found = [path for path in sorted(each.folder.iterdir()) if path.suffix.lower() == ".ipynb"]
        found = [path for path in found if not is_ignored(path.name, self.coursedir.ignore)]
        if not found:
            raise Refused(no_notebook(each.folder))
        if len(found) > MOST_NOTEBOOKS:
            raise Refused(f"holds {len(found)} notebooks: leave those that are meant")
        for path in found:
            notebooks[printable(path.name)] = data = read_regular(path, room)
            room -= len(data)
        paths, left_out = files_below(each.folder, self.coursedir.ignore)
        if (size := sum(path.stat().st_size for path in paths.values())) > MAX_FILES_MIB * MIB:
            raise Refused(
                f"holds {size / MIB:.0f} MiB of files beside the notebooks, over the {MAX_FILES_MIB} there may be: "
                "remove some"
            )
        files = read_files(paths)
        when, remarks = handed_in_at(
            timestamp_of(files),
            max(path.stat().st_mtime for path in found),
            self.collected.get(each.student),
            self.records.times.get(each.student),
            datetime.now(UTC).replace(tzinfo=None),
        )
        if left_out:
            remarks.append(f"{len(left_out)} files beside the notebook were left out: {', '.join(left_out[:3])}")
        return Submission(each.student, notebooks, files | self.assignment.files, when, remarks)

    def write(
        self, each: HandedIn, submission: Submission | None, outcome: Outcome, tell: Callable[[str], None]
    ) -> dict:
        """Write what became of a submission; see `records` for the order. Returns its line of the log."""
        record = self.record_of(each, outcome) | {"remarks": submission.remarks if submission else []}
        try:
            if outcome.state != REFUSED:
                self.write_graded(each, submission, outcome, record, tell)
            self.log.add(record)
        except OSError as error:
            raise CourseError(
                f"{each.student}/{self.name} cannot be written: {error.strerror} "
                f"({error.filename or self.autograded}). Mend that and run this again; what is graded stays graded."
            ) from error
        return record

    def write_graded(
        self, each: HandedIn, submission: Submission, outcome: Outcome, record: dict, tell: Callable[[str], None]
    ) -> None:
        place = self.place(each.student)
        graded = GradedFiles(
            self.autograded, place, int(str(self.converter.permissions), 8), self.coursedir.groupshared
        )
        wanted = {released.name for released in self.assignment.notebooks}
        others = [path for path in place.glob("*.ipynb") if path.stem in self.records.notebooks.keys() - wanted]
        with self.timed(record, "files"):
            texts = {f"{name}.ipynb": notebook.text.encode() for name, notebook in outcome.notebooks.items()}
            graded.stage(submission.files | texts, keep=others)
        with self.timed(record, "gradebook"):
            self.records.save(each.student, submission.when, *self.marked(each, outcome), tell)
        with self.timed(record, "files"):
            graded.put_in_place()
        self.run_hook(each, self.converter.run_post_convert_hook)

    def marked(self, each: HandedIn, outcome: Outcome) -> tuple[dict[str, Marked], set[str]]:
        """What the machine gives, by notebook; and the notebooks that were not handed in."""
        place, marked = self.place(each.student), {}
        unchanged = self.log.records.get(printable(each.student), {}).get("fingerprint") == each.fingerprint
        for released in self.assignment.notebooks:
            if book := outcome.notebooks.get(released.name):
                seen = Seen(place / f"{released.name}.ipynb", book.text, released, unchanged)
                marked[released.name] = Marked(book.scores, book.comments, seen)
        return marked, {released.name for released in self.assignment.notebooks} - marked.keys()

    def run_hook(self, each: HandedIn, run: Callable[[], None]) -> None:
        """One of nbgrader's hooks. It is told of one student, also where nbgrader says that it grades ``*``."""
        wanted = self.coursedir.student_id
        self.coursedir.assignment_id, self.coursedir.student_id = self.name, each.student
        self.converter.notebooks = sorted(map(str, each.folder.glob("*.ipynb")))
        run()
        self.coursedir.student_id = wanted

    def record_of(self, each: HandedIn, outcome: Outcome) -> dict:
        """A line of the log."""
        marks = {name: notebook.scores for name, notebook in outcome.notebooks.items()}
        return {
            "student": printable(each.student),
            "assignment": self.name,
            "state": outcome.state,
            "reason": outcome.reason,
            "repairs": outcome.repairs,
            "score": sum(points or 0.0 for scores in marks.values() for points in scores.values()),
            "marks": marks,
            "seconds": round(outcome.seconds, 4),
            "memory_mib": round(outcome.memory / MIB, 1),
            "cpu": {part: round(seconds, 6) for part, seconds in outcome.cpu.items()},
            "log": outcome.log,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            # Through no fault of its own: the next run tries again.
            "fingerprint": "" if outcome.ours else each.fingerprint,
            "submission": each.submission,
            "tests": self.version["tests"],
            "engine": engine(),
            "history": self.history(each.student, marks),
        }

    def history(self, student: str, marks: dict) -> list[dict]:
        """Earlier grades, the oldest first: each time that other tests were asked, or other marks given."""
        before = self.log.records.get(printable(student))
        if before is None:
            return []
        earlier = before.get("history", [])
        if before["state"] == REFUSED or (before.get("tests"), before["marks"]) == (self.version["tests"], marks):
            return earlier
        return [*earlier, {key: before.get(key) for key in ("time", "tests", "engine", "marks")}]

    # --- handing in late ----------------------------------------------------------------------------------------

    def stale_penalties(self) -> list[Late]:
        """Penalties of graded notebooks that today's dates, extensions, marks and settings would not give."""
        names = {released.name for released in self.assignment.notebooks}
        return self.records.stale_penalties(
            lambda student, name: (
                name in names and self.asked_for(student) and (self.place(student) / f"{name}.ipynb").exists()
            )
        )

    def mend_penalties(self, tell: Callable[[str], None]) -> list[Late]:
        """Write those, without grading again. Returns them. Raises CourseError if the gradebook cannot be written."""
        stale = self.stale_penalties()
        if stale:
            self.records.change_penalties(stale, tell)
        return stale

    @contextlib.contextmanager
    def timed(self, record: dict, part: str) -> Iterator[None]:
        begin = time.thread_time()
        yield
        record["cpu"][part] = round(record["cpu"].get(part, 0.0) + time.thread_time() - begin, 6)
