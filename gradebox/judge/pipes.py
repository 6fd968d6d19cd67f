"""Trusted processes of ours: messages on their pipes, and that none outlives the one that started it."""

import ctypes
import json
import signal
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgpack

SIZE = struct.Struct("!Q")  # before every message
START, REHEARSE, GRADE = b"s", b"r", b"g"  # first byte of what a judge is asked
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def read_message(stream: BinaryIO) -> bytes:
    """The next message. Raises EOFError when the other side has hung up."""
    head = stream.read(SIZE.size)
    data = stream.read(SIZE.unpack(head)[0]) if len(head) == SIZE.size else b""
    if len(head) < SIZE.size or len(data) < SIZE.unpack(head)[0]:
        raise EOFError("the other side has hung up")
    return data


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """All messages until the other side hangs up."""
    while True:
        try:
            message = read_message(stream)
        except EOFError:
            return
        yield message


def write_message(stream: BinaryIO, message: bytes) -> None:
    stream.write(SIZE.pack(len(message)))
    stream.write(message)
    stream.flush()


def packed(message: dict, files: dict[str, bytes] | None = None) -> bytes:
    """A message between us and the judge: JSON, which a notebook is, and the files beside it."""
    return msgpack.packb([json.dumps(message), files or {}], unicode_errors="surrogatepass")


def unpacked(data: bytes) -> tuple[dict, dict[str, bytes]]:
    text, files = msgpack.unpackb(data, unicode_errors="surrogatepass")
    return json.loads(text), files


def die_with_parent() -> None:
    """From now on this process ends when the one that started it does, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
