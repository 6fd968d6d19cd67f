"""Where submissions are graded: executors with the interface of concurrent.futures.

`LocalWorkers` is a pool of processes on this machine, each started fresh (never forked: the driver has threads) and
each keeping its own warm judges. A worker that is killed costs one attempt at one submission: its future raises
BrokenExecutor and the next job finds a new worker. Workers end with the driver, however that ends.
"""

if __name__ == "__main__":
    import gradebox.lean  # noqa: F401  (before what imports nbgrader)
    from gradebox.judge import start_ahead

    start_ahead()

import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from gradebox.classroom.grading import REFUSED, Outcome
from gradebox.course import CourseError
from gradebox.judge import AuthorError, die_with_parent, messages, read_message, write_message
from gradebox.sandbox import SandboxError

CONNECT_SECONDS = 10
ATTEMPTS = 3  # at a submission whose worker was lost
FOR_THE_CLASS = (CourseError, SandboxError, AuthorError)  # what goes wrong with everybody's
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}


class LocalWorkers(ThreadPoolExecutor):
    """``workers`` processes, each led by a thread of this one."""

    def __init__(self, workers: int):
        super().__init__(workers, thread_name_prefix="grading")
        self.mine = threading.local()
        self.processes: set[subprocess.Popen] = set()

    def submit(self, function: Callable, /, *arguments, **keywords) -> Future:
        return super().submit(self.call, (function, arguments, keywords))

    def call(self, job: tuple) -> Any:
        """Have this thread's worker do a job. Raises what it raised, or BrokenExecutor if it is lost."""
        worker = getattr(self.mine, "worker", None)
        if worker is None or worker.poll() is not None:
            worker = self.mine.worker = self.start()
        try:
            write_message(worker.stdin, pickle.dumps(job))
            done, result = pickle.loads(read_message(worker.stdout))
        except (OSError, EOFError) as error:
            worker.kill()
            raise BrokenExecutor(f"a worker process ended with status {worker.wait()}") from error
        if done:
            return result
        raise result

    def start(self) -> subprocess.Popen:
        command = [sys.executable, "-P", "-m", "gradebox.classroom.workers", str(os.getpid())]
        # A group of their own: Ctrl-C is the driver's to handle.
        worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | THREADS, process_group=0
        )
        self.processes.add(worker)
        return worker

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers. Without ``wait`` those that are busy are not asked."""
        if wait:
            super().shutdown(True, cancel_futures=cancel_futures)
        for worker in self.processes:
            with suppress(OSError):
                worker.stdin.close()
            if not wait:
                worker.kill()
        super().shutdown(True, cancel_futures=cancel_futures)
        for worker in self.processes:
            worker.wait()
            worker.stdout.close()


@contextmanager
def executor(workers: int, dask: str):
    """An executor and how many jobs it does at a time: local processes, or Dask's (``local`` or an address).

    Raises CourseError if there is no scheduler at the address.
    """
    if not dask:
        pool = LocalWorkers(workers)
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


# --- the process ----------------------------------------------------------------------------------------------


def main() -> None:
    """Do the jobs that come in until there are no more."""
    die_with_parent()
    if os.getppid() != int(sys.argv[1]):  # it was faster
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # a stray print does not end up among the results
    for job in messages(jobs):
        function, arguments, keywords = pickle.loads(job)
        try:
            answer = True, function(*arguments, **keywords)
        except Exception as error:  # belongs to whoever asked for it
            answer = False, error
        try:
            data = pickle.dumps(answer)
        except Exception:
            data = pickle.dumps((False, RuntimeError(traceback.format_exc())))
        write_message(results, data)


if __name__ == "__main__":
    main()
