"""Time as a submission is charged for it: a busy machine is nobody's mistake."""

import time
from collections.abc import Callable, Hashable

from gradebox.untrusted import waited


class FairClock:
    """A clock that stands still while this process or one that it was told of waits for a processor.

    most -- seconds that it may stand still for in all, or who starves itself would have no end
    """

    def __init__(self, most: float):
        self.most = most
        self.stood = 0.0
        self.told: dict[Hashable, float] = {"self": waited("self")}  # by process: seconds that it has waited so far

    def now(self) -> float:
        """Seconds, never more than on time.monotonic's clock."""
        self.tell("self", waited("self"))
        return time.monotonic() - self.stood

    def tell(self, process: Hashable, seconds: float) -> None:
        """How long a process has waited since it began."""
        more = max(0.0, seconds - self.told.get(process, 0.0))
        self.told[process] = self.told.get(process, 0.0) + more
        self.stood = min(self.most, self.stood + more)

    def past(self, deadline: float, ask: Callable[[], object]) -> bool:
        """Whether a deadline has passed.

        ask -- has the clock told how long others have waited, which is of use only where the time is nearly up
        """
        if time.monotonic() <= deadline:
            return False
        ask()
        return self.now() > deadline
