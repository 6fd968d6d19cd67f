"""Untrusted side: the IPython shell a student's cells run in, and what becomes of their output.

Shows what a notebook would show, as nbformat outputs: streams, rich results, pictures, errors with the student's own
frames. Keeps a submission alive where Colab habits would end it: shell escapes and Colab's own modules do nothing,
visibly.
"""

import ast
import importlib.abc
import importlib.machinery
import io
import linecache
import sys
import traceback
import types

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from traitlets import Any, Type
from traitlets.config import Config

from gradebox.untrusted.pictures import Pictures

CELL_FILE = "<cell {}>"
AS_USUAL = {"fmt": "png", "base64": True, "bbox_inches": "tight"}  # how figures are printed unless a notebook says else
CONTEXT_LINES = 2  # shown before and after a line that failed


LIMBER_UP = """
def f():
    import io
    import matplotlib.pyplot as plt
    import numpy as np
    plt.imsave(io.BytesIO(), np.eye(2) @ np.ones((2, 2)), cmap="PuOr", vmin=0, vmax=1)
    print(1)
f()
del f"""


class Outputs:
    """What one cell puts out, in order, up to a limit of bytes."""

    def __init__(self, limit: int = 2**20):
        self.limit = limit
        self.used = 0
        self.items: list[dict] = []

    def stream(self, name: str, text: str) -> None:
        text = self.fitting(text)
        if not text:
            return
        if not (self.items and self.items[-1].get("name") == name):
            self.items.append({"output_type": "stream", "name": name, "text": []})
        self.items[-1]["text"].append(text)

    def rich(self, kind: str, data: dict, metadata: dict, **more) -> None:
        size = sum(len(part) if isinstance(part, (str, bytes)) else len(str(part)) for part in data.values())
        if self.used + size > self.limit:
            self.fitting(" " * (size + 1))
            return
        self.used += size
        self.items.append({"output_type": kind, "data": data, "metadata": metadata, **more})

    def fitting(self, text: str) -> str:
        room, self.used = self.limit - self.used, self.used + len(text)
        if len(text) <= room:
            return text
        if room < 0:
            return ""
        return f"{text[:room]}\n[This cell printed more than {self.limit / 2**20:g} MiB; the rest is left out.]\n"

    def take(self) -> list[dict]:
        for item in self.items:
            if item["output_type"] == "stream":
                item["text"] = "".join(item["text"])
        items, self.items, self.used = self.items, [], 0
        return items


class _Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs = outputs
        self.stream_name = name

    def write(self, text: str) -> int:
        self.outputs.stream(self.stream_name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    outputs = Any()

    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs):
        self.outputs.rich("display_data", data, metadata or {})

    def clear_output(self, wait=False):
        self.outputs.items.clear()


class _DisplayHook(DisplayHook):
    outputs = Any()

    def __call__(self, result=None):
        if result is None or self.quiet():
            return
        data, metadata = self.compute_format_data(result)
        self.update_user_ns(result)
        self.outputs.rich("execute_result", data, metadata, execution_count=self.shell.number)


class _Compiler(CachingCompiler):
    """Names the code of a cell after the cell, so that a traceback can say where in the notebook it is."""

    cell_name = ""

    def __init__(self):
        super().__init__()
        self.parsed: dict[tuple, ast.AST] = {}  # the last text that `parses` looked at

    def get_code_name(self, raw_code, transformed_code, number):
        return CELL_FILE.format(self.cell_name)

    def parses(self, text: str) -> bool:
        """Whether a text is Python as it stands."""
        question = text, self.get_code_name(text, text, 0), "exec"
        try:
            self.parsed = {question: self.ast_parse(*question)}
        except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
            return False
        return True

    def ast_parse(self, source, filename="<unknown>", symbol="exec"):
        return self.parsed.pop((source, filename, symbol), None) or super().ast_parse(source, filename, symbol)


