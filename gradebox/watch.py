"""What code of the notebook uses while it runs: libraries it calls, data of the notebook it reads.

Runs where the code runs: in the student's process, and in the kernel where stock nbgrader grades. Like `values` it
holds no secret; what it says of a student's process is that process's claim. It finds the shortcuts of honest
students, however they are written; who sets out to deceive it can.
"""

import dis
import sys
import types
from collections.abc import Iterable


class Watch:
    """A context in which calls into some libraries are noted.

    libraries -- names of top-level modules, such as torch
    seen      -- library -> name of the function that first called it
    """

    def __init__(self, libraries: Iterable[str]):
        self.libraries = frozenset(libraries)
        self.seen: dict[str, str] = {}

    def __enter__(self) -> "Watch":
        sys.setprofile(self._note)
        return self

    def __exit__(self, *error) -> None:
        sys.setprofile(None)

    def _note(self, frame: types.FrameType, event: str, called) -> None:
        if event == "call":
            library = _top(frame.f_globals.get("__name__"))
        elif event == "c_call":
            library = _top(getattr(called, "__module__", None) or type(getattr(called, "__self__", None)).__module__)
        else:
            return
        if library in self.libraries and library not in self.seen:
            self.seen[library] = self._caller(frame)

    def _caller(self, frame: types.FrameType | None) -> str:
        while frame is not None and _top(frame.f_globals.get("__name__")) in self.libraries:
            frame = frame.f_back
        return frame.f_code.co_name if frame is not None else ""


def _top(module: object) -> str:
    return module.partition(".")[0] if isinstance(module, str) else ""


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
