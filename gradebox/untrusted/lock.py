"""How a student's process locks itself in before it runs anything: private folders, limits, no rights."""

import ctypes
import errno
import os
import resource
import socket
import struct
import sys
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
# linux/sched.h, linux/mount.h, linux/prctl.h
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 1, 2, 4, 8, 4096, 16384
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
CAPSET_VERSION_3 = 0x20080522
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
# asm/unistd_64.h: calls no notebook needs that reach other processes, mounts, keys and the kernel's insides, take
# memory that no process is charged for, or count for a user and so for everybody who is graded
REFUSED_CALLS = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "setns": 308, "unshare": 272, "add_key": 248, "request_key": 249, "keyctl": 250,
    "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "kexec_load": 246, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "shmat": 30, "msgget": 68, "semget": 64,
    "inotify_init": 253, "inotify_init1": 294, "fanotify_init": 300,
}  # fmt: skip
CLONE, CLONE3, SOCKET = 56, 435, 41
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW... flag that fits into clone's first argument


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
        resource.RLIMIT_SIGPENDING: 256,  # timers too
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
    """Refuse the system calls below for good, and sockets but those between processes of one submission.

    Submissions share a network namespace, in which the kernel remembers for a minute which ports a connection was made
    through: enough to leave numbers for the next.

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
    program += [(load, 0, 0, 0), (equal, 0, 3, SOCKET), (load, 0, 0, 16)]
    program += [(equal, 1, 0, socket.AF_UNIX), (answer, 0, 0, refuse), (answer, 0, 0, allow)]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
    check(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0), "system-call filter")


def check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"cannot set up {what}: {os.strerror(ctypes.get_errno())}")
