"""Modules of the course that its hidden tests import: found in the course folder, carried along, imported from memory.

A course keeps what its tests share (``mistakes/``) in its own folder and installs none of it. The judge, here or on
another machine, gets the files with the assignment.
"""

import ast
import contextlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_grade

IMPORT = re.compile(r"^[ \t]*(?:from\s+([\w.]+)\s+import\b|import\s+([\w., \t]+))", re.MULTILINE)


def imported(text: str) -> list[str]:
    """Modules that a text of Python imports by their full names, whatever else is in it (magics, say)."""
    names = []
    for origin, listed in IMPORT.findall(text):
        names += [origin] if origin else [part.split()[0] for part in listed.split(",") if part.strip()]
    return list(dict.fromkeys(names))


def imports_of_tests(source: NotebookNode) -> list[str]:
    """Modules that the instructor's tests import, by name."""
    return imported("\n".join(cell.source for cell in source.cells if is_grade(cell) and cell.cell_type == "code"))


def course_modules(course: Path, source: NotebookNode) -> dict[str, bytes]:
    """Files of the course's own modules that the tests of a notebook import, and those import: path -> content.

    course -- the folder that holds nbgrader_config.py; a package in it comes with all that lies below it
    """
    files: dict[str, bytes] = {}
    todo = {name.partition(".")[0] for name in imports_of_tests(source)}
    done = {"gradebox"}  # which is there wherever this runs, also where it lies in the course's own folder
    while todo := todo - done:
        name = todo.pop()
        done.add(name)
        if (module := course / f"{name}.py").is_file():
            paths = [module]
        elif any((course / name).glob("**/*.py")):
            paths = [path for path in (course / name).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        else:
            continue
        for path in sorted(paths):
            data = files[str(path.relative_to(course))] = path.read_bytes()
            if path.suffix == ".py":
                todo |= {name.partition(".")[0] for name in imported(data.decode("utf-8", "replace"))}
    return files


def not_installed(source: NotebookNode, folders: Iterable[Path]) -> list[str]:
    """Libraries that a notebook of the instructor's imports and that are not here.

    folders -- where the course keeps modules of its own: beside the notebook, and above

    An import in a ``try``, or in a function, is one that the notebook may do without.
    """
    own = {path.stem for folder in folders if folder.is_dir() for path in folder.iterdir()}
    own.add("google")  # google.colab, which a sandbox has an empty one of
    return [name for name in libraries(source) if name not in own and find_spec(name) is None]


def libraries(source: NotebookNode) -> list[str]:
    """The top names of all that a notebook imports and cannot do without."""
    trees = [_tree(cell.source) for cell in source.cells if cell.cell_type == "code"]
    return list(dict.fromkeys(name.partition(".")[0] for tree in trees for name in _imports(tree.body)))


def _tree(text: str) -> ast.Module:
    with contextlib.suppress(SyntaxError, ValueError):
        return ast.parse(text)
    from IPython.core.inputtransformer2 import TransformerManager  # loading it takes as long as all the rest of this

    with contextlib.suppress(SyntaxError, ValueError):
        return ast.parse(TransformerManager().transform_cell(text))
    return ast.Module([], [])  # what is no Python imports nothing


def _imports(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            yield statement.module
        elif isinstance(statement, (ast.If, ast.For, ast.While, ast.With)):
            yield from _imports(statement.body)


class CourseModules(MetaPathFinder, SourceLoader):
    """Imports modules from such files. Asked last, so that no module of a course takes a library's place."""

    def __init__(self, files: dict[str, bytes]):
        self.files = files

    def install(self) -> None:
        sys.meta_path.append(self)

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target=None) -> ModuleSpec | None:
        place = fullname.replace(".", "/")
        if f"{place}/__init__.py" in self.files:
            return spec_from_loader(fullname, self, is_package=True)
        if f"{place}.py" in self.files:
            return spec_from_loader(fullname, self, is_package=False)
        if any(name.startswith(f"{place}/") for name in self.files):
            return ModuleSpec(fullname, None, is_package=True)  # a folder without __init__.py
        return None

    def is_package(self, fullname: str) -> bool:
        return self.get_filename(fullname).endswith("/__init__.py")

    def get_filename(self, fullname: str) -> str:
        place = fullname.replace(".", "/")
        return f"{place}/__init__.py" if f"{place}/__init__.py" in self.files else f"{place}.py"

    def get_data(self, path: str) -> bytes:
        try:
            return self.files[path]
        except KeyError as error:
            raise FileNotFoundError(path) from error
