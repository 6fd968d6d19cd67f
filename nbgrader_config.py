"""The course. Every nbgrader command, the formgrader and gradebox read this file."""

from nbgrader.converters import GenerateAssignment

from gradebox.release import ColabBadge

c = get_config()  # noqa: F821  (given by traitlets)

c.CourseDirectory.course_id = "dl"
c.IncludeHeaderFooter.header = "source/header.ipynb"

# Where students open the release from. Set it to your own repository: "make release" puts it into every badge.
c.ColabBadge.repository = "gradebox/gradebox"
c.ColabBadge.branch = "main"

c.GenerateAssignment.preprocessors = [ColabBadge, *GenerateAssignment.class_traits()["preprocessors"].default()]
