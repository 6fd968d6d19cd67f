"""Untrusted side: one warm parent, and one locked-in child per submission that runs the student's code.

    parent      imports the libraries once, then forks on request; runs no student code
    supervisor  first fork: opens the submission's own namespaces, forks the child, and stops it on the judge's word
    child       second fork, process 1 of its own pid namespace: when it dies, whatever it started dies with it

Nothing here is relied on to be honest: after the first student cell the child may do and answer what it likes. What
keeps it in is set up before that, by `sandbox.walls` around the parent and by `untrusted.lock` in the child, and kept
up by the supervisor.
"""

import gc
import importlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from pathlib import Path

from gradebox.sandbox.values import pack, unpack
from gradebox.untrusted.lock import (
    CLONE_NEWIPC,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    PR_SET_DUMPABLE,
    PR_SET_PDEATHSIG,
    _libc,
    check,
    close_files_but,
    drop_privileges,
    limit_resources,
    mount_private_folders,
)
from gradebox.untrusted.server import Server
from gradebox.untrusted.usage import cpu_of, family_of, memory_of, open_in, peak_memory_of, waited_for_others
from gradebox.untrusted.wire import receive, send

STUDENT_UID = 1000  # inside the namespace; outside it is whoever runs the parent
READY = b"r"
POLL_SECONDS = 0.1
MOST_OPEN = 1024  # files, pipes and sockets of a submission: what is in them is memory that no process is charged for


def main() -> None:
    """Be the parent: ``worker CONTROL_FD walled|open MODULE...`` answers each request on the socket with a fork."""
    control = socket.socket(fileno=int(sys.argv[1]))
    if sys.argv[2] == "walled":
        drop_root()
    shell = warm_up(sys.argv[3:])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # supervisors are reaped by the kernel
    control.sendall(READY)
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        wire, leash = (socket.socket(fileno=fd) for fd in fds)
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                supervise(shell, wire, leash)
            except BaseException:  # to where the judge finds it; nothing may return into the parent's loop
                os.write(2, traceback.format_exc().encode())
            finally:
                os._exit(1)
        wire.close()
        leash.close()


def drop_root() -> None:
    """Become nobody where the parent was started by root: the kernel exempts root from the process limit."""
    if os.getuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self stays root's
        except OSError:
            # Inside a user namespace that maps one user only there is no nobody, and root is not root.
            return


def warm_up(modules: list[str]):
    """Import what notebooks use and draw a first figure, so that no child pays for it. Returns the shell."""
    from gradebox.untrusted.shell import StudentShell

    loaded = {name: importlib.import_module(name) for name in modules}
    shell = StudentShell()
    shell.warm_up()
    if "torch" in loaded:
        loaded["torch"].set_num_threads(1)
        loaded["torch"].nn.functional.conv2d(loaded["torch"].ones(1, 1, 4, 4), loaded["torch"].ones(1, 1, 3, 3))
    gc.collect()
    gc.freeze()  # a collection in a child would write to, and so copy, every page
    return shell


def supervise(shell, wire: socket.socket, leash: socket.socket) -> None:
    """Start the child and stay until it is gone. Never returns.

    The judge sends one letter on the leash: ``i`` interrupts the child, ``t`` asks what it has used so far.
    When the judge lets go of the leash the child is killed. The last message is how the child ended.
    """
    spec = unpack(receive(leash))
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    folder = "/tmp" if spec["sandbox"] else tempfile.mkdtemp(prefix="gradebox-")
    if spec["sandbox"]:
        open_namespaces()
    baseline = memory_of("self")
    child = os.fork()
    if child == 0:
        leash.close()
        run_child(shell, wire, folder, spec)
    wire.close()
    try:
        watch(child, leash, spec["limits"], baseline)
    finally:
        if not spec["sandbox"]:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def open_namespaces() -> None:
    uid, gid = os.getuid(), os.getgid()
    check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC), "namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{STUDENT_UID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{STUDENT_UID} {gid} 1")


def watch(child: int, leash: socket.socket, limits: dict, baseline: int) -> None:
    reason = ""
    death = os.pidfd_open(child)
    while True:
        readable, _, _ = select.select([leash, death], [], [], POLL_SECONDS)
        if leash in readable:
            word = leash.recv(1)
            if word == b"i":
                os.kill(child, signal.SIGINT)
            elif word == b"t":
                used = {"cpu": cpu_of(child), "memory": peak_memory_of(child), "waited": waited_for_others(child)}
                send(leash, pack(used))
            else:
                os.kill(child, signal.SIGKILL)
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        family = family_of(child)
        if len(family) > limits["processes"]:
            reason = "processes"
        elif sum(max(0, memory_of(pid) - baseline) for pid in family) > limits["memory"]:
            reason = "memory"
        elif sum(map(open_in, family)) > MOST_OPEN:
            reason = "files"
        if reason:
            os.kill(child, signal.SIGKILL)
    ended = {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        "reason": reason,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
    }
    try:
        send(leash, pack(ended))
    except OSError:
        return  # the judge let go and does not want to know


def run_child(shell, wire: socket.socket, folder: str, spec: dict) -> None:
    """Lock this process in, then serve until the judge hangs up. Never returns."""
    os.setsid()  # out of the supervisor's process group: a signal to one's own group would reach it
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    address_space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if spec["sandbox"]:
        Path("/proc/self/oom_score_adj").write_text("1000")
        mount_private_folders(spec["limits"]["files"])
    work = Path(folder) / "work"
    work.mkdir()
    os.chdir(work)
    sys.path[0] = ""  # modules beside the notebook, as in a notebook's own kernel
    limit_resources(spec["limits"], address_space)
    if spec["sandbox"]:
        drop_privileges()
    close_files_but(wire.fileno())
    Server(shell, wire, spec["limits"]).serve()
    os._exit(0)


if __name__ == "__main__":
    main()
