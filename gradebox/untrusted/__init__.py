"""The other side: what runs in the student's process, and of ours all that a sandbox holds.

Promise: nothing here holds a secret or is relied on to be honest; it imports nothing of ours but the values that cross.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"crash": ["account"], "usage": ["waited"], "watch": ["Watch", "data_read"]}
)
