"""What an exception in a student's function is told: their own line, the sizes in it, and what does not fit.

Sizes and the student's own words only: what the arrays hold stays hidden.
"""

from dataclasses import dataclass
from typing import Any

from gradebox.sandbox import StudentError
from gradebox.untrusted import account

MOST_TEXT = 200


@dataclass(frozen=True)
class Operand:
    text: str
    type: str
    shape: tuple[int, ...] | None

    def __str__(self) -> str:
        return f"`{self.text}`"

    def sized(self) -> str:
        """As ``a 3 × 4 array``."""
        if self.type == "array" and self.shape:
            return f"an array of shape {self.shape}"
        if self.type in ("array", "number"):
            return "a single number"
        if self.shape:
            return f"a {self.type} of length {self.shape[0]}"
        return "None" if self.type == "NoneType" else f"of type {self.type}"


@dataclass(frozen=True)
class Crash:
    """An error, and what the code was at."""

    error: str  # its type's name
    line: str
    kind: str
    operands: tuple[Operand, ...]
    similar: str

    def like(self, other: "Crash") -> bool:
        """Whether the same was computed with the same sizes, however it was written."""
        mine, theirs = ([(each.type, each.shape) for each in crash.operands] for crash in (self, other))
        return (self.error, self.kind, mine) == (other.error, other.kind, theirs)

    @property
    def located(self) -> bool:
        """Whether more is known than the line."""
        return any(each.shape is not None for each in self.operands)


def crash_of(error: Exception, code: Any = None) -> Crash:
    """What is known of an error; of a student's, what that side says."""
    if isinstance(error, StudentError):
        name, told = error.ename, error.account
    else:
        name, told = type(error).__name__, account(error, code)
    listed = told.get("operands")
    operands = tuple(map(operand_of, listed[:3])) if isinstance(listed, (list, tuple)) else ()
    line, kind, similar = (text(told.get(key)) for key in ("line", "kind", "similar"))
    return Crash(name, line, kind, operands, similar)


def operand_of(claim: Any) -> Operand:
    claim = claim if isinstance(claim, dict) else {}
    shape = claim.get("shape")
    sizes = isinstance(shape, (list, tuple)) and len(shape) <= 8 and all(type(size) is int for size in shape)
    return Operand(text(claim.get("text")), text(claim.get("type")), tuple(shape) if sizes else None)


def text(claim: Any) -> str:
    return " ".join(claim.split())[:MOST_TEXT] if type(claim) is str else ""


def explained(crash: Crash, wanted: str) -> str:
    """A sentence about an error; empty where there is nothing to add to what Python says.

    wanted -- how the function is called, as in its definition
    """
    why = reason(crash, wanted)
    if not crash.line:
        return why
    return f"In your line `{crash.line}`{': ' + why if why else ' something went wrong.'}"


def reason(crash: Crash, wanted: str) -> str:
    if not all(each.text for each in crash.operands):
        return ""  # see `sandbox.familiar`: it may not be told
    shapes = [each.shape for each in crash.operands]
    match crash.kind, crash.operands:
        case "product", [left, right] if left.shape and right.shape:
            return (
                f"{left} is {left.sized()}, {right} {right.sized()}. A matrix product takes as many columns on its "
                "left as rows on its right."
            )
        case "arithmetic", [left, right] if all(shapes) and shapes[0] != shapes[1]:
            return f"{left} is {left.sized()}, {right} {right.sized()}; number by number they do not fit together."
        case (("arithmetic" | "product"), [left, right]) if left.type and right.type:
            return f"{left} is {left.sized()}, {right} {right.sized()}."
        case "item", [value, index] if crash.error == "IndexError" and value.shape is not None:
            return f"{value} is {value.sized()}, and `{index.text}` reaches beyond it."
        case "item", [value, _] if value.type:
            return f"{value} is {value.sized()}."
        case "unpack", [names, values] if values.shape:
            return f"{values} is {values.sized()}, too many or too few for {names}."
        case "loop", [values] if values.type:
            return f"{values} is {values.sized()}: a loop goes over a list, an array or a range."
        case "name", [name]:
            return f"{name} does not exist there{f'; did you mean `{crash.similar}`?' if crash.similar else '.'}"
        case "attribute", [value, asked] if value.type:
            return f"{value} is {value.sized()}, and there is no {asked}."
        case "call", [_, *arguments] if any(each.type == "array" for each in arguments):
            return ", ".join(f"{each} is {each.sized()}" for each in arguments if each.type) + "."
        case "import", _:
            return "that library is not here; everything you need is imported at the top of the notebook."
        case "signature", [found] if found.text and crash.error == "TypeError":
            return f"The function is called as `{wanted}`; yours takes `{found.text}`."
    return ""
