"""Files beside a notebook, on their way from one working directory to another."""

from collections.abc import Mapping
from pathlib import Path

from gradebox.judge.errors import CourseError
from gradebox.sandbox import MIB

MAX_FILES_MIB = 64


def support_files(folder: Path) -> dict[str, bytes]:
    """What lies beside a notebook, for its working directory. Links are left out: they may lead anywhere."""
    files = {
        str(path.relative_to(folder)): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.suffix != ".ipynb"
        and path.parent.resolve() == path.parent.absolute()
    }
    size = sum(path.stat().st_size for path in files.values())
    if size > MAX_FILES_MIB * MIB:
        raise CourseError(
            f"{folder} holds {size / MIB:.0f} MiB of files beside the notebook, over the {MAX_FILES_MIB} there may be."
        )
    return {name: path.read_bytes() for name, path in files.items()}


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder: name -> content."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
