"""The command line: applications of nbgrader's own kind, so they read nbgrader_config.py and take its flags."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import contextlib
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path
from textwrap import indent

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.preprocessors import SaveCells
from rich.console import Console
from rich.progress import track
from traitlets import Bool, Integer, Unicode, default

from gradebox import __version__
from gradebox.classroom import (
    Classroom,
    Report,
    add_lines,
    class_table,
    counted,
    course_table,
    executor,
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
    catalogue_page,
    exercises,
    exercises_behind,
    found,
    notebook_table,
    place,
    read_marks,
    read_notebook,
    records,
    source_notebooks,
    up_to_date,
    with_hints,
    words,
)
from gradebox.feedback import FeedbackPage, fingerprint_of
from gradebox.judge import not_installed

FEW = 8  # submissions, for which rehearsing again what was proved before takes longer than it saves
SUBMISSIONS_IN_THE_WAY = (
    "If cells were added, removed or renamed since students were graded, nbgrader keeps the old ones: export the "
    "marks, move gradebook.db away and grade again."
)


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
        release = place(self.coursedir, self.coursedir.release_directory, ".", assignment)
        with tempfile.TemporaryDirectory(dir=self.coursedir.root, prefix=".release-") as building:
            # nbgrader removes what it fails to replace, so it builds beside the release.
            final, self.coursedir.release_directory = self.coursedir.release_directory, building
            built = place(self.coursedir, building, ".", assignment)
            try:
                self.convert(GenerateAssignment, assignment, ".")
            except CourseError as error:
                raise CourseError(f"{error} {SUBMISSIONS_IN_THE_WAY}") from error
            finally:
                self.coursedir.release_directory = final
            shutil.rmtree(release, ignore_errors=True)
            release.parent.mkdir(parents=True, exist_ok=True)
            built.rename(release)
        print(f"Built {self.coursedir.release_directory}/{assignment}")


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


class AutogradeApp(CourseApp):
    name = "gradebox autograde"
    description = """Grade a whole class: what has been handed in or has changed since it was graded

    Every submission ends as graded, graded after repair, or refused with a reason; none stops the others. What
    became of each is in autograded/ASSIGNMENT.jsonl. A run that is stopped, whichever way, goes on where it was when
    it is started again.
    """
    examples = """
        gradebox autograde                         all assignments in source/
        gradebox autograde nbs12 --force           one of them, whoever was graded already too
        gradebox autograde nbs12 --student 'a*'    those whose id begins with an a
        gradebox autograde nbs12 --workers 2       two processes instead of one for every core
        gradebox autograde nbs12 --dask tcp://scheduler:8786      the workers of a Dask cluster
    """
    aliases = CourseApp.aliases | {
        "course": "CourseDirectory.course_id",
        "workers": "AutogradeApp.workers",
        "dask": "AutogradeApp.dask",
    }
    flags = CourseApp.flags | {"f": CourseApp.flags["force"]}
    workers = Integer(
        len(os.sched_getaffinity(0)), min=1, help="Processes that grade side by side (default: one for every core)"
    ).tag(config=True)
    dask = Unicode(
        "", help="Grade on a Dask cluster: the scheduler's address, or 'local' for one made here and now"
    ).tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), AutogradeApp, Autograde]

    def anybody_in(self, assignment: str) -> bool:
        path = Path(self.coursedir.format_path(self.coursedir.submitted_directory, "*", assignment))
        return any(Path(path.anchor).glob(str(path.relative_to(path.anchor))))

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
            assignments = [each for each in assignments if self.anybody_in(each)] or assignments
        assignments = [each for each in assignments if self.can_be_graded(each)]
        with (
            the_only_writer(Path(self.coursedir.root)),
            open_gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook,
            contextlib.ExitStack() as workplace,
        ):
            converter = Autograde(coursedir=self.coursedir, parent=self)
            classrooms = [Classroom(self.coursedir, converter, assignment, gradebook) for assignment in assignments]
            work = {classroom: classroom.to_do(converter.force) for classroom in classrooms}
            if any(work.values()):
                useful = min(self.workers, max(map(len, work.values())))
                pool, slots = workplace.enter_context(executor(useful, self.dask))
            gc.freeze()  # all that is loaded by now: not to be looked through again every few submissions
            for classroom in classrooms:
                classroom.tidy()
                report = Report(classroom, len(work[classroom]))
                if work[classroom]:
                    print(f"Starting to grade {classroom.name}: the instructor's own notebooks first ...", flush=True)
                    # Before anything of a student's is touched: what comes of the instructor's own work.
                    report.rehearsed(classroom.rehearse(pool, slots(), len(work[classroom]) > FEW))
                    with report.progress() as tell:
                        for record in classroom.grade(work[classroom], pool, slots, tell):
                            report.add(record)
                report.show()


class FeedbackApp(CourseApp):
    name = "gradebox feedback"
    description = "Write a feedback page for every graded notebook that has none yet or an old one"
    examples = """
        gradebox feedback            all assignments in source/
        gradebox feedback nbs12      one of them
    """

    def run(self, assignment: str) -> None:
        source_notebooks(self.coursedir, assignment)
        failed = []
        for student in progress(self.outdated(assignment), f"Writing feedback for {assignment}"):
            try:
                self.convert(GenerateFeedback, assignment, student)
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


class MarksApp(CourseApp):
    name = "gradebox marks"
    description = "Print the marks in the gradebook: students by exercises, with totals"
    examples = """
        gradebox marks            all assignments in source/
        gradebox marks nbs12      one of them
    """

    def start_all(self, assignments: list[str]) -> None:
        if not self.extra_args:  # all, but not each has to be graded
            with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                assignments = [each for each in assignments if read_marks(gradebook, each)] or assignments
        super().start_all(assignments)

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


class MistakesApp(CourseApp):
    name = "gradebox mistakes"
    description = """Print how many students fell for which mistake, exercise by exercise

    With --catalogue: all mistakes that the course knows, as Markdown, each with what it changes in a right solution."""
    examples = """
        gradebox mistakes                      all assignments in source/
        gradebox mistakes nbs12                one of them
        gradebox mistakes --catalogue nbs12    what the course knows, and how many made it
    """
    flags = CourseApp.flags | {
        "catalogue": ({"MistakesApp": {"catalogue": True}}, "Print all known mistakes, with what each changes."),
    }
    catalogue = Bool(False, help="Print all known mistakes, not only those that were made.").tag(config=True)

    def run(self, assignment: str) -> None:
        for path in source_notebooks(self.coursedir, assignment):
            graded = found(self.coursedir, self.coursedir.autograded_directory, None, assignment, path.name)
            notebooks = [read_notebook(each) for *_, each in graded]
            source = read_notebook(path)
            behind = exercises_behind(Path(self.coursedir.root), source)
            known = [mistake.diagnosis for exercise in behind for mistake in exercise.mistakes]
            if self.catalogue:
                told = counted(notebooks, known)
                for line in catalogue_page(f"{assignment} · {path.stem}", behind, told, len(notebooks)):
                    print(line)
            elif notebooks:
                show(class_table(f"{assignment} · {path.stem}", notebooks, exercises(source), known))
            else:
                raise CourseError(f"Nothing of '{assignment}' is graded yet: run 'gradebox autograde {assignment}'.")


class HintsApp(CourseApp):
    name = "gradebox hints"
    description = """Write the hints of the visible checks into source/, from the catalogue of mistakes

    Every check that says compare(..., slips=[...]) gets the mistakes that it can tell apart on the notebook's data."""
    examples = """
        gradebox hints            all assignments in source/
        gradebox hints nbs12      one of them
    """

    def run(self, assignment: str) -> None:
        for path in source_notebooks(self.coursedir, assignment):
            notebook = read_notebook(path)
            changed = with_hints(notebook, exercises_behind(Path(self.coursedir.root), notebook))
            if changed:
                new = path.with_name(f".{path.name}.new")
                nbformat.write(notebook, new)
                new.rename(path)
            print(f"{assignment}/{path.stem}: {', '.join(changed) or 'nothing has changed'}")


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
        "autograde": (AutogradeApp, AutogradeApp.description),
        "watch": ("gradebox.classroom.WatchApp", "Grade what lands in submitted/ as it lands, for ever"),
        "feedback": (FeedbackApp, FeedbackApp.description),
        "marks": (MarksApp, MarksApp.description),
        "mistakes": (MistakesApp, MistakesApp.description),
        "hints": (HintsApp, HintsApp.description),
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
