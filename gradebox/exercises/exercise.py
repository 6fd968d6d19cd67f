"""An exercise: its truth, its hidden cases, the mistakes that students make; and the test of an answer.

An `Exercise` holds what the hidden tests of one exercise need: an independent oracle, the cases, and the mistakes that
students are known to make (`mistakes/` has one module per notebook). A hidden test cell says

    exercise.check("general", maxpool)

and passes, or stops with what differs and, where the answer is a known mistake's, its diagnosis. Neither the expected
values nor the hidden inputs are ever printed. Runs in the judge; what it gets of the student's is a copy or a handle.
It works just as well on plain functions, where stock nbgrader runs the tests.
"""

import copy
import inspect
import itertools
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from gradebox.exercises.comparing import array_of_list, cannot_cross, comparable, difference, reading, same
from gradebox.exercises.crashes import crash_of
from gradebox.exercises.diagnosing import Answers, hint
from gradebox.exercises.mistakes import Mistake, applied, edited, in_pairs, in_part, text_of
from gradebox.judge import recall
from gradebox.sandbox import Handle, StudentError, call_and_return_arguments, watching

PARTS = ("values", "general")
NAMES = re.compile(r"'\w+' object|[\w.]+\(\)")


class WrongAnswer(AssertionError):
    """An answer is not right. The message says in what way, for which case, and the diagnosis if there is one.

    An exercise's ``ask`` may raise it with a sentence of its own, which the student reads: no hidden numbers in it, and
    nothing of what their code has answered, which may be one.
    """


