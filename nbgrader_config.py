"""The course. Every nbgrader command, the formgrader and gradebox read this file."""

import os
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import Execute as NbGraderExecute

from gradebox.execute import Execute
from gradebox.export import SafeCsv
from gradebox.feedback import FeedbackPage, Grades
from gradebox.release import ColabBadge, ExamMode

c = get_config()  # noqa: F821  (given by traitlets)

c.CourseDirectory.course_id = "dl"

# Hidden tests import mistakes/, which gradebox finds by itself. nbgrader's own kernel starts elsewhere and finds it so:
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])

c.IncludeHeaderFooter.header = "source/header.ipynb"

# What a gap leaves: a cell that still runs, so that Run All goes on. A function that is not written returns None.
c.ClearSolutions.code_stub = {"python": "...  # YOUR CODE HERE"}

# Where students open the release from. Set it to your own repository: "make release" puts it into every badge.
c.ColabBadge.repository = "gradebox/gradebox"
c.ColabBadge.branch = "main"

c.GenerateAssignment.preprocessors = [
    ColabBadge,
    ExamMode,  # idle but for "make exam"
    *GenerateAssignment.class_traits()["preprocessors"].default(),
]

# Locked cells too may hold what only the grader fills in (practice/: a right softmax for those who have none).
c.ClearHiddenTests.enforce_metadata = False

# Student code and tests never share a process; see docs/security.md. Without these lines nbgrader grades by itself.
c.Autograde.autograde_preprocessors = [
    Execute if preprocessor is NbGraderExecute else preprocessor
    for preprocessor in Autograde.class_traits()["autograde_preprocessors"].default()
]
c.Judge.together = "refuse"  # a test that cannot run apart from a student's code is mended, not run with it
c.Judge.other_kernels = "refuse"
c.Sandbox.cell_seconds = 30  # CPU time of one cell or call
c.Sandbox.notebook_seconds = 120
c.Sandbox.memory_mib = 2048
c.Sandbox.processes = 64
c.Sandbox.output_mib = 1  # kept of what a cell prints
c.Sandbox.files_mib = 64

# One page per notebook that needs no network and runs no script. Without these lines nbgrader writes its own.
c.GenerateFeedback.exporter_class = FeedbackPage
c.GenerateFeedback.preprocessors = [Grades]
c.FeedbackPage.show_hidden_tests = False  # students see what hidden tests say, not how they ask

# nbgrader export: a name that a spreadsheet would compute, or with a comma in it, is text in its own cell.
c.ExportApp.plugin_class = SafeCsv
