"""What all commands of ours share: applications of nbgrader's own kind, which read nbgrader_config.py."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import logging
import os
import sys

from nbgrader.apps import NbGrader
from nbgrader.apps.baseapp import nbgrader_aliases, nbgrader_flags
from nbgrader.converters import BaseConverter
from nbgrader.converters.base import NbGraderException
from traitlets import TraitError, default

from gradebox.course import CourseError, source_assignments, words
from gradebox.judge import AuthorError, Judge
from gradebox.sandbox import Sandbox, SandboxError

MOST_ERROR = 2000  # characters


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
        return [*super()._classes_default(), BaseConverter, Judge, Sandbox]

    @default("raise_config_file_errors")
    def _raise_config_file_errors_default(self) -> bool:
        return True  # or the course would be graded with half its settings

    def initialize(self, argv=None) -> None:
        try:
            super().initialize(argv)
        except Exception as error:  # whatever nbgrader_config.py raises
            self.exit_with(CourseError(f"nbgrader_config.py cannot be used: {type(error).__name__}: {error}"))

    @property
    def force(self) -> bool:
        return BaseConverter(coursedir=self.coursedir, parent=self).force

    def start(self) -> None:
        super().start()
        try:
            named = self.extra_args or [self.coursedir.assignment_id]
            self.start_all(list(dict.fromkeys(filter(None, named))) or source_assignments(self.coursedir))
        except (CourseError, SandboxError, AuthorError, TraitError) as error:
            self.exit_with(error)
        except BrokenPipeError:  # whoever read what we print has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            self.exit_with(CourseError(f"{error.filename}: {error.strerror}. Mend that and run this again."))
        except KeyboardInterrupt:
            print(f"{self.name}: stopped; run it again to go on.", file=sys.stderr)
            sys.exit(130)

    def exit_with(self, error: Exception) -> None:
        print(f"{self.name}: {words(error, MOST_ERROR)}", file=sys.stderr)
        sys.exit(1)

    def start_all(self, assignments: list[str]) -> None:
        for assignment in assignments:
            self.run(assignment)

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
