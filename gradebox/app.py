"""The command line: applications of nbgrader's own kind, so they read nbgrader_config.py and take its flags."""

import logging
import shutil
import sys
import tempfile
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.apps.baseapp import nbgrader_aliases, nbgrader_flags
from nbgrader.converters import Autograde, BaseConverter, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import SaveCells
from rich.console import Console
from rich.measure import Measurement
from rich.progress import track
from traitlets import TraitError, default

from gradebox import __version__
from gradebox.course import (
    CourseError,
    exercises,
    read_notebook,
    source_assignments,
    source_notebooks,
    submissions,
    up_to_date,
)
from gradebox.execute import warm_judge
from gradebox.feedback import FeedbackPage, fingerprint_of
from gradebox.marks import notebook_table, read_marks
from gradebox.records import Record, records
from gradebox.release import ColabBadge, ExamMode
from gradebox.sandbox import Sandbox, SandboxError
from gradebox.warm import AuthorError

SUBMISSIONS_IN_THE_WAY = (
    "If cells were added, removed or renamed since students were graded, nbgrader keeps the old ones: export the "
    "marks, move gradebook.db away and grade again."
)


class CourseApp(NbGrader):
    """What our commands share: assignments as arguments, one line instead of a traceback."""

    aliases = nbgrader_aliases
    flags = nbgrader_flags | {
        "force": ({"BaseConverter": {"force": True}}, "Do it again even where nothing has changed."),
        "no-sandbox": (
            {"Sandbox": {"enabled": False}},
            "Run student code with your own rights. Only for code you trust.",
        ),
    }
    log_format = "%(message)s"

    @default("log_level")
    def _log_level_default(self) -> int:
        # nbgrader's converters log every step, and tracebacks of what they raise as well.
        return logging.CRITICAL

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), BaseConverter, Sandbox]

    @property
    def force(self) -> bool:
        return BaseConverter(coursedir=self.coursedir, parent=self).force

    def start(self) -> None:
        super().start()
        try:
            for assignment in self.extra_args or source_assignments(self.coursedir):
                self.run(assignment)
        except (CourseError, SandboxError, AuthorError, TraitError) as error:
            self.exit_with(error)

    def exit_with(self, error: Exception) -> None:
        print(f"{self.name}: {error}", file=sys.stderr)
        sys.exit(1)

    def run(self, assignment: str) -> None:
        """Do this command's work for one assignment."""
        raise NotImplementedError

    def convert(self, converter_class: type[BaseConverter], assignment: str, student: str) -> None:
        """Run one of nbgrader's converters. Raises CourseError if it fails."""
        self.coursedir.assignment_id = assignment
        self.coursedir.student_id = student
        try:
            converter_class(coursedir=self.coursedir, parent=self, force=True).start()
        except NbGraderException as error:
            what = assignment if student == "." else f"{student}/{assignment}"
            raise CourseError(f"{what} failed; run it again with --debug to see why.") from error

    def stale_students(self, assignment: str, folder: str, suffix: str, also_newer_than: list[Path]) -> list[str]:
        """Students whose files in a folder are missing or older than their submission or what else counts."""
        root = Path(self.coursedir.root)
        stale = []
        for student, notebooks in submissions(self.coursedir, assignment).items():
            outputs = [root / folder / student / assignment / f"{path.stem}{suffix}" for path in notebooks]
            inputs = [*notebooks, *also_newer_than]
            if self.force or not up_to_date(outputs, inputs):
                stale.append(student)
        return stale


class ReleaseApp(CourseApp):
    name = "gradebox release"
    description = "Build release/ from source/ and tell the gradebook: 'nbgrader generate_assignment' for all"
    examples = """
        gradebox release            all assignments in source/
        gradebox release nbs12      one of them

        gradebox release practice --exam --start=09:00      as an exam, into exam/ instead
    """
    aliases = CourseApp.aliases | {"start": "ExamMode.start"}
    flags = CourseApp.flags | {
        "exam": (
            {
                "ExamMode": {"enabled": True},
                "ColabBadge": {"enabled": False},  # it leads to release/, where the hints are
                "CourseDirectory": {"release_directory": "exam"},
                "GenerateAssignment": {"no_database": True},
                "SaveCells": {"enabled": False},
            },
            "Without the checks' hints, into exam/. release/ and the gradebook stay as they are: what is handed in is "
            "graded like the release, and the hints come back with the feedback.",
        )
    }

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), ColabBadge, ExamMode, GenerateAssignment, SaveCells]

    def run(self, assignment: str) -> None:
        for path in source_notebooks(self.coursedir, assignment):
            read_notebook(path)
        release = Path(self.coursedir.root, self.coursedir.release_directory, assignment)
        with tempfile.TemporaryDirectory(dir=self.coursedir.root, prefix=".release-") as building:
            # nbgrader removes what it fails to replace, so it builds beside the release.
            final, self.coursedir.release_directory = self.coursedir.release_directory, building
            try:
                self.convert(GenerateAssignment, assignment, ".")
            except CourseError as error:
                raise CourseError(f"{error} {SUBMISSIONS_IN_THE_WAY}") from error
            finally:
                self.coursedir.release_directory = final
            shutil.rmtree(release, ignore_errors=True)
            release.parent.mkdir(exist_ok=True)
            Path(building, assignment).rename(release)
        print(f"Built {self.coursedir.release_directory}/{assignment}")


