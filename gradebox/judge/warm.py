"""A warm judge: a trusted process that has the libraries loaded, and grades notebook after notebook.

The program that starts it (nbgrader, a Jupyter server, a Dask worker) may have any threads; the process has none, see
`judge.process`.
"""

import atexit
import hashlib
import json
import os
import subprocess
import sys

import msgpack
from nbformat import NotebookNode, from_dict

from gradebox.judge import proofs
from gradebox.judge.graded import Graded
from gradebox.judge.pipes import read_message, write_message
from gradebox.judge.source import AuthorError
from gradebox.sandbox import SandboxError, environment

START, REHEARSE, GRADE = b"s", b"r", b"g"  # first byte of a request


class JudgeError(Exception):
    """The judge itself failed, which is our mistake and not the student's."""


class WarmJudge:
    """Start it, then `grade` as often as you like. Raises SandboxError.

    settings -- of a Sandbox
    modules  -- of the course, see `judge.modules`
    """

    def __init__(self, settings: dict, modules: dict[str, bytes] | None = None):
        self.settings, self.modules = settings, modules or {}
        self.graded = 0  # notebooks so far
        self.rehearsed: dict[int, tuple[NotebookNode, str]] = {}  # by id
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gradebox.judge.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                **environment([folder for folder in sys.path if folder]),
                **_own_folders(),
                "MPLBACKEND": "agg",
            },
        )
        atexit.register(self.close)
        try:
            self._answer(START, self.settings, self.modules)
        except SandboxError:
            self.close()
            raise

    def rehearse(self, source: NotebookNode, files: dict[str, bytes] | None = None, anew: bool = True) -> str:
        """Grade the instructor's own notebook, which has to earn everything; once for each. Returns its fingerprint.

        files -- the instructor's, that lie beside it
        anew  -- do it although it was done before on this machine and nothing has changed (see `judge.proofs`): what
                 is in memory then makes every submission faster, and a few submissions not as much as it takes

        Raises AuthorError, JudgeError or SandboxError.
        """
        known, fingerprint = self.rehearsed.get(id(source), (None, ""))
        if known is not source:
            text = json.dumps(without_outputs(source))
            fingerprint = hashlib.sha256(text.encode()).hexdigest()
        if fingerprint not in {each for _, each in self.rehearsed.values()}:
            name = proofs.fingerprint(text, files or {}, self.modules, self.settings)
            proof = None if anew else proofs.find(name)
            answer = self._answer(REHEARSE, {"source": text, "fingerprint": fingerprint, "proof": proof}, files)
            if proof is None:
                proofs.keep(name, answer["proof"])
        self.rehearsed[id(source)] = source, fingerprint
        return fingerprint

    def grade(self, submitted: NotebookNode, source: NotebookNode, files: dict[str, bytes] | None = None) -> Graded:
        """As `judge.grade.grade`, in a process of its own. Raises AuthorError, JudgeError or SandboxError."""
        self.graded += 1
        fingerprint = self.rehearse(source, files)
        answer = self._answer(GRADE, {"submitted": without_outputs(submitted), "source": fingerprint}, files)
        return Graded(from_dict(answer["notebook"]), answer["marks"], answer["log"], answer["usage"])

    def _answer(self, kind: bytes, request: dict, files: dict[str, bytes] | None = None) -> dict:
        write_message(self.process.stdin, kind + packed(request, files))
        answer = self._receive()
        for kind, error in (("refused", SandboxError), ("author", AuthorError), ("crashed", JudgeError)):
            if kind in answer:
                raise error(answer[kind])
        return answer

    def close(self) -> None:
        atexit.unregister(self.close)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait()

    def _receive(self) -> dict:
        try:
            return unpacked(read_message(self.process.stdout))[0]
        except EOFError as error:
            raise JudgeError(f"the warm judge ended with status {self.process.wait()}") from error


def packed(message: dict, files: dict[str, bytes] | None = None) -> bytes:
    """A message between us and the judge: JSON, which a notebook is, and the files beside it."""
    return msgpack.packb([json.dumps(message), files or {}], unicode_errors="surrogatepass")


def unpacked(data: bytes) -> tuple[dict, dict[str, bytes]]:
    text, files = msgpack.unpackb(data, unicode_errors="surrogatepass")
    return json.loads(text), files


def _own_folders() -> dict[str, str]:
    """The judge is as trusted as whoever started it and keeps their home and caches."""
    return {
        name: os.environ[name] for name in ("HOME", "PATH", "LANG", "MPLCONFIGDIR", "IPYTHONDIR") if name in os.environ
    }


def without_outputs(notebook: NotebookNode) -> dict:
    return {**notebook, "cells": [{**cell, "outputs": []} if "outputs" in cell else cell for cell in notebook.cells]}
