"""What an answer is remembered by: fingerprints of its tokens, chosen by winnowing as MOSS does it.

S. Schleimer, D. Wilkerson, A. Aiken: Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003. Of every
TOGETHER tokens in a row a hash is taken, of every WINDOW hashes in a row the smallest is kept: a passage of at least
TOGETHER + WINDOW - 1 tokens that two texts share leaves a fingerprint in both, wherever it stands.
"""

import functools
import re
import zlib
from collections.abc import Iterator

from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Punctuation, String, Text

TOGETHER = 6  # tokens
WINDOW = 2  # hashes
MOST_TEXT = 30_000  # characters of an answer that are looked at

Token = tuple[str, int]  # what counts of it, and the line it stands in (from 0)
_lexer = PythonLexer(stripnl=False, ensurenl=False)


@functools.lru_cache(maxsize=10_000)
def fingerprints(source: str, code: bool) -> dict[int, set[int]]:
    """Fingerprint -> the lines (from 0) of all passages that leave it.

    code -- whether it is Python; else it is prose, of which the words count
    """
    found = list((_code if code else _prose)(source[:MOST_TEXT]))
    grams = [
        zlib.crc32("\0".join(text for text, _ in found[start : start + TOGETHER]).encode("utf-8", "replace"))
        for start in range(len(found) - TOGETHER + 1)
    ]
    chosen = {
        min(range(start, min(start + WINDOW, len(grams))), key=lambda place: (grams[place], -place))
        for start in range(max(1, len(grams) - WINDOW + 1) if grams else 0)
    }
    lines: dict[int, set[int]] = {}
    for place in chosen:
        passage = found[place : place + TOGETHER]
        lines.setdefault(grams[place], set()).update(line for _, line in passage)
    return lines


def _prose(source: str) -> Iterator[Token]:
    for number, line in enumerate(source.split("\n")):
        for word in re.findall(r"\w+", line.lower()):
            yield word, number


def _code(source: str) -> Iterator[Token]:
    """Python without what can be changed and changes nothing: names, constants, comments, lay-out, brackets.

    A library's names stay (what follows a dot, built-ins): they say which way an answer goes.
    """
    line, before = 0, ["", ""]
    for _, kind, value in _lexer.get_tokens_unprocessed(source):
        text = _what_counts(kind, value, before)
        if text and not (text == before[-1] == "s"):  # a string comes in pieces
            yield text, line
        if text is not None:
            before = [before[-1], value if kind in Name else text]
        line += value.count("\n")


def _what_counts(kind, value: str, before: list[str]) -> str | None:
    """A token as it is compared; empty if it is left out, None if it is no token at all."""
    if kind in Comment or kind in Text or kind in String.Doc or not value.strip():
        return None
    if kind in String:
        return "s"
    if kind in Number or kind in Keyword.Constant:
        return "n"
    if kind in Punctuation and value in "()[]{};":
        return ""
    if kind not in Name or kind in Name.Builtin or (before[-1] == "." and before[0] != "self"):
        return value
    return "v"
