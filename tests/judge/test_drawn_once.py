"""Pictures: what a student's code draws is what is shown, drawn again only where it differs from the instructor's."""

import base64
import io

import numpy as np
import pytest
from conftest import graded_test, locked, notebook, solution
from PIL import Image
from small_notebooks import answer, outputs

from gradebox.judge import WarmJudge
from gradebox.sandbox import Sandbox

DRAW = """
figure, axes = plt.subplots(1, 2, layout="constrained")
axes[0].imshow(attention(np.eye(4)), vmin=0, vmax=1)
axes[0].set_title("attention")
axes[1].bar(range(4), attention(np.eye(4))[0])
plt.show()
"""
SOFTMAX = "def attention(x):\n    e = np.exp(x)\n    return e / e.sum(axis=0)"
SOURCE = notebook(
    locked("imports", "import matplotlib.pyplot as plt\nimport numpy as np"),
    solution("attention", SOFTMAX),
    locked("attention-picture", DRAW),
    graded_test("attention-check", "assert np.allclose(attention(np.eye(4)).sum(axis=0), 1)"),
)
# Counts the drawings of the process it runs in.
COUNTED = """
from matplotlib.backends.backend_agg import FigureCanvasAgg
_draw, _drawings = FigureCanvasAgg.draw, []
FigureCanvasAgg.draw = lambda canvas: (_drawings.append(1), _draw(canvas))[1]
"""


@pytest.fixture(scope="module")
def judge():
    warm = WarmJudge(Sandbox().settings_for(SOURCE))
    warm.rehearse(SOURCE)
    yield warm
    warm.close()


def picture(graded) -> np.ndarray:
    (shown,) = [output for output in outputs(graded, "attention-picture") if "data" in output]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shown.data["image/png"]))))


def drawings(judge, mine: str) -> int:
    """How often the student's process drew."""
    graded = judge.grade(answer(SOURCE, attention=COUNTED + mine, _last="print('drawn', len(_drawings))"), SOURCE)
    (said,) = graded.notebook.cells[-1].outputs
    return int(said.text.split()[1])


@pytest.mark.parametrize(
    "right", [SOFTMAX, "def attention(x):\n    e = np.exp(x - x.max())\n    return e * (1 / e.sum(axis=0))"]
)
def test_a_figure_of_the_same_data_is_not_drawn_again(judge, right):
    assert drawings(judge, right) == 0
    assert np.array_equal(
        picture(judge.grade(answer(SOURCE, attention=right), SOURCE)), picture(judge.grade(SOURCE, SOURCE))
    )


@pytest.mark.parametrize(
    "other",
    [
        SOFTMAX.replace("axis=0", "axis=1") + "\n\nattention = lambda x, f=attention: f(x) * [1, 1, 1, 1.001]",
        f"plt.rcParams['lines.linewidth'] = 5\n{SOFTMAX}",
        f"plt.rcParams['axes.titlesize'] = 30\n{SOFTMAX}",
    ],
)
def test_any_other_is(judge, other):
    assert drawings(judge, other) > 0


def test_a_wrong_answer_shows_as_it_is(judge):
    wrong = picture(judge.grade(answer(SOURCE, attention="def attention(x):\n    return 1 - x"), SOURCE))
    assert wrong.shape[0] > 100
    assert not np.array_equal(wrong, picture(judge.grade(SOURCE, SOURCE)))


def test_a_figure_with_code_of_the_notebooks_own_is_drawn_by_that_code(judge):
    line = "class Line(plt.Line2D):\n    def draw(self, renderer):\n        {}"
    draw = "figure, axes = plt.subplots()\naxes.add_artist(Line([0, 1], [0, 1], linewidth=20))\nplt.show()"
    source = notebook(
        locked("imports", "import matplotlib.pyplot as plt"),
        solution("line", line.format("super().draw(renderer)")),
        locked("attention-picture", draw),
        graded_test("line-check", "assert Line"),
    )
    judge.rehearse(source)
    drawn, empty = (
        picture(judge.grade(answer(source, line=line.format(how)), source))
        for how in ("super().draw(renderer)", "pass")
    )
    assert (drawn < 200).sum() > (empty < 200).sum()
