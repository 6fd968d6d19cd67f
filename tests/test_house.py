"""The house stands: imports go down only, everybody knocks at the door, and no file holds more than one idea."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import gradebox

PACKAGE = Path(gradebox.__file__).parent
ROOMS = [
    "lms",
    "overview",
    "alike",
    "classroom",
    "feedback",
    "course",
    "exercises",
    "judge",
    "sandbox",
    "untrusted",
]  # arrows go down
MOST_LINES = 400
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def imports(path: Path):
    """Every import of ours in a file, wherever in it: the module's parts below gradebox, and the names taken."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top, *parts = alias.name.split(".")
                if top == "gradebox":
                    yield parts, []
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say where from in full"
            top, *parts = node.module.split(".")
            if top == "gradebox":
                yield parts, [alias.name for alias in node.names]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_down_and_through_the_door(path):
    room = path.parent.name if path.parent != PACKAGE else None
    below = ROOMS[ROOMS.index(room) + 1 :] if room else ROOMS
    for parts, names in imports(path):
        if room == "untrusted":
            assert parts[0] == "untrusted" or parts == ["sandbox", "values"], f"{parts}: nothing but the values"
        elif not parts or parts[0] == room or parts[0] in ("lean", "command"):
            continue
        else:
            assert parts[0] in below, f"{parts} lies above"
            assert len(parts) == 1, f"{parts} reaches past the door"
            door = importlib.import_module(f"gradebox.{parts[0]}")
            assert set(names) <= {"*", *door.__all__}, f"{names}: not what {parts[0]} names"


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_names_what_is_there_and_says_what_it_promises(room):
    door = importlib.import_module(f"gradebox.{room}")
    assert "Promise: " in door.__doc__
    for name in door.__all__:
        assert getattr(door, name) is not None


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES


def test_what_courses_import_keeps_its_name():
    names = (
        "gradebox.checks.Exercise gradebox.execute.Execute gradebox.export.SafeCsv gradebox.feedback.FeedbackPage "
        "gradebox.release.ColabBadge"
    )
    for name in names.split():
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute).__name__ == attribute


def test_a_students_process_loads_nothing_of_the_other_rooms():
    """What the values and the worker pull in would be in every student's process, and take memory and time there."""
    code = (
        "import gradebox.untrusted.worker, sys; print(*[name for name in sys.modules if name.startswith('gradebox')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in loaded if not name.startswith("gradebox.untrusted")}
    assert ours == {"gradebox", "gradebox.sandbox", "gradebox.sandbox.values"}
