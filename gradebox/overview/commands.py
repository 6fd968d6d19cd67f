"""What shows a whole class: gradebox marks and mistakes in the terminal, report as a page."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import os

from pathlib import Path

from nbgrader.api import Gradebook
from traitlets import Bool, default

from gradebox.classroom import class_table, counted, open_gradebook, show
from gradebox.command import CourseApp
from gradebox.course import (
    CourseError,
    catalogue_page,
    exercises,
    exercises_behind,
    found,
    notebook_table,
    read_marks,
    read_notebook,
    source_notebooks,
    words,
)
from gradebox.overview.gathered import add_mistakes, earlier, gathered
from gradebox.overview.index import write_index
from gradebox.overview.page import feedback_pages, folder_of, write_report
from gradebox.overview.report import SMALL, report_of, without_names
from gradebox.overview.settings import ClassPages


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


class ReportApp(CourseApp):
    name = "gradebox report"
    description = """Write a page that shows how a class did, what it did not understand, and what is to do by hand

    feedback/ASSIGNMENT.html; beside it the same as ASSIGNMENT.json, and for spreadsheets ASSIGNMENT.csv (exercises),
    ASSIGNMENT.mistakes.csv and ASSIGNMENT.students.csv. With --anonymous: ASSIGNMENT.anonymous.html, .json, .csv and
    .mistakes.csv, in which nobody is named; the others stay. Also brings feedback/index.html up to date.
    """
    examples = """
        gradebox report                      all assignments that somebody has handed in
        gradebox report nbs12                one of them
        gradebox report nbs12 --anonymous    to be shown in class
        gradebox report nbs12 --scripts      with tables that can be sorted and searched
    """
    aliases = {  # noqa: RUF012
        **{name: CourseApp.aliases[name] for name in ("log-level", "db", "course-dir")},
        "formgrader": "ClassPages.formgrader",
    }
    flags = {  # noqa: RUF012
        **{name: what for name, what in CourseApp.flags.items() if name not in ("force", "no-sandbox")},
        "anonymous": ({"ReportApp": {"anonymous": True}}, "Name nobody."),
        "scripts": ({"ClassPages": {"scripts": True}}, "Let tables be sorted and searched, by a script in the page."),
    }
    anonymous = Bool(False, help="Whether to name nobody").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), ReportApp, ClassPages]

    def start_all(self, assignments: list[str]) -> None:
        settings = ClassPages(parent=self)
        with open_gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            classes = [gathered(self.coursedir, gradebook, assignment) for assignment in assignments]
            if not self.extra_args:  # all, but not each has to be handed in
                classes = [known for known in classes if known.handed] or classes
            for known in classes:
                add_mistakes(self.coursedir, known)
                pages = feedback_pages(self.coursedir, known.assignment)
                before = earlier(gradebook, known.assignment)
                report = report_of(known, before, pages, settings.formgrader.rstrip("/"))
                if self.anonymous:
                    report = without_names(report, known)
                    if report.graded < SMALL:
                        print(f"{known.assignment}: of {report.graded} the numbers may tell who is who.")
                written = write_report(folder_of(self.coursedir), report, settings.scripts)
                where = os.path.relpath(written[0], self.coursedir.root)
                print(f"Wrote {words(where)}: {report.graded} of {report.handed_in} graded")
            write_index(self.coursedir, gradebook, settings)
