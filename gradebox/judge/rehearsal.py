"""What a rehearsal shows: which tests can run apart from the student's code, and what the instructor ought to know.

The instructor's notebook is graded solved and blank: apart, together, and by stock nbgrader. A test runs apart where
that gives both what stock gives them, together where only that does, or where apart proves nothing: what the test
changes would reach the student's code, or it does not even give the instructor's everything. Nothing is guessed from a
test's text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader.utils import is_solution

from gradebox.judge.cells import points_of
from gradebox.judge.errors import AuthorError
from gradebox.judge.plan import APART, Plan
from gradebox.judge.stock import Stock

EXPOSED = "it changes what the student's code would see of libraries, built-ins or settings"
Marks = dict[str, float]  # grade_id -> points


@dataclass
class Run:
    """One notebook graded once."""

    marks: Marks
    errors: dict[str, str] = field(default_factory=dict)  # by cell that raised

    def error(self, test: str) -> str:
        """Why a test did not give everything."""
        return self.errors.get(test, "too few points")


@dataclass
class Rehearsal:
    """Finds a plan for one notebook.

    source -- the instructor's notebook
    grade  -- grades a notebook by a plan
    stock  -- stock nbgrader; None where everything has to run apart and to earn everything
    """

    source: NotebookNode
    grade: Callable[[NotebookNode, Plan], Run]
    stock: Stock | None
    warnings: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)  # by test that runs together

    def plan(self, first: Run, again: Run, exposed: set[str]) -> Plan:
        """The plan, after two runs of the instructor's notebook apart; fills ``warnings``. Raises AuthorError.

        exposed -- tests that change something for the student's code, see `judge.exposure`
        """
        self.points = points_of(self.source)
        lost = [test for test, points in self.points.items() if first.marks[test] < points]
        if self.stock is None and lost:
            raise AuthorError(f"The instructor's own solution fails the test '{lost[0]}': {first.error(lost[0])}")
        for test in self.points:
            if first.marks[test] != again.marks[test]:
                error = first.errors.get(test) or again.error(test)
                self.warnings.append(
                    f"the test '{test}' gave the instructor's own notebook {first.marks[test]:g} points, and "
                    f"{again.marks[test]:g} when it was graded again: it depends on chance ({error})"
                )
        for cell in self.source.cells:
            if is_solution(cell) and (error := first.errors.get(cell.metadata.nbgrader.grade_id)):
                name = cell.metadata.nbgrader.grade_id
                self.warnings.append(f"the instructor's own solution cell '{name}' raises: {error}")
        if self.stock is None:
            return APART
        if not self.stock.allow:
            return self.refusing(first, lost, exposed)
        not_all = "it does not give the instructor's own notebook everything, so nothing shows that it works apart"
        return self.compared(first, dict.fromkeys(lost, not_all) | dict.fromkeys(exposed, EXPOSED))

    def refusing(self, apart: Run, lost: list[str], exposed: set[str]) -> Plan:
        """Everything apart, although some tests do not earn all there is: as long as stock gives them no more."""
        stock = self.stock.marks(self.source) if lost else {}
        for test in lost:
            if stock.get(test, 0.0) > apart.marks[test]:
                raise AuthorError(
                    f"The test '{test}' cannot run apart from the student's code, and c.Judge.together is 'refuse'. "
                    f"The instructor's own notebook gets {self.of(apart, test)}, by stock nbgrader {stock[test]:g}: "
                    f"{apart.error(test)}"
                )
            self.tell(test, apart, stock)
        if exposed:  # asked last: what did not come to its end may leave anything
            raise AuthorError(
                f"The test '{min(exposed)}' has to run together with the student's code, since {EXPOSED}; and "
                "c.Judge.together is 'refuse'."
            )
        return APART

    def compared(self, apart: Run, doubtful: dict[str, str]) -> Plan:
        """Apart or together, by what stock gives.

        doubtful -- tests of which the instructor's notebook does not show that they work apart, whatever they give,
                    and why
        """
        blank = self.stock.blank(self.source)
        stock = self.stock.marks(self.source), self.stock.marks(blank)
        runs = apart, self.grade(blank, APART)
        differ = [test for test in self.points if test in doubtful or not same(runs, stock, test)]
        if not differ:
            return APART
        every = Plan(frozenset(self.points))
        joined = self.grade(self.source, every), self.grade(blank, every)
        together = frozenset(test for test in differ if self.better_together(test, runs, joined, stock))
        for test in self.points:
            self.tell(test, joined[0] if test in together else apart, stock[0])
            if test in together:
                unlike = (
                    f"apart it gives {runs[0].marks[test]:g} points solved and {runs[1].marks[test]:g} blank, in one "
                    f"namespace {stock[0].get(test, 0.0):g} and {stock[1].get(test, 0.0):g}: "
                    f"{apart.errors.get(test) or runs[1].error(test)}"
                )
                self.why[test] = doubtful[test] if same(runs, stock, test) else unlike
        plan = Plan(together)
        if together and together != every.together:
            for notebook, alone, with_it in zip((self.source, blank), runs, joined, strict=True):
                expected = {test: (with_it if test in together else alone).marks[test] for test in self.points}
                if self.grade(notebook, plan).marks != expected:
                    plan = Plan(together, whole=True)
        return plan

    def better_together(
        self, test: str, apart: tuple[Run, Run], together: tuple[Run, Run], stock: tuple[Marks, Marks]
    ) -> bool:
        """Whether to run a test together that does not get from us apart what stock gives it. Raises AuthorError."""
        if same(together, stock, test):
            return True
        if same(apart, stock, test):
            return False
        solved, blank = (marks.get(test, 0.0) for marks in stock)
        if apart[0].marks[test] < solved and together[0].marks[test] < solved:
            raise AuthorError(
                f"The test '{test}' gives the instructor's own notebook {solved:g} points in stock nbgrader, and here "
                f"{self.of(apart[0], test)} ({apart[0].error(test)}), together with the student's code "
                f"{together[0].marks[test]:g} ({together[0].error(test)})."
            )
        alone = apart[0].marks[test] >= solved and apart[1].marks[test] <= blank
        chosen = apart if alone else together
        self.warnings.append(
            f"the test '{test}' gives the instructor's notebook {chosen[0].marks[test]:g} points and the blank one "
            f"{chosen[1].marks[test]:g}; in stock nbgrader it is {solved:g} and {blank:g}"
        )
        return not alone

    def tell(self, test: str, run: Run, stock: Marks) -> None:
        if run.marks[test] < self.points[test]:
            self.warnings.append(
                f"the test '{test}' gives the instructor's own notebook {self.of(run, test)} points (stock nbgrader: "
                f"{stock.get(test, 0.0):g}): {run.error(test)}"
            )

    def of(self, run: Run, test: str) -> str:
        return f"{run.marks[test]:g} of {self.points[test]:g}"


def same(runs: tuple[Run, Run], stock: tuple[Marks, Marks], test: str) -> bool:
    return all(run.marks[test] == marks.get(test, 0.0) for run, marks in zip(runs, stock, strict=True))
