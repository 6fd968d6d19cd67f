"""Answers that are more alike than two people working alone would write: a place to look, never a verdict.

Promise: what students handed in is read as text and never run, nothing of theirs can do harm on the page, and what
many of the class share counts against nobody.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "commands": ["SimilarApp"],
        "comparing": ["Answer", "Pair", "alike", "groups"],
        "page": ["similar_page"],
    },
)
