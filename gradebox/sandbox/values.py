"""Copies of values on their way between the student's process and the judge's.

Both sides use this module, and the two it calls on, and nothing else of each other. The format is closed: None, bool,
int, float, complex, str, bytes, list, tuple, named tuple, dict, set, frozenset, range, slice, a few types by name,
numpy scalars, dtypes and arrays without objects, torch tensors; what `data` and `tables` say in terms of these.
Whatever else a value is made of crosses as a number that stands for it (a handle) if the sender offers one, or not at
all.

An object of a student's own class, a dataclass too, is a handle and no copy of its fields: tests want its methods, its
``==`` and its ``repr``, and those are code. A member of an enumeration is one too, for its name.

On the wire a value is msgpack of plain scalars and of lists ``[tag, ...]``; `unpack` takes nothing else, so bytes
that an attacker wrote give a value of the types above or `BadMessage`, never code that runs.
"""

import collections
import enum
import functools
import importlib
import keyword
import re
import struct
import sys
from collections.abc import Callable, Collection
from typing import Any

import msgpack
import numpy as np

MAX_DEPTH = 40
MAX_BYTES = 32 * 2**20  # of one message
MAX_PARTS = 300_000  # of one message: many small parts take longer to read than a large array
MAX_KEYS = 20_000  # of all dicts and sets of one message: keys can be chosen so that their hashes collide
MAX_RANGE = 10**6  # a longer range stays where it is: a test that goes through it would not come to its end
MAX_FIELDS = 100  # of a named tuple
HEADER = struct.Struct("!I")  # every message on a socket is preceded by its length

