"""A whole assignment: find submissions, hand them out, write what comes back, report.

Promise: every submission ends as graded, graded after repair, or refused with a reason, exactly once, however often the
run is killed; and none stops the others.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "asked": ["Asked", "Fit", "asked_for"],
        "classroom": ["Classroom"],
        "commands": ["AutogradeApp"],
        "diagnoses": ["UNKNOWN", "class_table", "counted", "told"],
        "files": ["Log", "the_only_writer"],
        "grading": ["REFUSED", "REPAIRED"],
        "joining": ["add_lines", "course_table", "missing_lines", "rehearsed_course"],
        "migrating": ["empty_gradebook", "migrate"],
        "opening": ["open_gradebook"],
        "report": ["Report", "show"],
        "watch_command": ["WatchApp"],
        "workers": ["executor"],
    },
)
