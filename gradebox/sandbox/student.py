"""Trusted side: the handle on a student's process. Run a cell, fetch names, call a function, stop it.

Everything that comes from the other end is a claim by the student's code, read with `values.unpack` and checked
before use. What may go wrong has two names: StudentError, the student's code raised, and StudentGone, the process
had to be stopped, died, or does not keep to the protocol.
"""

import contextlib
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gradebox.sandbox.values import HEADER, MAX_BYTES, BadMessage, pack, unpack
from gradebox.sandbox.walls import Sandbox, no_sandbox
from gradebox.untrusted.watch import Watch, data_read

START_SECONDS = 60  # for a warm parent to import everything
GRACE_SECONDS = 1  # between the polite interrupt and the end
POLL_SECONDS = 0.25
MAX_FILES_BYTES = 256 * 2**20  # of an assignment's support files
MAX_RUN_BYTES = 8 * 2**20  # of all that running a cell puts out; the shell on the other side keeps to far less
MAX_LINES, MAX_LINE = 100, 10_000  # of an error, in lines and characters

# Built-in exceptions a test may want to catch by type. Not StopIteration and its like: raised in the judge they would
# end a test's loop early instead of failing it.
_CATCHABLE = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, ImportError, IndexError, KeyError, LookupError, MemoryError,
        NameError, NotImplementedError, OSError, OverflowError, RecursionError, RuntimeError, TypeError,
        UnboundLocalError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


class StudentError(Exception):
    """The student's code raised. Also an instance of the built-in type it raised, where a test may catch that."""

    def __init__(self, ename: str, evalue: str, lines: list[str]):
        super().__init__(evalue)
        self.ename, self.evalue, self.lines = ename, evalue, lines


class StudentGone(BaseException):
    """The student's process is lost. The message is a sentence for the student.

    No Exception, so that a test's ``except Exception`` cannot take it for an answer.
    """


class StudentTooSlow(BaseException):
    """A cell or call was interrupted at its time limit; the process is still there."""

    def __init__(self, why: str, outputs: list[dict]):
        super().__init__(why)
        self.outputs = outputs


def student_error(claim: Any) -> StudentError:
    """The error a student's process says there was, as far as that is one."""
    claim = claim if isinstance(claim, dict) else {}
    ename, evalue = (claim[key][:MAX_LINE] if type(claim.get(key)) is str else "" for key in ("ename", "evalue"))
    lines = claim.get("traceback")
    lines = [line[:MAX_LINE] for line in lines[:MAX_LINES] if type(line) is str] if type(lines) is list else []
    kind = _CATCHABLE.get(ename)
    if kind is None:
        return StudentError(ename or "Error", evalue, lines)
    return type(ename, (StudentError, kind), {})(ename, evalue, lines)


class WarmParent:
    """A sandboxed process with the libraries loaded, which forks a student's process on request.

    Raises SandboxError if it cannot be started.
    """

    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox
        self.process: subprocess.Popen | None = None
        self.spare: Student | None = None
        self.start()

    def start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        command, environment = self.sandbox.command(theirs.fileno())
        self.control = ours
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  (read when something went wrong, much later)
        with theirs:
            self.process = subprocess.Popen(
                command, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=self.errors
            )
        self.control.settimeout(START_SECONDS)
        if self.control.recv(1) != b"r":
            raise no_sandbox(f"it did not start ({self.last_error()})")
        self._try_out()

    def _try_out(self) -> None:
        """Let one student's process come and go, so that a system that allows only half of it is found out here."""
        student = self.student({})
        try:
            student.export([])
        except StudentGone as gone:
            raise no_sandbox(f"a process could not be locked in ({self.last_error()})") from gone
        finally:
            student.stop()

    def last_error(self) -> str:
        """The last line the parent, or a child that could not be set up, wrote about itself."""
        self.errors.seek(0)
        return (self.errors.read().decode(errors="replace").strip().splitlines() or ["it ended without a word"])[-1]

    def close(self) -> None:
        self.forget_spare()
        if self.process is not None:
            self.control.close()
            self.process.kill()
            self.process.wait()
            self.process = None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def student(self, files: dict[str, bytes]) -> "Student":
        """A process for one submission; ``files`` is what it finds in its working directory. Forked now or ahead."""
        student, self.spare = self.spare or self._fork(), None
        if files:
            student.put(files)
        return student

    def fork_ahead(self) -> None:
        """Have the next submission's process ready before it is asked for."""
        if self.spare is None:
            self.spare = self._fork()

    def forget_spare(self) -> None:
        """Let go of the process forked ahead: it is another's now, or ends."""
        if self.spare is not None:
            self.spare.stop()
            self.spare = None

    def _fork(self) -> "Student":
        wire, their_wire = socket.socketpair()
        leash, their_leash = socket.socketpair()
        with their_wire, their_leash:
            socket.send_fds(self.control, [b"s"], [their_wire.fileno(), their_leash.fileno()])
        spec = pack({"limits": self.sandbox.limits(), "sandbox": self.sandbox.enabled})
        leash.sendall(HEADER.pack(len(spec)) + spec)
        return Student(wire, leash, self.sandbox.cell_seconds)


