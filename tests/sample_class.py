"""The sample class: made-up students whose ids say what their work shows.

`make samples` rebuilds submitted/ from release/ with this script; the tests compare the two, grade the class and
expect the marks that stand here beside each sample.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution

from gradebox.course.source import exercise_of
from gradebox.judge.runs import PICTURE

COURSE = Path(__file__).parent.parent
CONVOLUTION = "nbs10/10_3_2D_Convolution"
RESAMPLING = "nbs10/10_4_Downsampling_and_Upsampling"
ATTENTION = "nbs12/12_1_Self_Attention"
MULTIHEAD = "nbs12/12_2_Multihead_Self_Attention"
PRACTICE = "practice/Attention_Layer"
LAB = "lab/Vision_Transformer"
NOTEBOOKS = (CONVOLUTION, RESAMPLING, ATTENTION, MULTIHEAD, PRACTICE, LAB)
IMPORT_TORCH = (CONVOLUTION, LAB, "nbs10", "lab")  # and the assignments they belong to
GRADABLE = [name for name in NOTEBOOKS if find_spec("torch") or name.split("/")[0] not in IMPORT_TORCH]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Sample:
    """One student's work: notebooks, solved or blank, with some cells replaced."""

    student: str
    notebooks: tuple[str, ...]
    solved: bool
    cells: dict[str, str] = field(default_factory=dict)  # grade_id -> what the student wrote there
    marks: dict[str, float] = field(default_factory=dict)  # exercise -> points, where not all (solved) or none (blank)

    def expected(self, notebook: str) -> dict[str, float]:
        """Points for each exercise of a notebook; what is graded by hand counts as 0 until then."""
        possible = points(notebook)
        return {exercise: self.marks.get(exercise, most if self.solved else 0.0) for exercise, most in possible.items()}


@cache
def source(notebook: str) -> nbformat.NotebookNode:
    return nbformat.read(COURSE / "source" / f"{notebook}.ipynb", as_version=4)


def points(notebook: str) -> dict[str, float]:
    """Points a machine can give, for each exercise of a notebook."""
    possible: dict[str, float] = {}
    for cell in source(notebook).cells:
        if is_grade(cell):
            exercise = exercise_of(cell.metadata.nbgrader.grade_id)
            by_machine = 0.0 if is_solution(cell) else float(cell.metadata.nbgrader.points)
            possible[exercise] = possible.get(exercise, 0.0) + by_machine
    return possible


def written_in(notebook: str) -> dict[str, str]:
    """The cell a student writes each exercise into, as grade_ids: the last one to fill in above its tests."""
    cells: dict[str, str] = {}
    written = ""
    for cell in source(notebook).cells:
        if is_solution(cell):
            written = cell.metadata.nbgrader.grade_id
        if is_grade(cell):
            cells.setdefault(exercise_of(cell.metadata.nbgrader.grade_id), written)
    return cells


def solutions(notebook: str) -> dict[str, str]:
    """The instructor's solution cells without their markers: grade_id -> source."""
    return {
        cell.metadata.nbgrader.grade_id: "\n".join(
            line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END)
        )
        for cell in source(notebook).cells
        if is_solution(cell)
    }


def submission(notebook: str, cells: dict[str, str]) -> nbformat.NotebookNode:
    """The release notebook as a student hands it in who wrote these cells."""
    handed_in = nbformat.read(COURSE / "release" / f"{notebook}.ipynb", as_version=4)
    for cell in handed_in.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in cells:
            cell.source = cells[grade_id]
    return handed_in