# No multiple of 0 seconds: what computes with it divides by that, which ends the process.
_DTYPE = re.compile(r"[<>|=]([biufc]\d{1,2}|[SU]\d{1,6}|[mM]8(\[([1-9]\d*)?[a-zA-Z]{1,3}\])?)", re.ASCII)
_TORCH_DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "complex64", "complex128"),
    *("int64", "int32", "int16", "int8", "uint8", "bool"),
)
# Types that cross by name: what a function may want as an argument. They make plain values and do nothing else.
TYPES = {
    kind.__name__: kind
    for kind in (
        bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset,
        ArithmeticError, AssertionError, AttributeError, Exception, ImportError, IndexError, KeyError, LookupError,
        MemoryError, NameError, NotImplementedError, OSError, OverflowError, RecursionError, RuntimeError, TypeError,
        UnboundLocalError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip
_NUMBER_TYPES = {
    *("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
}
_FIELD = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,99}")
# What is data too, by the top package of its type: written and read by modules that are loaded when they are needed.
_DATA = ("collections", "datetime", "decimal", "fractions", "pathlib", "zoneinfo")
_ROOMS = dict.fromkeys(_DATA, "gradebox.sandbox.data") | dict.fromkeys(("pandas", "scipy"), "gradebox.sandbox.tables")
OPTIONAL = frozenset({"pandas", "scipy", "pathlib"})  # that cross only where the receiver knows them


class CannotCross(TypeError):
    """A value is not of the format, or too large. The message says which part and why."""


class BadMessage(ValueError):
    """Bytes that are not a message of this format."""


def pack(
    value: Any,
    handle: Callable[[Any], int | tuple | None] = lambda value: None,
    max_bytes: int = MAX_BYTES,
    known: Collection[str] = OPTIONAL,
) -> bytes:
    """Turn a value into bytes.

    ``handle`` is asked for the number of every part that has no place in the format; None means there is none. It may
    give a tuple of the number and values that tell the receiver what it stands for. ``known`` are the libraries of
    OPTIONAL whose objects the receiver can take as data.
    Raises CannotCross if there is no number, or if the value is nested too deeply or larger than ``max_bytes``.
    """
    try:
        message = msgpack.packb(_Packer(handle, max_bytes, known).tree(value, 0), unicode_errors="surrogatepass")
    except RecursionError as error:
        raise CannotCross(f"a value is nested more than {MAX_DEPTH} deep") from error
    if len(message) > max_bytes:
        raise CannotCross(f"a value of {len(message) / 2**20:.0f} MiB is over the limit of {max_bytes / 2**20:.0f} MiB")
    return message


def unpack(
    message: bytes, from_handle: Callable[..., Any] | None = None, max_bytes: int = MAX_BYTES, load: bool = False
) -> Any:
    """Turn bytes back into a value. Raises BadMessage for anything `pack` would not have written.

    ``from_handle`` makes the object that stands for a handle's number, and what the sender says with it; without it
    handles are refused. ``load`` lets a value load the library it belongs to; if not, it has to be loaded.
    """
    if len(message) > max_bytes:
        raise BadMessage(f"a message of {len(message)} bytes is over the limit")
    try:
        tree = msgpack.unpackb(message, unicode_errors="surrogatepass", max_map_len=0, max_ext_len=0)
        return _Unpacker(from_handle, load).value(tree, 0)
    except BadMessage:
        raise
    except (
        *(ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, AttributeError, ImportError, OSError),
        # What numpy and pandas raise where they take a value of an odd kind for a mistake of their own.
        *(MemoryError, SystemError, AssertionError, msgpack.UnpackException),
    ) as error:
        raise BadMessage(f"not a message: {type(error).__name__}: {error}") from error


class _Packer:
    def __init__(self, handle: Callable[[Any], int | tuple | None], max_bytes: int, known: Collection[str]):
        self.handle = handle
        self.known = known
        self.room = max_bytes
        self.parts = MAX_PARTS

    def tree(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CannotCross(f"a value is nested more than {MAX_DEPTH} deep")
        self.parts -= 1
        if self.parts < 0:
            raise CannotCross(f"a value has more than {MAX_PARTS} parts")
        kind = type(value)
        if value is None or kind in (bool, float):
            return value
        if kind in (str, bytes):
            return self.sized(value)
        # Base classes only: what a subclass adds or overrides stays on its side.
        if isinstance(value, np.ndarray):
            return self.array(np.asarray(value))
        if isinstance(value, np.generic):
            return ["scalar", *self.array(np.asarray(value))[1::2]]
        if kind is not int and isinstance(value, enum.Enum):
            return self.by_handle(value, depth)
        if isinstance(value, int):
            value = int(value)
            small = -(2**63) <= value < 2**63
            return (
                value if small else ["int", self.sized(value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))]
            )
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return ["complex", value.real, value.imag]
        if isinstance(value, str):
            return self.sized(str(value))
        if isinstance(value, (bytes, bytearray)):
            return self.sized(bytes(value))
        if isinstance(value, (list, tuple, set, frozenset)):
            if hasattr(kind, "_fields") and isinstance(value, tuple):
                return self.named(value, depth)
            tag = next(base for base in (list, tuple, set, frozenset) if isinstance(value, base)).__name__
            return [tag, *(self.tree(item, depth + 1) for item in value)]
        if kind is dict or (isinstance(value, dict) and (kind is collections.defaultdict or _top(kind) not in _ROOMS)):
            return ["dict", *(self.tree(part, depth + 1) for item in value.items() for part in item)]
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self.tensor(value)
        if kind in (range, slice):
            return self.span(value, depth)
        if isinstance(value, (type, np.dtype)):
            return self.type(value, depth)
        top = _top(kind)
        if top in _ROOMS and (top not in OPTIONAL or top in self.known):
            return self.by_room(_ROOMS[top], value, depth)
        return self.by_handle(value, depth)

    def sized(self, value: Any) -> Any:
        self.room -= len(value)
        if self.room < 0:
            raise CannotCross("a value is over the size limit")
        return value

    def array(self, value: np.ndarray) -> list:
        if not _DTYPE.fullmatch(value.dtype.str):
            raise CannotCross(f"an array of dtype {value.dtype} holds more than numbers or text")
        if value.nbytes > self.room:
            raise CannotCross(f"an array of {value.nbytes / 2**20:.0f} MiB is over the size limit")
        return ["array", value.dtype.str, list(value.shape), self.sized(value.tobytes())]

    def tensor(self, value: Any) -> list:
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in _TORCH_DTYPES or value.is_sparse or value.is_meta:
            raise CannotCross(f"a tensor of dtype {dtype} cannot cross")
        if value.numel() * value.element_size() > self.room:
            raise CannotCross("a tensor is over the size limit")
        flat = value.detach().cpu().resolve_conj().contiguous().reshape(-1)
        data = flat.view(sys.modules["torch"].uint8).numpy().tobytes() if flat.numel() else b""
        return ["tensor", dtype, list(value.shape), self.sized(data), bool(value.requires_grad)]

    def named(self, value: tuple, depth: int) -> list:
        fields = type(value)._fields
        if type(fields) is not tuple or not _are_fields(type(value).__name__, fields) or len(fields) != len(value):
            return ["tuple", *(self.tree(item, depth + 1) for item in value)]
        return ["named", type(value).__name__, list(fields), *(self.tree(item, depth + 1) for item in value)]

    def span(self, value: range | slice, depth: int) -> list:
        if _too_long(value):
            return self.by_handle(value, depth)
        return [type(value).__name__, *(self.tree(part, depth + 1) for part in (value.start, value.stop, value.step))]

    def type(self, value: Any, depth: int) -> list:
        if isinstance(value, np.dtype):
            return ["dtype", value.str] if _DTYPE.fullmatch(value.str) else self.by_handle(value, depth)
        name = value.__name__
        if TYPES.get(name) is value:
            return ["type", name]
        if name in _NUMBER_TYPES and getattr(np, name) is value:
            return ["number type", name]
        return self.by_handle(value, depth)

    def by_room(self, room: str, value: Any, depth: int) -> list:
        """As data if all of it is, and small enough; else as one handle, never as data with handles in it."""
        written = importlib.import_module(room).write(value)
        if written is not None:
            before = self.handle, self.room, self.parts
            self.handle = lambda part: None
            try:
                return [room.rpartition(".")[2], *(self.tree(part, depth + 1) for part in written)]
            except CannotCross:
                _, self.room, self.parts = before
            finally:
                self.handle = before[0]
        return self.by_handle(value, depth)

    def by_handle(self, value: Any, depth: int) -> list:
        number = self.handle(value)
        if number is None:
            raise CannotCross(f"a value of type {type(value).__name__} cannot cross")
        number, *about = number if isinstance(number, tuple) else (number,)
        return ["handle", number, *(self.tree(part, depth + 1) for part in about)]


class _Unpacker:
    def __init__(self, from_handle: Callable[..., Any] | None, load: bool):
        self.from_handle = from_handle
        self.load = load
        self.parts = MAX_PARTS
        self.keys = MAX_KEYS

    def value(self, tree: Any, depth: int) -> Any:
        self.parts -= 1
        if self.parts < 0:
            raise BadMessage("too many parts")
        if tree is None or type(tree) in (bool, int, float, str, bytes):
            return tree
        if depth > MAX_DEPTH:
            raise BadMessage("nested too deeply")
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise BadMessage("a part without a tag")
        tag, *parts = tree
        if tag in ("set", "frozenset", "dict"):
            self.keys -= len(parts)
            if self.keys < 0:
                raise BadMessage("too many keys")
        if tag in ("list", "tuple", "set", "frozenset"):
            base = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[tag]
            return base(self.value(part, depth + 1) for part in parts)
        if tag == "dict":
            items = [self.value(part, depth + 1) for part in parts]
            return dict(zip(items[::2], items[1::2], strict=True))
        if tag in ("range", "slice", "named", "data", "tables", "handle"):
            return getattr(self, tag)(*(self.value(part, depth + 1) for part in _listed(tag, parts)))
        read = {
            "int": self.integer,
            "complex": self.complex,
            "scalar": self.scalar,
            "array": self.array,
            "tensor": self.tensor,
            "type": self.type,
            "number type": self.number_type,
            "dtype": self.dtype,
        }
        return read[tag](*parts)

    def integer(self, data: bytes) -> int:
        return int.from_bytes(_typed(data, bytes), "big", signed=True)

    def complex(self, real: float, imag: float) -> complex:
        return complex(_typed(real, float), _typed(imag, float))

    def scalar(self, dtype: str, data: bytes) -> np.generic:
        return self.array(dtype, [], data)[()]

    def array(self, dtype: str, shape: list, data: bytes) -> np.ndarray:
        if not _DTYPE.fullmatch(_typed(dtype, str)):
            raise BadMessage("an array of a dtype outside the format")
        return np.frombuffer(_typed(data, bytes), np.dtype(dtype)).reshape(_shape(shape)).copy()

    def tensor(self, dtype: str, shape: list, data: bytes, requires_grad: bool) -> Any:
        try:
            import torch
        except ModuleNotFoundError as error:
            raise BadMessage("a tensor where torch is not installed") from error
        if _typed(dtype, str) not in _TORCH_DTYPES:
            raise BadMessage("a tensor of a dtype outside the format")
        kind = getattr(torch, dtype)
        flat = torch.frombuffer(bytearray(data), dtype=kind) if _typed(data, bytes) else torch.empty(0, dtype=kind)
        tensor = flat.reshape(_shape(shape))
        return tensor.requires_grad_() if _typed(requires_grad, bool) and kind.is_floating_point else tensor

    def type(self, name: str) -> type:
        return TYPES[_typed(name, str)]

    def number_type(self, name: str) -> type:
        if _typed(name, str) not in _NUMBER_TYPES:
            raise BadMessage("a type outside the format")
        return getattr(np, name)

    def dtype(self, text: str) -> np.dtype:
        if not _DTYPE.fullmatch(_typed(text, str)):
            raise BadMessage("a dtype outside the format")
        return np.dtype(text)

    def range(self, start: int, stop: int, step: int) -> range:
        value = range(*(_typed(part, int) for part in (start, stop, step)))
        if _too_long(value):
            raise BadMessage("a range that is too long")
        return value

    def slice(self, start: Any, stop: Any, step: Any) -> slice:
        return slice(start, stop, step)

    def named(self, name: str, fields: list, *values: Any) -> tuple:
        if not _are_fields(name, _typed(fields, list)):
            raise BadMessage("a named tuple with odd names")
        return _named_tuple(name, tuple(fields))(*values)

    def data(self, kind: str, *parts: Any) -> Any:
        return importlib.import_module("gradebox.sandbox.data").read(kind, *parts)

    def tables(self, kind: str, *parts: Any) -> Any:
        return importlib.import_module("gradebox.sandbox.tables").read(self.load, kind, *parts)

    def handle(self, number: int, *about: Any) -> Any:
        if self.from_handle is None:
            raise BadMessage("a handle where none may be")
        return self.from_handle(_typed(number, int), *about)


def _typed(part: Any, kind: type) -> Any:
    if type(part) is not kind:
        raise BadMessage(f"expected {kind.__name__}, got {type(part).__name__}")
    return part


def _shape(parts: Any) -> list[int]:
    if any(_typed(size, int) < 0 for size in _typed(parts, list)):
        raise BadMessage("a shape with a negative size")
    return parts


def _top(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]


def _listed(tag: str, parts: list) -> list:
    """The parts as trees: a named tuple's list of fields is the only one without a tag."""
    return [parts[0], ["list", *_typed(parts[1], list)], *parts[2:]] if tag == "named" else parts


def _too_long(value: range | slice) -> bool:
    return type(value) is range and not -MAX_RANGE <= (value.stop - value.start) // value.step <= MAX_RANGE


def _are_fields(name: Any, fields: Collection) -> bool:
    """Whether these name a named tuple and its fields: words in ASCII, so that Python takes them for what they are."""
    words = [name, *fields]
    plain = len(words) <= MAX_FIELDS and all(type(word) is str and _FIELD.fullmatch(word) for word in words)
    return plain and len({*fields}) == len(fields) and not any(map(keyword.iskeyword, words))


@functools.lru_cache(maxsize=1000)
def _named_tuple(name: str, fields: tuple[str, ...]) -> type:
    """One type for one name and fields, as two values of one type have one on the other side too."""
    return collections.namedtuple(name, fields)
