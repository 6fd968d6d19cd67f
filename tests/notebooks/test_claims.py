"""Every number that a text of the four notebooks claims, computed from the notebook's own cells."""

import contextlib
import io
import re
from functools import cache

import numpy as np
import pytest
from nbgrader.utils import is_grade
from sample_class import ATTENTION, CONVOLUTION, MULTIHEAD, RESAMPLING, source, without_pictures

MINUS = "\N{MINUS SIGN}"


@cache
def space_of(notebook: str) -> dict:
    """What the cells of the solved notebook define, without its pictures and tests."""
    space: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in without_pictures(source(notebook)).cells:
            if cell.cell_type == "code" and not is_grade(cell):
                exec(cell.source.replace("%matplotlib inline", ""), space)
    return space


def text_of(notebook: str, cell: str) -> str:
    return next(each.source for each in source(notebook).cells if each.id == cell)


def says(notebook: str, cell: str, *claims: str) -> None:
    text = " ".join(text_of(notebook, cell).split())
    for claim in claims:
        assert claim in text, f"{cell} does not say '{claim}'"


def attention_of(space: dict, scale: float = 1.0, mask: bool = False) -> np.ndarray:
    """Equation 12.9 for the inputs of 12.1, with the softmax written out."""
    queries, keys = (space[f"omega_{name}"] @ space["X"] + space[f"beta_{name}"] for name in "qk")
    powers = np.exp(scale * keys.T @ queries)
    if mask:
        powers[np.tril_indices(len(powers), -1)] = 0
    return powers / powers.sum(axis=0)


# --- 12.1 -------------------------------------------------------------------------------------------------------------


def test_attention_and_how_it_learns():
    space = space_of(ATTENTION)
    queries, keys = (space[f"omega_{name}"] @ space["X"] + space[f"beta_{name}"] for name in "qk")
    scores = keys.T @ queries
    plain, scaled, masked = (attention_of(space), attention_of(space, 0.5), attention_of(space, 0.5, mask=True))

    for name, right in {"attention": plain, "scaled_attention": scaled, "masked_attention": masked}.items():
        assert np.array_equal(space[f"{name}_true"], right.round(4)), name
    assert np.sum(np.sign(queries[:, 0]) != np.sign(keys[:, 0])) == 3
    assert scores[0, 0] == scores.min()
    says(
        ATTENTION, "attention-matrix-text", f"between {MINUS}{-np.floor(scores.min()):g} and {np.ceil(scores.max()):g}"
    )
    best = plain[:, 0].max()
    says(ATTENTION, "attention-matrix-picture-text", f"0.0017\\approx {best * (1 - best):.4f}")
    assert plain.max(axis=0).min() > 0.985
    best_scaled = scaled[:, 0].max()
    slower = best_scaled * (1 - best_scaled) / 2
    says(ATTENTION, "scaled-dot-product-self-attention-picture-text", f"\\approx {slower:.3f}", "eleven times")
    assert round(slower / (best * (1 - best))) == 11
    says(ATTENTION, "softmax-picture-text", f"e^{{1.5}}\\approx {np.exp(1.5):.1f}")


def test_equivariance():
    space = space_of(ATTENTION)
    X, order = space["X"], space["new_order"]
    gaps = {}
    for name in ("convolution", "attention_layer"):
        layer = space[name]
        gaps[name] = np.abs(layer(X[:, order]) - layer(X)[:, order]).max()

    says(ATTENTION, "equivariance-demo-reading", f"about {gaps['convolution']:.1f}", "around $10^{-15}$")
    assert gaps["attention_layer"] < 1e-14
    # What "Going further" asks about.
    arguments = [space[name] for name in ("omega_v", "omega_q", "omega_k", "beta_v", "beta_q", "beta_k")]
    masked = space["masked_self_attention"]
    assert np.abs(masked(X[:, order], *arguments) - masked(X, *arguments)[:, order]).max() > 0.1


def test_key_biases_do_not_matter():
    space = space_of(ATTENTION)
    arguments = [space[name] for name in ("X", "omega_v", "omega_q", "omega_k", "beta_v", "beta_q")]
    for name in ("self_attention", "scaled_dot_product_self_attention"):
        with_bias, without = (space[name](*arguments, beta) for beta in (space["beta_k"], np.zeros((4, 1))))
        assert np.allclose(with_bias, without)


def test_masking():
    space = space_of(ATTENTION)
    weights = space["weights_true"]
    says(ATTENTION, "masking-reading", f"\\approx {1 / weights[:2].sum():.2f}", f"stayed at {weights[:2].sum():.2f}")
    says(ATTENTION, "masking-reading", f"{weights[0]:.4f}+{weights[1]:.4f}")

    values = space["omega_v"] @ space["X"] + space["beta_v"]
    outputs, scaled = space["masked_x_prime_true"], attention_of(space, 0.5)
    assert np.allclose(outputs[:, 0], values[:, 0], atol=1e-8)
    assert np.allclose(outputs[:, 2], space["scaled_x_prime_true"][:, 2], atol=1e-8)
    says(ATTENTION, "masked-self-attention-picture-text", f"gave {scaled[2, 1]:.2f} to input 2")
    assert scaled[0, 1] < 1e-5


