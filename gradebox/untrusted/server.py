"""Answers the judge: runs cells, hands out values, calls functions. See `sandbox.student` for the requests."""

import contextlib
import signal
import socket
import threading
from pathlib import Path

from gradebox.sandbox.values import MAX_BYTES, pack, unpack
from gradebox.untrusted import borrowed
from gradebox.untrusted.asked import OPERATORS, array_of, bases_of, is_of, leave, made_error
from gradebox.untrusted.crash import account
from gradebox.untrusted.watch import Watch, data_read
from gradebox.untrusted.wire import receive, send

MAX_REQUEST_BYTES = 256 * 2**20  # the judge's, which is trusted, may hold the assignment's support files


class Server:
    """Answers the judge: runs cells, hands out values, calls functions. See `sandbox.student` for the requests."""

    def __init__(self, shell, wire: socket.socket, limits: dict):
        self.shell = shell
        self.wire = wire
        self.limits = limits
        self.objects: dict[int, object] = {}  # by id; holding them keeps the ids from being used again
        signal.signal(signal.SIGINT, self.interrupt)
        self.busy = False
        self.depth = 0  # of questions: one may come while the judge runs a function for an earlier one
        self.borrowed: dict[int, object] = {}  # by number, what stands for functions of the test's
        self.numbers: dict[int, int] = {}  # by id
        self.known: list[str] = []  # libraries whose objects the judge takes as data

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
            send(self.wire, self.answer(*unpack(message, self.from_number, MAX_REQUEST_BYTES, load=True)))

    def answer(self, number: int, operation: str, arguments: tuple) -> bytes:
        if self.depth == 0:
            self.shell.begin(self.limits["output"])
        self.depth += 1
        try:
            self.busy = True
            result, error = getattr(self, f"do_{operation}")(*arguments), None
        except BaseException as exception:  # whatever a student's function raises, SystemExit too, is its answer
            result, error = None, self.shell.describe(exception)
            error |= {"account": account(exception, arguments[0] if operation == "call" else None)}
            error |= {"kind": type(exception), "object": exception.with_traceback(None)}  # frames may hold much
            error |= {"lent": getattr(exception, "_lent", None)}
        finally:
            self.busy = False
            self.depth -= 1
        outputs = self.shell.end() if self.depth == 0 else []
        try:
            return pack((number, result, error, outputs), self.handle, MAX_BYTES, self.known)
        except Exception as exception:  # it cannot cross, or is of a kind that raises whatever is done with it
            return pack((number, None, self.shell.describe(exception), outputs))

    def from_number(self, number: int, *about) -> object:
        if number >= 0:
            return self.objects[number]
        if number not in self.borrowed:
            name, is_iterator = about
            make = borrowed.iterator if is_iterator else borrowed.function
            made = make(self.ask, number) if is_iterator else make(self.ask, number, name)
            self.borrowed[number], self.numbers[id(made)] = made, number
        return self.borrowed[number]

    def ask(self, number: int, operation: str, args: tuple, kwargs: dict):
        """Have the judge, which waits for an answer, call a function of the test's first."""
        if not self.busy or threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a function of the test's can be called only while the test waits for an answer")
        question = pack(("ask", number, operation, args, kwargs), self.handle, MAX_BYTES, self.known)
        self.busy = False  # an interrupt in the middle of a message would leave half of it
        send(self.wire, question)
        while (told := unpack(receive(self.wire), self.from_number, load=True))[0] != "told":
            send(self.wire, self.answer(*told))
        self.busy = True
        _, result, about = told
        if about is not None:
            error = about["object"] or made_error(about)
            error._lent = about["lent"]
            raise error
        return result

    def handle(self, value: object) -> int | tuple:
        if id(value) in self.numbers:
            return self.numbers[id(value)]
        self.objects[id(value)] = value
        if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ != "builtins":
            return (id(value), value.__name__, bases_of(value))
        return id(value)

    def do_know(self, libraries: list[str]) -> None:
        self.known = libraries

    def do_put(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def do_pictures(self, known: dict[str, str] | None, learn: bool) -> None:
        self.shell.pictures.known, self.shell.pictures.drawn = known, {} if learn else None

    def do_drawn(self) -> dict[str, str]:
        return self.shell.pictures.drawn or {}

    def do_run(self, name: str, source: str):
        return self.shell.run(name, source)

    def do_export(self, names: list[str]) -> dict:
        exported = {}
        for name in names:
            if name in self.shell.user_ns:
                try:
                    pack(self.shell.user_ns[name], self.handle, MAX_BYTES, self.known)
                except Exception as reason:
                    exported[name] = (False, self.shell.describe(reason)["evalue"])
                else:
                    exported[name] = (True, self.shell.user_ns[name])
        return exported

    def do_call(self, function, arguments: tuple, keywords: dict, give_back: bool, libraries: list[str]) -> tuple:
        watch = Watch(libraries)
        with watch if libraries and self.depth == 1 else contextlib.nullcontext():
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

    def do_operate(self, name: str, operands: tuple):
        return OPERATORS[name](*operands)

    def do_array(self, target):
        return array_of(target)

    def do_enter(self, target):
        return type(target).__enter__(target)

    def do_exit(self, target, about) -> bool:
        return leave(target, about)

    def do_is_of(self, question: str, target, module: str, name: str) -> bool:
        return is_of(question, target, module, name)

    def do_iter(self, target):
        return _Iterator(iter(target))

    def do_next(self, target) -> tuple:
        iterator = target.iterator if isinstance(target, _Iterator) else target
        if not hasattr(type(iterator), "__next__"):
            raise TypeError(f"'{type(target).__name__}' object is not an iterator")
        return tuple(_one(iterator))

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