class Student:
    """One student's process. Every method may raise StudentGone, after which the process is dead for good."""

    def __init__(self, wire: socket.socket, leash: socket.socket, cell_seconds: float):
        self.wire, self.leash = wire, leash
        self.cell_seconds = cell_seconds
        self.deadline = float("inf")  # of the cell that runs, on time.monotonic's clock
        self.number = 0
        self.timed_out = False  # whether the last request had to be interrupted
        self.slow: set[int] = set()  # handles whose call ran out of time; they are not called again
        self.libraries: list[str] = []  # whose use by calls is noted, see `watching`
        self.seen: dict[str, str] = {}
        self.printed: Callable[[list[dict]], None] = lambda outputs: None  # told what calls print
        self.ended = ""  # why it is gone

    # --- requests ---------------------------------------------------------------------------------------------

    def put(self, files: dict[str, bytes]) -> None:
        """Write files into the working directory."""
        self._request("put", files, max_bytes=MAX_FILES_BYTES)

    def run(self, name: str, source: str) -> tuple[dict, list[dict]]:
        """Run a cell. Returns ``{"execution_count", "error"}`` and its outputs, all of it the student's claim."""
        result, outputs = self._request("run", name, source)
        return result, outputs

    def export(self, names: list[str]) -> dict[str, tuple[bool, Any]]:
        """Values of global names: name -> (True, value) or (False, why it cannot cross). Unbound names are left out."""
        return self._ask("export", names)

    def call(self, function: "Handle", args: tuple, kwargs: dict, give_back: bool = False) -> Any:
        """The result of a call; with ``give_back`` a tuple of it and the arguments as they are afterwards."""
        number = number_of(function)
        if number in self.slow:
            raise StudentTooSlow("It ran out of time before, so it was not called again.", [])
        try:
            claim = self._ask("call", function, args, kwargs, give_back, self.libraries)
        except (StudentGone, StudentTooSlow):
            self.slow.add(number)
            raise
        result, seen = claim if type(claim) is tuple and len(claim) == 2 else (claim, {})
        if type(seen) is dict:
            self.seen |= {name: str(seen[name])[:100] for name in self.libraries if name in seen}
        return result

    def _ask(self, operation: str, *arguments: Any) -> Any:
        result, outputs = self._request(operation, *arguments)
        self.printed(outputs)
        return result

    def _request(self, operation: str, *arguments: Any, max_bytes: int = MAX_BYTES) -> tuple[Any, list[dict]]:
        if self.ended:
            raise StudentGone(self.ended)
        if time.monotonic() > self.deadline:
            raise StudentTooSlow("The time for this cell was used up.", [])
        self.number += 1
        self._send(pack((self.number, operation, arguments), self._own_handle, max_bytes))
        reply = self._reply()
        if operation == "run" and len(reply) > MAX_RUN_BYTES:
            return {}, [{"output_type": "stream", "name": "stdout", "text": "[More output than the grader takes.]\n"}]
        try:
            answer = unpack(reply, lambda number: Handle(self, number))
            if type(answer) is not tuple or len(answer) != 4 or type(answer[0]) is not int or answer[0] != self.number:
                raise BadMessage("an answer to another question")
        except BadMessage as problem:
            self.stop("The code sent something that is no answer to the grader's question, so it was stopped.")
            raise StudentGone(self.ended) from problem
        _, result, error, outputs = answer
        if self.timed_out:
            raise StudentTooSlow(f"It took longer than {self.cell_seconds:g} s, so it was stopped.", outputs)
        if error is not None:
            self.printed(outputs)
            raise student_error(error)
        return result, outputs

    def _own_handle(self, value: Any) -> int | None:
        return number_of(value) if isinstance(value, Handle) and _side(value) is self else None

    # --- the wire ---------------------------------------------------------------------------------------------

    def _send(self, message: bytes) -> None:
        self.wire.settimeout(self.cell_seconds)
        try:
            self.wire.sendall(HEADER.pack(len(message)) + message)
        except OSError:
            self._lost()

    def _reply(self) -> bytes:
        """The next message on the wire, whatever it takes: patience, an interrupt, or the end of the process."""
        watch = _Watch(self)
        data = bytearray()
        wanted = HEADER.size
        while len(data) < wanted:
            watch.check()
            readable, _, _ = select.select([self.wire], [], [], POLL_SECONDS)
            if not readable:
                continue
            try:
                chunk = self.wire.recv(min(wanted - len(data), 2**20))
            except OSError:
                chunk = b""
            if not chunk:
                self._lost()
            data += chunk
            if wanted == HEADER.size and len(data) == wanted:
                wanted += HEADER.unpack(data)[0]
                if wanted > MAX_BYTES:
                    self.stop("The code sent more than the grader takes, so it was stopped.")
                    raise StudentGone(self.ended)
        self.timed_out = watch.interrupted
        return bytes(data[HEADER.size :])

    def _lost(self) -> None:
        """The wire is cut: find out why, and raise."""
        how = self._last_word()
        if how.get("reason") == "memory":
            why = "It needed more memory than a submission may have"
        elif how.get("reason") == "processes":
            why = "It started more processes than a submission may have"
        elif how.get("signal") == signal.SIGXCPU:
            why = "It used up the time a notebook may take"
        elif how.get("signal"):
            why = f"It crashed Python itself ({signal.strsignal(how['signal']) or how['signal']})"
        else:
            why = "It ended Python"
        self.stop(f"{why}, so it was stopped.")
        raise StudentGone(self.ended)

    def _last_word(self) -> dict:
        self.leash.settimeout(GRACE_SECONDS)
        try:
            (size,) = HEADER.unpack(self.leash.recv(HEADER.size, socket.MSG_WAITALL))
            return unpack(self.leash.recv(size, socket.MSG_WAITALL))
        except (OSError, ValueError, struct.error):
            return {}

    def cpu(self) -> float:
        """CPU seconds the process has used so far."""
        return float(self.used().get("cpu", 0.0))

    def used(self) -> dict[str, float]:
        """CPU seconds (``cpu``) and peak memory in bytes (``memory``) of the process so far; empty once it is gone."""
        if self.ended:
            return {}
        with contextlib.suppress(OSError):
            self.leash.sendall(b"t")
        return self._last_word()

    def interrupt(self) -> None:
        with contextlib.suppress(OSError):
            self.leash.sendall(b"i")

    def stop(self, why: str = "The process was stopped.") -> None:
        """Kill the process and everything it started."""
        self.ended = self.ended or why
        self.leash.close()
        self.wire.close()