def test_cost():
    space = space_of(ATTENTION)
    height, quadratic = space["height"], np.add(space["scores"], space["mixing"])
    projections, counts = np.array(space["projections"]), np.array(space["counts"])

    assert np.array_equal(projections, 3 * height**2 * counts)
    assert np.array_equal(quadratic, 2 * height * counts**2)
    assert np.all(projections[1:] == 10 * projections[:-1]) and np.all(quadratic[1:] == 100 * quadratic[:-1])
    says(ATTENTION, "cost-text", f"D={height}$")
    says(ATTENTION, "cost-picture-text", f"D={3 * height // 2}$", f"{space['parameters']:,} parameters")
    assert counts[-1] == 100_000 and counts[-1] ** 2 == 10_000 * 10**6
    assert [np.count_nonzero(attention_of(space, 0.5, mask=True))] == [3 * 4 // 2]


# --- 12.2 -------------------------------------------------------------------------------------------------------------


def attention_of_heads(space: dict, heads: int) -> np.ndarray:
    """Of the parameters of 12.2 in one piece, each head on its own. (heads, N, N)"""
    queries, keys = (np.split(space[f"omega_{name}"] @ space["X"] + space[f"beta_{name}"], heads) for name in "qk")
    powers = [np.exp(key.T @ query / np.sqrt(len(query))) for query, key in zip(queries, keys, strict=True)]
    return np.array([power / power.sum(axis=0) for power in powers])


def test_what_the_heads_attend_to():
    space = space_of(MULTIHEAD) | {"show": lambda *panels, **options: None}
    exec(text_of(MULTIHEAD, "attention-picture"), space)
    heads = attention_of_heads(space, 2)

    assert np.array_equal(np.round(heads, 3), [space["attention1"], space["attention2"]])
    first, second = heads.argmax(axis=1)
    assert first.tolist() == [4, 5, 4, 0, 4, 0] and second.tolist() == [3, 1, 5, 2, 1, 5]
    says(
        MULTIHEAD,
        "attention-picture-text",
        "input 4 is the favourite of queries 0, 2 and 4, input 5 that of query 1, and input 0 that of query 3 and",
        "input 3 is that of query 0, input 1 that of queries 1 and 4, input 5 that of queries 2 and 5, and input 2",
    )
    assert np.sort(heads[0][:, 5])[-1] - np.sort(heads[0][:, 5])[-2] < 0.05  # "only just"


def test_heads_made_by_hand():
    space = space_of(MULTIHEAD)
    heads = [space["sharpness"] * space[name] @ space["X_letters"] for name in ("take_case", "take_letter")]
    case, letter = (
        space["softmax_cols"]((keys / space["sharpness"]).T @ keys / np.sqrt(6)) for keys in heads
    )  # queries are the keys, made larger

    assert np.allclose(case[:, 2], [1 / 3, 0, 1 / 3, 0, 0, 1 / 3], atol=1e-3)
    assert np.allclose(letter[:, 2], [0, 0, 1, 0, 0, 0], atol=5e-3)
    assert np.allclose(letter[[0, 4], 0], 0.5, atol=1e-3)


def test_any_number_of_heads():
    space = space_of(MULTIHEAD)
    names = ("omega_v", "omega_q", "omega_k", "beta_v", "beta_q", "beta_k", "omega_c")
    parameters = [space[name] for name in names]
    two, four = (space["multihead_attention"](space["X"], *parameters, heads) for heads in (2, 4))

    assert np.array_equal(space["X_prime_true"], two.round(3)) and np.array_equal(
        space["X_prime_4_true"], four.round(3)
    )
    assert np.abs(two - four).min() > 0.01  # "They differ everywhere"
    assert np.allclose(space["attention"], attention_of_heads(space, 4))
    assert np.allclose(space["all_at_once"], four)
    assert np.allclose(space["in_one_piece"], space["in_halves"])
    heads = space["attention"]
    assert {*heads[0].argmax(axis=0)} == {4, 5} and heads[0].max(axis=0).min() > 0.9
    assert len({*heads[3].argmax(axis=0)}) == 5
    says(MULTIHEAD, "reshape-picture-text", f"largest weight is {heads[3][:, 5].max():.2f}")
    says(MULTIHEAD, "reshape-picture-text", f"same {sum(each.size for each in parameters)} parameters")
    # "as many query, key and value parameters as one head of full size has"
    assert sum(each.size for each in parameters[:6]) == 3 * (8 * 8 + 8)
    assert sum(value.size for name, value in space.items() if re.fullmatch(r"(omega|beta)_[qkv][12]", name)) == 216


# --- 10.3 -------------------------------------------------------------------------------------------------------------


@pytest.mark.torch
def test_windows_sizes_and_responses():
    space = space_of(CONVOLUTION)
    convolve, face, kernels = space["conv_pytorch"], space["face"], space["kernels"]
    right = convolve(face, kernels[:1], pad=0)[0, 0]

    row, column = map(int, np.unravel_index(np.abs(right).argmax(), right.shape))
    assert (row, column) == (5, 49)
    edge, wall = (
        np.sum(face[0, 0, i : i + 3, j : j + 3].round() * space["sobel_right"]) for i, j in ((5, 49), (20, 58))
    )
    says(CONVOLUTION, "response-picture-text", f"the sum is {edge:.0f}", f"and {wall:.0f} is left")
    sizes = [convolve(np.ones((1, 1, rows, 3)), np.ones((1, 1, 3, 3)), 3).shape[2] for rows in (10, 11, 12, 13)]
    assert sizes == [4, 4, 4, 5]
    says(CONVOLUTION, "input-size-reading", "10, 11 and 12")
    for stride in (1, 2, 3):  # the formula of the text, for 4 rows, a kernel of 3, padding 1
        first = stride * (4 - 1) + 3 - 2
        rows = [convolve(np.ones((1, 1, n, 3)), np.ones((1, 1, 3, 3)), stride).shape[2] for n in range(1, 20)]
        assert [n for n, found in enumerate(rows, 1) if found == 4] == list(range(first, first + stride))


@pytest.mark.torch
def test_kernel_looks_like_what_it_responds_to():
    kernel = space_of(CONVOLUTION)["sobel_right"].astype(float).ravel()
    windows = np.random.RandomState(0).normal(size=(1000, 9))
    windows *= np.linalg.norm(kernel) / np.linalg.norm(windows, axis=1, keepdims=True)

    assert (windows @ kernel).max() < kernel @ kernel


@pytest.mark.torch
def test_gradient():
    space = space_of(CONVOLUTION)
    ramp = space["ramp"].reshape(1, 1, 5, 7)
    on_ramp = space["conv_pytorch"](ramp, space["kernels"][:2], pad=0)[0]
    assert np.all(on_ramp[0] == 24) and np.all(on_ramp[1] == -16)

    right, down = space["conv_pytorch"](space["face"], space["kernels"][:2], pad=0)[0] / 8
    magnitude = np.hypot(right, down)
    half, most = f"less than {np.median(magnitude):.1f} grey levels", f"edge by {magnitude.max():.1f}"
    says(CONVOLUTION, "gradient-picture-text", half, most)
    assert right[10:25, 56:59].max(axis=1).min() > 20  # the right edge of the cap
    assert down[15:21, 20:45].max(axis=0).min() > 20  # the cap and the forehead
    assert np.abs(right[15:21, 20:45]).max() < 20  # which runs from left to right


# --- 10.4 -------------------------------------------------------------------------------------------------------------


def test_round_trips():
    space = space_of(RESAMPLING)
    image = space["image"]
    errors = {}
    for down in ("subsample", "maxpool", "meanpool"):
        small = space[down](image)
        ups = {"duplicate": (), "max_unpool": (image,), "bilinear": ()}
        for up, more in ups.items():
            errors[down, up] = np.sqrt(np.mean((space[up](small, *more) - image) ** 2))

    told = {key: f"{error:.1f}" for key, error in errors.items()}
    says(
        RESAMPLING,
        "round-trip-picture-text",
        f"{told['subsample', 'bilinear']} against {told['subsample', 'duplicate']}",
        f"{told['maxpool', 'duplicate']} and {told['maxpool', 'bilinear']}",
        f"loses least, {told['meanpool', 'duplicate']},",
        "about 110 in each row",
    )
    assert min(errors, key=errors.get) == ("meanpool", "duplicate")
    assert all(abs(errors[down, "max_unpool"] - 110) < 1 for down in ("subsample", "maxpool", "meanpool"))
    for up in ("duplicate", "bilinear"):
        assert errors["maxpool", up] == max(error for ways, error in errors.items() if ways[1] == up)


def test_what_each_way_down_forgets():
    space = space_of(RESAMPLING)
    image = space["image"]
    exact, lighter, contrast = {}, {}, {}
    for down in ("subsample", "maxpool", "meanpool"):
        small = space[down](image)
        exact[down] = np.mean(space["duplicate"](small) == image)
        lighter[down] = small.mean() - image.mean()
        contrast[down] = small.std() / image.std()

    says(
        RESAMPLING, "forgotten-reading", f"{exact['subsample']:.1%}".replace("%", " %"), f"by {lighter['maxpool']:.1f}"
    )
    assert abs(exact["maxpool"] - exact["subsample"]) < 0.01 and exact["meanpool"] < 0.01
    assert abs(lighter["subsample"]) < 0.5 and abs(lighter["meanpool"]) < 1e-9
    assert abs(contrast["subsample"] - 1) < 0.01
    says(RESAMPLING, "forgotten-reading", f"{1 - contrast['meanpool']:.0%}".replace("%", " % of the contrast"))
