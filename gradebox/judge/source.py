"""The instructor's notebook, and what may be wrong with it."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode


class CourseError(Exception):
    """Something in the course folder needs the instructor's hand. The message is one line that says what to do."""


class AuthorError(Exception):
    """The instructor's own notebook does not pass its own tests. The message says which, and why."""


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook. Raises CourseError, naming the file, if that cannot be done."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (OSError, UnicodeDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0][:100]
        raise CourseError(
            f"{path} cannot be read as a notebook ({type(error).__name__}: {reason}). Put a readable copy in its "
            "place or move it away."
        ) from error
    return notebook
