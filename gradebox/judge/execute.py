"""The judge as an nbgrader preprocessor: takes the place of nbgrader's own `Execute` in nbgrader_config.py."""

import functools
import threading
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from gradebox.judge.modules import course_modules
from gradebox.judge.source import CourseError, read_notebook
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox import MIB, Sandbox

MAX_FILES_MIB = 64
RECYCLE_AFTER = 500  # notebooks; what a judge may have gathered by then goes with it

# The one thing that outlives a notebook: nbgrader makes its preprocessors anew for each, the judge stays warm.
_warm: dict[tuple[int, str, frozenset], WarmJudge] = {}


def warm_judge(settings: dict, modules: dict[str, bytes] | None = None) -> WarmJudge:
    """The warm judge of this thread with these settings and modules of the course; started when it first asks.

    Raises SandboxError.
    """
    key = threading.get_ident(), repr(settings), frozenset((modules or {}).items())
    judge = _warm.get(key)
    if judge is not None and judge.graded >= RECYCLE_AFTER:
        judge.close()
    if judge is None or judge.process.poll() is not None:
        judge = _warm[key] = WarmJudge(settings, modules)
    return judge


@functools.lru_cache(maxsize=100)
def source_notebook(path: Path, changed: int, course: Path) -> tuple[NotebookNode, dict[str, bytes]]:
    """The instructor's notebook and the course's modules that its tests import, read again when it has changed."""
    source = read_notebook(path)
    return source, course_modules(course, source)


class Execute(NbGraderPreprocessor):
    """Runs a submission: the student's cells in a sandbox, the tests in the judge.

    Has the name of the preprocessor it replaces, so that ``nbgrader autograde --no-execute`` switches it off too.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        coursedir = CourseDirectory(parent=self)
        path = Path(coursedir.root, coursedir.source_directory, names["assignment"], f"{names['notebook']}.ipynb")
        changed = path.stat().st_mtime_ns if path.exists() else 0
        source, modules = source_notebook(path, changed, Path(coursedir.root))
        sandbox = Sandbox(parent=self)
        if not sandbox.enabled:
            self.log.warning("Running %s of %s without a sandbox", names["notebook"], names["student"])
        judge = warm_judge(sandbox.settings_for(source), modules)
        judge.rehearse(source, support_files(path.parent))
        graded = judge.grade(nb, source, support_files(Path(resources["metadata"]["path"])))
        for line in graded.log:
            self.log.info("%s/%s/%s: %s", names["student"], names["assignment"], names["notebook"], line)
        return graded.notebook, resources


def support_files(folder: Path) -> dict[str, bytes]:
    """What lies beside a notebook, for its working directory. Links are left out: they may lead anywhere."""
    files = {
        str(path.relative_to(folder)): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.suffix != ".ipynb"
        and path.parent.resolve() == path.parent.absolute()
    }
    size = sum(path.stat().st_size for path in files.values())
    if size > MAX_FILES_MIB * MIB:
        raise CourseError(
            f"{folder} holds {size / MIB:.0f} MiB of files beside the notebook, over the {MAX_FILES_MIB} there may be."
        )
    return {name: path.read_bytes() for name, path in files.items()}
