"""Where submissions are graded: executors with the interface of concurrent.futures.

`LocalWorkers` is a pool of processes on this machine, each keeping its own warm judges. A worker that is killed costs
one attempt at one submission: its future raises BrokenExecutor and the next job finds a new worker. Workers end with
the driver, however that ends.

    driver   reads, writes, and has a thread for every worker
    nursery  a fork of the driver, made before that had threads or an open gradebook; forks the workers
    worker   does jobs
"""

import gc
import logging
import os
import pickle
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from gradebox.classroom.grading import REFUSED, Outcome
from gradebox.course import CourseError
from gradebox.judge import AuthorError, die_with_parent, messages, read_message, write_message
from gradebox.sandbox import SandboxError

CONNECT_SECONDS = 10
ATTEMPTS = 3  # at a submission whose worker was lost
FOR_THE_CLASS = (CourseError, SandboxError, AuthorError)  # what goes wrong with everybody's
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
LOST = "gradebox: the process that starts the graders was killed (out of memory?); run this again to go on."
FORK, STOP = b"f", b"s"  # what a nursery is asked for
NAME = "gradebox-worker"  # of a worker, in lists of processes


class Nursery:
    """A process that has loaded what a worker needs, and forks one whenever it is asked to.

    To be made before there is anything that a fork must not have: threads, locks, an open database.
    """

    def __init__(self):
        # Of all workers, so that nothing stays of one that was killed.
        self.folder = tempfile.TemporaryDirectory(prefix="gradebox-", ignore_cleanup_errors=True)
        self.requests, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.requests.close()
                tempfile.tempdir = self.folder.name
                serve_as_nursery(theirs)
            except Exception:
                traceback.print_exc()  # where the driver's would be
            finally:
                os._exit(0)
        theirs.close()

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *error) -> None:
        """Wait until the workers, which nobody asks for anything any more, have ended."""
        self.requests.close()
        os.waitpid(self.pid, 0)
        self.folder.cleanup()

    def worker(self) -> BinaryIO:
        """The wire to a new worker. Raises SystemExit if the nursery was killed: no submission can be graded then."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                socket.send_fds(self.requests, [FORK], [theirs.fileno()])
            except OSError as error:
                raise SystemExit(LOST) from error
            return ours.makefile("rwb")

    def stop(self) -> None:
        """End the workers now, whatever they are at."""
        with suppress(OSError):  # it is gone, and they with it
            self.requests.sendall(STOP)


class LocalWorkers(ThreadPoolExecutor):
    """``workers`` processes, each led by a thread of this one."""

    def __init__(self, workers: int, nursery: Nursery):
        super().__init__(workers, thread_name_prefix="grading")
        self.nursery = nursery
        self.mine = threading.local()
        self.wires: list[BinaryIO] = []

    def submit(self, function: Callable, /, *arguments, **keywords) -> Future:
        return super().submit(self.call, (function, arguments, keywords))

    def call(self, job: tuple) -> Any:
        """Have this thread's worker do a job. Raises what it raised, or BrokenExecutor if it is lost."""
        try:
            if getattr(self.mine, "wire", None) is None:
                self.mine.wire = self.nursery.worker()
                self.wires.append(self.mine.wire)
            write_message(self.mine.wire, pickle.dumps(job))
            done, result = pickle.loads(read_message(self.mine.wire))
        except (OSError, EOFError) as error:
            self.mine.wire = None
            raise BrokenExecutor("a worker process ended") from error
        if done:
            return result
        raise result

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers. Without ``wait`` also those that are busy."""
        if not wait:
            self.nursery.stop()
        super().shutdown(True, cancel_futures=cancel_futures)
        for wire in self.wires:
            with suppress(OSError):  # what could not be sent to one that is lost
                wire.close()


@contextmanager
def executor(workers: int, dask: str, nursery: Nursery):
    """An executor and how many jobs it does at a time: local processes, or Dask's (``local`` or an address).

    Raises CourseError if there is no scheduler at the address.
    """
    if not dask:
        pool = LocalWorkers(workers, nursery)
        try:
            yield pool, lambda: workers
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
        return
    with dask_client(workers, dask) as client:
        # Pure: a job that is lost with its worker is simply done again.
        pool = client.get_executor(pure=False, retries=0)
        yield pool, lambda: max(1, sum(client.nthreads().values()))


@contextmanager
def dask_client(workers: int, address: str):
    # Imported where it is needed: it takes as long as grading several submissions.
    from distributed import Client, LocalCluster

    if address == "local":
        os.environ.update(THREADS)
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.ERROR,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"There is no Dask scheduler at '{address}' ({type(error).__name__}): give --dask its address, like "
            "tcp://host:8786, or 'local'."
        ) from error
    with client:
        yield client


def lost_worker(error: BaseException) -> bool:
    """Whether a job failed because the process that did it is gone."""
    if isinstance(error, BrokenExecutor):
        return True
    return type(error).__module__.startswith("distributed") and type(error).__name__ in (
        "KilledWorker",
        "CommClosedError",
    )


def outcome_of(future: Future, student: str, attempt: int) -> Outcome | None:
    """What a job came to; None if its worker was lost and it is to be tried again."""
    try:
        return future.result()
    except FOR_THE_CLASS:
        raise
    except Exception as error:
        log = traceback.format_exception(error)
        if lost_worker(error):
            if attempt < ATTEMPTS:
                return None
            reason = (
                f"its grading process was killed {ATTEMPTS} times (out of memory?): run this again with --workers 1"
            )
        else:  # a mistake of ours must not cost the others their night
            reason = f"could not be graded, which is the grader's fault: {type(error).__name__}: {error}"
        return Outcome(student, REFUSED, " ".join(reason.split()), ours=True, log=log)


# --- the processes --------------------------------------------------------------------------------------------


def serve_as_nursery(requests: socket.socket) -> None:
    """Fork a worker for every wire that comes in, until no more can come and all have ended."""
    die_with_parent()
    os.setpgid(0, 0)  # Ctrl-C is the driver's to handle
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # which is for the workers
    gc.freeze()
    if not sys.flags.safe_path:
        del sys.path[0]  # where the command's script lies, which is no place for modules
    os.environ.update(THREADS)
    while True:
        request, fds, _, _ = socket.recv_fds(requests, 1, 1)
        if request != FORK:
            break
        wire = socket.socket(fileno=fds[0])
        if os.fork() == 0:
            requests.close()
            do_jobs(wire.makefile("rwb"))
            return
        wire.close()
    if request == STOP:
        os.killpg(0, signal.SIGTERM)
    with suppress(ChildProcessError):
        os.wait()  # for all of them, since they leave no status


def do_jobs(wire: BinaryIO) -> None:
    """Be a worker: do the jobs that come in until there are no more."""
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # `watch` has it end the driver in order
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    Path("/proc/self/comm").write_text(NAME)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # without what the driver may have been about to print
    for job in messages(wire):
        function, arguments, keywords = pickle.loads(job)
        try:
            answer = True, function(*arguments, **keywords)
        except Exception as error:  # belongs to whoever asked for it
            answer = False, error
        try:
            data = pickle.dumps(answer)
        except Exception:
            data = pickle.dumps((False, RuntimeError(traceback.format_exc())))
        write_message(wire, data)
