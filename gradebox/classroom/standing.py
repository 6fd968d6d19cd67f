"""A submission's rows in the gradebook when it is graded again: what a person gave stands, and what waits for one."""

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Standing:
    """What a graded cell has earned."""

    auto: float | None = None  # the machine's points; None: it cannot tell
    manual: float | None = None  # a person's, which count instead
    extra: float | None = None
    waits: bool = True  # for a grade by hand

    @property
    def mark(self) -> float:
        """As nbgrader's Grade.score."""
        return (self.manual if self.manual is not None else self.auto or 0.0) + (self.extra or 0.0)

    def again(self, points: float | None, same: Callable[[], bool]) -> "Standing":
        """When the machine has graded it again.

        same -- whether the person who graded it saw the exercise and the answer as they are now
        """
        if self.manual is None:
            return replace(self, auto=points, waits=points is None)
        return replace(self, auto=points, waits=self.waits or points != self.auto or not same())


@dataclass(frozen=True)
class Book:
    """One submitted notebook's rows."""

    id: str
    penalty: float | None
    grades: dict[str, Standing]  # by grade_id

    @property
    def score(self) -> float:
        return sum(each.mark for each in self.grades.values())


def nobody_saw(grade_id: str) -> bool:
    return False


@dataclass(frozen=True)
class Marked:
    """The machine's part of one submitted notebook's rows."""

    scores: dict[str, float | None]
    comments: dict[str, str | None]
    same: Callable[[str], bool] = nobody_saw  # by grade_id; see `classroom.seen`
    gone: bool = False  # the notebook was not handed in

    def over(self, book: Book) -> Book:
        """The rows as they are to be, the penalty aside."""
        grades = dict(book.grades)
        for name, points in self.scores.items():
            before = grades.get(name, Standing())
            if self.gone:
                grades[name] = replace(before, auto=points, waits=False)
            else:
                grades[name] = before.again(points, lambda name=name: self.same(name))
        return replace(book, grades=grades)
