"""A file that is spoiled anywhere, in any way, is mended or refused; nothing else comes of it."""

import json
import os
import resource
from random import Random

import nbformat
import pytest
from damaged_work import FILE, code, dumped, right
from editors import EDITORS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mending import mend, notebooks_of
from sample_class import ATTENTION, solutions, submission
from small_class import ASSIGNMENT
from spoiling import spoiled_bytes, spoiled_parts

from gradebox.classroom.reading import Refused

RANDOM = st.integers(0, 2**32).map(Random)  # hypothesis's own draws of thousands of parts take minutes
OFTEN = settings(derandomize=True, database=None, suppress_health_check=[*HealthCheck])


@pytest.fixture(scope="module")
def notebooks(released_course):
    return notebooks_of(released_course, ASSIGNMENT)


def mended_or_refused(notebooks, data: bytes) -> bool:
    """Whether it was mended: into a notebook by the format, with all of the instructor's cells, that is JSON."""
    try:
        mended = mend(notebooks, data, FILE)
    except Refused as refusal:
        assert str(refusal) and "\n" not in str(refusal)
        return False
    wanted = next(each for each in notebooks if each.name == mended.wanted)
    assert {cell.name for cell in wanted.cells} <= mended.cells.keys()
    json.dumps(mended.notebook, allow_nan=False).encode()
    return True


def bases() -> list[dict]:
    """Real notebooks, as JSON."""
    other = json.loads(nbformat.writes(submission(ATTENTION, solutions(ATTENTION))))
    return [right(), other, *(json.loads(save(right())) for save in EDITORS.values())]


def test_a_file_cut_anywhere_is_refused(notebooks):
    data = dumped(right())
    for length in range(0, len(data) - 1, len(data) // 97):
        assert not mended_or_refused(notebooks, data[:length])


@settings(OFTEN, max_examples=60)
@given(RANDOM)
def test_spoiled_files_are_mended_or_refused(notebooks, random):
    mended_or_refused(notebooks, spoiled_bytes(dumped(random.choice(BASES)), random))


@settings(OFTEN, max_examples=60)
@given(RANDOM)
def test_notebooks_with_spoiled_parts_are_mended_or_refused(notebooks, random):
    mended_or_refused(notebooks, spoiled_parts(json.loads(dumped(random.choice(BASES))), random))


LARGE = {
    "200 MB of output": (200, b'{"output_type": "stream", "name": "stdout", "text": "' + b"x" * 2**20 + b'"}', True),
    "a million empty cells": (1_000_000, b'{"cell_type": "code", "source": ""}', False),
    "millions of parts": (25_000_000, b"[]", False),
}


@pytest.mark.long
@pytest.mark.parametrize("what", LARGE)
def test_what_is_large_takes_little_more_memory_than_its_bytes(what, notebooks, tmp_path):
    """In a process that may have 4 GB: more, and it would end with a MemoryError."""
    number, piece, graded = LARGE[what]
    raw = right()
    raw["cells" if not graded else "outputs"] = ["HERE"]
    if graded:
        raw["cells"].append(code("", [raw.pop("outputs")[0]]))
    path = tmp_path / FILE
    path.write_bytes(json.dumps(raw).encode().replace(b'"HERE"', b",".join([piece] * number)))
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
            status = 0 if mended_or_refused(notebooks, path.read_bytes()) == graded else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.long
@settings(OFTEN, max_examples=3000)
@given(RANDOM)
def test_thousands_of_spoiled_notebooks_are_mended_or_refused(notebooks, random):
    raw = random.choice(BASES)
    spoiled = spoiled_parts(json.loads(dumped(raw)), random) if random.random() < 0.7 else dumped(raw)
    mended_or_refused(notebooks, spoiled_bytes(spoiled, random) if random.random() < 0.5 else spoiled)


BASES = bases()
