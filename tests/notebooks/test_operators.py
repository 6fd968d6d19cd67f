"""What the oracles of the numpy notebooks stand on is what torch's own operators say."""

from copy import deepcopy

import numpy as np
import pytest
from catalogue import EXERCISES

from gradebox.checks import same
from mistakes import multihead_self_attention, operators, self_attention

torch = pytest.importorskip("torch", reason="torch, which the oracles are held against, is not installed")
F = torch.nn.functional


def by_torch(operator, *arrays, **options):
    return operator(*(torch.tensor(np.asarray(array)) for array in arrays), **options).numpy()


def of_image(operator, x, **options):
    """An operator for images (batch, channels, H, W) on an array (H, W)."""
    return by_torch(operator, np.asarray(x, float)[None, None], **options)[0, 0]


def max_unpool2d(x, high_res):
    _, place = F.max_pool2d(torch.tensor(high_res)[None], 2, return_indices=True)
    return F.max_unpool2d(torch.tensor(x)[None], place, 2)[0].numpy()


def bilinear(x):
    tent = torch.tensor([0.5, 1, 0.5], dtype=torch.float64)
    return of_image(F.conv_transpose2d, x, weight=torch.outer(tent, tent)[None, None], stride=2)[1:, 1:]


TORCH = {
    "linear": lambda *arrays: by_torch(F.linear, *arrays),
    "softmax": lambda x, dim: by_torch(F.softmax, np.asarray(x, float), dim=dim),
    "scaled_dot_product_attention": lambda *arrays, **scale: by_torch(F.scaled_dot_product_attention, *arrays, **scale),
    "conv2d": lambda *arrays, **options: by_torch(F.conv2d, *arrays, **options),
    "max_pool2d": lambda x, **options: of_image(F.max_pool2d, x, **options),
    "avg_pool2d": lambda x, **options: of_image(F.avg_pool2d, x, **options),
    "nearest": lambda x: of_image(F.interpolate, x, scale_factor=2, mode="nearest"),
    "max_unpool2d": max_unpool2d,
    "bilinear": bilinear,
}


def answers(exercise) -> list:
    cases = [*exercise.values, *exercise.general]
    return [case.view(exercise.truth(*deepcopy(case.args), **case.kwargs)) for case in cases]


@pytest.mark.parametrize(("notebook", "exercise"), [pytest.param(*found, id=found[1].name) for found in EXERCISES])
def test_truth_is_the_same_with_torchs_operators(notebook, exercise, monkeypatch):
    expected = answers(exercise)
    for name, operator in TORCH.items():
        monkeypatch.setattr(operators, name, operator)
    for answer, right in zip(answers(exercise), expected, strict=True):
        assert same(answer, right, 1e-11)


def cases_of(exercise) -> list:
    return [pytest.param(case, id=case.label) for case in (*exercise.values, *exercise.general)]


@pytest.mark.parametrize("case", cases_of(self_attention.masked_self_attention))
def test_masked_self_attention_is_torchs_causal_attention(case):
    X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k = map(torch.tensor, case.args)
    query, key, value = (
        (omega @ X + beta).T for omega, beta in ((omega_q, beta_q), (omega_k, beta_k), (omega_v, beta_v))
    )

    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True).T.numpy()

    assert same(self_attention.masked_self_attention.right(case), expected, 1e-11)


@pytest.mark.parametrize("case", cases_of(multihead_self_attention.multihead_attention))
def test_multihead_attention_is_torchs(case):
    *arrays, heads = case.args
    X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c = map(torch.tensor, arrays)
    x = X.T[:, None]  # (inputs, batch, numbers)

    expected, _ = F.multi_head_attention_forward(
        x, x, x, len(X), heads,
        in_proj_weight=torch.cat([omega_q, omega_k, omega_v]), in_proj_bias=torch.cat([beta_q, beta_k, beta_v])[:, 0],
        bias_k=None, bias_v=None, add_zero_attn=False, dropout_p=0.0,
        out_proj_weight=omega_c, out_proj_bias=None,
    )  # fmt: skip

    assert same(multihead_self_attention.multihead_attention.right(case), expected[:, 0].T.numpy(), 1e-11)
