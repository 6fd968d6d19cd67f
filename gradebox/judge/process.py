"""The process of a warm judge: forks a fresh judge for every submission.

The fork is what keeps submissions apart on the judge's side: whatever a test leaves behind is gone with it. The
process has no threads.
"""

if __name__ == "__main__":
    import gradebox.lean  # noqa: F401  (before what imports nbgrader)

import contextlib
import gc
import importlib
import itertools
import json
import mmap
import os
import resource
import select
import shutil
import signal
import socket
import sys
import sysconfig
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from nbformat import NotebookNode, from_dict

from gradebox.judge.exposure import Exposure
from gradebox.judge.files import lay_out
from gradebox.judge.known import Known
from gradebox.judge.memory import learn, learnt
from gradebox.judge.modules import CourseModules, imports_of_tests
from gradebox.judge.pipes import (
    GRADE,
    SIZE,
    die_with_parent,
    messages,
    packed,
    read_message,
    unpacked,
    write_message,
)
from gradebox.judge.plan import APART, Plan
from gradebox.sandbox import Doors, Sandbox, SandboxError, WarmParent

JUDGE_MEMORY = 4 * 2**30  # on top of the libraries; a test that needs more fails
POLL_SECONDS = 0.01
NAME_BYTES = 200  # kept of a cell's name
RUNS = 3  # of a notebook: to be seen, for its marks, and together
JUDGE_SECONDS = 60  # for the tests themselves, on top of what the student's side may take


def main() -> None:
    die_with_parent()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    try:
        request, modules = unpacked(read_message(requests)[1:])
    except EOFError:  # who started it is gone
        return
    settings = request["settings"]
    sandbox = Sandbox(**settings)
    CourseModules(modules).install()
    try:
        parent = WarmParent(sandbox, meanwhile=lambda: load("gradebox.judge.grade", *sandbox.preload))
        warm = Warm(parent, modules, request["folder"])
    except SandboxError as error:
        write_message(answers, packed({"refused": str(error)}))
        return
    gc.collect()
    gc.freeze()
    write_message(answers, packed({}))
    for request in messages(requests):
        write_message(answers, warm.answer(request))
        warm.fork_ahead()
        warm.clear_up(asked=lambda: bool(select.select([requests], [], [], POLL_SECONDS)[0]))
    warm.close()


def load(*modules: str) -> None:
    for module in modules:
        importlib.import_module(module)


