"""The command gradebox hints."""

from pathlib import Path

import nbformat

from gradebox.command import CourseApp
from gradebox.course.catalogue import exercises_behind
from gradebox.course.hints import with_hints
from gradebox.course.source import read_notebook, source_notebooks


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
