"""What a course's nbgrader_config.py plugs in for nbgrader's own ``Execute``; the code is in `gradebox.judge`."""

from gradebox.judge import Execute

__all__ = ["Execute"]
