"""What a wrong answer is told: the slip, or the two slips, that give the very same answers.

Looked up only for an answer that is wrong. It may ask the student's code about other cases, as long as that answers
quickly.
"""

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradebox.exercises.comparing import as_array
from gradebox.exercises.crashes import crash_of, explained
from gradebox.exercises.patterns import in_which_cases, in_which_places
from gradebox.sandbox import data_read_by

if TYPE_CHECKING:
    from gradebox.exercises.exercise import Case, Exercise, Outcome
    from gradebox.exercises.mistakes import Mistake

MOST_SENTENCES = 2
MOST_SECONDS = 1.0  # for looking through the pairs, some hundreds
SLOW = 2.0  # seconds: code that takes longer for a case is not asked for the sake of a hint again


class Answers:
    """What a student's code makes of the cases of an exercise; each is asked when it is needed, and once."""

    def __init__(self, exercise: "Exercise", code: Any, given: tuple, known: dict[str, "Outcome"]):
        self.exercise, self.code, self.given = exercise, code, given
        self._known = dict(known)
        self._patient = True

    def to(self, cases: Iterable["Case"]) -> dict[str, "Outcome"]:
        """Outcomes by the labels of the cases, less those that would take too long."""
        for case in cases:
            if case.label not in self._known and self._patient:
                begin = time.monotonic()
                self._known[case.label], _ = self.exercise.outcome(self.code, case)
                self._patient = time.monotonic() - begin < SLOW
        return {case.label: self._known[case.label] for case in cases if case.label in self._known}


def hint(exercise: "Exercise", answers: Answers, part: str) -> str:
    """What an answer that is wrong in this part is told besides, on a line of its own; empty if nothing helps."""
    mistake = known_mistake(exercise, answers, part)
    sentences = [mistake.diagnosis] if mistake else explanation(exercise, answers, part)
    if read := data_read_by(answers.code):
        names = " and ".join(f"`{name}`" for name in read[:4])
        sentences.append(f"Your code reads {names} from the notebook; everything it needs is in its arguments.")
    return f"\nHint: {' '.join(sentences)}" if sentences else ""


def explanation(exercise: "Exercise", answers: Answers, part: str) -> list[str]:
    """What can be said of an answer that no slip explains: of its error, else of its cases and its numbers."""
    cases = [case for each in ("values", "general") for case in exercise.cases(each, answers.given)]
    outcomes = answers.to(cases)
    mine = [outcomes[case.label] for case in exercise.cases(part, answers.given) if case.label in outcomes]
    error = next((outcome.error for outcome in mine if outcome.error), None)
    said = []
    if error is not None:
        said.append(explained(crash_of(error, answers.code), exercise.called_as()))
    if len(outcomes) == len(cases):
        right = {case.label: not exercise.complaint(outcomes[case.label], case) for case in cases}
        wrong = [case for case in cases if not right[case.label]]
        said.append(in_which_cases([case for case in cases if right[case.label]], wrong))
        if not any(outcomes[case.label].error for case in wrong):
            pairs = [(outcomes[case.label].value, exercise.right(case)) for case in wrong]
            said.append(in_which_places(pairs, exercise.atol))
    return [sentence for sentence in said if sentence][:MOST_SENTENCES]


def known_mistake(exercise: "Exercise", answers: Answers, part: str) -> "Mistake | None":
    """The mistake that answers all cases of a part as this code does; if there is none, a slip in part, or two slips.

    Of several mistakes one that agrees on all other cases as well, and of those the one that is wrong most often.
    """
    cases = exercise.cases(part, answers.given)
    suspects = agreeing(exercise, exercise.mistakes, cases, answers)
    if len(suspects) > 1:
        others = [case for other in ("values", "general") for case in exercise.cases(other, answers.given)]
        suspects = agreeing(exercise, suspects, others, answers) or suspects
        return max(suspects, key=lambda mistake: wrong_on(exercise, mistake, others))
    if suspects:
        return suspects[0]
    derived = agreeing(exercise, exercise.derived, cases, answers, MOST_SECONDS)
    return next((each for each in derived if tells(exercise.mistaken(each, case) for case in cases)), None)


def agreeing(
    exercise: "Exercise",
    mistakes: Sequence["Mistake"],
    cases: Sequence["Case"],
    answers: Answers,
    seconds: float = float("inf"),
) -> list["Mistake"]:
    """Mistakes with the same outcome as the answer on every one of these cases; the answer to the first is known.

    seconds -- of the processor's time, after which no more of them are looked at
    """
    suspects, end = list(mistakes), time.process_time() + seconds
    for case in cases:
        if suspects and (known := answers.to([case])):
            outcome = known[case.label]
            suspects = [
                each
                for each in suspects
                if time.process_time() < end and exercise.agree(outcome, exercise.mistaken(each, case))
            ]
    return suspects


def wrong_on(exercise: "Exercise", mistake: "Mistake", cases: Sequence["Case"]) -> int:
    return sum(bool(exercise.complaint(exercise.mistaken(mistake, case), case)) for case in cases)


def tells(outcomes: Iterable["Outcome"]) -> bool:
    """Whether any outcome holds numbers that are not there by chance: two slips at once end in many empty ways."""
    arrays = [as_array(outcome.value) for outcome in outcomes if outcome.error is None]
    return any(
        array is not None and array.dtype.kind in "fiuc" and np.any(np.isfinite(array) & (array != 0))
        for array in arrays
    )
