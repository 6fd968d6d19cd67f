"""What rehearsals have proved, kept on this machine so that it need not be proved again.

One small file for each in the user's cache (``$XDG_CACHE_HOME/gradebox/proofs``, ``~/.cache`` by default). Its name is
a fingerprint of all that a rehearsal depends on: the instructor's notebook with its tests, the files beside it, the
course's modules, the sandbox's settings, this Python, whatever is installed for it, and gradebox itself. So a change
of any of these makes it void, and nothing else does. The folder can be removed at any time.
"""

import contextlib
import hashlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gradebox.judge.plan import Plan

PACKAGE = Path(__file__).parents[1]
TOGETHER = "tests that run together with the student's code, which could tamper with them"
KEPT_SECONDS = 90 * 24 * 3600  # since it was last of use


def folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gradebox", "proofs")


@dataclass(frozen=True)
class Proof:
    """What a rehearsal found out."""

    doors: list[str]  # see `sandbox.doors`
    plan: Plan
    warnings: list[str]  # for the instructor
    pictures: dict[str, str] = field(default_factory=dict)  # see `untrusted.pictures`
    why: dict[str, str] = field(default_factory=dict)  # by test that runs together

    def said(self) -> list[str]:
        """What to tell before anybody is graded."""
        together = ", ".join(sorted(self.plan.together))
        return [*([f"{TOGETHER}: {together}"] if together else []), *self.warnings]


def fingerprint(notebook: str, files: dict[str, bytes], modules: dict[str, bytes], settings: dict) -> str:
    """Of a rehearsal, before it is done."""
    seen = hashlib.sha256(repr((notebook, settings, sys.version, sys.prefix)).encode("utf-8", "surrogatepass"))
    for name, data in (*sorted(files.items()), *sorted(modules.items())):
        seen.update(repr((name, len(data))).encode("utf-8", "surrogatepass"))
        seen.update(data)
    # A folder of packages changes its time when one is installed, changed to another version or removed. Other folders
    # on the path do so for any reason: the course's own, which nbgrader_config.py may put there, with every grade.
    packages = [path for path in map(Path, sys.path) if path.name in ("site-packages", "dist-packages")]
    for path in (*packages, *sorted(PACKAGE.rglob("*.py"))):
        with contextlib.suppress(OSError):
            about = path.stat()
            seen.update(repr((str(path), about.st_mtime_ns, about.st_size)).encode())
    return seen.hexdigest()


def find(name: str) -> Proof | None:
    """A kept proof; None if there is none, or none that can be read."""
    path = folder() / f"{name}.json"
    try:
        kept = json.loads(path.read_bytes())
        os.utime(path)
        return Proof(kept["doors"], Plan.from_json(kept["plan"]), kept["warnings"], kept["pictures"], kept["why"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(name: str, proof: Proof) -> None:
    """Keep a proof, and forget those of old. Where there is no place for it, the next run proves it again."""
    with contextlib.suppress(OSError):
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        new = place / f".{name}.{os.getpid()}"
        new.write_text(json.dumps(asdict(proof) | {"plan": proof.plan.as_json()}))
        new.rename(place / f"{name}.json")
        for path in place.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another worker was faster
                if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                    path.unlink()
