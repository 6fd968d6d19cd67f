"""What hidden tests and a course's ``mistakes/`` import; the code is in `gradebox.exercises`."""

from gradebox.exercises import *  # noqa: F403
