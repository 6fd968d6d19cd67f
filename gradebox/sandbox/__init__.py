"""The border: walls and limits around student code, the values that may cross, the trusted handle on its process.

Promise: what comes back is a claim by the student's code, read as plain data and never as code; and a process that
breaks a limit is stopped.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "clock": ["FairClock"],
        "doors": ["Doors"],
        "errors": ["StudentError", "StudentGone", "StudentTooSlow", "student_error", "told_of"],
        "familiar": ["Familiar", "modest"],
        "handle": [
            *("Handle", "call_and_return_arguments", "data_read_by", "is_instance", "is_subclass", "number_of"),
            *("type_of", "watching"),
        ],
        "parent": ["WarmParent"],
        "student": ["Student"],
        "walls": ["MIB", "Sandbox", "SandboxError", "environment"],
    },
)
