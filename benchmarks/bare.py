"""The bare limit: cells run in one warm interpreter, with no walls, no copies and no process per submission.

A process of its own, started with the modules to load. Reads the cells of a submission from each line of
standard input, ``[[name, source], ...]`` as JSON, and answers each with a line: the seconds they took.
"""

import gc
import importlib
import json
import os
import sys
import tempfile
import time

from gradebox.untrusted.shell import StudentShell

OUTPUT_BYTES = 2**20


def run(shell: StudentShell, cells: list[tuple[str, str]]) -> float:
    """Seconds for the cells of one submission, in a clean namespace."""
    shell.reset(new_session=True)
    gc.collect()
    gc.freeze()  # as in gradebox's own processes
    begin = time.perf_counter()
    for name, source in cells:
        shell.begin(OUTPUT_BYTES)
        shell.run(name, source)
        shell.end()
    return time.perf_counter() - begin


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")  # the shell takes standard output for itself
    for module in sys.argv[1:]:
        importlib.import_module(module)
    shell = StudentShell()
    shell.warm_up()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chdir(folder)
        for line in sys.stdin:
            print(run(shell, json.loads(line)), file=answers, flush=True)
        os.chdir("/")


if __name__ == "__main__":
    main()