class StudentShell(InteractiveShell):
    displayhook_class = Type(_DisplayHook)
    display_pub_class = Type(_Publisher)
    compiler_class = Type(_Compiler)

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.xmode = "Plain"
        config.InteractiveShell.colors = "nocolor"
        super().__init__(config=config)
        InteractiveShell._instance = self  # get_ipython() finds it there
        self.outputs = Outputs()
        self.displayhook.outputs = self.display_pub.outputs = self.outputs
        sys.stdout, sys.stderr = _Stream(self.outputs, "stdout"), _Stream(self.outputs, "stderr")
        sys.displayhook = self.displayhook
        sys.meta_path.insert(0, _ColabModules())
        self.usual_transforms = self.transforms()
        self.pictures = Pictures()
        self.error: dict | None = None
        self.failed_import: int | None = None
        self.number = 0  # of the cell that runs
        for name in ("pip", "conda", "mamba", "uv"):
            self.register_magic_function(lambda line, name=name: self.system(f"{name} {line}"), "line", name)
        for name in ("bash", "sh", "script", "system", "sx"):
            self.register_magic_function(lambda line, cell="": self.system(cell or line), "line_cell", name)

    def init_history(self):
        super().init_history()
        self.history_manager.enabled = False

    def warm_up(self) -> None:
        """Draw a picture and run a cell, so that fonts and machinery are loaded before any fork."""
        self.enable_matplotlib()
        self.begin(2**20)
        self.run_cell(
            "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(1, 2)\naxes[0].imshow([[0, 1]]);"
            "axes[0].set_title('$x$ 0.5'); figure.colorbar(axes[1].imshow([[0, 1]]))\nplt.show()\n"
            "import io\nplt.imsave(io.BytesIO(), [[0.0, 1.0]], cmap='PuOr', vmin=0, vmax=1)\n1/0",
            store_history=False,
        )
        self.end()
        self.reset(new_session=True)

    def limber_up(self) -> None:
        """Run a cell that leaves nothing: a fresh fork copies what that writes to while nobody waits for it yet."""
        self.run_cell(LIMBER_UP, store_history=False)
        self.outputs.take()

    def begin(self, limit: int) -> None:
        self.outputs.limit = limit
        self.outputs.take()

    def end(self) -> list[dict]:
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None and pyplot.get_fignums():
            pyplot.close("all")
        return self.outputs.take()

    def run(self, name: str, source: str) -> dict:
        """Run one cell. Returns its execution count and error, if any; the outputs are collected."""
        self.compile.cell_name = name
        self.error = self.failed_import = None
        self.number = self.execution_count
        self.run_cell(source, store_history=True)
        self.go_on_below_imports()
        return {"execution_count": self.number, "error": self.error}

    def go_on_below_imports(self) -> None:
        """A library that is not there costs what uses it, and not all that stands below its import in the cell."""
        first = self.error
        while (line := self.failed_import) is not None:
            self.failed_import = None
            text = "".join(linecache.getlines(CELL_FILE.format(self.compile.cell_name)))
            below = [node.lineno for node in ast.parse(text).body if node.lineno > line]
            if below:
                kept = text.splitlines(keepends=True)[below[0] - 1 :]
                self.run_cell("\n" * (below[0] - 1) + "".join(kept), store_history=False)
        self.error = first

    # --- less work for the cells that are plain Python ----------------------------------------------------------

    def transform_cell(self, raw_cell):
        """IPython's search for magics takes longer than most cells: spare it where all is Python as it stands.

        A single line may be magic even so (``pwd``).
        """
        text = raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"
        longer = "\n" in raw_cell.rstrip() and not raw_cell[0].isspace()
        if longer and self.transforms() == self.usual_transforms and self.compile.parses(text):
            return text
        return super().transform_cell(raw_cell)

    def transforms(self) -> list[list]:
        """What IPython and the student change a cell's text with."""
        manager = self.input_transformer_manager
        lists = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
        return [[*each] for each in (*lists, self.input_transformers_post)]

    def should_run_async(self, raw_cell, *, transformed_cell=None, **more):
        """IPython compiles the cell to find out. That takes a word to be worth it."""
        possible = any(word in transformed_cell for word in ("await", "async"))
        return possible and super().should_run_async(raw_cell, transformed_cell=transformed_cell, **more)

    # --- errors -----------------------------------------------------------------------------------------------

    def showtraceback(self, exc_tuple=None, *args, **kwargs):
        error = (exc_tuple or sys.exc_info())[1]
        self.error, self.failed_import = self.describe(error), self.import_that_failed(error)

    def import_that_failed(self, error: BaseException) -> int | None:
        """The line of an import on a cell's own level that raised this."""
        if not isinstance(error, ImportError):
            return None
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<cell ")]
        if len(frames) != 1 or frames[0].name != "<module>":
            return None
        text = linecache.getline(frames[0].filename, frames[0].lineno)
        return frames[0].lineno if text.startswith(("import ", "from ")) else None

    def showsyntaxerror(self, filename=None, running_compiled_code=False):
        self.error = self.describe(sys.exc_info()[1])

    def describe(self, error: BaseException) -> dict:
        """Type name, message and the lines of the student's own code that an error came through."""
        try:
            message = str(error)
        except Exception as second:  # a student's __str__ may raise what it likes
            message = f"<an error whose message raises {type(second).__name__}>"
        lines = []
        for frame in traceback.extract_tb(error.__traceback__)[-200:]:
            if frame.filename.startswith("<cell "):
                lines += self.frame_lines(frame)
        if isinstance(error, SyntaxError):
            lines = [line.rstrip("\n") for line in traceback.format_exception_only(error)[:-1]]
        return {"ename": type(error).__name__[:200], "evalue": message[:10_000], "traceback": lines[-60:]}

    def frame_lines(self, frame: traceback.FrameSummary) -> list[str]:
        where = frame.filename.strip("<>")
        within = "" if frame.name == "<module>" else f", in {frame.name}"
        lines = [f"{where}, line {frame.lineno}{within}"]
        for number in range(frame.lineno - CONTEXT_LINES, frame.lineno + CONTEXT_LINES + 1):
            text = linecache.getline(frame.filename, number).rstrip("\n")
            if text:
                lines.append(f"{'---->' if number == frame.lineno else '     '} {number} {text}")
        return lines

    # --- what a grader does not do ------------------------------------------------------------------------------

    def system(self, command: str) -> None:
        print(f"[not run while grading] {command.strip()}")

    system_piped = system_raw = system

    def getoutput(self, command: str, split: bool = True, depth: int = 0):
        self.system(command)
        return [] if split else ""

    def enable_matplotlib(self, gui=None):
        """Every backend is the inline one: pictures go into the notebook."""
        enabled = super().enable_matplotlib("inline")
        pictures = self.display_formatter.formatters["image/png"]
        if getattr(pictures.lookup_by_type(Figure), "keywords", None) == AS_USUAL:
            pictures.for_type(Figure, self.pictures.png)
        return enabled

    def enable_gui(self, gui=None):
        """There is no event loop to hook into."""


class _ColabModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """``google.colab`` where there is none: imports work, calls say that they do nothing."""

    def find_spec(self, fullname, path, target=None):
        if fullname == "google" or fullname.startswith("google.colab"):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        return _Nothing(spec.name)

    def exec_module(self, module):
        module.__path__ = []


class _Nothing(types.ModuleType):
    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(f"{self.__name__}.{name}")

    def __call__(self, *args, **kwargs):
        print(f"[not run while grading] {self.__name__}()")