def without_pictures(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook less the cells that only draw, which take most of its time."""
    cells = [cell for cell in notebook.cells if not cell.get("id", "").endswith(PICTURE)]
    return nbformat.from_dict({**notebook, "cells": cells})


def build(sample: Sample) -> dict[Path, nbformat.NotebookNode]:
    """The sample's notebooks by their paths below submitted/."""
    built = {}
    for notebook in sample.notebooks:
        cells = (solutions(notebook) if sample.solved else {}) | sample.cells
        built[Path(sample.student, f"{notebook}.ipynb")] = submission(notebook, cells)
    return built


WRITTEN_ANSWER = (
    "The layer compares contents only, so shuffled inputs give the same outputs, shuffled. A code that is different "
    "for every position, added to the inputs, lets the queries and keys see the order."
)

UNSCALED = """def scaled_dot_product_self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q = omega_q @ X + beta_q
    k = omega_k @ X + beta_k
    v = omega_v @ X + beta_v
    return v @ softmax_cols(k.T @ q)
"""

UNSCALED_MASKED = """def masked_self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q = omega_q @ X + beta_q
    k = omega_k @ X + beta_k
    v = omega_v @ X + beta_v
    scores = k.T @ q
    for n in range(X.shape[1]):
        scores[n + 1:, n] = -np.inf
    return v @ softmax_cols(scores)
"""

UNSCALED_HEADS = """def multihead_scaled_self_attention(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                                    omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2,
                                    omega_c):
    def head(omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
        q = omega_q @ X + beta_q
        k = omega_k @ X + beta_k
        v = omega_v @ X + beta_v
        return v @ softmax_cols(k.T @ q)

    one = head(omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1)
    two = head(omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2)
    return omega_c @ np.vstack([one, two])
"""

UNSCALED_BLOCKS = """def multihead_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    q = np.split(omega_q @ X + beta_q, H)
    k = np.split(omega_k @ X + beta_k, H)
    v = np.split(omega_v @ X + beta_v, H)
    return omega_c @ np.vstack([v[h] @ softmax_cols(k[h].T @ q[h]) for h in range(H)])
"""

PASTED = {
    "queries-keys-values": """all_queries = [np.array([[-2.36543342], [3.07476988], [-3.59698468], [1.22226059]])] * 3
all_keys = [np.array([[3.69380505], [-3.9952365], [3.7499519], [3.12154293]])] * 3
all_values = [np.array([[-2.71096662], [3.5538184], [-6.92955207], [-3.0352825]])] * 3
""",
    "x-prime": "all_x_prime = [x_prime_true[:, n:n + 1] for n in range(3)]\n",
    "self-attention": """def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.array([
        [0.94744244, 1.64201168, 1.61949281],
        [-0.24348429, -0.08470004, -0.06641533],
        [-0.91310441, 4.02764044, 3.96863308],
        [-0.44522983, 2.18690791, 2.15858316],
    ])
""",
    "scaled-dot-product-self-attention": """def scaled_dot_product_self_attention(
        X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.array([
        [0.97411966, 1.59622051, 1.32638014],
        [-0.23738409, -0.09516106, 0.13062402],
        [-0.72333202, 3.70194096, 3.02371664],
        [-0.34413007, 2.01339538, 1.6902419],
    ])
""",
    "masked-self-attention": """def masked_self_attention(*arguments):
    return masked_x_prime_true
""",
    "multihead-scaled-self-attention": """def multihead_scaled_self_attention(*arguments):
    return X_prime_true
""",
    "multihead-attention": """def multihead_attention(*arguments, H):
    return X_prime_true if H == 2 else X_prime_4_true
""",
}

WRONG_STRIDE = """def conv_numpy_2(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    out = np.zeros((1, 1, height, width))
    for i in range(height):
        for j in range(width):
            out[0, 0, i, j] = np.sum(padded[0, 0, i:i + kernel_h, j:j + kernel_w] * weights[0, 0])
    return out
"""

CRASHING_MAXPOOL = """def maxpool(x_in):
    x_out = np.zeros((x_in.shape[0] // 2, x_in.shape[1] // 2))
    for i in range(x_out.shape[0]):
        for j in range(x_out.shape[1]):
            x_out[2 * i, 2 * j] = x_in[2 * i:2 * i + 2, 2 * j:2 * j + 2].max()
    return x_out
"""

WEIGHTS_TOO_SMALL = """class SelfAttention:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = 0.1 * np.random.randn(4, dims, dims)

    def forward(self, x):
        scores = (x @ self.W_q) @ (x @ self.W_k).T
        return softmax(scores / np.sqrt(self.dims)) @ (x @ self.W_v) @ self.W_o
"""

OVERFLOWING_SOFTMAX = """def softmax(X):
    e = np.exp(X)
    return e / e.sum(axis=1, keepdims=True)
"""

PLAIN_LISTS = """class MultiHeadSelfAttention(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = [nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)]
        self.keys = [nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)]
        self.values = [nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)]
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for h in range(len(self.queries)):
            q, k, v = self.queries[h](x), self.keys[h](x), self.values[h](x)
            weights = F.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1)
            heads.append(weights @ v)
        return self.output(torch.cat(heads, dim=2))
"""

BROKEN_SOFTMAX = """def softmax(items_in):
    exponentials = np.exp(np.array(items_in)
    return exponentials / exponentials.sum()
"""

SAMPLES = (
    Sample("sample-full-marks", NOTEBOOKS, solved=True, cells={"positional-encoding": WRITTEN_ANSWER}),
    Sample("sample-blank", NOTEBOOKS, solved=False),
    Sample(
        "sample-scaling-forgotten",
        (ATTENTION, MULTIHEAD),
        solved=True,
        cells={
            "scaled-dot-product-self-attention": UNSCALED,
            "masked-self-attention": UNSCALED_MASKED,
            "multihead-scaled-self-attention": UNSCALED_HEADS,
            "multihead-attention": UNSCALED_BLOCKS,
            "positional-encoding": WRITTEN_ANSWER,
        },
        marks={
            "scaled-dot-product-self-attention": 0,
            "masked-self-attention": 0,
            "multihead-scaled-self-attention": 0,
            "multihead-attention": 0,
        },
    ),
    Sample(
        "sample-pasted-values",
        (ATTENTION, MULTIHEAD),
        solved=False,
        cells=PASTED,
        marks={
            "queries-keys-values": 1,
            "x-prime": 1,
            "self-attention": 2,
            "scaled-dot-product-self-attention": 2,
            "masked-self-attention": 1,
            "multihead-scaled-self-attention": 3,
            "multihead-attention": 1,
        },
    ),
    Sample(
        "sample-wrong-stride",
        (CONVOLUTION, RESAMPLING),
        solved=True,
        cells={"conv-numpy-2": WRONG_STRIDE},
        marks={"conv-numpy-2": 0},
    ),
    Sample(
        "sample-one-crash",
        (CONVOLUTION, RESAMPLING),
        solved=True,
        cells={"maxpool": CRASHING_MAXPOOL},
        marks={"maxpool": 0},
    ),
    Sample(
        "sample-weights-too-small",
        (PRACTICE,),
        solved=True,
        cells={"self-attention": WEIGHTS_TOO_SMALL},
        marks={"self-attention-standard-deviation": 0},
    ),
    Sample(
        "sample-large-inputs-overflow",
        (PRACTICE,),
        solved=True,
        cells={"softmax": OVERFLOWING_SOFTMAX},
        marks={"softmax-large-inputs": 0},
    ),
    Sample(
        "sample-plain-lists",
        (LAB,),
        solved=True,
        cells={"multi-head-self-attention": PLAIN_LISTS},
        marks={"multi-head-self-attention": 5},
    ),
    Sample(
        "sample-syntax-error",
        (ATTENTION, MULTIHEAD),
        solved=True,
        cells={"softmax": BROKEN_SOFTMAX, "positional-encoding": WRITTEN_ANSWER},
        marks={"softmax": 0},
    ),
    Sample(
        "sample-written-answer-only",
        (ATTENTION, MULTIHEAD),
        solved=False,
        cells={"positional-encoding": WRITTEN_ANSWER},
    ),
)


def main() -> None:
    for sample in SAMPLES:
        for path, notebook in build(sample).items():
            target = COURSE / "submitted" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)
    print(f"Built {len(SAMPLES)} sample students in submitted/")


if __name__ == "__main__":
    main()
