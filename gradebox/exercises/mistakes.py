"""What students get wrong, written as slips: an edit of a right solution, one sentence, what it costs.

    center.slip("means-of-rows", "Every column has a mean of its own: which axis?", {"axis=0": "axis=1"})

reads: where the reference says ``axis=0`` this student says ``axis=1``. Slips that touch different places can be made
together. What no edit says is written out as a function.
"""

import inspect
import linecache
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

IN_PART = "That is so in one place only."


@dataclass(frozen=True)
class Edit:
    """From ``start`` to ``end`` of a text stands ``new`` instead."""

    start: int
    end: int
    new: str

    def touches(self, other: "Edit") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Mistake:
    """A wrong variant that students write.

    name      -- its id
    diagnosis -- a sentence about it that points to the idea and does not hand out the solution
    costs     -- parts of the exercise that it loses
    written   -- the function or class that stands in the place of the right one; of a slip, its text
    module    -- whose names the text may use
    edits     -- of the reference, that make the text of a slip
    """

    name: str
    diagnosis: str
    costs: tuple[str, ...]
    written: Any = field(repr=False)
    module: str = field(repr=False)
    edits: tuple[Edit, ...] = field(default=(), repr=False)

    @cached_property
    def code(self) -> Any:
        """The function or class; a slip's is made when it is first asked for."""
        return made_of(self.written, self.module, self.name) if isinstance(self.written, str) else self.written

    @property
    def text(self) -> str:
        return self.written if isinstance(self.written, str) else text_of(self.written)


def made_of(text: str, module: str, name: str) -> Any:
    """The one function or class that a text defines, among the names of a module."""
    file = f"<cell {name} of {module}>"  # as a student's, so that its errors are accounted for like theirs
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    defined: dict[str, Any] = {}
    exec(compile(text, file, "exec"), vars(sys.modules[module]), defined)
    (made,) = defined.values()
    return made


def text_of(code: Any) -> str:
    """How a function or class is written, without its decorators."""
    text = textwrap.dedent(inspect.getsource(code))
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(("def ", "class ")))
    return "\n".join(lines[first:]) + "\n"


def edited(text: str, changes: dict[str, str], times: int) -> tuple[Edit, ...]:
    """The places of some changes in a text. Raises ValueError with what is wrong with one of them."""
    edits = []
    for old, new in changes.items():
        if old == new:
            raise ValueError(f"{old!r} becomes itself")
        if (found := text.count(old)) != times:
            raise ValueError(f"{old!r} is {found} times in the reference, not {times} times")
        start = -1
        for _ in range(times):
            start = text.index(old, start + 1)
            edits.append(Edit(start, start + len(old), new))
    return tuple(sorted(edits, key=lambda edit: edit.start))


def applied(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def in_part(mistakes: Sequence[Mistake], reference: str) -> Iterator[Mistake]:
    """Slips that change several places of the reference, made in one of these places only."""
    for mistake in mistakes:
        for number, edit in enumerate(mistake.edits if len(mistake.edits) > 1 else (), 1):
            yield Mistake(
                f"{mistake.name} ({number} of {len(mistake.edits)})",
                f"{mistake.diagnosis} {IN_PART}",
                mistake.costs,
                applied(reference, [edit]),
                mistake.module,
                (edit,),
            )


def in_pairs(mistakes: Sequence[Mistake], reference: str) -> Iterator[Mistake]:
    """Every two slips that touch different places of the reference, made together."""
    for one, other in combinations([mistake for mistake in mistakes if mistake.edits], 2):
        if not any(edit.touches(another) for edit in one.edits for another in other.edits):
            edits = one.edits + other.edits
            yield Mistake(
                f"{one.name} + {other.name}",
                f"{one.diagnosis} {other.diagnosis}",
                tuple(dict.fromkeys(one.costs + other.costs)),
                applied(reference, edits),
                one.module,
                edits,
            )
