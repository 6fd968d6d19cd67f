"""Untrusted side: one warm parent, and one locked-in child per submission that runs the student's code.

    parent      imports the libraries once, then forks on request; runs no student code
    supervisor  first fork: opens the submission's own namespaces, forks the child, and stops it on the judge's word
    child       second fork, process 1 of its own pid namespace: when it dies, whatever it started dies with it

The child serves requests of the judge (see `sandbox.student`) over a socket, the wire. Nothing here is relied on
to be honest: after the first student cell the child may do and answer what it likes. What keeps it in is set up
before that, by `gradebox.sandbox.walls` around the parent and by `lock_in` below, and kept up by the supervisor.

This module imports nothing of ours but `values`, `watch` and `shell`; the sandbox holds no other file of the project.
"""

import contextlib
import ctypes
import errno
import gc
import importlib
import os
import resource
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from pathlib import Path

from gradebox.sandbox.values import HEADER, MAX_BYTES, CannotCross, pack, unpack
from gradebox.untrusted.watch import Watch, data_read

_libc = ctypes.CDLL(None, use_errno=True)

# linux/sched.h, linux/mount.h, linux/prctl.h
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 1, 2, 4, 8, 4096, 16384
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
CAPSET_VERSION_3 = 0x20080522
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2

# asm/unistd_64.h: calls no notebook needs that reach other processes, mounts, keys and the kernel's insides, or take
# memory that no process is charged for
REFUSED_CALLS = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "setns": 308, "unshare": 272, "add_key": 248, "request_key": 249, "keyctl": 250,
    "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "kexec_load": 246, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "shmat": 30, "msgget": 68, "semget": 64,
}  # fmt: skip
CLONE, CLONE3, SOCKET = 56, 435, 41
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW... flag that fits into clone's first argument
STUDENT_UID = 1000  # inside the namespace; outside it is whoever runs the parent
READY = b"r"
POLL_SECONDS = 0.1
MAX_REQUEST_BYTES = 256 * 2**20  # the judge's, which is trusted, may hold the assignment's support files


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


# --- supervisor -----------------------------------------------------------------------------------------------


def supervise(shell, wire: socket.socket, leash: socket.socket) -> None:
    """Start the child and stay until it is gone. Never returns.

    The judge sends one letter on the leash: ``i`` interrupts the child, ``t`` asks for the CPU seconds it used.
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
                send(leash, pack({"cpu": cpu_of(child), "memory": peak_memory_of(child)}))
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


def family_of(child: int) -> list[int]:
    """The child and its descendants: those who have the supervisor as an ancestor."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended between the two calls
            parents[int(entry)] = int(fields[1])
    family = [child]
    for pid in family:
        family.extend(descendant for descendant, parent in parents.items() if parent == pid)
    return family


def memory_of(pid: int | str) -> int:
    """Bytes of memory a process holds that are not a file's; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:", "VmSwap:")))


def peak_memory_of(pid: int) -> int:
    """The most bytes a process held, those of files included; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own = time.clock_gettime((~pid << 3) | 2)  # linux/posix-timers.h: the CPU clock of a process
    except OSError:
        return 0.0
    return own + sum(int(ticks) for ticks in fields[13:15]) / os.sysconf("SC_CLK_TCK")  # its children's


# --- child ----------------------------------------------------------------------------------------------------


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
    limit_resources(spec["limits"], address_space)
    if spec["sandbox"]:
        drop_privileges()
    close_files_but(wire.fileno())
    Server(shell, wire, spec["limits"]).serve()
    os._exit(0)


def close_files_but(keep: int) -> None:
    nowhere = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.closerange(3, keep)
    os.closerange(keep + 1, 4096)


