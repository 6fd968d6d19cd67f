"""Trusted side: the handle on a student's process. Run a cell, fetch names, call a function, stop it.

Everything that comes from the other end is a claim by the student's code, read with `values.unpack` and checked
before use. What may go wrong has names of its own, see `sandbox.errors`.
"""

import contextlib
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from gradebox.sandbox.clock import FairClock
from gradebox.sandbox.doors import Doors
from gradebox.sandbox.errors import StudentGone, StudentTooSlow, error_class, handle_behind, student_error
from gradebox.sandbox.familiar import Familiar
from gradebox.sandbox.handle import Handle, number_of, side_of
from gradebox.sandbox.lending import Ended, Lent
from gradebox.sandbox.values import HEADER, MAX_BYTES, BadMessage, CannotCross, pack, unpack

GRACE_SECONDS = 1  # between the polite interrupt and the end
POLL_SECONDS = 0.25
END_SECONDS = 10  # for the kernel to clear away what was killed
MAX_FILES_BYTES = 256 * 2**20  # of an assignment's support files
LIBRARIES = {"pandas": "pandas", "scipy": "scipy.sparse"}  # of what crosses as data only if it is in use here
MAX_ERRORS = 1000  # exception classes of one student
MAX_STEPS = 100_000  # of going through the student's iterators, in one cell
MAX_RUN_BYTES = 8 * 2**20  # of all that running a cell puts out; the shell on the other side keeps to far less


