"""Importing nbgrader without its part for the Jupyter server, which takes most of the time and half of the memory.

nbgrader's package loads its server extensions whatever it is imported for. Import this module before it, and only in a
program that serves no pages and starts no server: the gradebox command, its workers, and the warm judges. What asks for
a module of the extensions by name still gets it.
"""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def leave_out_server() -> None:
    found = importlib.machinery.PathFinder.find_spec("nbgrader")
    if found is None or "nbgrader" in sys.modules:
        return
    extensions = Path(found.origin).parent / "server_extensions"
    for name in ("assignment_list", "course_list", "formgrader", "validate_assignment"):
        left_out = ModuleType(f"nbgrader.server_extensions.{name}", "Left out by gradebox.")
        left_out.__path__ = [str(extensions / name)]
        left_out.load_jupyter_server_extension = None
        sys.modules[left_out.__name__] = left_out


leave_out_server()
