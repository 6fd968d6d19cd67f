"""The command gradebox autograde."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import contextlib
import gc
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from nbgrader.converters import Autograde
from traitlets import Bool, Integer, Unicode, default

from gradebox.classroom.classroom import Classroom, HandedIn
from gradebox.classroom.files import the_only_writer
from gradebox.classroom.folders import anybody_in
from gradebox.classroom.opening import open_gradebook
from gradebox.classroom.regrading import Comparison
from gradebox.classroom.report import Report
from gradebox.classroom.workers import Nursery, executor
from gradebox.command import CourseApp
from gradebox.course import CourseError, read_notebook, source_notebooks
from gradebox.judge import not_installed

FEW = 8  # submissions, for which rehearsing again what was proved before takes longer than it saves
Slots = Callable[[], int] | None  # how many submissions are graded at a time; None: there is nothing to grade


class AutogradeApp(CourseApp):
    name = "gradebox autograde"
    description = """Grade a whole class: what has been handed in or is out of date

    Out of date is what was graded from other files or by other tests. Late penalties follow the due date, extensions,
    marks and settings without grading again. What a person gave is never touched.

    Every submission ends as graded, graded after repair, or refused with a reason; none stops the others. What
    became of each is in autograded/ASSIGNMENT.jsonl. A run that is stopped, whichever way, goes on where it was when
    it is started again.
    """
    examples = """
        gradebox autograde                         all assignments in source/
        gradebox autograde nbs12 --force           one of them, whoever was graded already too
        gradebox autograde nbs12 --diff            whose marks would change, and why; nothing is written
        gradebox autograde nbs12 --diff --force    the same, looking at everybody
        gradebox autograde nbs12 --student 'a*'    those whose id begins with an a
        gradebox autograde nbs12 --workers 2       two processes instead of one for every core
        gradebox autograde nbs12 --dask tcp://scheduler:8786      the workers of a Dask cluster
    """
    aliases = CourseApp.aliases | {
        "course": "CourseDirectory.course_id",
        "workers": "AutogradeApp.workers",
        "dask": "AutogradeApp.dask",
    }
    flags = CourseApp.flags | {
        "f": CourseApp.flags["force"],
        "diff": (
            {"AutogradeApp": {"diff": True}},
            "Write nothing: print whose marks would change, and why. Hooks are not run.",
        ),
    }
    diff = Bool(False, help="Whether to print what would change, and write nothing").tag(config=True)
    workers = Integer(
        len(os.sched_getaffinity(0)), min=1, help="Processes that grade side by side (default: one for every core)"
    ).tag(config=True)
    dask = Unicode(
        "", help="Grade on a Dask cluster: the scheduler's address, or 'local' for one made here and now"
    ).tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), AutogradeApp, Autograde]

    def can_be_graded(self, assignment: str) -> bool:
        """Whether all that its notebooks import is installed. Says what is not, and raises that if it was asked for."""
        for path in source_notebooks(self.coursedir, assignment):
            if missing := not_installed(read_notebook(path), [path.parent, Path(self.coursedir.root)]):
                needs = f"{path.stem} imports {' and '.join(missing)}, which is not installed here."
                if self.extra_args:
                    raise CourseError(f"'{assignment}' cannot be graded: {needs}")
                print(f"Leaving out {assignment}: {needs}", file=sys.stderr)
                return False
        return True

    def start_all(self, assignments: list[str]) -> None:
        if not self.extra_args:  # all, but nobody has to have handed in everything
            assignments = [each for each in assignments if anybody_in(self.coursedir, each)] or assignments
        assignments = [each for each in assignments if self.can_be_graded(each)]
        with (
            Nursery() as nursery,  # before there is a lock or a gradebook
            the_only_writer(Path(self.coursedir.root)),
            open_gradebook(self.coursedir.db_url, self.coursedir.course_id, only_read=self.diff) as gradebook,
            contextlib.ExitStack() as workplace,
        ):
            converter = Autograde(coursedir=self.coursedir, parent=self)
            classrooms = [Classroom(self.coursedir, converter, assignment, gradebook) for assignment in assignments]
            work = {classroom: classroom.to_do(converter.force) for classroom in classrooms}
            pool, slots = None, None
            if any(work.values()):
                useful = min(self.workers, max(map(len, work.values())))
                pool, slots = workplace.enter_context(executor(useful, self.dask, nursery))
            gc.freeze()  # all that is loaded by now: not to be looked through again every few submissions
            for classroom in classrooms:
                (self.compare if self.diff else self.grade)(classroom, work[classroom], pool, slots)

    def grade(self, classroom: Classroom, work: list[HandedIn], pool: Executor | None, slots: Slots) -> None:
        classroom.tidy()
        report = Report(classroom, len(work))
        if work:
            self.rehearse(classroom, report, pool, slots)
            with report.progress() as tell:
                for record in classroom.grade(work, pool, slots, tell):
                    report.add(record)
        report.late = classroom.mend_penalties(print)
        report.show()

    def compare(self, classroom: Classroom, work: list[HandedIn], pool: Executor | None, slots: Slots) -> None:
        """Grade as ever, but write nothing."""
        report = Comparison(classroom, len(work))
        if work:
            self.rehearse(classroom, report, pool, slots)
            with report.progress():
                for each, submission, outcome in classroom.outcomes(work, pool, slots, hooks=False):
                    report.compare(each, submission, outcome)
        report.show()

    def rehearse(self, classroom: Classroom, report: Report, pool: Executor, slots: Slots) -> None:
        """Before anything of a student's is touched: what comes of the instructor's own work."""
        print(f"Starting to grade {classroom.name}: the instructor's own notebooks first ...", flush=True)
        report.rehearsed(classroom.rehearse(pool, slots(), report.total > FEW))
