"""Copies of values on their way between the student's process and the judge's.

Both sides use this module and nothing else of each other. The format is closed: None, bool, int, float, complex,
str, bytes, list, tuple, dict, set, frozenset, numpy scalars and arrays without objects, torch tensors. Whatever else
a value is made of crosses as a number that stands for it (a handle) if the sender offers one, or not at all.

On the wire a value is msgpack of plain scalars and of lists ``[tag, ...]``; `unpack` takes nothing else, so bytes
that an attacker wrote give a value of the types above or `BadMessage`, never code that runs.
"""

import re
import struct
import sys
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

MAX_DEPTH = 40
MAX_BYTES = 32 * 2**20  # of one message
MAX_PARTS = 300_000  # of one message: many small parts take longer to read than a large array
MAX_KEYS = 20_000  # of all dicts and sets of one message: keys can be chosen so that their hashes collide
HEADER = struct.Struct("!I")  # every message on a socket is preceded by its length

_DTYPE = re.compile(r"[<>|=]([biufc]\d{1,2}|[SU]\d{1,6}|[mM]8(\[\d*[a-zA-Z]{1,3}\])?)")
_TORCH_DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "complex64", "complex128"),
    *("int64", "int32", "int16", "int8", "uint8", "bool"),
)


class CannotCross(TypeError):
    """A value is not of the format, or too large. The message says which part and why."""


class BadMessage(ValueError):
    """Bytes that are not a message of this format."""


def pack(value: Any, handle: Callable[[Any], int | None] = lambda value: None, max_bytes: int = MAX_BYTES) -> bytes:
    """Turn a value into bytes.

    ``handle`` is asked for the number of every part that has no place in the format; None means there is none.
    Raises CannotCross if there is none, or if the value is nested too deeply or larger than ``max_bytes``.
    """
    try:
        message = msgpack.packb(_Packer(handle, max_bytes).tree(value, 0), unicode_errors="surrogatepass")
    except RecursionError as error:
        raise CannotCross(f"a value is nested more than {MAX_DEPTH} deep") from error
    if len(message) > max_bytes:
        raise CannotCross(f"a value of {len(message) / 2**20:.0f} MiB is over the limit of {max_bytes / 2**20:.0f} MiB")
    return message


def unpack(message: bytes, from_handle: Callable[[int], Any] | None = None, max_bytes: int = MAX_BYTES) -> Any:
    """Turn bytes back into a value. Raises BadMessage for anything `pack` would not have written.

    ``from_handle`` makes the object that stands for a handle's number; without it handles are refused.
    """
    if len(message) > max_bytes:
        raise BadMessage(f"a message of {len(message)} bytes is over the limit")
    try:
        tree = msgpack.unpackb(message, unicode_errors="surrogatepass", max_map_len=0, max_ext_len=0)
        return _Unpacker(from_handle).value(tree, 0)
    except BadMessage:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RuntimeError, msgpack.UnpackException) as error:
        raise BadMessage(f"not a message: {type(error).__name__}: {error}") from error


class _Packer:
    def __init__(self, handle: Callable[[Any], int | None], max_bytes: int):
        self.handle = handle
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
            tag = next(base for base in (list, tuple, set, frozenset) if isinstance(value, base)).__name__
            return [tag, *(self.tree(item, depth + 1) for item in value)]
        if isinstance(value, dict):
            return ["dict", *(self.tree(part, depth + 1) for item in value.items() for part in item)]
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self.tensor(value)
        return self.by_handle(value)

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

    def by_handle(self, value: Any) -> list:
        number = self.handle(value)
        if number is None:
            raise CannotCross(f"a value of type {type(value).__name__} cannot cross")
        return ["handle", number]


class _Unpacker:
    def __init__(self, from_handle: Callable[[int], Any] | None):
        self.from_handle = from_handle
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
        read = {
            "int": self.integer,
            "complex": self.complex,
            "scalar": self.scalar,
            "array": self.array,
            "tensor": self.tensor,
            "handle": self.handle,
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

    def handle(self, number: int) -> Any:
        if self.from_handle is None:
            raise BadMessage("a handle where none may be")
        return self.from_handle(_typed(number, int))


def _typed(part: Any, kind: type) -> Any:
    if type(part) is not kind:
        raise BadMessage(f"expected {kind.__name__}, got {type(part).__name__}")
    return part


def _shape(parts: Any) -> list[int]:
    if any(_typed(size, int) < 0 for size in _typed(parts, list)):
        raise BadMessage("a shape with a negative size")
    return parts
