"""A sample of the mutants of the solutions; all of them with `make mutants`."""

import pytest
from conftest import with_long
from mutants import EQUIVALENT, NOTHING, is_equivalent, mutants, results
from sample_class import MULTIHEAD, NOTEBOOKS, PRACTICE

EVERY = 61  # a prime, so that the sample does not keep step with the pattern of the mutants


@pytest.mark.parametrize("notebook", with_long(NOTEBOOKS, *set(NOTEBOOKS) - {MULTIHEAD, PRACTICE}))
def test_a_changed_solution_loses_marks(notebook):
    sample = list(mutants(notebook))[::EVERY]

    assert len(sample) > 1
    found = results(notebook, sample)
    assert [str(result.mutant) for result in found if result.full and not is_equivalent(result.mutant)] == []
    wrong = [result for result in found if not result.full]
    assert any(result.told() != NOTHING for result in wrong)  # `make mutants` prints how many are


def test_equivalent_mutants_exist_and_have_a_reason():
    there = {(mutant.cell, mutant.change) for notebook in NOTEBOOKS for mutant in mutants(notebook)}

    for cell, reasons in EQUIVALENT.items():
        for change, reason in reasons.items():
            assert (cell, change) in there, f"no mutant of {cell} is any more: {change}"
            assert len(reason) > 20
