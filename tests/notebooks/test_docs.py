"""The worked example in docs/writing-exercises.md does what the page says."""

import re

import numpy as np
import pytest
from sample_class import COURSE, NOTEBOOKS, source

from gradebox.checks import WrongAnswer
from gradebox.course.catalogue import catalogue_page, exercises_behind

pytestmark = pytest.mark.torch
PAGE = (COURSE / "docs" / "writing-exercises.md").read_text()


@pytest.fixture
def example(tmp_path, monkeypatch):
    text = "\n\n".join(re.findall(r"<!-- worked example -->\n```python\n(.*?)```", PAGE, re.DOTALL))
    (tmp_path / "centering.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    import centering

    return centering.center


def test_the_worked_example_is_sound(example):
    assert example.problems() == []
    assert [mistake.name for mistake in example.mistakes] == ["means-of-rows", "mean-of-everything", "added", "median"]
    assert len(example.derived) == 2


def test_the_worked_example_passes_right_answers_and_names_wrong_ones(example):
    example.check("values", lambda X: X - np.mean(X, axis=0))
    example.check("general", lambda X: X - np.mean(X, axis=0))

    with pytest.raises(WrongAnswer, match="along which axis do you average"):
        example.check("values", lambda X: X - np.mean(X, axis=1)[:, None])
    with pytest.raises(WrongAnswer, match=r"one number for each\? The means have to go"):
        example.check("values", lambda X: X + np.mean(X, axis=1)[:, None])
    with pytest.raises(WrongAnswer, match="Your answer is right for square matrices only"):
        example.check("general", lambda X: X - np.mean(X, axis=0) if len(X) == len(X.T) else X + len(X))


def test_the_catalogue_to_read_is_todays():
    """Run 'make catalogue' after a change of mistakes/."""
    text = (COURSE / "docs" / "catalogue.md").read_text()
    for notebook in NOTEBOOKS:
        assignment, name = notebook.split("/")
        exercises = exercises_behind(COURSE, source(notebook))
        assert "\n".join(catalogue_page(f"{assignment} · {name}", exercises, {}, 0)) in text
