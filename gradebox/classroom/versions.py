"""Which tests gave which mark. The log names a version of an assignment's tests by a short hash; here is what it stands
for, so that it can be told what changed between two of them.

`autograded/ASSIGNMENT.tests.jsonl` keeps a line for every version that anybody was graded by.
"""

import functools
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import gradebox
from gradebox.classroom.grading import Assignment

LONG = 12  # hexadecimal digits of a hash
OLDER = "not known: last graded by a gradebox that did not keep it"
UNKNOWN = "nothing that is kept: chance, a limit of time, a setting or a library"


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LONG]


def version_of(assignment: Assignment, fingerprint: str) -> dict:
    """A version as the file has it: of every cell its points and a hash of its text, of all else a hash.

    fingerprint -- of the whole assignment; its beginning is the version's name
    """
    notebooks = {
        released.name: {
            "cells": {
                cell.name: [
                    float(cell.about["points"]) if cell.counts and "points" in cell.about else None,
                    digest(cell.cell_type, cell.source),
                ]
                for cell in released.cells
            },
            "modules": digest(sorted(released.modules.items())),
            "text": digest(json.dumps(released.source, sort_keys=True)),
        }
        for released in assignment.notebooks
    }
    now = datetime.now(UTC).isoformat(timespec="seconds")
    files = digest(sorted(assignment.files.items()))
    return {"tests": fingerprint[:LONG], "time": now, "notebooks": notebooks, "files": files}


@functools.cache
def engine() -> str:
    """This gradebox: its version, and a hash of its own code, which tells apart what has the same version."""
    package = Path(gradebox.__file__).parent
    return f"{gradebox.__version__}-{digest(*(path.read_bytes() for path in sorted(package.rglob('*.py'))))[:6]}"


def differences(then: dict, now: dict, notebook: str, name: str) -> list[str]:
    """What differs between two versions, as far as it may change a cell's mark."""
    old, new = (version["notebooks"].get(notebook) for version in (then, now))
    if old is None or new is None:
        return ["notebook added" if old is None else "notebook removed"]
    before, after = (each["cells"].get(name) for each in (old, new))
    if before is None:
        return ["cell renamed" if renamed(old, new, name) else "cell added"]
    if after is None:
        return ["cell removed"]
    said = [f"points {before[0] or 0:g} \N{RIGHTWARDS ARROW} {after[0] or 0:g}"] if before[0] != after[0] else []
    said += ["test changed"] if before[1] != after[1] else []
    said += ["course module changed"] if old["modules"] != new["modules"] else []
    said += ["files beside the notebook changed"] if then["files"] != now["files"] else []
    return said or (["other cells of the notebook changed"] if old["text"] != new["text"] else [])


def renamed(one: dict, other: dict, name: str) -> bool:
    """Whether a cell that only one of two versions of a notebook has stands in the other under another name."""
    ((_, text),) = [each["cells"][name] for each in (one, other) if name in each["cells"]]
    source, target = (one["cells"], other["cells"]) if name in one["cells"] else (other["cells"], one["cells"])
    return any(text == there for key, (_, there) in target.items() if key not in source)
