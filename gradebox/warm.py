"""A warm judge: a trusted process with the libraries loaded, which forks a fresh judge for every submission.

The fork is what keeps submissions apart on the judge's side: whatever a test leaves behind is gone with it. The
parent has no threads, and the program that starts it (nbgrader, a Jupyter server, a Dask worker) may have any.
"""

import atexit
import ctypes
import gc
import hashlib
import importlib
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import traceback

from nbformat import NotebookNode, from_dict

from gradebox.judge import Graded, grade
from gradebox.sandbox import Sandbox, SandboxError, environment
from gradebox.student import WarmParent
from gradebox.values import pack, unpack

PR_SET_PDEATHSIG = 1  # linux/prctl.h
SIZE = struct.Struct("!Q")
MAX_NOTEBOOK_BYTES = 512 * 2**20
JUDGE_MEMORY = 4 * 2**30  # on top of the libraries; a test that needs more fails
JUDGE_SECONDS = 60  # for the tests themselves, on top of what the student's side may take


class JudgeError(Exception):
    """The judge itself failed, which is our mistake and not the student's."""


class AuthorError(Exception):
    """The instructor's own notebook does not pass its own tests. The message says which, and why."""


class WarmJudge:
    """Start with the settings of a Sandbox; then `grade` as often as you like. Raises SandboxError."""

    def __init__(self, settings: dict):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gradebox.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                **environment([folder for folder in sys.path if folder]),
                **_own_folders(),
                "MPLBACKEND": "agg",
            },
        )
        self.graded = 0  # notebooks so far
        atexit.register(self.close)
        self._send(settings)
        answer = self._receive()
        if "refused" in answer:
            self.close()
            raise SandboxError(answer["refused"])

    def grade(self, submitted: NotebookNode, source: NotebookNode, files: dict[str, bytes] | None = None) -> Graded:
        """As `gradebox.judge.grade`, in a process of its own. Raises AuthorError, JudgeError or SandboxError."""
        self.graded += 1
        self._send({"submitted": without_outputs(submitted), "source": without_outputs(source), "files": files or {}})
        answer = self._receive()
        if "refused" in answer:
            raise SandboxError(answer["refused"])
        if "author" in answer:
            raise AuthorError(answer["author"])
        if "crashed" in answer:
            raise JudgeError(answer["crashed"])
        return Graded(from_dict(answer["notebook"]), answer["marks"], answer["log"], answer["usage"])

    def close(self) -> None:
        atexit.unregister(self.close)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait()

    def _send(self, message: dict) -> None:
        data = pack(message, max_bytes=MAX_NOTEBOOK_BYTES)
        self.process.stdin.write(SIZE.pack(len(data)) + data)
        self.process.stdin.flush()

    def _receive(self) -> dict:
        head = self.process.stdout.read(SIZE.size)
        if len(head) < SIZE.size:
            raise JudgeError(f"the warm judge ended with status {self.process.wait()}")
        return unpack(self.process.stdout.read(SIZE.unpack(head)[0]), max_bytes=MAX_NOTEBOOK_BYTES)


def _own_folders() -> dict[str, str]:
    """The judge is as trusted as whoever started it and keeps their home and caches."""
    return {
        name: os.environ[name] for name in ("HOME", "PATH", "LANG", "MPLCONFIGDIR", "IPYTHONDIR") if name in os.environ
    }


def without_outputs(notebook: NotebookNode) -> dict:
    return {**notebook, "cells": [{**cell, "outputs": []} if "outputs" in cell else cell for cell in notebook.cells]}


# --- the process ----------------------------------------------------------------------------------------------


def die_with_parent() -> None:
    """From now on this process ends when the one that started it does, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    die_with_parent()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    settings = _read(requests)
    sandbox = Sandbox(**settings)
    try:
        parent = WarmParent(sandbox)
    except SandboxError as error:
        _write(answers, {"refused": str(error)})
        return
    for module in sandbox.preload:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    _write(answers, {})
    known: set[str] = set()
    while (request := _read(requests)) is not None:
        _write(answers, answered(request, parent, known))
    parent.close()


def answered(request: dict, parent: WarmParent, known: set[str]) -> dict:
    """Grade a submission; before the first one, the instructor's own notebook as if it were one."""
    try:
        if not parent.alive():
            parent.start()
    except SandboxError as error:
        return {"refused": str(error)}
    fingerprint = hashlib.sha256(repr(request["source"]).encode()).hexdigest()
    if fingerprint not in known:
        rehearsal = {**request, "submitted": request["source"]}
        answer = judged(rehearsal, parent)
        if "marks" not in answer or (failed := failures(answer)):
            return answer if "marks" not in answer else {"author": failed}
        if answer["threads"] == 1:
            # Once more in this very process, for what it loads and compiles; not if it leaves threads, see os.fork.
            graded(rehearsal, parent)
            gc.collect()
            gc.freeze()
        known.add(fingerprint)
    return judged(request, parent)


def failures(answer: dict) -> str:
    """What the instructor's notebook fails of its own tests, in a line; empty if nothing."""
    for cell in answer["notebook"]["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        name = about.get("grade_id")
        if name in answer["marks"] and answer["marks"][name] < about["points"]:
            errors = [output["evalue"] for output in cell["outputs"] if output["output_type"] == "error"]
            return f"The instructor's own solution fails the test '{name}': {' '.join(errors) or 'too few points'}"
    return ""


def judged(request: dict, parent: WarmParent) -> dict:
    """Grade in a fork of this process. The answer says what went wrong if that gives no result in time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            die_with_parent()
            os.close(reading)
            limit_memory()
            answer = pack(graded(request, parent), max_bytes=MAX_NOTEBOOK_BYTES)
        except BaseException:  # whatever it was has to reach the instructor
            answer = pack({"crashed": traceback.format_exc()})
        try:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = _read_until(pipe, time.monotonic() + parent.sandbox.notebook_seconds + JUDGE_SECONDS)
    os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    if not data:
        return {"crashed": f"the judge gave no result (status {status})"}
    answer = unpack(data, max_bytes=MAX_NOTEBOOK_BYTES)
    if "usage" in answer:
        answer["usage"] |= {"judge_cpu": used.ru_utime + used.ru_stime, "judge_memory": used.ru_maxrss * 1024}
    return answer


def graded(request: dict, parent: WarmParent) -> dict:
    result = grade(from_dict(request["submitted"]), from_dict(request["source"]), parent, request["files"])
    threads = len(os.listdir("/proc/self/task"))
    return {
        "notebook": result.notebook,
        "marks": result.marks,
        "log": result.log,
        "usage": result.usage,
        "threads": threads,
    }


def limit_memory() -> None:
    with open("/proc/self/statm") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + JUDGE_MEMORY, now + JUDGE_MEMORY))


def _read_until(pipe, deadline: float) -> bytes:
    data = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            chunk = os.read(pipe.fileno(), 2**20)
            if not chunk:
                return bytes(data)
            data += chunk
    return b""


def _read(stream) -> dict | None:
    head = stream.read(SIZE.size)
    return unpack(stream.read(SIZE.unpack(head)[0]), max_bytes=MAX_NOTEBOOK_BYTES) if head else None


def _write(stream, message: dict) -> None:
    data = pack(message, max_bytes=MAX_NOTEBOOK_BYTES)
    stream.write(SIZE.pack(len(data)) + data)
    stream.flush()


if __name__ == "__main__":
    main()
