"""The judge as an nbgrader preprocessor: takes the place of nbgrader's own `Execute` in nbgrader_config.py."""

import threading
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute as StockExecute
from traitlets.config import Config

from gradebox.judge.errors import CourseError
from gradebox.judge.files import support_files
from gradebox.judge.modules import course_modules, not_installed
from gradebox.judge.settings import judged_here, settings_for
from gradebox.judge.source import as_released, read_source, released_texts, whole_notebook
from gradebox.judge.stock import Stock
from gradebox.judge.warm import WarmJudge

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


class Original:
    """The instructor's notebook of one assignment, as it is graded. Raises CourseError if it cannot be.

    texts -- of its locked cells, as the gradebook has them
    """

    def __init__(self, path: Path, course: Path, config: Config, texts: dict[str, str]):
        self.source = as_released(whole_notebook(read_source(path), config, course), texts)
        if missing := not_installed(self.source, [path.parent, course]):
            raise CourseError(f"{path.stem} imports {' and '.join(missing)}, which is not installed here.")
        self.modules = course_modules(course, self.source)
        self.files = support_files(path.parent)
        self.settings = settings_for(config, self.source)
        self.stock = Stock(config, self.files, self.modules)
        self.told = False  # whether what its rehearsal showed was logged


# Read again when anything of it has changed, by path: with all that it was made of.
_originals: dict[Path, tuple[tuple, Original]] = {}


class Execute(StockExecute):
    """Runs a submission: the student's cells in a sandbox, the tests in the judge.

    Has the name of the preprocessor it replaces, so that ``nbgrader autograde --no-execute`` switches it off too, and
    takes its settings.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: object = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        instructors = self.original(names)
        if not judged_here(self.config, instructors.source):
            self.log.warning("%s is for another kernel than Python's: run as by stock nbgrader", names["notebook"])
            return super().preprocess(nb, resources, km)
        if not instructors.settings["enabled"]:
            self.log.warning("Running %s of %s without a sandbox", names["notebook"], names["student"])
        judge = warm_judge(instructors.settings, instructors.modules)
        proof = judge.rehearse(instructors.source, instructors.files, stock=instructors.stock)
        if not instructors.told:
            instructors.told = True
            for line in proof.said():
                self.log.warning("%s/%s: %s", names["assignment"], names["notebook"], line)
        graded = judge.grade(nb, instructors.source, support_files(Path(resources["metadata"]["path"])))
        for line in graded.log:
            self.log.info("%s/%s/%s: %s", names["student"], names["assignment"], names["notebook"], line)
        return graded.notebook, resources

    def original(self, names: dict) -> Original:
        coursedir = CourseDirectory(parent=self)
        course = Path(coursedir.root)
        folder = Path(coursedir.format_path(coursedir.source_directory, ".", names["assignment"]))
        path = folder / f"{names['notebook']}.ipynb"
        texts = released_texts(names["db_url"], names["assignment"], names["notebook"])
        files = [(str(each), each.stat().st_mtime_ns) for each in sorted(folder.rglob("*")) if each.is_file()]
        made_of = files, texts, repr(self.config)
        if _originals.get(path, ((), None))[0] != made_of:
            _originals[path] = made_of, Original(path, course, self.config, texts)
        return _originals[path][1]