class _Watch:
    """Ends a request that takes too long: first politely, then for good."""

    def __init__(self, student: Student):
        self.student = student
        self.begin = time.monotonic()
        self.cpu_before: float | None = None
        self.interrupted = False
        self.patience = student.cell_seconds

    def check(self) -> None:
        now = time.monotonic()
        waited = now - self.begin
        if self.cpu_before is None and waited > 1:
            self.cpu_before = max(0.0, self.student.cpu() - waited)
        if not self.interrupted:
            if now > self.student.deadline or self._too_long(waited):
                self.student.interrupt()
                self.interrupted, self.begin = True, now
        elif waited > GRACE_SECONDS:
            limit = f"{self.student.cell_seconds:g} s"
            self.student.stop(
                f"It was still running after {limit} and did not react to an interrupt, so it was stopped."
            )
            raise StudentGone(self.student.ended)

    def _too_long(self, waited: float) -> bool:
        """CPU time counts, so that a busy machine is no disadvantage; twice the time on the clock ends sleepers too."""
        if waited < self.patience:
            return False
        if waited > 2 * self.student.cell_seconds:
            return True
        used = self.student.cpu() - (self.cpu_before or 0.0)
        self.patience = waited + max(0.5, self.student.cell_seconds - used)
        return used >= self.student.cell_seconds


