"""A warm judge: a trusted process that has the libraries loaded, and grades notebook after notebook.

The program that starts it (nbgrader, a Jupyter server, a Dask worker) may have any threads; the process has none, see
`judge.process`.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile

from nbformat import NotebookNode, from_dict

from gradebox.judge import proofs
from gradebox.judge.cells import grade_id_of
from gradebox.judge.errors import AuthorError
from gradebox.judge.graded import Graded
from gradebox.judge.pipes import GRADE, REHEARSE, START, packed, read_message, unpacked, write_message
from gradebox.judge.plan import Plan
from gradebox.judge.proofs import Proof
from gradebox.judge.rehearsal import Rehearsal, Run
from gradebox.judge.stock import Stock
from gradebox.sandbox import SandboxError, environment

OWN_FOLDERS = ("HOME", "PATH", "LANG", "MPLCONFIGDIR", "IPYTHONDIR")  # a judge is as trusted as who starts it


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
        self.rehearsed: dict[int, tuple[NotebookNode, str]] = {}  # by id: with its fingerprint
        self.proofs: dict[str, Proof] = {}  # by fingerprint
        self.folder = tempfile.TemporaryDirectory(prefix="gradebox-judge-", ignore_cleanup_errors=True)
        self.start()

    def start(self) -> None:
        self.process = judge_process()
        atexit.register(self.close)
        try:
            self._answer(START, {"settings": self.settings, "folder": self.folder.name}, self.modules)
        except SandboxError:
            self.close()
            raise

    def rehearse(
        self,
        source: NotebookNode,
        files: dict[str, bytes] | None = None,
        anew: bool = True,
        stock: Stock | None = None,
        proof: Proof | None = None,
    ) -> Proof:
        """Grade the instructor's own notebook, once for each: what comes of that is what grading goes by.

        files -- the instructor's, that lie beside it
        anew  -- do it although it was done before on this machine and nothing has changed (see `judge.proofs`): what
                 is in memory then makes every submission faster, and a few submissions not as much as it takes
        stock -- what stock nbgrader does with it, see `judge.rehearsal`; None: all runs apart, and earns everything
        proof -- what came of it elsewhere, and holds here too

        Raises AuthorError, JudgeError or SandboxError.
        """
        before, fingerprint = self.rehearsed.get(id(source), (None, ""))
        if before is not source:
            text = json.dumps(without_outputs(source))
            about = {"sandbox": self.settings, "stock": stock and stock.settings()}
            fingerprint = proofs.fingerprint(text, files or {}, self.modules, about)
        if fingerprint not in self.proofs:
            kept = proof or proofs.find(fingerprint)
            known = {"doors": kept.doors, "pictures": kept.pictures} if kept and not anew else None
            runs = self._answer(REHEARSE, {"source": text, "fingerprint": fingerprint, "known": known}, files)
            self.proofs[fingerprint] = kept or self._proved(source, fingerprint, runs, files, stock)
            proofs.keep(fingerprint, self.proofs[fingerprint])
        self.rehearsed[id(source)] = source, fingerprint
        return self.proofs[fingerprint]

    def _proved(
        self,
        source: NotebookNode,
        fingerprint: str,
        runs: dict,
        files: dict[str, bytes] | None,
        stock: Stock | None,
    ) -> Proof:
        def grade(notebook: NotebookNode, plan: Plan) -> Run:
            return run_of(self._grade(notebook, fingerprint, files, plan))

        rehearsal = Rehearsal(source, grade, stock)
        # The second time all libraries are there, and what loading one changes is not taken for the test's doing.
        exposed = set(runs["again"]["learnt"]["exposed"])
        plan = rehearsal.plan(run_of(runs["first"]), run_of(runs["again"]), exposed)
        learnt = runs["first"]["learnt"]
        return Proof(learnt["doors"], plan, rehearsal.warnings, learnt["pictures"], rehearsal.why)

    def grade(self, submitted: NotebookNode, source: NotebookNode, files: dict[str, bytes] | None = None) -> Graded:
        """As `judge.grade.grade`, in a process of its own. Raises AuthorError, JudgeError or SandboxError."""
        self.graded += 1
        proof = self.rehearse(source, files)
        answer = self._grade(submitted, self.rehearsed[id(source)][1], files, proof.plan)
        return Graded(from_dict(answer["notebook"]), answer["marks"], answer["log"], answer["usage"])

    def _grade(self, submitted: NotebookNode, fingerprint: str, files: dict[str, bytes] | None, plan: Plan) -> dict:
        request = {"submitted": without_outputs(submitted), "source": fingerprint, "plan": plan.as_json()}
        return self._answer(GRADE, request, files)

    def _answer(self, kind: bytes, request: dict, files: dict[str, bytes] | None = None) -> dict:
        write_message(self.process.stdin, kind + packed(request, files))
        answer = self._receive()
        lost = AuthorError if kind == REHEARSE else JudgeError  # whose cells they are that ran
        for kind, error in (("refused", SandboxError), ("lost", lost), ("crashed", JudgeError)):
            if kind in answer:
                raise error(answer[kind])
        return answer

    def close(self) -> None:
        atexit.unregister(self.close)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def _receive(self) -> dict:
        try:
            return unpacked(read_message(self.process.stdout))[0]
        except EOFError as error:
            raise JudgeError(f"the warm judge ended with status {self.process.wait()}") from error


def judge_process() -> subprocess.Popen:
    """A process that waits for a judge's first message."""
    folders = {name: os.environ[name] for name in OWN_FOLDERS if name in os.environ}
    walled = environment([folder for folder in sys.path if folder])
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gradebox.judge.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **walled, **folders, "MPLBACKEND": "agg"},
    )


def without_outputs(notebook: NotebookNode) -> dict:
    return {**notebook, "cells": [{**cell, "outputs": []} if "outputs" in cell else cell for cell in notebook.cells]}


def run_of(answer: dict) -> Run:
    """What a rehearsal needs of a graded notebook."""
    errors = {}
    for cell in answer["notebook"]["cells"]:
        said = [output["evalue"] or output["ename"] for output in cell.get("outputs", []) if "ename" in output]
        if said and (name := grade_id_of(from_dict(cell))):
            errors[name] = " ".join(
                " ".join(said).split()
            )  # one line: an assertion of numpy's begins with an empty one
    return Run(answer["marks"], errors)
