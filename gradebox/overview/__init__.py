"""The class at a glance: a page for every assignment, and an index of everybody's feedback pages.

Promise: what a page counts is what the gradebook, the log and the graded notebooks say; it is one file that needs no
network, and without the one script that a setting allows it runs none; and where names are left out nothing gives them
away. Nothing here changes a mark.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "commands": ["MarksApp", "MistakesApp", "ReportApp"],
        "index": ["write_index"],
        "settings": ["ClassPages"],
    },
)