class AutogradeApp(CourseApp):
    name = "gradebox autograde"
    description = "Grade what has been handed in or has changed since it was graded"
    examples = """
        gradebox autograde                    all assignments in source/
        gradebox autograde nbs12 --force      one of them, whoever was graded already too
    """

    def run(self, assignment: str) -> None:
        sources = source_notebooks(self.coursedir, assignment)
        students = self.stale_students(assignment, self.coursedir.autograded_directory, ".ipynb", sources)
        if students:
            self.rehearse(sources)
        for student in progress(students, f"Grading {assignment}"):
            self.convert(Autograde, assignment, student)

    def rehearse(self, sources: list[Path]) -> None:
        """Start the judge and let it grade the instructor's notebooks, which have to earn everything.

        Raises SandboxError or AuthorError, before anything of a student's is touched.
        """
        sandbox = Sandbox(parent=self)
        for path in sources:
            source = read_notebook(path)
            try:
                warm_judge(sandbox.settings_for(source)).grade(source, source)
            except AuthorError as error:
                raise AuthorError(f"{path}: {error}") from error


class FeedbackApp(CourseApp):
    name = "gradebox feedback"
    description = "Write a feedback page for every graded notebook that has none yet or an old one"
    examples = """
        gradebox feedback            all assignments in source/
        gradebox feedback nbs12      one of them
    """

    def run(self, assignment: str) -> None:
        students = self.outdated(assignment)
        for student in progress(students, f"Writing feedback for {assignment}"):
            self.convert(GenerateFeedback, assignment, student)

    def outdated(self, assignment: str) -> list[str]:
        """Graded students with a page that is missing, or older than their graded notebook, or than a mark or comment.

        Raises CourseError if an assignment was asked for that nobody has been graded for.
        """
        root = Path(self.coursedir.root)
        graded = sorted((root / self.coursedir.autograded_directory).glob(f"*/{assignment}/*.ipynb"))
        if not graded and self.extra_args:
            raise CourseError(f"Nothing of '{assignment}' is graded yet: run 'gradebox autograde {assignment}'.")
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            known = records(gradebook, assignment)
        page = FeedbackPage(parent=self)
        stale = set()
        for notebook in graded:
            student = notebook.parent.parent.name
            target = root / self.coursedir.feedback_directory / student / assignment / f"{notebook.stem}.html"
            record = known.get((student, notebook.stem), Record())
            if self.force or not up_to_date([target], [notebook]) or fingerprint_of(target) != page.fingerprint(record):
                stale.add(student)
        return sorted(stale)


class MarksApp(CourseApp):
    name = "gradebox marks"
    description = "Print the marks in the gradebook: students by exercises, with totals"
    examples = """
        gradebox marks            all assignments in source/
        gradebox marks nbs12      one of them
    """

    def run(self, assignment: str) -> None:
        notebooks = source_notebooks(self.coursedir, assignment)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            marks = read_marks(gradebook, assignment)
        if not marks:
            raise CourseError(f"The gradebook has no marks for '{assignment}' yet: run 'make grade'.")
        for path in notebooks:
            students = marks.get(path.stem)
            if students:
                title = f"{assignment} · {path.stem}"
                show(notebook_table(title, students, exercises(read_notebook(path))))
        if any(mark.by_hand for book in marks.values() for student in book.values() for mark in student.values()):
            print("? waits for a grade by hand (nbgrader formgrader)")
        print()


def progress(students: list[str], doing: str):
    """The students, one after the other, with a bar on a terminal and a line each elsewhere."""
    console = Console()
    if console.is_terminal:
        yield from track(students, description=doing, console=console)
        return
    for number, student in enumerate(students, 1):
        print(f"{doing} {number}/{len(students)}: {student}", flush=True)
        yield student


def show(table) -> None:
    """Print a table; where the output is no terminal, as wide as it needs."""
    console = Console()
    if not console.is_terminal:
        console.width = Measurement.get(console, console.options.update(width=1000), table).maximum
    console.print(table)


class GradeboxApp(CourseApp):
    name = "gradebox"
    description = "Grade the notebooks of an nbgrader course"
    version = __version__
    subcommands = {  # noqa: RUF012  (traitlets wants a plain dict here)
        "release": (ReleaseApp, ReleaseApp.description),
        "autograde": (AutogradeApp, AutogradeApp.description),
        "feedback": (FeedbackApp, FeedbackApp.description),
        "marks": (MarksApp, MarksApp.description),
    }

    def start(self) -> None:
        if self.subapp is not None:
            self.subapp.start()
        elif self.extra_args:
            self.exit_with(CourseError(f"There is no command '{self.extra_args[0]}'; see 'gradebox --help'."))
        else:
            self.print_help()


main = GradeboxApp.launch_instance
