"""The process of a warm judge, started: now, or before anything is known of what it will grade.

Most of what a grader takes to start is loading libraries, in one process after another. A worker starts a judge's
process before it loads its own.
"""

import os
import subprocess
import sys

from gradebox.sandbox import environment

OWN_FOLDERS = ("HOME", "PATH", "LANG", "MPLCONFIGDIR", "IPYTHONDIR")  # a judge is as trusted as who starts it
_ahead: list[subprocess.Popen] = []


def start_ahead() -> None:
    _ahead.append(_started())


def judge_process() -> subprocess.Popen:
    """A process that waits for a judge's first message."""
    process = _ahead.pop() if _ahead else _started()
    return process if process.poll() is None else _started()


def _started() -> subprocess.Popen:
    folders = {name: os.environ[name] for name in OWN_FOLDERS if name in os.environ}
    walled = environment([folder for folder in sys.path if folder])
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gradebox.judge.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **walled, **folders, "MPLBACKEND": "agg"},
    )
