"""The assignment as it was released: the gradebook's cells, in the order of the instructor's notebooks."""

import fnmatch
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from gradebox.classroom.gradebook import Cells
from gradebox.classroom.grading import EXECUTE, REPLACED, Assignment
from gradebox.classroom.released import known, released_notebook
from gradebox.course import CourseError, source_notebooks
from gradebox.judge import as_released, course_modules, read_source, whole_notebook
from gradebox.sandbox import Sandbox


def released_assignment(
    coursedir: CourseDirectory,
    converter: Autograde,
    assignment: str,
    notebooks: dict[str, Cells],
    files: dict[str, bytes],
) -> Assignment:
    """The assignment as it was released: the gradebook's cells, in the order of the instructor's notebooks."""
    wanted = [
        path
        for path in source_notebooks(coursedir, assignment)
        if fnmatch.fnmatchcase(path.stem, coursedir.notebook_id)
    ]
    if not wanted:
        raise CourseError(f"'{assignment}' has no notebook '{coursedir.notebook_id}'.")
    released = []
    for path in wanted:
        whole = whole_notebook(read_source(path), converter.config, Path(coursedir.root))
        names = {cell.metadata.nbgrader.grade_id for cell in whole.cells if known(cell)}
        cells = notebooks.get(path.stem)
        if cells is None or cells.sources.keys() != names:
            raise CourseError(f"{path} has changed since it was released: run 'gradebox release {assignment}' first.")
        source = as_released(whole, {name: row.source for name, row in cells.sources.items() if row.locked})
        modules = course_modules(Path(coursedir.root), source)
        released.append(released_notebook(path.stem, source, whole, cells, converter.config, modules))
    steps = converter.sanitize_preprocessors, converter.autograde_preprocessors
    if not any(issubclass(step, EXECUTE) and step(parent=converter).enabled for step in steps[1]):
        raise CourseError("The step Execute is switched off in the configuration, and nobody is graded without it.")
    kept = [tuple(step for step in each if not issubclass(step, REPLACED)) for each in steps]
    Sandbox(config=converter.config)  # a wrong setting is found here
    return Assignment(assignment, tuple(released), files, without_hooks(converter.config), *kept)


def without_hooks(config: Config) -> Config:
    """Configuration for the graders: hooks, which are functions of the file itself, run in this process."""
    return Config(
        {
            section: {name: value for name, value in values.items() if not name.endswith("_convert_hook")}
            for section, values in config.items()
            if isinstance(values, Config)
        }
    )
