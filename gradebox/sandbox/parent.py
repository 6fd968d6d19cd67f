"""Where students' processes come from: a sandboxed process with the libraries loaded, which forks on request."""

import socket
import subprocess
import tempfile
from collections.abc import Callable

from gradebox.sandbox.errors import StudentGone
from gradebox.sandbox.student import Student
from gradebox.sandbox.values import HEADER, pack
from gradebox.sandbox.walls import Sandbox, SandboxError, no_sandbox

START_SECONDS = 600  # for a warm parent to import everything, from a slow disk on a busy machine


class WarmParent:
    """A sandboxed process with the libraries loaded, which forks a student's process on request.

    meanwhile -- what to do while it loads its libraries for the first time

    Raises SandboxError if it cannot be started.
    """

    def __init__(self, sandbox: Sandbox, meanwhile: Callable[[], None] = lambda: None):
        self.sandbox = sandbox
        self.process: subprocess.Popen | None = None
        self.spare: Student | None = None
        self.start(meanwhile)

    def start(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        command, environment = self.sandbox.command(theirs.fileno())
        self.control = ours
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  (read when something went wrong, much later)
        with theirs:
            self.process = subprocess.Popen(
                command, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=self.errors
            )
        meanwhile()
        self.control.settimeout(START_SECONDS)
        try:
            started = self.control.recv(1) == b"r"
        except TimeoutError as error:
            raise SandboxError(f"The libraries of a sandbox did not load in {START_SECONDS:g} s.") from error
        if not started:
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
            self.spare.let_go()
            self.spare = None

    def replace_spare(self) -> None:
        """Let go of the process forked ahead, and have another ready."""
        self.forget_spare()
        self.fork_ahead()

    def _fork(self) -> "Student":
        wire, their_wire = socket.socketpair()
        leash, their_leash = socket.socketpair()
        with their_wire, their_leash:
            socket.send_fds(self.control, [b"s"], [their_wire.fileno(), their_leash.fileno()])
        spec = pack({"limits": self.sandbox.limits(), "sandbox": self.sandbox.enabled})
        leash.sendall(HEADER.pack(len(spec)) + spec)
        return Student(wire, leash, self.sandbox.cell_seconds, self.sandbox.clock_seconds)
