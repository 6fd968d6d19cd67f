"""The catalogue of known mistakes, as a student's cell would hold them."""

import importlib

from conftest import TORCH
from sample_class import ATTENTION, CONVOLUTION, LAB, MULTIHEAD, PRACTICE, RESAMPLING, solutions

from gradebox.checks import Exercise, Mistake
from gradebox.course.catalogue import as_written as written
from gradebox.course.catalogue import cell_of

NOTEBOOK_OF = {
    "convolution": CONVOLUTION,
    "resampling": RESAMPLING,
    "self_attention": ATTENTION,
    "multihead_self_attention": MULTIHEAD,
    "attention_layer": PRACTICE,
} | ({"vision_transformer": LAB} if TORCH else {})


def exercises_of(module: str) -> list[Exercise]:
    members = vars(importlib.import_module(f"mistakes.{module}")).values()
    return list({member.name: member for member in members if isinstance(member, Exercise)}.values())


EXERCISES = [(notebook, exercise) for module, notebook in NOTEBOOK_OF.items() for exercise in exercises_of(module)]


def as_written(notebook: str, exercise: Exercise, mistake: Mistake) -> str:
    """A mistake as a student's cell holds it."""
    return written(exercise, mistake, solutions(notebook)[cell_of(exercise)])
