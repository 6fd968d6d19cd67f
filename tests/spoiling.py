"""Spoils notebooks at random: bytes of the file, and parts of what it says."""

import json
from random import Random

from damaged_work import code, nested

ODD = (
    *(None, True, -1, 0.5, float("nan"), float("inf"), 10**30, "", "\0", "\ud800", "x" * 5000, "../..", "code", "raw"),
    *([], {}, [None], {"": None}, nested(60), nested(400), [[1], {"a": [2]}], ["a\n", 3], "<<<<<<< a\n=======\n"),
    *({"grade_id": ["a"], "grade": 1}, {"grade_id": "multihead-scaled-self-attention", "points": "many"}, code("x")),
)
STRANGE = [json.dumps(each) for each in ODD]  # as text: what is put in is changed later
TOKENS = (b"[", b"]", b"{", b"}", b",", b'"', b":", b"\\", b"null", b"1e999", b"\0", b"\xff", b"\n<<<<<<< a\n", b"NaN")
TOKENS += (b"\n=======\n", b"\n>>>>>>> b\n", b'"\\ud83d"', b'{"cells": [', b"\xef\xbb\xbf", b"\r", b"[" * 300)


def spoiled_bytes(data: bytes, random: Random) -> bytes:
    """A file cut, and with pieces removed, doubled, overwritten or put in."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(data) + 1)
        end = min(len(data), start + random.choice((0, 1, 1, 10, 1000, len(data))))
        piece = random.choice((b"", b"", random.choice(TOKENS), data[start:end] * 2, random.randbytes(end - start)))
        data = data[:start] + piece + data[end:]
    return data


def spoiled_parts(raw: dict, random: Random) -> bytes:
    """The JSON of a notebook with parts removed, doubled, exchanged, or replaced by something strange."""
    for _ in range(random.randint(1, 6)):
        parts = [place for place in places(raw) if random.random() < 0.3] or [(raw, "cells")]
        holder, key = random.choice(parts)
        if random.random() < 0.2 and isinstance(holder, dict):
            holder[random.choice((*holder, "cells", "metadata", "id", "new"))] = holder.pop(key)
        elif random.random() < 0.2:
            other, name = random.choice(parts)
            holder[key], other[name] = other[name], holder[key]
        elif random.random() < 0.2 and isinstance(holder, list):
            holder[key : key + random.randint(0, 2)] = [holder[key]] * random.randint(0, 3)
        else:
            holder[key] = json.loads(random.choice(STRANGE))
    try:
        return json.dumps(raw, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):  # a part has come to hold itself
        return b""


def places(raw: object) -> list[tuple[dict | list, object]]:
    """Every part of some JSON as its holder and its key there, few levels down."""
    found: list = []
    level = [raw]
    for _ in range(5):
        inner = []
        for each in level:
            keys = each if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
            found += [(each, key) for key in keys]
            inner += [each[key] for key in keys]
        level = inner
    return found
