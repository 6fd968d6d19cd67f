"""Which of a notebook's tests run apart from the student's code, and which together with it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Plan:
    """What a rehearsal has learnt; see `judge.rehearsal`.

    together -- grade_ids of the tests that run in the student's process, after its cells, as in stock nbgrader
    whole    -- both runs have all tests, since tests leave each other what they need; each counts in its own only
    """

    together: frozenset[str] = frozenset()
    whole: bool = False

    def runs_apart(self, test: str) -> bool:
        return self.whole or test not in self.together

    def runs_together(self, test: str) -> bool:
        return self.whole or test in self.together

    def as_json(self) -> dict:
        return asdict(self) | {"together": sorted(self.together)}

    @classmethod
    def from_json(cls, plan: dict) -> "Plan":
        return cls(frozenset(plan["together"]), plan["whole"])


APART = Plan()
