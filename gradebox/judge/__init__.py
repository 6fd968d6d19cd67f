"""The trusted side of one notebook: runs the tests, asks the student's process, gives the marks.

Promise: a test earns its points only when it ran here to its end without an error, whatever the submission does; and
no submission sees what another one left.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cells": ["points_of"],
        "comparison": ["MAX_NUMBERS", "MIME"],
        "errors": ["AuthorError", "CourseError"],
        "execute": ["Execute", "Original", "warm_judge"],
        "files": ["MAX_FILES_MIB", "lay_out"],
        "graded": ["Graded"],
        "memory": ["recall"],
        "modules": ["course_modules", "imports_of_tests", "libraries", "not_installed"],
        "pipes": ["die_with_parent", "messages", "read_message", "write_message"],
        "plan": ["APART"],
        "proofs": ["Proof"],
        "settings": ["Judge", "judged_here", "settings_for"],
        "source": [
            "as_released",
            "read_notebook",
            "read_source",
            "released_texts",
            "whole_notebook",
        ],
        "stock": ["Stock", "executed"],
        "warm": ["JudgeError", "WarmJudge"],
    },
)