class Student:
    """One student's process. Every method may raise StudentGone, after which the process is dead for good."""

    def __init__(self, wire: socket.socket, leash: socket.socket, cell_seconds: float, clock_seconds: float = 0):
        self.wire, self.leash = wire, leash
        self.cell_seconds = cell_seconds
        self.clock_seconds = clock_seconds or 2 * cell_seconds
        self.clock = FairClock(most=0)
        self.deadline = float("inf")  # of the cell that runs, on that clock
        self.number = 0
        self.timed_out = False  # whether the last request had to be interrupted
        self.doors = Doors()
        self.lent = Lent()
        self.steps = 0  # of iterators in this cell
        self.errors: dict[int, type] = {}  # what stands for the student's exception classes
        self.known: list[str] = []  # libraries that the other side was told of
        self.slow: set[int] = set()  # handles whose call ran out of time; they are not called again
        self.libraries: list[str] = []  # whose use by calls is noted, see `watching`
        self.seen: dict[str, str] = {}
        self.asked: Callable[[], None] = lambda: None  # told whenever this side is about to ask for something
        self.printed: Callable[[list[dict]], None] = lambda outputs: None  # told what calls print
        self.familiar: Familiar | None = None  # what it may be quoted with; None: with anything
        self.ended = ""  # why it is gone

    # --- requests ---------------------------------------------------------------------------------------------

    def put(self, files: dict[str, bytes]) -> None:
        """Write files into the working directory."""
        self._request("put", files, max_bytes=MAX_FILES_BYTES)

    def pictures(self, known: dict[str, str] | None, learn: bool) -> None:
        """Have it know pictures that it need not draw, and keep those it draws; with None draw nothing at all."""
        self._request("pictures", known, learn)

    def drawn(self) -> dict[str, str]:
        """The pictures it has drawn, by what their figures are made of."""
        claims, _ = self._request("drawn")
        claims = claims if type(claims) is dict else {}
        return {key: picture for key, picture in claims.items() if type(key) is str and type(picture) is str}

    def run(self, name: str, source: str) -> tuple[dict, list[dict]]:
        """Run a cell. Returns ``{"execution_count", "error"}`` and its outputs, all of it the student's claim."""
        result, outputs = self._request("run", name, source)
        return result, outputs

    def export(self, names: list[str]) -> dict[str, tuple[bool, Any]]:
        """Values of global names: name -> (True, value) or (False, why it cannot cross). Unbound names are left out."""
        claims = self._ask("export", names)
        return {
            name: claim
            for name, claim in (claims.items() if type(claims) is dict else ())
            if name in names and type(claim) is tuple and len(claim) == 2 and type(claim[0]) is bool
        }

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
            self.seen |= {name: self.quoted(seen[name]) for name in self.libraries if type(seen.get(name)) is str}
        if give_back and not (type(result) is tuple and len(result) == 3 and type(result[1]) is tuple):
            raise TypeError("the call did not give its arguments back")
        return result

    def next(self, iterator: "Handle") -> Any:
        """The next item of an iterator of the student's; StopIteration if that says there is none."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise StudentTooSlow(f"It was asked for more than {MAX_STEPS:,} items.", [])
        claim = self._ask("next", iterator)
        if type(claim) is not tuple or len(claim) > 1:
            raise TypeError("an iterator of the student's own gave something else than an item")
        if not claim:
            raise StopIteration
        return claim[0]

    def _ask(self, operation: str, *arguments: Any) -> Any:
        result, outputs = self._request(operation, *arguments)
        self.printed(outputs)
        return result

    def _request(self, operation: str, *arguments: Any, max_bytes: int = MAX_BYTES) -> tuple[Any, list[dict]]:
        if self.ended:
            raise StudentGone(self.ended)
        if self.late():
            raise StudentTooSlow("The time for this cell was used up.", [])
        self.asked()
        known = [library for library, module in LIBRARIES.items() if module in sys.modules]
        if known != self.known:
            self.known = known
            self._request("know", known)
        self.number += 1
        number, raised = self.number, []
        handle = self._own_or_lent if operation in ("call", "setattr") else self._own_handle
        self._send(pack((number, operation, arguments), handle, max_bytes))
        while True:
            reply, timed_out = self._reply(), self.timed_out
            if operation == "run" and len(reply) > MAX_RUN_BYTES:
                return {}, [{"output_type": "stream", "name": "stdout", "text": "[More output than is taken.]\n"}]
            answer = self._answer(reply, number)
            if answer[0] != "ask":
                break
            self._tell(answer[1:], raised, timed_out)
        _, result, error, outputs = answer
        self._stand(raised, error)
        if timed_out:
            raise StudentTooSlow(f"It took longer than {self.limit():g} s, so it was stopped.", outputs)
        if error is not None:
            self.printed(outputs)
            raise student_error(error, self.familiar)
        return result, outputs

    def _answer(self, reply: bytes, number: int) -> tuple:
        """The answer to a question, or the wish to have a function of the test's called."""
        try:
            answer = unpack(reply, self._from_number)
            if type(answer) is tuple and len(answer) == 5 and type(answer[0]) is str and answer[0] == "ask":
                return answer
            if type(answer) is not tuple or len(answer) != 4 or type(answer[0]) is not int or answer[0] != number:
                raise BadMessage("an answer to another question")
        except BadMessage as problem:
            self.stop("The code sent something that is no answer to the grader's question, so it was stopped.")
            raise StudentGone(self.ended) from problem
        return answer

    def _tell(self, question: tuple, raised: list[BaseException], timed_out: bool) -> None:
        """Call a function of the test's for the student's code, and tell what came of it."""
        result = error = None
        try:
            if timed_out:
                raise Ended
            result = self.lent.call(*question)
        except Ended:
            self.stop("It called the test's function too often or for too long, so it was stopped.")
        except BaseException as exception:  # the student's code is told, and `_stand` has the last word
            raised.append(exception)
            message = "" if isinstance(exception, AssertionError) else _said(exception)
            error = {"ename": type(exception).__name__, "evalue": message, "lent": len(raised) - 1}
            error["object"] = exception if handle_behind(exception) is not None else None
        if self.ended:
            raise StudentGone(self.ended)
        try:
            answer = pack(("told", result, error), self._own_or_lent)
        except CannotCross as problem:
            answer = pack(("told", None, {"ename": "TypeError", "evalue": str(problem), "lent": None, "object": None}))
        self._send(answer)

    def _stand(self, raised: list[BaseException], error: Any) -> None:
        """Raise again what a function of the test's raised: what it asserted always, else if the code let it pass."""
        for exception in raised:
            if isinstance(exception, AssertionError) or not isinstance(exception, Exception):
                raise exception
        claim = error.get("lent") if type(error) is dict else None
        if type(claim) is int and 0 <= claim < len(raised):
            raise raised[claim]

    def _from_number(self, number: int, *about: Any) -> Any:
        """What stands here for a number of the other side's; of an exception class it says the name and bases, too."""
        if number in self.lent.things:
            return self.lent.things[number]
        if not about:
            return Handle(self, number)
        if number not in self.errors:
            if len(self.errors) >= MAX_ERRORS:
                raise BadMessage("too many exception classes")
            self.errors[number] = error_class(Handle(self, number), *about)
        return self.errors[number]

    def _own_handle(self, value: Any) -> int | None:
        handle = value if isinstance(value, Handle) else handle_behind(value)
        return number_of(handle) if handle is not None and side_of(handle) is self else None

    def _own_or_lent(self, value: Any) -> int | tuple | None:
        number = self._own_handle(value)
        return self.lent.number(value) if number is None else number

    def quoted(self, name: str, otherwise: str = "") -> str:
        """A name that it tells, as far as it may be told."""
        return name[:100] if self.familiar is None else self.familiar.word(name, otherwise)

    def limit(self) -> float:
        """Seconds that a request has, in words for a student."""
        return min(self.cell_seconds, self.clock_seconds)

    def late(self) -> bool:
        """Whether the time of the cell that runs is used up."""
        return self.clock.past(self.deadline, self.used)

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
        elif how.get("reason") == "files":
            why = "It opened more files, pipes or sockets than a submission may have"
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
        """CPU seconds (``cpu``) and peak memory in bytes (``memory``) of the process so far; empty once it is gone.

        Has the clock told how long it has waited for a processor, too.
        """
        if self.ended:
            return {}
        with contextlib.suppress(OSError):
            self.leash.sendall(b"t")
        word = self._last_word()
        self.clock.tell(self, word.get("waited", 0.0))
        return word

    def interrupt(self) -> None:
        with contextlib.suppress(OSError):
            self.leash.sendall(b"i")

    def stop(self, why: str = "The process was stopped.") -> None:
        """Kill the process and everything it started."""
        self.ended = self.ended or why
        with contextlib.suppress(OSError):
            self.leash.shutdown(socket.SHUT_WR)
        self.wire.close()

    def wait(self) -> None:
        """Stop it, and come back when it and all it started are gone."""
        self.stop()
        with contextlib.suppress(OSError):
            self.leash.settimeout(END_SECONDS)
            while self.leash.recv(2**16):
                pass
        self.leash.close()

    def let_go(self) -> None:
        """Close this process's ends: it is another's now, or ends."""
        self.ended = self.ended or "The process was let go."
        self.leash.close()
        self.wire.close()


