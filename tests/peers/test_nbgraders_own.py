"""nbgrader's own tests of `nbgrader autograde`, with our Execute in the place of its own."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = "nbgrader.tests.apps.test_nbgrader_autograde"
NOT_AS_STOCK = {  # docs/other-courses.md says why
    "test_side_effects",
    "test_missing_source_kernelspec",
}


@pytest.mark.long
def test_all_pass_but_those_that_are_about_the_kernel(tmp_path):
    if importlib.util.find_spec("nbgrader.tests") is None:
        pytest.skip("nbgrader came without its tests")
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "ours_as_default", "-p", "no:cacheprovider", "-rf", "--pyargs", SUITE],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parents[1])])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert set(re.findall(r"^FAILED .*::(\w+)", done.stdout, re.MULTILINE)) == NOT_AS_STOCK, done.stdout[-5000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 38
