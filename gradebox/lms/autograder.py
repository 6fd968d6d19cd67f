"""gradebox gradescope: the zip that makes Gradescope grade with this engine.

setup.sh            builds Gradescope's image: Python, bubblewrap, the libraries that are installed here
run_autograder      grades one submission; `lms.on_gradescope` says how
requirements.txt    those libraries, in the versions that are here
engine/gradebox/    this package
course/             the assignment, released: its source, the gradebook that knows its tests, the course's settings
"""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import IncludeHeaderFooter
from traitlets import Unicode, default

from gradebox.command import CourseApp
from gradebox.course import CourseError, place, read_notebook, source_notebooks, words, write_whole
from gradebox.judge import course_modules, lay_out, libraries
from gradebox.sandbox import Sandbox

PACKAGE = Path(__file__).parents[1]
CONFIG = "nbgrader_config.py"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same course makes the same zip
SCRIPT = 0o100755 << 16  # a member's mode: a file that can be run
SETUP = """#!/usr/bin/env bash
# Builds the image that submissions are graded in. Written by gradebox {version} for {assignment}.
set -euo pipefail
root=/autograder
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -yq --no-install-recommends bubblewrap {python} {python}-venv
{python} -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --quiet --only-binary :all: -r "$root/source/requirements.txt"
"$root/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' |
  (read -r libraries; echo "$root/source/engine" > "$libraries/gradebox.pth")
# Only to be read in the log of this build: where submissions run, more may be forbidden.
bwrap --unshare-user --ro-bind / / true && echo "A sandbox can be had here." || echo "No sandbox can be had here."
"""
RUN = """#!/usr/bin/env bash
# Grades one submission. Written by gradebox {version} for {assignment}.
root=$(dirname "$(readlink -f "$0")")
exec "$root/venv/bin/python" -P -m gradebox.lms.on_gradescope "$root" {assignment} {flags}
"""


class GradescopeApp(CourseApp):
    name = "gradebox gradescope"
    description = """Make an autograder for Gradescope that grades an assignment with this engine

    Upload the zip there as the assignment's autograder. Whether Gradescope lets bubblewrap build its walls is not
    known; where it does not, every run stops and says so, and nobody gets a wrong mark. With --no-sandbox a student's
    code runs as the autograder does (there: root, in a container of that one submission) and could read the tests.
    """
    examples = """
        gradebox gradescope nbs12
        gradebox gradescope nbs12 --output=nbs12-autograder.zip --no-sandbox
    """
    aliases = CourseApp.aliases | {"output": "GradescopeApp.output"}
    output = Unicode("", help="Where to write the zip (default: ASSIGNMENT-gradescope.zip)").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), GradescopeApp]

    def run(self, assignment: str) -> None:
        notebooks = [read_notebook(path) for path in source_notebooks(self.coursedir, assignment)]
        walled = Sandbox(parent=self).enabled
        root = Path(self.coursedir.root)
        with tempfile.TemporaryDirectory(prefix="gradebox-") as folder:
            lay_out(self.course_files(assignment, notebooks), Path(folder))
            release(assignment, Path(folder))
            files = {f"course/{name}": data for name, data in files_below(Path(folder))}
        files |= {f"engine/gradebox/{name}": data for name, data in files_below(PACKAGE)}
        files["requirements.txt"] = "".join(f"{line}\n" for line in pinned(notebooks, root)).encode()
        said = {
            "version": version("gradebox"),
            "assignment": assignment,
            "flags": "" if walled else "--no-sandbox",
            "python": f"python{sys.version_info.major}.{sys.version_info.minor}",
        }
        scripts = {"setup.sh": SETUP.format(**said).encode(), "run_autograder": RUN.format(**said).encode()}
        path = Path(self.output or f"{assignment}-gradescope.zip")
        write_whole(path, packed(files, scripts))
        print(f"Wrote {words(path)}: upload it as the autograder of a programming assignment.")
        if not walled:
            print("Without a sandbox: a student's code runs as the autograder itself, and could read the tests.")

    def course_files(self, assignment: str, notebooks: list[NotebookNode]) -> dict[str, bytes]:
        """Of the course, what grading this assignment needs: path from the course's folder -> content."""
        root = Path(self.coursedir.root).resolve()
        source = place(self.coursedir, self.coursedir.source_directory, ".", assignment).resolve()
        around = IncludeHeaderFooter(parent=self)
        paths = [root / CONFIG, *(root / each for each in (around.header, around.footer) if each)]
        files = {str(path.relative_to(root)): path.read_bytes() for path in paths if path.is_file()}
        files |= {str((source / name).relative_to(root)): data for name, data in files_below(source)}
        for notebook in notebooks:
            files |= course_modules(root, notebook)
        return files


def release(assignment: str, course: Path) -> None:
    """Release it there, which makes the gradebook that knows its tests, and shows that nothing is missing."""
    command = [sys.executable, "-P", "-c", "from gradebox.app import main; main()", "release", assignment]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    if done.returncode != 0:
        why = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise CourseError(f"'{assignment}' cannot be released by itself, so not on Gradescope either: {why[-1]}")


def pinned(notebooks: list[NotebookNode], root: Path) -> Iterator[str]:
    """What the engine and the notebooks need, in the versions that are here."""
    needed = {re.match(r"[\w.-]+", each)[0] for each in requires("gradebox") or [] if "extra ==" not in each}
    known = packages_distributions()
    for notebook in notebooks:
        for name in libraries(notebook):
            if not (root / name).exists() and not (root / f"{name}.py").exists():
                needed |= {each for each in known.get(name, ()) if each != "gradebox"}
    for name in sorted(needed, key=str.lower):
        try:
            yield f"{name}=={version(name).partition('+')[0]}"  # a build for one kind of processor is not on PyPI
        except PackageNotFoundError as error:
            raise CourseError(f"{name} is needed and not installed here: install it first.") from error


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def packed(files: Mapping[str, bytes], scripts: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**scripts, **files}.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = SCRIPT if name in scripts else 0o100644 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return data.getvalue()
