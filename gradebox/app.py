"""The command line: applications of nbgrader's own kind, so they read nbgrader_config.py and take its flags."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import shutil
import tempfile
from pathlib import Path
from textwrap import indent

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import SaveCells
from rich.console import Console
from rich.progress import track
from traitlets import Bool, default

from gradebox import __version__, overview
from gradebox.classroom import (
    add_lines,
    course_table,
    empty_gradebook,
    migrate,
    missing_lines,
    open_gradebook,
    rehearsed_course,
    show,
    the_only_writer,
)
from gradebox.command import CourseApp
from gradebox.course import (
    ColabBadge,
    CourseError,
    ExamMode,
    Record,
    found,
    place,
    read_notebook,
    records,
    source_notebooks,
    up_to_date,
    words,
)
from gradebox.feedback import FeedbackOfOne, FeedbackPage, fingerprint_of

SUBMISSIONS_IN_THE_WAY = (
    "If cells were added, removed or renamed since students were graded, --migrate says which marks cannot be kept and "
    "keeps the others."
)


class ReleaseApp(CourseApp):
    name = "gradebox release"
    description = "Build release/ from source/ and tell the gradebook: 'nbgrader generate_assignment' for all"
    examples = """
        gradebox release            all assignments in source/
        gradebox release nbs12      one of them
        gradebox release nbs12 --migrate    after cells were added, removed or renamed, though students are graded

        gradebox release practice --exam --start=09:00      as an exam, into exam/ instead
    """
    aliases = CourseApp.aliases | {"start": "ExamMode.start"}
    flags = CourseApp.flags | {
        "migrate": (
            {"ReleaseApp": {"migrate": True}},
            "Cells were added, removed or renamed since students were graded: keep in the gradebook what can be kept, "
            "and say what cannot. A gradebook in SQLite is copied before; another one loses what people gave only "
            "with --force.",
        ),
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
        ),
    }

    migrate = Bool(False, help="Whether to change the gradebook's cells though students are graded").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), ReleaseApp, ColabBadge, ExamMode, GenerateAssignment, SaveCells]

    def run(self, assignment: str) -> None:
        for path in source_notebooks(self.coursedir, assignment):
            read_notebook(path)
        release = place(self.coursedir, self.coursedir.release_directory, ".", assignment)
        with tempfile.TemporaryDirectory(dir=self.coursedir.root, prefix=".release-") as building:
            # nbgrader removes what it fails to replace, so it builds beside the release.
            built = place(self.coursedir, building, ".", assignment)
            if self.migrate:
                self.build_and_migrate(assignment, building, (release, built))
            else:
                self.build(assignment, release_directory=building)
            shutil.rmtree(release, ignore_errors=True)
            release.parent.mkdir(parents=True, exist_ok=True)
            built.rename(release)
        print(f"Built {self.coursedir.release_directory}/{assignment}")

    def build(self, assignment: str, **places: str) -> None:
        """nbgrader's own work, with some of the course's places (traits of CourseDirectory) elsewhere."""
        final = {name: getattr(self.coursedir, name) for name in places}
        try:
            for name, place_ in places.items():
                setattr(self.coursedir, name, place_)
            self.convert(GenerateAssignment, assignment, ".")
        except CourseError as error:
            raise CourseError(f"{error} {SUBMISSIONS_IN_THE_WAY}" if "db_url" not in places else str(error)) from error
        finally:
            for name, place_ in final.items():
                setattr(self.coursedir, name, place_)

    def build_and_migrate(self, assignment: str, building: str, released: tuple[Path, Path]) -> None:
        """Build with a gradebook of the release's own, and bring the course's into line with that.

        released -- the folders of the old release and of the new one
        """
        if ExamMode(parent=self).enabled:
            raise CourseError("An exam leaves the gradebook as it is: say --migrate without --exam.")
        new = Path(building, "gradebook.db").absolute()
        url, course = self.coursedir.db_url, self.coursedir.course_id
        with the_only_writer(Path(self.coursedir.root)), open_gradebook(url, course) as gradebook:
            empty_gradebook(new, assignment)
            self.build(assignment, release_directory=building, db_url=f"sqlite:///{new}")
            force = GenerateAssignment(coursedir=self.coursedir, parent=self).force
            for line in migrate(gradebook, assignment, new, released, self.config, force):
                print(line, flush=True)


class InitApp(CourseApp):
    name = "gradebox init"
    description = """Show what gradebox would do with an nbgrader course, and what nbgrader_config.py needs for it

    Rehearses every notebook in source/ with the instructor's own solutions and without any, and compares with what
    stock nbgrader gives. Touches neither notebooks nor the gradebook.
    """
    examples = """
        gradebox init               say what would be added to nbgrader_config.py, and how each test would run
        gradebox init --write       add it
    """
    flags = CourseApp.flags | {"write": ({"InitApp": {"write": True}}, "Add the lines to nbgrader_config.py.")}
    write = Bool(False, help="Whether to add the lines").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), InitApp, Autograde]

    def start_all(self, assignments: list[str]) -> None:
        lines = missing_lines(self.coursedir, self.config)
        if lines and self.write:
            print(f"Added to {add_lines(self.coursedir, lines)}:\n\n{indent(lines.strip(), '    ')}\n")
        elif lines:
            print(f"To add to nbgrader_config.py (--write does):\n\n{indent(lines.strip(), '    ')}\n")
        else:
            print("nbgrader_config.py plugs gradebox in already.")
        course = []
        for each in rehearsed_course(self.coursedir, self.config):
            print(f"Rehearsed {words(each.assignment)}/{words(each.notebook)}", flush=True)
            course.append(each)
        show(course_table(course))


class FeedbackApp(CourseApp):
    name = "gradebox feedback"
    description = """Write a feedback page for every graded notebook that has none yet or an old one

    And bring feedback/index.html up to date, from where all pages of all assignments can be found.
    """
    examples = """
        gradebox feedback            all assignments in source/
        gradebox feedback nbs12      one of them
    """

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), overview.ClassPages]

    def start_all(self, assignments: list[str]) -> None:
        try:
            super().start_all(assignments)
        finally:  # also where somebody has no page
            with open_gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                overview.write_index(self.coursedir, gradebook, overview.ClassPages(parent=self))

    def run(self, assignment: str) -> None:
        source_notebooks(self.coursedir, assignment)
        failed = []
        for student in progress(self.outdated(assignment), f"Writing feedback for {assignment}"):
            try:
                self.convert(FeedbackOfOne, assignment, student)
            except CourseError:
                failed.append(student)
        if failed:
            raise CourseError(
                f"{assignment}: no page for {', '.join(failed)}; the others have theirs. If the gradebook knows them, "
                f"'nbgrader generate_feedback {assignment} --student {failed[0]} --force' says why."
            )

    def outdated(self, assignment: str) -> list[str]:
        """Graded students with a page that is missing, or older than their graded notebook, or than a mark or comment.

        Raises CourseError if an assignment was asked for that nobody has been graded for.
        """
        graded = found(self.coursedir, self.coursedir.autograded_directory, None, assignment, "*.ipynb")
        if not graded and self.extra_args:
            raise CourseError(f"Nothing of '{assignment}' is graded yet: run 'gradebox autograde {assignment}'.")
        if not graded:
            return []
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            known = records(gradebook, assignment)
        page = FeedbackPage(parent=self)
        stale = set()
        for student, _, notebook in graded:
            pages = place(self.coursedir, self.coursedir.feedback_directory, student, assignment)
            target = pages / f"{notebook.stem}.html"
            record = known.get((student, notebook.stem), Record())
            if self.force or not up_to_date([target], [notebook]) or fingerprint_of(target) != page.fingerprint(record):
                stale.add(student)
        return sorted(stale)


def progress(students: list[str], doing: str):
    """The students, one after the other, with a bar on a terminal and a line each elsewhere."""
    console = Console()
    if console.is_terminal:
        yield from track(students, description=doing, console=console)
        return
    for number, student in enumerate(students, 1):
        print(f"{doing} {number}/{len(students)}: {words(student)}", flush=True)
        yield student


class GradeboxApp(CourseApp):
    name = "gradebox"
    description = "Grade the notebooks of an nbgrader course"
    version = __version__
    subcommands = {  # noqa: RUF012  (traitlets wants a plain dict here)
        "init": (InitApp, InitApp.description),
        "release": (ReleaseApp, ReleaseApp.description),
        "collect": ("gradebox.lms.CollectApp", "Take what an LMS hands out into submitted/"),
        "autograde": ("gradebox.classroom.AutogradeApp", "Grade a whole class: what has come in or is out of date"),
        "watch": ("gradebox.classroom.WatchApp", "Grade what lands in submitted/ as it lands, for ever"),
        "feedback": (FeedbackApp, FeedbackApp.description),
        "marks": ("gradebox.overview.MarksApp", "Print the marks in the gradebook: students by exercises, with totals"),
        "mistakes": ("gradebox.overview.MistakesApp", "Print how many students fell for which mistake"),
        "report": ("gradebox.overview.ReportApp", "Write a page that shows how a whole class did, and what is to do"),
        "hints": ("gradebox.course.HintsApp", "Write the hints of the visible checks into source/"),
        "similar": (
            "gradebox.alike.SimilarApp",
            "Show answers that are more alike than two people working alone would write",
        ),
        "export": ("gradebox.lms.ExportApp", "Write marks and feedback pages as an LMS takes them back"),
        "gradescope": ("gradebox.lms.GradescopeApp", "Make an autograder for Gradescope that grades with gradebox"),
    }

    def start(self) -> None:
        if self.subapp is not None:
            self.subapp.start()
        elif self.extra_args:
            self.exit_with(CourseError(f"There is no command '{self.extra_args[0]}'; see 'gradebox --help'."))
        else:
            self.print_help()


main = GradeboxApp.launch_instance
