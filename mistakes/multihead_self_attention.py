"""12.2 multihead self-attention."""

import numpy as np
import torch

from gradebox.checks import Case, Exercise

D, N, H = 8, 6, 2  # the notebook's own sizes, which a mistake below reads
H_D = D // H


def softmax_cols(data_in):
    """Given in the notebook: softmax of each column."""
    exp_values = np.exp(data_in - np.max(data_in, axis=0, keepdims=True))
    return exp_values / np.sum(exp_values, axis=0, keepdims=True)


def truth(X, *parameters):
    """Equations 12.12 to 12.14, heads by torch's own attention, which wants one input per row. (D, N) -> (D, N)"""
    heads = []
    for omega_v, omega_q, omega_k, beta_v, beta_q, beta_k in (parameters[:6], parameters[6:12]):
        value, query, key = (
            torch.tensor((omega @ X + beta).T)
            for omega, beta in ((omega_v, beta_v), (omega_q, beta_q), (omega_k, beta_k))
        )
        heads.append(torch.nn.functional.scaled_dot_product_attention(query, key, value).T)
    return (torch.tensor(parameters[12]) @ torch.cat(heads)).numpy()


def case(seed, D, N):
    random = np.random.RandomState(seed)
    head = 3 * [(D // 2, D)] + 3 * [(D // 2, 1)]
    return Case(
        f"D = {D}, N = {N}, random numbers {seed % 100}",
        *(random.normal(size=shape) for shape in [(D, N), *head, *head, (D, D)]),
    )


multihead_scaled_self_attention = Exercise(
    "multihead-scaled-self-attention",
    truth,
    values=[case(101, 8, 6), case(102, 8, 6), case(103, 8, 6)],
    general=[case(201, *sizes) for sizes in ((6, 5), (10, 3), (4, 9), (8, 1), (8, 20), (2, 7))],
)


@multihead_scaled_self_attention.mistake("The scores are not scaled before the softmax.")
def not_scaled(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
               omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    outputs = []
    for omega_v, omega_q, omega_k, beta_v, beta_q, beta_k in (
        (omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1),
        (omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2),
    ):
        q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
        outputs.append(v @ softmax_cols(k.T @ q))
    return omega_c @ np.vstack(outputs)


@multihead_scaled_self_attention.mistake(
    "The length of a head's queries is read from the notebook: other heads have other lengths.", costs=["general"]
)
def size_of_the_notebook(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                         omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(H_D))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(H_D))
    return omega_c @ np.vstack([y1, y2])
