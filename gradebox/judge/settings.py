"""How a course sets the judge up, in nbgrader_config.py."""

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute as StockExecute
from traitlets import Enum
from traitlets.config import Config, LoggingConfigurable

from gradebox.judge.errors import CourseError
from gradebox.judge.source import language_of
from gradebox.sandbox import Sandbox

NO_LIMIT_SECONDS = 24 * 3600


class Judge(LoggingConfigurable):
    """What to do with what cannot be judged apart from the student's code."""

    together = Enum(
        ["allow", "refuse"],
        "allow",
        help="A test that gives the instructor's notebook other marks apart from the student's code than in one "
        "namespace with it: run it together with that code, where a student can tamper with it, or refuse to grade.",
    ).tag(config=True)
    other_kernels = Enum(
        ["stock", "refuse"],
        "stock",
        help="A notebook for another kernel than Python's: run it as stock nbgrader does, with your own rights and "
        "without a sandbox, or refuse to grade.",
    ).tag(config=True)


def judged_here(config: Config, source: NotebookNode) -> bool:
    """Whether a notebook is for the judge, or left to stock nbgrader. Raises CourseError if it is for neither."""
    language = language_of(source)
    if language in ("python", "python3"):
        return True
    if Judge(config=config).other_kernels == "refuse":
        raise CourseError(f"It is for a kernel of the language {language}, and c.Judge.other_kernels is 'refuse'.")
    return False


def settings_for(config: Config, source: NotebookNode) -> dict:
    """A Sandbox's settings for a notebook. A timeout that was set for nbgrader's own Execute holds here too."""
    settings = Sandbox(config=config).settings_for(source)
    timeout = StockExecute(config=config).timeout
    if timeout != StockExecute.timeout.default_value and "cell_seconds" not in config.Sandbox:
        cell_seconds = timeout if timeout is not None and timeout > 0 else NO_LIMIT_SECONDS
        settings |= {"cell_seconds": float(cell_seconds), "clock_seconds": float(cell_seconds)}
        if "notebook_seconds" not in config.Sandbox:
            cells = sum(cell.cell_type == "code" for cell in source.cells)
            whole = max(settings["notebook_seconds"], cells * cell_seconds)
            settings["notebook_seconds"] = float(min(whole, NO_LIMIT_SECONDS))
    return settings
