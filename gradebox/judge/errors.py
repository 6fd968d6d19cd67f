"""What may be wrong with the instructor's own work."""


class CourseError(Exception):
    """Something in the course folder needs the instructor's hand. The message is one line that says what to do."""


class AuthorError(Exception):
    """The instructor's own notebook does not pass its own tests. The message says which, and why."""