class Case:
    """One question put to an answer.

    label -- says which, in words that may be shown: sizes, no numbers
    view  -- what of the answer, and of the truth, is compared; all of it if not given

    An exercise's own class of cases may name ``traits``: words for a kind of case ("square images") -> whether a case
    is one. Answers that are right for one kind only are told so; the likelier first.
    """

    traits: ClassVar[dict[str, Callable[["Case"], bool]]] = {}

    def __init__(self, label: str, *args: Any, view: Callable[[Any], Any] = lambda answer: answer, **kwargs: Any):
        self.label, self.args, self.kwargs, self.view = label, args, kwargs, view


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a value, or an error.

    over_answer -- it was raised here, over what another process had answered
    """

    value: Any = None
    error: Exception | None = None
    over_answer: bool = False

    def raised(self) -> str:
        """The error in words, as Python ends a traceback."""
        return f"{self.kind}: {self.error}"

    def told(self) -> str:
        """As much of that as may be told: what their code says may hold what it was called with."""
        message = self.error.told if isinstance(self.error, StudentError) else str(self.error)
        return f"{self.kind}: {message}" if message and not self.over_answer else f"{self.kind}."

    @property
    def kind(self) -> str:
        return self.error.ename if isinstance(self.error, StudentError) else type(self.error).__name__


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """How a case is put to a function: by calling it."""
    return function(*args, **kwargs)


def made(answer: Any, *args: Any, **kwargs: Any) -> Any:
    """How a case is put to a cell that is no function: what the cell has made is the answer.

    A mistake then is a function of what the cell starts from, and returns what the cell would make of it.
    """
    return answer


def slip_in(exercises: Iterable["Exercise"], *about: Any, **options: Any) -> None:
    """The same slip in several exercises, see `Exercise.slip`."""
    for exercise in exercises:
        exercise.slip(*about, **options)


@dataclass
class Exercise:
    """Oracle, hidden cases and known mistakes of one exercise.

    name      -- the exercise's grade_id; ``<name>-values`` and ``<name>-general`` are its hidden test cells
    truth     -- takes the arguments of a case, returns the right answer
    values    -- cases at the notebook's own sizes; general -- cases of other sizes and kinds
    reference -- the answer as a student would write it, equal to the truth: slips are edits of its text
    ask       -- how a case is put to what the student wrote: called with that and the case's arguments
    without   -- libraries a right answer may not call
    cell      -- grade_id of the cell a student writes the answer into, if it is not the exercise's name
    accepts   -- other readings of the text that earn the points, too: pair, extra-axis, transposed
    pairs     -- ids of two slips each that the visible check is to know together; the hidden tests know all pairs
    atol      -- largest difference that still counts as equal; a relative difference of the same size does too
    """

    name: str
    truth: Callable[..., Any]
    values: Sequence[Case]
    general: Sequence[Case]
    reference: Any = None
    ask: Callable[..., Any] = call
    without: Sequence[str] = ("torch", "scipy")
    cell: str = ""
    accepts: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()
    atol: float = 1e-6
    mistakes: list[Mistake] = field(default_factory=list)

    @cached_property
    def reference_text(self) -> str:
        return text_of(self.reference)

    def slip(
        self, name: str, diagnosis: str, changes: dict[str, str], costs: Iterable[str] = PARTS, times: int = 1
    ) -> None:
        """A mistake that is an edit of the reference.

        changes -- what is replaced by what; each text has to occur exactly ``times`` times in the reference

        Raises ValueError if one does not, or changes nothing, or the name is taken.
        """
        try:
            edits = edited(self.reference_text, changes, times)
        except ValueError as error:
            raise ValueError(f"{self.name}, slip {name}: {error}") from None
        text = applied(self.reference_text, edits)
        self._add(Mistake(name, diagnosis, tuple(costs), text, self.reference.__module__, edits))

    def mistake(self, diagnosis: str, costs: Iterable[str] = PARTS) -> Callable[[Any], Any]:
        """Decorator: this function (or class) is a mistake that no edit says; its name in words is the mistake's id."""

        def add(code: Any) -> Any:
            name = code.__name__.replace("_", "-")
            self._add(Mistake(name, diagnosis, tuple(costs), code, code.__module__))
            return code

        return add

    def _add(self, mistake: Mistake) -> None:
        if any(mistake.name == other.name for other in self.mistakes):
            raise ValueError(f"{self.name}: two mistakes are called {mistake.name}")
        self.mistakes.append(mistake)

    @cached_property
    def derived(self) -> list[Mistake]:
        """Slips that are made in one of their places only, and every two that can be made together."""
        if self.reference is None:
            return []
        return [how for variants in (in_part, in_pairs) for how in variants(self.mistakes, self.reference_text)]

    def pairs_to_tell(self) -> list[Mistake]:
        """The pairs for the visible check. Raises ValueError for one that there is not."""
        known = {mistake.name: mistake for mistake in self.derived}
        names = [" + ".join(pair) for pair in self.pairs]
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"{self.name}: there is no pair {unknown[0]}")
        return [known[name] for name in names]

    # --- the test -------------------------------------------------------------------------------------------------

    def check(self, part: str, code: Any, *given: Any) -> None:
        """Test what a student wrote on the cases of a part. Raises WrongAnswer with the first thing that is wrong.

        given -- what the cases are about, where only the notebook can tell; takes the place of their arguments
        """
        for asked in self.cases(part, given):
            with watching(code, self.without) as seen:
                outcome, after = self.outcome(code, asked)
            complaint = self.complaint(outcome, asked)
            if complaint and not self._accepted(outcome, asked):
                where = f" ({asked.label})" if asked.label else ""
                told = hint(self, Answers(self, code, given, {asked.label: outcome}), part)
                raise WrongAnswer(complaint + where + told) from outcome.error
            for library, caller in seen.items():
                where = f", called in `{caller}`" if caller else ""
                raise WrongAnswer(
                    f"The numbers are right, but they come from {library}{where}. This exercise is to be solved "
                    "without it."
                )
            if part == "general" and (changed := self._changed(asked, after)):
                raise WrongAnswer(
                    f"The result is right, but your function changes its argument {changed} in place, and with it an "
                    "array that is not its own. Work on a copy."
                )

    def cases(self, part: str, given: tuple = ()) -> list[Case]:
        """The cases of a part, about what the notebook gave where that is asked for."""
        return [type(case)(case.label, *given, view=case.view) if given else case for case in getattr(self, part)]

    def outcome(self, code: Any, case: Case) -> tuple[Outcome, tuple]:
        """What the code makes of a case, and the arguments as they are then. The case itself stays as it is."""
        args, kwargs = case.args, case.kwargs
        if not (isinstance(code, Handle) and self.ask is call):  # which gets copies in any case
            args, kwargs = copy.deepcopy((args, kwargs))
        after = args
        try:
            if self.ask is call:
                value, after, _ = call_and_return_arguments(code, *args, **kwargs)
            else:
                value = self.ask(code, *args, **kwargs)
            outcome = Outcome(value if value is None or isinstance(value, Handle) else case.view(value))
        except NotImplementedError:
            raise  # nothing is written yet
        except Exception as error:  # whatever the student's code raises is its outcome
            outcome = Outcome(None, error, isinstance(code, Handle) and not isinstance(error, StudentError))
        return outcome, after

    def _accepted(self, outcome: Outcome, case: Case) -> bool:
        read = reading(outcome.value, self.right(case), self.atol) if outcome.error is None else None
        return read is not None and read[0] in self.accepts

    def _changed(self, case: Case, after: tuple) -> str:
        """Names of the arguments that are not as they were, for a sentence; empty if there are none."""
        names = inspect.signature(self.truth).parameters
        given = zip(names, case.args, after, strict=False)
        changed = [name for name, old, new in given if comparable(old) and not same(old, new)]
        return " and ".join(f"`{name}`" for name in changed)

    def complaint(self, outcome: Outcome, case: Case) -> str:
        """What is wrong with an outcome, as a sentence; empty if nothing."""
        if isinstance(outcome.error, WrongAnswer):
            return str(outcome.error)
        if outcome.error is not None:
            return cannot_cross(outcome.error) or f"It stopped with {outcome.told()}"
        return difference(outcome.value, self.right(case), self.atol)

    def right(self, case: Case) -> Any:
        """The right answer, as far as it is compared. Asked for once: the rehearsal asks for all judges to come."""

        def ask() -> Any:
            args, kwargs = copy.deepcopy((case.args, case.kwargs))
            return case.view(self.truth(*args, **kwargs))

        if case in self.values or case in self.general:
            return recall((getattr(self.truth, "__module__", ""), self.name, case.label), ask)
        return ask()  # it is about what the notebook gave

    def called_as(self) -> str:
        """How a student's function is called, for a sentence; of a class, what it is made with."""
        wanted = self.reference or self.truth
        name = wanted.__name__ if inspect.isclass(wanted) else self.name.replace("-", "_")
        return f"{name}{inspect.signature(wanted)}"

    # --- what the diagnosis needs ---------------------------------------------------------------------------------

    def mistaken(self, mistake: Mistake, case: Case) -> Outcome:
        """What a mistake makes of a case."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if self.ask is not made:
                return self.outcome(mistake.code, case)[0]
            try:
                return self.outcome(mistake.code(*copy.deepcopy(case.args)), case)[0]
            except Exception as error:  # as in outcome
                return Outcome(error=error)

    def agree(self, one: Outcome, other: Outcome) -> bool:
        """Whether two outcomes are the same: equal values, or errors when the same was computed."""
        if one.error is None and other.error is None:
            listed = array_of_list(one.value)  # a list of numbers counts as an array
            alike = same(one.value, other.value, self.atol)
            return alike or (listed is not None and same(listed, other.value, self.atol))
        if one.error is None or other.error is None:
            return False
        crashes = crash_of(one.error), crash_of(other.error)
        if all(crash.located for crash in crashes):
            return crashes[0].like(crashes[1])
        # In the same words, but for the names of the class or function they are about.
        return len({NAMES.sub("", outcome.raised()) for outcome in (one, other)}) == 1

    # --- for the author -------------------------------------------------------------------------------------------

    def problems(self) -> list[str]:
        """What is wrong with the exercise itself, a sentence each. The tests want none."""
        cases = [*self.values, *self.general]
        for case in cases:
            try:
                self.right(case)
            except Exception as error:  # for the author to read
                return [f"{self.name}: the oracle raises {type(error).__name__}: {error} ({case.label})"]
        labels = [case.label for case in cases]
        found = [f"{self.name}: two cases are called '{label}'" for label in {*labels} if labels.count(label) > 1]
        for mistake in self.mistakes:
            for part in PARTS:
                wrong = any(self.complaint(self.mistaken(mistake, case), case) for case in getattr(self, part))
                if wrong != (part in mistake.costs):
                    found.append(
                        f"{self.name}: {mistake.name} is {'wrong' if wrong else 'right'} on the cases of '{part}', but "
                        f"is said to cost {' and '.join(mistake.costs)}"
                    )
        found += self.problems_of_the_reference(cases) + self.problems_of_the_traits(cases)
        outcomes = {mistake.name: [self.mistaken(mistake, case) for case in cases] for mistake in self.mistakes}
        found += [
            f"{self.name}: no case tells {one} from {other}"
            for one, other in itertools.combinations(outcomes, 2)
            if all(map(self.agree, outcomes[one], outcomes[other]))
        ]
        return found

    def problems_of_the_reference(self, cases: Sequence[Case]) -> list[str]:
        if self.reference is None:
            return []
        right = Mistake("reference", "", (), self.reference_text, self.reference.__module__)
        return [
            f"{self.name}: the reference is not the truth: {complaint} ({case.label})"
            for case in cases
            if (complaint := self.complaint(self.mistaken(right, case), case))
        ]

    def problems_of_the_traits(self, cases: Sequence[Case]) -> list[str]:
        if len({type(case) for case in cases}) > 1:
            return [f"{self.name}: its cases are of several classes, with traits of their own"]
        found = []
        for case in cases:
            for name, holds in case.traits.items():
                try:
                    holds(case)
                except Exception as error:  # for the author to read
                    found.append(f"{self.name}: '{name}' cannot be told of a case: {error!r} ({case.label})")
        return found