class Warm:
    """What the warm process knows and keeps ready: notebooks it has rehearsed, and a judge forked ahead."""

    def __init__(self, parent: WarmParent, modules: dict[str, bytes], folder: str):
        self.parent = parent
        self.modules = modules
        self.folder = folder
        self.sources: dict[str, NotebookNode] = {}  # by fingerprint
        self.files: dict[str, dict[str, bytes]] = {}  # by fingerprint: the instructor's, that lie beside it
        self.doors: dict[str, list[str]] = {}  # by fingerprint: what its rehearsal found open
        self.pictures: dict[str, dict[str, str]] = {}  # by fingerprint: what its rehearsal has drawn
        self.ahead: Fork | None = None
        self.done: list[Fork] = []

    def answer(self, request: bytes) -> bytes:
        try:
            if not self.parent.alive():
                self.forget_ahead()
                self.parent.start()
        except SandboxError as error:
            return packed({"refused": str(error)})
        kind, message = request[:1], request[1:]
        if kind == GRADE:
            return self.judged(message, meanwhile=self.fork_ahead)
        return packed(self.rehearse(*unpacked(message)))

    def rehearse(self, request: dict, files: dict[str, bytes]) -> dict:
        """Grade the instructor's notebook as if it were a submission, twice; answers with what came of it.

        Nothing of it runs in this process, which others are forked from: a test may change whatever it likes. What
        makes later forks faster is learnt from the fork instead, and the second time shows what comes of that.
        """
        self.forget_ahead()
        fingerprint, source = request["fingerprint"], json.loads(request["source"])
        self.sources[fingerprint], self.files[fingerprint] = from_dict(source), files
        import_for_tests(self.sources[fingerprint])
        if known := request["known"]:
            self.doors[fingerprint], self.pictures[fingerprint] = known["doors"], known["pictures"]
            return {}
        rehearsal = packed({"submitted": source, "source": fingerprint, "rehearsal": True}, files)
        first, memory = unpacked(self.judged(rehearsal))
        if "marks" not in first:
            return first
        self.doors[fingerprint], self.pictures[fingerprint] = first["learnt"]["doors"], first["learnt"]["pictures"]
        load_libraries(first["libraries"])
        learn(memory["memory"])
        compile_cells(self.sources[fingerprint])
        gc.collect()
        gc.freeze()
        self.forget_ahead()
        again, _ = unpacked(self.judged(rehearsal))
        if "marks" not in again:
            return again
        return {"first": first, "again": again}

    def graded(self, request: dict, files: dict[str, bytes]) -> dict:
        from gradebox.judge.grade import grade  # loaded while the sandbox starts

        fingerprint = request["source"]
        known = Known(
            Doors(self.doors.get(fingerprint)),  # of None, while it is rehearsed, all are open
            Plan.from_json(request["plan"]) if "plan" in request else APART,
            self.modules,
            self.pictures.get(fingerprint, {}),
            Exposure() if request.get("rehearsal") else None,
        )
        lay_out(self.files[fingerprint], Path.cwd())  # which this fork has to itself
        sys.path.insert(0, "")
        result = grade(request["submitted"], self.sources[fingerprint], self.parent, files, known, self.here.tell)
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        usage = {
            "judge_cpu": sum(each.ru_utime + each.ru_stime for each in used),
            "judge_memory": max(each.ru_maxrss for each in used) * 1024,
        }
        return {
            "notebook": result.notebook,
            "marks": result.marks,
            "log": result.log,
            "usage": result.usage | usage,
            **({"learnt": learnt_of(known)} if known.exposure else {}),
        }

    def judged(self, request: bytes, meanwhile: Callable[[], None] = lambda: None) -> bytes:
        """Grade in a fork of this process. The answer says what went wrong if that gives no result in time."""
        self.fork_ahead()
        fork, self.ahead = self.ahead, None
        fork.ask(request)
        meanwhile()
        seconds = RUNS * self.parent.sandbox.notebook_seconds + JUDGE_SECONDS
        deadline = time.monotonic() + seconds
        answer = fork.result(deadline)
        self.done.append(fork)
        if not answer:
            late = time.monotonic() >= deadline
            end = f"came to no end in {seconds:g} s" if late else f"ended the process it ran in (status {fork.end()})"
            return packed({"lost": f"The cell '{fork.here.told()}' {end}."})
        return answer

    def fork_ahead(self) -> None:
        """Have a judge and a student's process ready before they are asked for, while others are at work."""
        if self.ahead is None:
            self.parent.fork_ahead()
            self.ahead = Fork(self.work, self.folder)
            self.parent.forget_spare()  # the fork has it

    def forget_ahead(self) -> None:
        if self.ahead is not None:
            self.ahead.end()
            self.ahead = None

    def clear_up(self, asked: Callable[[], bool]) -> None:
        """Wait for the forks that have answered until there is a new request: clearing away their memory takes long."""
        while True:
            self.done = [fork for fork in self.done if not fork.ended()]
            if not self.done or asked():
                return

    def work(self, request: bytes, here: "Here") -> bytes:
        """What the fork does."""
        self.here = here
        try:
            limit_memory()
            request, files = unpacked(request)
            if not request.get("rehearsal"):
                return packed(self.graded(request, files))
            before = set(sys.modules)
            result = self.graded(request, files)
            alone = len(os.listdir("/proc/self/task")) == 1  # or a library started a thread, and no fork has that
            loaded = libraries(set(sys.modules) - before) if alone else []
            return packed(result | {"libraries": loaded}, {"memory": learnt()})
        except BaseException:  # whatever it was has to reach the instructor
            return packed({"crashed": traceback.format_exc()})

    def close(self) -> None:
        self.forget_ahead()
        self.parent.close()


