"""The notebooks on the Pythons and libraries that students and instructors have: `make matrix`.

Runs every source notebook, solutions and hidden tests and all, once for each row of the table below, in an environment
of its own below .matrix/. A cell that raises or writes to stderr fails the row. What is not on this machine is said: a
Python that is missing fails only in CI, where the workflow brings each; a notebook that imports torch is left out of
rows without it (`make matrix TORCH=yes` puts torch into all of them: gigabytes, where there is no build for the CPU).
The environments stay; remove .matrix/ to have "newest" mean today's.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from rich.console import Console
from rich.table import Table

COURSE = Path(__file__).parent.parent
# What the hidden tests need of the engine.
BESIDES = ("ipykernel", "lazy_loader", "msgpack", "nbformat")


@dataclass(frozen=True)
class Row:
    python: str
    about: str
    pins: tuple[str, ...]
    torch: str = ""

    def requirements(self) -> list[str]:
        torch = self.torch or ("torch" if os.environ.get("TORCH") == "yes" else "")
        return [*self.pins, *([torch] if torch else [])]


ROWS = (
    Row("3.11", "oldest", ("numpy==1.26.0", "matplotlib==3.8.0"), torch="torch==2.13.0"),
    Row("3.12", "as in Colab", ("numpy==2.0.2", "matplotlib==3.10.0")),
    Row("3.13", "newest", ("numpy", "matplotlib")),
    Row("3.14", "newest", ("numpy", "matplotlib")),
)


def interpreter(version: str) -> str | None:
    """A Python of this version that starts: one on the PATH, or one that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*/bin/python")
    for python in (shutil.which(f"python{version}"), *map(str, sorted(kept, reverse=True))):
        if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
            return python
    return None


def environment(row: Row, base: str) -> Path:
    """The Python of a row's environment, made if it is not there yet as the row wants it."""
    wanted = [*row.requirements(), *BESIDES]
    folder = COURSE / ".matrix" / re.sub(r"[^\w.=-]+", "-", "-".join([row.python, *row.requirements()]))
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        subprocess.run([base, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
        subprocess.run([*pip, *wanted], check=True, stderr=subprocess.PIPE, text=True)
        complete.touch()
    return python


def complaints(path: Path, python: Path) -> list[str]:
    """What the cells of a notebook say on stderr or raise, with that Python for a kernel."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=3600, kernel_name="python3", allow_errors=True)
    kernel = client.create_kernel_manager()
    kernel.kernel_spec.argv[0], kernel.transport = str(python), "ipc"
    client.execute(cwd=str(COURSE), env=os.environ | {"PYTHONPATH": str(COURSE), "PYTHONDONTWRITEBYTECODE": "1"})
    return [
        f"{cell.id}: {output.get('text') or output.ename + ': ' + output.evalue}".strip()
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def versions(python: Path) -> str:
    names = "import importlib.metadata as m, sys; print(*(d.version for d in map(m.distribution, sys.argv[1:])))"
    return subprocess.run([python, "-c", names, "numpy", "matplotlib"], capture_output=True, text=True).stdout.strip()


def main(asked: list[str]) -> int:
    console, failed = Console(width=None if sys.stdout.isatty() else 120), False
    table = Table("Python", "", "numpy, matplotlib", "torch", "result")
    for row in ROWS:
        if asked and row.python not in asked:
            continue
        if (base := interpreter(row.python)) is None:
            failed |= bool(os.environ.get("CI"))
            table.add_row(row.python, row.about, " ".join(row.pins), "", "not on this machine")
            continue
        console.print(f"Python {row.python}, {row.about} ...")
        try:
            python = environment(row, base)
        except subprocess.CalledProcessError as error:
            failed = True
            table.add_row(row.python, row.about, " ".join(row.pins), "", "could not be set up, see above")
            console.print(error.stderr or str(error), markup=False)
            continue
        torch = next((each for each in row.requirements() if each.startswith("torch")), "")
        ran, left_out, wrong = 0, [], 0
        for path in sorted(COURSE.glob("source/*/*.ipynb")):
            if not torch and re.search(r'"import torch\b', path.read_text()):
                left_out.append(path.stem)
                continue
            ran += 1
            found = complaints(path, python)
            wrong += bool(found)
            for complaint in found:
                console.print(f"  {path.stem}, {complaint}", markup=False)
        failed |= wrong > 0
        result = f"{ran - wrong} of {ran} ran clean" + "".join(f"\nleft out: {name}" for name in left_out)
        table.add_row(row.python, row.about, versions(python), torch.removeprefix("torch==") or "none", result)
    console.print(table)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
