"""What a course's nbgrader_config.py adds to its release; the code is in `gradebox.course`."""

from gradebox.course import ColabBadge, ExamMode

__all__ = ["ColabBadge", "ExamMode"]