class Handle:
    """Stands for a student's function, class or object, which stays in the student's process.

    Can be called, asked for attributes, items, its length, and iterated; each is a request to the other side, and
    the answer a copy or another handle. It equals only itself, and converts to nothing.
    """

    __slots__ = ("_number", "_student")

    def __init__(self, student: Student, number: int):
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args, **kwargs):
        return _side(self).call(self, args, kwargs)

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(f"{name} does not cross to the student's side")
        return _side(self)._ask("getattr", self, name)

    def __setattr__(self, name: str, value) -> None:
        _side(self)._ask("setattr", self, name, value)

    def __getitem__(self, key):
        return _side(self)._ask("getitem", self, key)

    def __setitem__(self, key, value) -> None:
        _side(self)._ask("setitem", self, key, value)

    def __len__(self) -> int:
        return _side(self)._ask("len", self)

    def __bool__(self) -> bool:
        return True

    def __array__(self, *args, **kwargs):
        # Without this numpy would take the object for a sequence and ask the other side for item after item.
        raise TypeError("expected an array, got an object of the student's own")

    def __iter__(self):
        side = _side(self)
        iterator = side._ask("iter", self)
        while item := side._ask("next", iterator):
            yield item[0]

    def __repr__(self) -> str:
        return "<an object on the student's side>"


def number_of(value: Any) -> int | None:
    """The number a handle stands for on its student's side; None for anything else."""
    return object.__getattribute__(value, "_number") if isinstance(value, Handle) else None


def _side(handle: Handle) -> Student:
    return object.__getattribute__(handle, "_student")


# --- what test authors ask of an answer that may be on either side -------------------------------------------------


def call_and_return_arguments(function: Any, *args, **kwargs) -> tuple[Any, tuple, dict]:
    """Call a function and return its result together with its arguments as they are afterwards.

    The one way to see what a student's function did to its arguments. An ordinary function (stock nbgrader, the
    instructor's own) is called as it is, and gives back the very arguments.
    """
    if isinstance(function, Handle):
        return _side(function).call(function, args, kwargs, give_back=True)
    return function(*args, **kwargs), args, kwargs


@contextlib.contextmanager
def watching(code: Any, libraries: Sequence[str]) -> Iterator[dict[str, str]]:
    """Notes which of some libraries are called within: library -> name of a function that called it.

    Filled in at the end, from the side that ``code`` is on.
    """
    seen: dict[str, str] = {}
    if isinstance(code, Handle):
        side = _side(code)
        side.libraries, side.seen = list(libraries), seen
        try:
            yield seen
        finally:
            side.libraries, side.seen = [], {}
    elif callable(code):
        with Watch(libraries) as watch:
            yield seen
        seen |= watch.seen
    else:
        yield seen


def data_read_by(code: Any) -> list[str]:
    """Names of the notebook's data that a function or class reads, see `watch.data_read`."""
    claim = _side(code)._ask("data_read", code) if isinstance(code, Handle) else data_read(code)
    return [name for name in claim if type(name) is str and name.isidentifier()] if type(claim) is list else []


def type_of(handle: Handle) -> str:
    """Name of the type of what a handle stands for."""
    claim = _side(handle)._ask("type", handle)
    return claim[:100] if type(claim) is str else "unknown"
