"""The catalogue of known mistakes, as a student's cell would hold them."""

import ast
import importlib
import re
import textwrap

from conftest import TORCH
from sample_class import ATTENTION, CONVOLUTION, LAB, MULTIHEAD, PRACTICE, RESAMPLING, solutions

from gradebox.checks import Exercise, Mistake, made

NOTEBOOK_OF = {
    "convolution": CONVOLUTION,
    "resampling": RESAMPLING,
    "self_attention": ATTENTION,
    "multihead_self_attention": MULTIHEAD,
    "attention_layer": PRACTICE,
} | ({"vision_transformer": LAB} if TORCH else {})


def exercises_of(module: str) -> list[Exercise]:
    members = vars(importlib.import_module(f"mistakes.{module}")).values()
    return [member for member in members if isinstance(member, Exercise)]


EXERCISES = [(notebook, exercise) for module, notebook in NOTEBOOK_OF.items() for exercise in exercises_of(module)]


def cell_of(exercise: Exercise) -> str:
    return exercise.cell or exercise.name


def as_written(notebook: str, exercise: Exercise, mistake: Mistake) -> str:
    """A mistake as it stands in a student's cell: under the name asked for; of a loop, the body alone."""
    node = ast.parse(mistake.text).body[0]
    if exercise.ask is made:
        lines = mistake.text.splitlines()
        return textwrap.dedent("\n".join(lines[node.body[0].lineno - 1 : node.body[-1].lineno - 1]))
    defined = [part.name for part in ast.parse(solutions(notebook)[cell_of(exercise)]).body if hasattr(part, "name")]
    return re.sub(rf"\b{node.name}\b", defined[-1], mistake.text)
