"""What code of the notebook uses while it runs: libraries it calls, data of the notebook it reads.

Runs where the code runs: in the student's process, and in the kernel where stock nbgrader grades. Like `values` it
holds no secret; what it says of a student's process is that process's claim. It finds the shortcuts of honest
students, however they are written; who sets out to deceive it can.
"""

import cProfile
import dis
import os
import re
import sys
import types
from collections.abc import Iterable

# A built-in as the profiler names it: <built-in method torch.conv2d>, <method 'numpy' of 'torch._C.TensorBase' objects>
BUILT_IN = re.compile(r"<(?:built-in )?method (?:'\w+' of ')?(\w+)\.")


class Watch:
    """A context in which calls into some libraries are noted.

    libraries -- names of top-level modules, such as torch
    seen      -- library -> name of a function that called it, at the end
    """

    def __init__(self, libraries: Iterable[str]):
        self.libraries = list(libraries)
        self.profile = cProfile.Profile()
        self.seen: dict[str, str] = {}

    def __enter__(self) -> "Watch":
        self.profile.enable()
        return self

    def __exit__(self, *error) -> None:
        self.profile.disable()
        folders = {name: folder for name in self.libraries if (folder := _folder(name))}
        for entry in self.profile.getstats() if folders else ():
            if library := _library(entry.code, folders):
                self.seen.setdefault(library, "")
                continue
            for inner in entry.calls or ():
                if library := _library(inner.code, folders):
                    self.seen[library] = max(self.seen.get(library, ""), getattr(entry.code, "co_name", ""))


def _folder(library: str) -> str:
    """Where a library's code lies; empty if it is not loaded, or something else goes by its name."""
    file = getattr(sys.modules.get(library), "__file__", None)
    return os.path.join(os.path.dirname(file), "") if file else ""


def _library(code: types.CodeType | str, folders: dict[str, str]) -> str:
    """Which of some libraries a piece of code belongs to; empty if to none."""
    if isinstance(code, str):
        found = BUILT_IN.match(code)
        return found[1] if found and found[1] in folders else ""
    return next((name for name, folder in folders.items() if code.co_filename.startswith(folder)), "")


def data_read(code: object) -> list[str]:
    """Names of the notebook's data that a function reads, itself or through functions and classes it uses.

    Modules, functions, classes and built-ins are no data. Empty for anything that is neither function nor class.
    """
    names: dict[str, None] = {}  # in order of appearance
    todo, done = [code], set()
    while todo:
        item = todo.pop()
        if id(item) in done:
            continue
        done.add(id(item))
        if isinstance(item, type):
            todo += [getattr(part, "__func__", part) for part in vars(item).values()]
        elif isinstance(item, types.MethodType):
            todo.append(item.__func__)
        elif isinstance(item, types.FunctionType) and item.__globals__.get("__name__") == "__main__":
            for name in _global_names(item.__code__):
                value = item.__globals__.get(name)
                if isinstance(value, (types.FunctionType, type)):
                    todo.append(value)
                elif name in item.__globals__ and not isinstance(value, types.ModuleType) and not callable(value):
                    names[name] = None
    return list(names)


def _global_names(code: types.CodeType) -> list[str]:
    names = [line.argval for line in dis.get_instructions(code) if line.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names += _global_names(constant)
    return names
