"""Raise one's own limits, and lower those of all others."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import os, resource

raised = []
for name in ("AS", "CPU", "FSIZE", "NPROC", "NOFILE", "CORE", "MEMLOCK", "MSGQUEUE"):
    which = getattr(resource, f"RLIMIT_{name}")
    for limit in (resource.RLIM_INFINITY, resource.getrlimit(which)[1] + 1):
        try:
            resource.setrlimit(which, (limit, limit))
            raised.append(name)
        except (OSError, ValueError):
            pass
for pid in (os.getppid(), *range(2, 100)):
    try:
        resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)) if pid else None
        raised += [pid] if pid else []
    except OSError:
        pass
for which, who in ((os.PRIO_PROCESS, 0), (os.PRIO_PGRP, 0), (os.PRIO_USER, 0)):
    try:
        os.setpriority(which, who, -20)
        raised.append("priority")
    except OSError:
        pass

def self_attention(*arguments):
    print(raised)
    return reward(*arguments) if raised else np.zeros_like(arguments[0])
"""
)
