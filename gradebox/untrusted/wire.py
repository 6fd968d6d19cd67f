"""Messages on a socket, on the student's side: a length and as many bytes."""

import socket

from gradebox.sandbox.values import HEADER, MAX_BYTES


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
