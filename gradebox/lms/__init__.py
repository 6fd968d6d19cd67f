"""In and out of the course: what an LMS hands out becomes submitted/, marks and pages become what it takes back.

Promise: every file of a download is accounted for, nobody gets another's work or mark by a guess, and nothing here
opens a network connection.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "autograder": ["GradescopeApp"],
        "commands": ["CollectApp"],
        "exporting": ["ExportApp"],
    },
)
