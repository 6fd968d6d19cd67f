"""The environment's programs, started from processes that have imported them: that takes a second of the processor.

Each start is a process of its own, forked from one that has done nothing but import, and ends like any other program.
Run as a program, this module is such a process: it starts what the lines of its input ask for, one after the other.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

SCRIPTS = Path(sys.executable).parent
SECONDS = 3600  # after which a program that has not ended is ended


def run(command: str, arguments: tuple[str, ...], cwd: Path) -> subprocess.CompletedProcess:
    """What ``subprocess.run`` would give, with nothing to read on the program's standard input."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        argv = [str(SCRIPTS / command), *map(str, arguments)]
        files = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
        parent = started(command)
        parent.stdin.write(json.dumps([argv, str(cwd), dict(os.environ), files]) + "\n")
        parent.stdin.flush()
        code = json.loads(parent.stdout.readline())
        texts = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)]
    return subprocess.CompletedProcess(argv, code, *texts)


@cache
def started(command: str) -> subprocess.Popen:
    """The process that has imported a program; it ends when its input does, with us."""
    return subprocess.Popen(
        [sys.executable, __file__, command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def serve(command: str) -> None:
    """Start what is asked for, each in a process of its own that ends with the program."""
    (script,) = entry_points(group="console_scripts", name=command)
    script.load()
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    for line in os.fdopen(requests):
        child = os.fork()
        if not child:
            os.close(answers)
            become(*json.loads(line))
            sys.exit(script.load()())
        _, status = os.waitpid(child, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def become(argv: list[str], cwd: str, environment: dict[str, str], files: list[str]) -> None:
    signal.alarm(SECONDS)
    sys.argv, sys.path[0] = argv, str(SCRIPTS)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(files, start=1):
        os.dup2(os.open(path, os.O_WRONLY), number, inheritable=True)


if __name__ == "__main__":
    serve(sys.argv[1])
