"""What a student reads: a page for every graded notebook.

Promise: one file that needs no network and runs no script, in which nothing of a student's can do harm and nothing of a
hidden test is told.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "converting": ["FeedbackOfOne"],
        "page": ["FeedbackPage", "Grades", "fingerprint_of", "message_of", "nothing_yet", "page_environment"],
    },
)
