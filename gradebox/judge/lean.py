"""Importing nbgrader without its part for the Jupyter server, which takes most of the time and half of the memory.

nbgrader's package loads its server extensions whatever it is imported for. Import this module before it, and only in a
program that serves no pages and starts no server: the warm judge, which every worker has one of.
"""

import sys
from types import ModuleType

for name in ("assignment_list", "course_list", "formgrader", "validate_assignment"):
    left_out = ModuleType(f"nbgrader.server_extensions.{name}", "Left out by gradebox.judge.lean.")
    left_out.load_jupyter_server_extension = None
    sys.modules.setdefault(left_out.__name__, left_out)