def mount_private_folders(size: int) -> None:
    """A /tmp of limited size and nothing else to write to; /proc, which tells about others, is emptied."""
    check(_libc.unshare(CLONE_NEWNS), "mounts of its own")  # the supervisor still needs its /proc
    hidden = [folder for folder in python_folders() if folder.startswith(("/tmp/", "/dev/shm/"))]
    kept = {folder: os.open(folder, os.O_PATH) for folder in hidden}
    options = f"size={size},nr_inodes=8192,mode=700".encode()
    check(_libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, options), "/tmp")
    check(_libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options), "/dev/shm")
    for folder, place in kept.items():  # a course in /tmp: its Python has to stay in sight
        os.makedirs(folder, exist_ok=True)
        check(_libc.mount(f"/proc/self/fd/{place}".encode(), folder.encode(), None, MS_BIND | MS_REC, None), folder)
        os.close(place)
    check(_libc.mount(b"tmpfs", b"/proc", b"tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, b"size=4k"), "/proc")


def python_folders() -> list[str]:
    """Where this interpreter and its libraries lie, outer folders first."""
    libraries = [folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]
    return sorted({sys.prefix, sys.base_prefix, *libraries})


def limit_resources(limits: dict, address_space: int) -> None:
    ceilings = {
        resource.RLIMIT_AS: address_space + limits["memory"],
        resource.RLIMIT_CPU: limits["notebook_seconds"] + 5,
        resource.RLIMIT_FSIZE: limits["files"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for which, ceiling in ceilings.items():
        hard = resource.getrlimit(which)[1]
        ceiling = ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard)
        resource.setrlimit(which, (ceiling, ceiling))


def drop_privileges() -> None:
    """Give up every capability for good; no program can give any back."""
    capability = 0
    while _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header = (ctypes.c_uint32 * 2)(CAPSET_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    check(_libc.capset(header, nothing), "capabilities")
    check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    filter_system_calls()


def filter_system_calls() -> None:
    """Refuse the system calls below for good, and sockets other than those the network namespace walls off.

    A seccomp filter is a program for a small machine that looks at the call's number and arguments (linux/filter.h).
    Other architectures than x86-64 go without.
    """
    if os.uname().machine != "x86_64":
        return
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF_LD, BPF_JEQ, BPF_JGE, BPF_JSET, BPF_RET
    allow, kill, refuse, missing = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    program = [(load, 0, 0, 4), (equal, 1, 0, 0xC000003E), (answer, 0, 0, kill)]  # AUDIT_ARCH_X86_64 only
    program += [(load, 0, 0, 0), (at_least, 0, 1, 0x40000000), (answer, 0, 0, refuse)]  # nor its x32 variant
    for number in REFUSED_CALLS.values():
        program += [(equal, 0, 1, number), (answer, 0, 0, refuse)]
    program += [(equal, 0, 1, CLONE3), (answer, 0, 0, missing)]  # its flags lie in memory; libc falls back to clone
    program += [(equal, 0, 3, CLONE), (load, 0, 0, 16), (any_bit, 0, 1, NEW_NAMESPACES), (answer, 0, 0, refuse)]
    program += [(load, 0, 0, 0), (equal, 0, 5, SOCKET), (load, 0, 0, 16)]
    program += [(equal, 3, 0, socket.AF_UNIX), (equal, 2, 0, socket.AF_INET), (equal, 1, 0, socket.AF_INET6)]
    program += [(answer, 0, 0, refuse), (answer, 0, 0, allow)]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
    check(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0), "system-call filter")


def check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"cannot set up {what}: {os.strerror(ctypes.get_errno())}")


class Server:
    """Answers the judge: runs cells, hands out values, calls functions. See `sandbox.student` for the requests."""

    def __init__(self, shell, wire: socket.socket, limits: dict):
        self.shell = shell
        self.wire = wire
        self.limits = limits
        self.objects: dict[int, object] = {}  # by id; holding them keeps the ids from being used again
        signal.signal(signal.SIGINT, self.interrupt)
        self.busy = False

    def interrupt(self, signum, frame) -> None:
        if self.busy:
            raise KeyboardInterrupt

    def serve(self) -> None:
        self.shell.limber_up()
        while True:
            try:
                message = receive(self.wire, MAX_REQUEST_BYTES)
            except EOFError:
                return
            number, operation, arguments = unpack(message, self.objects.__getitem__, MAX_REQUEST_BYTES)
            send(self.wire, self.answer(number, operation, arguments))

    def answer(self, number: int, operation: str, arguments: tuple) -> bytes:
        self.shell.begin(self.limits["output"])
        try:
            self.busy = True
            result, error = getattr(self, f"do_{operation}")(*arguments), None
        except BaseException as exception:  # whatever a student's function raises, SystemExit too, is its answer
            result, error = None, self.shell.describe(exception)
        finally:
            self.busy = False
        outputs = self.shell.end()
        try:
            return pack((number, result, error, outputs), self.handle)
        except CannotCross as exception:
            return pack((number, None, self.shell.describe(exception), outputs))

    def handle(self, value: object) -> int:
        self.objects[id(value)] = value
        return id(value)

    def do_put(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def do_run(self, name: str, source: str):
        return self.shell.run(name, source)

    def do_export(self, names: list[str]) -> dict:
        exported = {}
        for name in names:
            if name in self.shell.user_ns:
                try:
                    pack(self.shell.user_ns[name], self.handle)
                except CannotCross as reason:
                    exported[name] = (False, str(reason))
                else:
                    exported[name] = (True, self.shell.user_ns[name])
        return exported

    def do_call(self, function, arguments: tuple, keywords: dict, give_back: bool, libraries: list[str]) -> tuple:
        watch = Watch(libraries)
        with watch if libraries else contextlib.nullcontext():
            result = function(*arguments, **keywords)
        return (result, arguments, keywords) if give_back else result, watch.seen

    def do_getattr(self, target, name: str):
        return getattr(target, name)

    def do_setattr(self, target, name: str, value) -> None:
        setattr(target, name, value)

    def do_getitem(self, target, key):
        return target[key]

    def do_setitem(self, target, key, value) -> None:
        target[key] = value

    def do_len(self, target) -> int:
        return len(target)

    def do_iter(self, target):
        return _Iterator(iter(target))

    def do_next(self, target) -> tuple:
        return tuple(_one(target.iterator))

    def do_type(self, target) -> str:
        return type(target).__name__

    def do_data_read(self, target) -> list[str]:
        return data_read(target)


class _Iterator:
    """Keeps an iterator on this side: packed as itself, a list's iterator has no place in the format either."""

    def __init__(self, iterator):
        self.iterator = iterator


def _one(iterator):
    for item in iterator:
        yield item
        return


def receive(connection: socket.socket, max_bytes: int = MAX_BYTES) -> bytes:
    """One message. Raises EOFError when the other side has hung up."""
    (size,) = HEADER.unpack(_exactly(connection, HEADER.size))
    if size > max_bytes:
        raise EOFError(f"a message of {size} bytes is over the limit")
    return _exactly(connection, size)


def send(connection: socket.socket, message: bytes) -> None:
    connection.sendall(HEADER.pack(len(message)) + message)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = connection.recv(min(size - len(data), 2**20))
        if not chunk:
            raise EOFError("the other side has hung up")
        data += chunk
    return bytes(data)


if __name__ == "__main__":
    main()