def import_for_tests(source: NotebookNode) -> None:
    """Import what the tests import, once for all forks: the libraries of oracles are large."""
    for module in imports_of_tests(source):
        with contextlib.suppress(Exception):  # whatever it raises: the rehearsal says so, with the test's name
            importlib.import_module(module)


class Fork:
    """A fork of this process that waits for one request, answers it, and ends."""

    def __init__(self, work: Callable[[bytes, "Here"], bytes], folder: str):
        ours, theirs = socket.socketpair()
        self.wire = ours
        self.here = Here()
        self.folder = tempfile.mkdtemp(dir=folder)
        self.status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                die_with_parent()
                ours.close()
                os.chdir(self.folder)
                with theirs.makefile("rwb") as wire:
                    for request in itertools.islice(messages(wire), 1):
                        write_message(wire, work(request, self.here))
            finally:
                os._exit(0)
        theirs.close()

    def ask(self, request: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died: `result` says so
            self.wire.sendall(SIZE.pack(len(request)) + request)

    def result(self, deadline: float) -> bytes:
        """Its answer, on time.monotonic's clock; empty if there is none in time."""
        data = bytearray()
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.wire], [], [], left)[0]:
                chunk = self.wire.recv(2**20)
                data += chunk
                if not chunk or len(data) - SIZE.size == SIZE.unpack_from(data.ljust(SIZE.size))[0]:
                    break
        whole = len(data) > SIZE.size and len(data) - SIZE.size == SIZE.unpack_from(data)[0]
        return bytes(data[SIZE.size :]) if whole else b""

    def ended(self) -> bool:
        if self.status is None and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self.end()
        return True

    def end(self) -> int:
        """Kill it, if that is needed, and return the status it ended with."""
        if self.status is None:
            self.wire.close()
            os.kill(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.status


def learnt_of(known: Known) -> dict:
    """What a rehearsal has found out, as JSON."""
    return {
        "doors": sorted(known.doors.used),
        "exposed": sorted(known.exposure.tests),
        "pictures": known.pictures,
    }


class Here:
    """Where a fork is: memory it shares with its parent, to be read when it is gone without a word."""

    def __init__(self):
        self.shared = mmap.mmap(-1, mmap.PAGESIZE)

    def tell(self, cell: str) -> None:
        self.shared[:NAME_BYTES] = cell.encode("utf-8", "replace")[:NAME_BYTES].ljust(NAME_BYTES, b"\0")

    def told(self) -> str:
        return self.shared[:NAME_BYTES].rstrip(b"\0").decode("utf-8", "replace")


def libraries(names: Iterable[str]) -> list[str]:
    """Those of some loaded modules that belong to an installed library or to Python itself, not to a course."""
    homes = tuple(sysconfig.get_paths()[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
    files = {name: getattr(sys.modules[name], "__file__", None) for name in names}
    return sorted(name for name, file in files.items() if file and file.startswith(homes))


def load_libraries(names: list[str]) -> None:
    """Load what the rehearsal loaded on its way, once for all forks."""
    for name in names:
        with contextlib.suppress(Exception):  # it is loaded in other ways than by its name; only time is lost
            importlib.import_module(name)


def compile_cells(source: NotebookNode) -> None:
    """Compile the instructor's cells, once for all forks; nothing of them runs."""
    from gradebox.judge.cells import grade_id_of, prepared

    for cell in source.cells:
        if cell.cell_type == "code" and grade_id_of(cell):
            prepared(grade_id_of(cell), cell.source)


def limit_memory() -> None:
    with open("/proc/self/statm") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + JUDGE_MEMORY, now + JUDGE_MEMORY))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(1)  # whoever started this is gone, and nobody is left to tell