def _said(error: BaseException) -> str:
    try:
        return str(error)[:1000]
    except BaseException:  # an object of the student's is asked, and may do anything
        return ""


class _Watch:
    """Ends a request that takes too long: first politely, then for good."""

    def __init__(self, student: Student):
        self.student = student
        self.begin = time.monotonic()
        self.cpu_before: float | None = None
        self.stood_before = student.clock.stood
        self.interrupted = False
        self.patience = student.limit()

    def check(self) -> None:
        now = time.monotonic()
        waited = now - self.begin
        if self.cpu_before is None and waited > 1:
            self.cpu_before = max(0.0, self.student.cpu() - waited)
            self.stood_before = self.student.clock.stood
        if not self.interrupted:
            if self.student.late() or self._too_long(waited):
                self.student.interrupt()
                self.interrupted, self.begin = True, now
        elif waited > GRACE_SECONDS:
            limit = f"{self.student.limit():g} s"
            self.student.stop(
                f"It was still running after {limit} and did not react to an interrupt, so it was stopped."
            )
            raise StudentGone(self.student.ended)

    def _too_long(self, waited: float) -> bool:
        """CPU time counts, so that a busy machine is no disadvantage; more time on the clock ends sleepers too."""
        if waited < self.patience:
            return False
        student = self.student
        left = student.cell_seconds - (student.cpu() - (self.cpu_before or 0.0))
        left_on_clock = student.clock_seconds - (waited - (student.clock.stood - self.stood_before))
        self.patience = waited + max(POLL_SECONDS, min(left, left_on_clock))
        return left <= 0 or left_on_clock < 0
