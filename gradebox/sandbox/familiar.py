"""What a student's process may be quoted with once it knows hidden inputs: what was there before it did.

An error's message, a name, a line of code: each is that process's claim and may hold whatever a test has passed to it.
So of a test's words for the student only those are theirs that stand in their notebook, or that it showed before any
hidden test ran. Such a quotation says which of a few known texts it is, and nothing else.
"""

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MOST_TEXT, MOST_OPERANDS = 200, 3
KINDS = {"product", "arithmetic", "item", "call", "unpack", "loop", "name", "attribute", "import", "raise", "signature"}
MOST_SIZES = 2**25  # of numbers, all of an array; more than any answer may have
# Names of types and errors that nobody has to write down to meet them.
USUAL = frozenset(dir(builtins)) | {
    *("array", "number", "NoneType", "function", "method", "module", "generator", "builtin_function_or_method"),
    *("int64", "int32", "float64", "float32", "complex128", "bool_", "dict_keys", "dict_values", "dict_items"),
    *("ndarray", "matrix", "Tensor", "Parameter", "DataFrame", "Series", "LinAlgError", "AxisError", "CannotCross"),
}
# What `values.CannotCross` says; the group is a name.
CROSSING = re.compile(
    r"(?:a value of type|a tensor of dtype|an array of dtype) (\w+) (?:cannot cross|holds more than numbers or text)"
    r"|a value is nested more than \d+ deep|a value has more than \d+ parts|a (?:value|tensor) is over the size limit"
    r"|an array of \d+ MiB is over the size limit"
)
# What numpy and torch say of sizes that do not fit: sizes are told anyway.
_SHAPE, _SIZE = r"\([\d,]{0,12}\)", r"\d{1,5}"
SIZES = re.compile(
    rf"operands could not be broadcast together with shapes(?: {_SHAPE}){{2}} ?"
    rf"|matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
    rf"\(n\?,k\),\(k,m\?\)->\(n\?,m\?\) \(size {_SIZE} is different from {_SIZE}\)"
    rf"|shapes {_SHAPE} and {_SHAPE} not aligned: {_SIZE} \(dim \d\) != {_SIZE} \(dim \d\)"
    rf"|index -?{_SIZE} is out of bounds for axis \d with size {_SIZE}"
    rf"|could not broadcast input array from shape {_SHAPE} into shape {_SHAPE}"
    rf"|cannot reshape array of size {_SIZE} into shape {_SHAPE}"
    rf"|mat1 and mat2 shapes cannot be multiplied \({_SIZE}x{_SIZE} and {_SIZE}x{_SIZE}\)"
)
# What Python's own messages on types and names are made of.
_PLAIN = """
a an and any argument arguments as at attribute be between bound but by callable called can cannot comparison
concatenate convert could defined did division does expected expression for from function given got has have
implicitly in index indices instance instances integer integers invalid is it item items iterable keyword local
mapping mean method missing module modulo more must name named no non not object of on only operand operands or
out positional range real referenced required requires returned s scalar sequence should size slices string
subscriptable support supported supports t takes than that the to too type unexpected unhashable unpack
unsupported use value values variable was were where with without you zero
"""
PLAIN = frozenset(_PLAIN.split())


def bare(code: str) -> str:
    """Code without what is written one way or another: blanks, brackets, the kind of quotes."""
    return re.sub(r"[\s()]", "", code).replace('"', "'")


@dataclass(frozen=True)
class Familiar:
    """What may be told of a student's process.

    messages -- as a whole
    code     -- the student's, all of it
    """

    messages: frozenset[str]
    code: str

    @cached_property
    def words(self) -> frozenset[str]:
        return USUAL | frozenset(re.findall(r"\w+", self.code))

    @cached_property
    def lines(self) -> frozenset[str]:
        return frozenset(map(_line, self.code.splitlines()))

    @cached_property
    def bare(self) -> str:
        return bare(self.code)

    def message(self, text: str) -> str:
        """A message, if it may be told; else nothing."""
        crossing = CROSSING.fullmatch(text)
        known = text in self.messages or (crossing and self.word(crossing[1] or "array")) or SIZES.fullmatch(text)
        return text if known else ""

    def sentence(self, text: str, about: str) -> str:
        """What Python says of types and names: told if the names are familiar, or stand in the test it is about."""
        words = re.findall(r"\w+", text)
        told = PLAIN | self.words | {*re.findall(r"\w+", about)}
        return text if all(word in told or re.fullmatch(r"\d\d?", word) for word in words) else self.message(text)

    def word(self, name: Any, otherwise: str = "") -> str:
        return name if type(name) is str and name in self.words else otherwise

    def passage(self, code: Any) -> str:
        """A piece of their code."""
        return code[:MOST_TEXT] if type(code) is str and bare(code[:MOST_TEXT]) in self.bare else ""

    def account(self, claim: dict) -> dict:
        """What their code was at when it raised, see `untrusted.crash`; a text that may not be told is empty."""
        line = _line(claim["line"]) if type(claim.get("line")) is str else ""
        listed = claim.get("operands")
        return {
            "line": line if line in self.lines else "",
            "kind": claim["kind"] if type(claim.get("kind")) is str and claim["kind"] in KINDS else "other",
            "operands": [*map(self.operand, listed[:MOST_OPERANDS])] if type(listed) is list else [],
            "similar": self.word(claim.get("similar")),
        }

    def operand(self, claim: Any) -> dict:
        claim = claim if type(claim) is dict else {}
        shape = claim.get("shape")
        return {
            "text": self.passage(claim.get("text")),
            "type": self.word(claim.get("type"), "object"),
            "shape": shape if type(shape) is list and modest(shape) else None,
        }


def modest(sizes: Iterable) -> bool:
    """Whether an array of these sizes may be an answer. One with nothing in it could have any, and say much by them."""
    product = 1
    for count, size in enumerate(sizes, 1):
        if type(size) is not int or size < 0 or count > 8:
            return False
        product *= max(size, 1)
    return product <= MOST_SIZES


def _line(code: str) -> str:
    return " ".join(code.split())[:MOST_TEXT]
