"""Which questions may decide a test: those that the instructor's own solution was asked at the same place.

An object of the student's may answer ``==`` with yes whatever it is compared with. Where a test is about such objects,
its author wants that ``==``; where it is about a number, nobody wants to ask. The rehearsal tells the two apart: it
notes for every line of a test which of these questions were asked there, and about what. With a submission a question
that was not asked there stays unasked, and the object is what it would be without it: equal to nothing but itself.
"""

import sys
from collections.abc import Collection


class Doors:
    """The questions that are open in a notebook's tests.

    known -- those of the rehearsal; None while it is under way, when all are open and noted in ``used``
    cell  -- the cell that runs
    """

    def __init__(self, known: Collection[str] | None = ()):
        self.known = None if known is None else frozenset(known)
        self.used: set[str] = set()
        self.cell = ""

    def open(self, question: str, anywhere: bool = False) -> bool:
        """Whether a question may be asked at this line of the cell; with ``anywhere`` at any line of it."""
        door = f"{self.cell}:{0 if anywhere else self._line()}:{question}"
        if self.known is None:
            self.used.add(door)
            return True
        return door in self.known

    def _line(self) -> int:
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != f"<{self.cell}>":
            frame = frame.f_back
        return frame.f_lineno if frame is not None else 0
