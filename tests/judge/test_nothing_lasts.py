"""Whatever a test or a cell of the course does to its process, the next submission meets a process as it was."""

import pytest
from conftest import code, graded_test, locked, notebook, solution
from small_notebooks import answer

from gradebox.judge import WarmJudge
from gradebox.sandbox import Sandbox

# Each notices if it was there before.
LASTING = {
    "a patched library": "np.linalg.solve = None",
    "an rcParam": "import matplotlib as mpl\nassert not mpl.rcParams['axes.grid']\nmpl.rcParams['axes.grid'] = True",
    "how numbers are printed": "assert np.get_printoptions()['precision'] == 8\nnp.set_printoptions(precision=2)",
    "an error state": "assert np.geterr()['divide'] == 'warn'\nnp.seterr(all='raise')",
    "a random state": "assert np.random.get_state()[1][0] != 12345\nnp.random.seed(12345)",
    "an environment variable": "import os\nassert 'MINE' not in os.environ\nos.environ['MINE'] = '1'",
    "the current folder": "import os\nassert os.getcwd() != '/'\nos.chdir('/')",
    "a closed stdout": "import sys\nprint('still open')\nsys.__stdout__.close(), sys.stdout.close()",
    "a builtin": "import builtins\nassert len([1, 2]) == 2\nbuiltins.len = lambda thing: 7",
    "a missing builtin": "import builtins\nassert isinstance(1, int)\ndel builtins.isinstance",
    "a warning filter": "import warnings\nwarnings.simplefilter('error')",
    "sys.path": "import sys\nassert '/mine' not in sys.path\nsys.path.insert(0, '/mine')",
    "a module of its own": "import sys\nassert 'mine' not in sys.modules\nsys.modules['mine'] = sys",
    "a recursion limit": "import sys\nassert sys.getrecursionlimit() > 500\nsys.setrecursionlimit(400)",
    "a signal handler": "from signal import *\nassert getsignal(SIGUSR1) == SIG_DFL\nsignal(SIGUSR1, print)",
    "a thread that stays": (
        "from threading import *\nassert active_count() == 1\nThread(target=Event().wait, daemon=True).start()"
    ),
}
RIGHT = "assert solve(np.eye(2) * 2, np.ones(2)).tolist() == [0.5, 0.5]"


def course(effect: str, in_a_cell: bool):
    """The effect in a locked cell or at the end of a test; the first test needs a library as it was."""
    return notebook(
        locked("imports", "import numpy as np"),
        solution("solve", "def solve(a, b):\n    return np.linalg.inv(a) @ b"),
        graded_test("solve-check", f"assert np.allclose(np.linalg.solve(np.eye(2), np.ones(2)), 1)\n{RIGHT}"),
        locked("effect", effect) if in_a_cell else code("pass"),
        graded_test("solve-values", RIGHT if in_a_cell else f"{RIGHT}\n{effect}", points=2),
    )


@pytest.fixture(scope="module")
def judge():
    warm = WarmJudge(Sandbox(preload=["numpy.random", "matplotlib.pyplot"]).settings())
    yield warm
    warm.close()


@pytest.mark.parametrize("in_a_cell", [False, True], ids=["in a test", "in a locked cell"])
@pytest.mark.parametrize("effect", LASTING.values(), ids=LASTING)
def test_it_is_gone_with_the_submission(judge, effect, in_a_cell):
    source = course(effect, in_a_cell)
    wrong = answer(source, solve="def solve(a, b):\n    return b")
    for work, earned in ((source, [1, 2]), (source, [1, 2]), (wrong, [0, 0]), (source, [1, 2])):
        graded = judge.grade(work, source)
        assert list(graded.marks.values()) == earned, graded.log
