"""The command: gradebox watch."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import os
import signal
import sys
import time
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from nbgrader.converters import Autograde
from traitlets import Bool, Integer, default

from gradebox.classroom.classroom import Classroom
from gradebox.classroom.files import the_only_writer
from gradebox.classroom.folders import anybody_in
from gradebox.classroom.opening import open_gradebook
from gradebox.classroom.watching import QUIET, AtRest, changes
from gradebox.classroom.workers import FOR_THE_CLASS, Nursery, executor
from gradebox.command import CourseApp
from gradebox.course import (
    CourseError,
    found,
    place,
    read_notebook,
    source_assignments,
    source_notebooks,
    up_to_date,
    words,
)
from gradebox.feedback import FeedbackOfOne
from gradebox.judge import not_installed

MOST_WHAT = 2000  # characters of what is said in a line


class WatchApp(CourseApp):
    name = "gradebox watch"
    description = """Grade what lands in submitted/ as it lands, and write its feedback page, for ever

    Begins with what is there and not graded yet. A submission is graded once nothing in its folder has changed for two
    seconds. Ctrl-C or SIGTERM ends it at any moment: nothing is left half-written, and started again it goes on.
    While 'gradebox autograde' or 'collect' is at work it waits for its end, and between two submissions' landings
    they find the course free.
    """
    examples = """
        gradebox watch                  all assignments in source/
        gradebox watch nbs12            one of them
        gradebox watch --poll           submitted/ lies on a network file system (NFS, SMB)
    """
    aliases = CourseApp.aliases | {"workers": "WatchApp.workers"}
    flags = {name: what for name, what in CourseApp.flags.items() if name != "force"} | {
        "poll": (
            {"WatchApp": {"poll": True}},
            "Look for changes every two seconds, where the file system does not tell of them.",
        )
    }
    workers = Integer(
        len(os.sched_getaffinity(0)), min=1, help="Processes that grade side by side (default: one for every core)"
    ).tag(config=True)
    poll = Bool(False, help="Whether to look for changes instead of being told of them").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), WatchApp, Autograde]

    def start_all(self, assignments: list[str]) -> None:
        if find_spec("watchfiles") is None:
            raise CourseError("Watching needs the package watchfiles: pip install 'gradebox[watch]'.")
        for assignment in assignments:
            source_notebooks(self.coursedir, assignment)
        submitted = Path(self.coursedir.root, self.coursedir.submitted_directory)
        if not submitted.is_dir():
            raise CourseError(f"There is no folder {submitted} to watch: make it.")
        self.at_rest, self.said = AtRest(), {}
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
        try:
            # Kept: workers that are warm grade at once.
            with Nursery() as nursery, executor(self.workers, "", nursery) as (pool, slots):
                print(f"Watching {submitted} (Ctrl-C ends it)", flush=True)
                for _ in changes(submitted, self.poll):
                    self.grade_what_landed(pool, slots)
        except KeyboardInterrupt:
            print("Stopped. Started again, it goes on.", flush=True)

    def grade_what_landed(self, pool, slots) -> None:
        """Look until everything that is there is graded, or was tried once."""
        tried: set[tuple[str, str]] = set()
        while self.look(pool, slots, tried):
            time.sleep(QUIET)

    def look(self, pool, slots, tried: set[tuple[str, str]]) -> bool:
        """Grade what has come to rest. Returns whether something has not, or could not be looked at yet."""
        moving = False
        try:
            with the_only_writer(Path(self.coursedir.root)):
                for assignment in self.extra_args or source_assignments(self.coursedir):
                    try:
                        moving |= self.grade(assignment, pool, slots, tried)
                        self.write_pages(assignment)
                        self.said.pop(assignment, None)
                    except FOR_THE_CLASS as error:  # a later look may find it mended
                        self.say_once(assignment, error)
                self.said.pop("", None)
        except CourseError as error:  # another grader is at work
            self.say_once("", error)
            return True
        return moving

    def grade(self, assignment: str, pool, slots, tried: set[tuple[str, str]]) -> bool:
        if not anybody_in(self.coursedir, assignment):
            return False
        for path in source_notebooks(self.coursedir, assignment):
            if missing := not_installed(read_notebook(path), [path.parent, Path(self.coursedir.root)]):
                raise CourseError(f"{path.stem} imports {' and '.join(missing)}, which is not installed here.")
        with open_gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            converter = Autograde(coursedir=self.coursedir, parent=self)
            classroom = Classroom(self.coursedir, converter, assignment, gradebook)
            waiting = [each for each in classroom.to_do(False) if (assignment, each.student) not in tried]
            work = self.at_rest.settled(assignment, waiting)
            if work:
                classroom.tidy()
                classroom.rehearse(pool, slots(), False)  # quick after the first time: the proof is kept
                for record in classroom.grade(work, pool, slots, print):
                    tried.add((assignment, record["student"]))
                    what = words(record["reason"], MOST_WHAT) or f"{record['score']:g} points"
                    about = f"{assignment}/{words(record['student'])}"
                    print(f"{datetime.now():%F %T} {about}: {record['state']}, {what}", flush=True)
        return len(work) < len(waiting)

    def write_pages(self, assignment: str) -> None:
        """A page for everybody whose graded notebook is newer than theirs."""
        wanted = self.coursedir.student_id
        stale = {
            student
            for student, _, path in found(
                self.coursedir, self.coursedir.autograded_directory, None, assignment, "*.ipynb"
            )
            if not up_to_date([self.page_of(student, assignment, path)], [path])
        }
        try:
            for student in sorted(stale):
                self.convert(FeedbackOfOne, assignment, student)
        finally:
            self.coursedir.student_id = wanted

    def page_of(self, student: str, assignment: str, notebook: Path) -> Path:
        return place(self.coursedir, self.coursedir.feedback_directory, student, assignment) / f"{notebook.stem}.html"

    def say_once(self, about: str, error: Exception) -> None:
        line = f"{about}: {words(error, MOST_WHAT)}" if about else words(error, MOST_WHAT)
        if self.said.get(about) != line:
            self.said[about] = line
            print(f"{self.name}: {line}", file=sys.stderr, flush=True)
