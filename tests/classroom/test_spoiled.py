"""A file that is spoiled anywhere, in any way, is mended or refused; nothing else comes of it."""

import json
from random import Random

import nbformat
import pytest
from damaged_work import FILE, dumped, right
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


@pytest.mark.long
@settings(OFTEN, max_examples=3000)
@given(RANDOM)
def test_thousands_of_spoiled_notebooks_are_mended_or_refused(notebooks, random):
    raw = random.choice(BASES)
    spoiled = spoiled_parts(json.loads(dumped(raw)), random) if random.random() < 0.7 else dumped(raw)
    mended_or_refused(notebooks, spoiled_bytes(spoiled, random) if random.random() < 0.5 else spoiled)


BASES = bases()
