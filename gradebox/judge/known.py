"""What is known of a notebook when a submission is graded, and what a rehearsal finds out on its way."""

from dataclasses import dataclass, field

from gradebox.judge.exposure import Exposure
from gradebox.judge.plan import APART, Plan
from gradebox.sandbox import Doors


@dataclass
class Known:
    """By a rehearsal, but for the modules.

    doors    -- what it has found open, see `sandbox.doors`; nothing if not given
    plan     -- which tests run together with the student's code
    modules  -- of the course, for those tests; the others import them from memory
    pictures -- of figures that need not be drawn again, see `untrusted.pictures`
    exposure -- set while it is rehearsed: notes what tests change for the student's code
    """

    doors: Doors = field(default_factory=Doors)
    plan: Plan = APART
    modules: dict[str, bytes] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    exposure: Exposure | None = None
