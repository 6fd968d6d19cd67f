"""What a test changes for the student's code in one process: libraries, built-ins, settings that all code there shares.

`np.linalg.solve = None` in a test keeps students from using it, as long as their code is in the same process. Apart,
the instructor's notebook earns its points all the same, and so would those whom the test is about. So the rehearsal
looks, whenever a test asks the student's side for something, whether what both would share is as the cells left it.
Random states are left out: a test that seeds for the student's code loses the instructor's own points apart.
"""

import builtins
import os
import sys
import types
import warnings
from collections.abc import Iterator

FIRST_LOOKS = 8  # in one test; after them ever more seldom
MOST_MODULES = 400  # of one library


class Exposure:
    """Notes in ``tests`` which tests change what the student's code could see. For one rehearsal."""

    def __init__(self):
        self.tests: set[str] = set()
        self.usual: dict = {}
        self.lasts = False  # something that a test changed
        self.name = ""
        self.looks = 0

    def begin(self, name: str, names: dict) -> None:
        """A test begins, in a namespace of these names."""
        if not self.lasts:
            self.usual = {"settings": settings(), "callables": list(callables(names))}
        self.name, self.looks = name, 0
        if self.lasts:
            self.tests.add(name)

    def look(self) -> None:
        """The test asks the student's side for something."""
        self.looks += 1
        seldom = self.looks > FIRST_LOOKS and self.looks & (self.looks - 1)  # at powers of two
        if self.name not in self.tests and not seldom and self.changed():
            self.tests.add(self.name)

    def end(self, replaced: list[str]) -> None:
        """It is over, and left these built-ins replaced."""
        self.lasts = self.lasts or bool(replaced) or self.changed()

    def changed(self) -> bool:
        now = settings()
        return any(now[name] != self.usual["settings"][name] for name in now) or any(
            vars(owner).get(name) is not value for owner, name, value in self.usual["callables"]
        )


def settings() -> dict:
    """Settings of the whole process, those of libraries as far as they are loaded."""
    numpy, matplotlib = (sys.modules.get(name) for name in ("numpy", "matplotlib"))
    return {
        "environ": dict(os.environ),
        "cwd": os.getcwd(),
        "filters": list(warnings.filters),
        "path": list(sys.path),
        "argv": list(sys.argv),
        "stdin": sys.stdin,
        "recursion": sys.getrecursionlimit(),
        "numpy": (numpy.geterr(), repr(numpy.get_printoptions())) if numpy else None,
        "matplotlib": dict(matplotlib.rcParams) if matplotlib else None,
    }


def callables(names: dict) -> Iterator[tuple[object, str, object]]:
    """Functions, classes and methods of the libraries that code with these names has: owner, name, value."""
    loaded = {value.__name__.partition(".")[0] for value in names.values() if isinstance(value, types.ModuleType)}
    loaded |= {getattr(value, "__module__", "").partition(".")[0] for value in names.values() if callable(value)}
    loaded |= {"time", "random", "os", "math"}
    for top in loaded - {"gradebox", "__main__", ""}:
        modules = [each for each in list(sys.modules) if each == top or each.startswith(f"{top}.")]
        for module in modules[:MOST_MODULES]:
            yield from callables_of(sys.modules[module])
    yield from callables_of(builtins)


def callables_of(module: types.ModuleType) -> Iterator[tuple[object, str, object]]:
    if not isinstance(module, types.ModuleType):
        return
    for name, value in list(vars(module).items()):
        if callable(value):
            yield module, name, value
        if isinstance(value, type) and value.__module__ == module.__name__:
            for part, inner in list(vars(value).items()):
                if callable(inner):
                    yield value, part, inner
