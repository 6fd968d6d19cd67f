"""12.2 multi-head self-attention: two heads, then any number."""

import numpy as np

from gradebox.checks import Case, Exercise
from mistakes import operators

D, N, H = 8, 6, 2  # the notebook's own sizes, which a mistake below reads
H_D = D // H


def softmax_cols(data_in):
    """Given in the notebook: softmax of each column."""
    exp_values = np.exp(data_in - np.max(data_in, axis=0, keepdims=True))
    return exp_values / np.sum(exp_values, axis=0, keepdims=True)


def truth(X, *parameters):
    """Steps 1 to 4 of the notebook, the heads by an attention that wants one input per row."""
    heads = []
    for omega_v, omega_q, omega_k, beta_v, beta_q, beta_k in (parameters[:6], parameters[6:12]):
        value, query, key = (
            (omega @ X + beta).T for omega, beta in ((omega_v, beta_v), (omega_q, beta_q), (omega_k, beta_k))
        )
        heads.append(operators.scaled_dot_product_attention(query, key, value).T)
    return parameters[12] @ np.concatenate(heads)


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


@multihead_scaled_self_attention.mistake("The scores are not scaled before the softmax (step 2).")
def not_scaled(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
               omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1)
    y2 = v2 @ softmax_cols(k2.T @ q2)
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "The scaling depends on the length of one head's queries, not on that of the inputs."
)
def scaled_by_the_inputs(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                         omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(X)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(X)))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "It is the length of a head's queries that counts in the scaling (step 2), not the number of inputs."
)
def scaled_by_the_number_of_inputs(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                                   omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(X.shape[1]))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(X.shape[2]))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake("Dot products grow with the root of the length: scale by that.")
def without_the_root(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                     omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / len(q1))
    y2 = v2 @ softmax_cols(k2.T @ q2 / len(q2))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "It is the attention of each query that sums to one: is a query a row or a column?"
)
def softmax_of_each_row(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                        omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    e1 = np.exp(k1.T @ q1 / np.sqrt(len(q1)))
    e2 = np.exp(k2.T @ q2 / np.sqrt(len(q2)))
    y1 = v1 @ (e1 / np.sum(e1, axis=1, keepdims=True))
    y2 = v2 @ (e2 / np.sum(e2, axis=1, keepdims=True))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "Rows of the scores belong to keys, columns to queries; here it is the other way round."
)
def queries_and_keys_swapped(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                             omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(q1.T @ k1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(q2.T @ k2 / np.sqrt(len(q2)))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "The attention lies on its side: its rows sum to one, but the values meet its columns."
)
def attention_on_its_side(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                          omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1))).T
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2))).T
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "The whole attention of a head sums to one here; each of its columns should do so by itself."
)
def softmax_of_the_whole_matrix(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                                omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    e1 = np.exp(k1.T @ q1 / np.sqrt(len(q1)))
    e2 = np.exp(k2.T @ q2 / np.sqrt(len(q2)))
    y1 = v1 @ (e1 / np.sum(e1))
    y2 = v2 @ (e2 / np.sum(e2))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake("The values are weighted by the bare scores: where is the softmax of step 3?")
def no_softmax(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
               omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ (k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ (k2.T @ q2 / np.sqrt(len(q2)))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "Attention relates inputs to inputs: how many rows and columns should it have?"
)
def attention_of_rows(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                      omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = softmax_cols(q1 @ k1.T / np.sqrt(len(q1))) @ v1
    y2 = softmax_cols(q2 @ k2.T / np.sqrt(len(q2))) @ v2
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake("Both halves are head 1: where does head 2 come in?")
def first_head_twice(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                     omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    return omega_c @ np.vstack([y1, y1])


@multihead_scaled_self_attention.mistake(
    "The heads share their keys; each head has queries, keys and values of its own (step 1)."
)
def keys_of_the_other_head(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                           omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, v2 = omega_q2 @ X + beta_q2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k1.T @ q2 / np.sqrt(len(q2)))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake("The right heads in the wrong order: which one is on top in step 4?")
def heads_in_the_wrong_order(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                             omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return omega_c @ np.vstack([y2, y1])


@multihead_scaled_self_attention.mistake(
    "The outputs of the heads belong one above the other before they are mixed (step 4)."
)
def heads_side_by_side(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                       omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return omega_c @ np.hstack([y1, y2])


@multihead_scaled_self_attention.mistake("The outputs of the heads have not been mixed yet (step 4).")
def not_mixed(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
              omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "A row of omega_c should meet the heads' outputs (step 4), not one of its columns."
)
def mixed_by_columns(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                     omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return omega_c.T @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "This is one large head: each of the two needs a softmax of its own before they are put together."
)
def one_large_head(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                   omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    queries, keys, values = np.vstack([q1, q2]), np.vstack([k1, k2]), np.vstack([v1, v2])
    return omega_c @ values @ softmax_cols(keys.T @ queries / np.sqrt(len(q1)))


@multihead_scaled_self_attention.mistake("Queries, keys and values also have biases (step 1).")
def no_biases(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
              omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X, omega_k1 @ X, omega_v1 @ X
    q2, k2, v2 = omega_q2 @ X, omega_k2 @ X, omega_v2 @ X
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake(
    "`X` stands on the wrong side of the weights: one input is one column (step 1)."
)
def inputs_on_the_left(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                       omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = X @ omega_q1 + beta_q1, X @ omega_k1 + beta_k1, X @ omega_v1 + beta_v1
    q2, k2, v2 = X @ omega_q2 + beta_q2, X @ omega_k2 + beta_k2, X @ omega_v2 + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return omega_c @ np.vstack([y1, y2])


@multihead_scaled_self_attention.mistake("Only zeros came back: is what you return what you computed?")
def zeros_left_in_place(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                        omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    X_prime = omega_c @ np.vstack([y1, y2])
    X_prime = np.zeros_like(X)
    return X_prime


@multihead_scaled_self_attention.mistake("One input is one column, in the output as well.")
def outputs_as_rows(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                    omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(len(q1)))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(len(q2)))
    return (omega_c @ np.vstack([y1, y2])).T


@multihead_scaled_self_attention.mistake(
    "The scaling is right for the notebook's heads only: other heads have queries of other lengths.", costs=["general"]
)
def size_of_the_notebook(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                         omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    y1 = v1 @ softmax_cols(k1.T @ q1 / np.sqrt(H_D))
    y2 = v2 @ softmax_cols(k2.T @ q2 / np.sqrt(H_D))
    return omega_c @ np.vstack([y1, y2])


# --- any number of heads ----------------------------------------------------------------------------------------------


def in_blocks(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    """The rows cut into H equal parts, each through an attention that wants one input per row. (D, N) -> (D, N)"""
    value, query, key = (
        np.split((omega @ X + beta).T, H, axis=1)
        for omega, beta in ((omega_v, beta_v), (omega_q, beta_q), (omega_k, beta_k))
    )
    heads = [operators.scaled_dot_product_attention(*head) for head in zip(query, key, value, strict=True)]
    return omega_c @ np.hstack(heads).T


def case_in_blocks(seed, D, N, H):
    random = np.random.RandomState(seed)
    shapes = [(D, N), *3 * [(D, D)], *3 * [(D, 1)], (D, D)]
    label = f"D = {D}, N = {N}, {H} {'head' if H == 1 else 'heads'}, random numbers {seed % 100}"
    return Case(label, *(random.normal(size=shape) for shape in shapes), H)


multihead_attention = Exercise(
    "multihead-attention",
    in_blocks,
    values=[case_in_blocks(301 + k, 8, 6, heads) for k, heads in enumerate((2, 4, 4))],
    general=[
        case_in_blocks(401, *sizes) for sizes in ((6, 5, 3), (8, 4, 8), (10, 3, 5), (12, 7, 4), (4, 9, 1), (8, 1, 2))
    ],
)


@multihead_attention.mistake("There are as many heads as `H` says, not always two.")
def always_two_heads(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // 2
    outputs = []
    for rows in (slice(0, size), slice(size, None)):
        outputs.append(values[rows] @ softmax_cols(keys[rows].T @ queries[rows] / np.sqrt(size)))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake(
    "The scores of a head are divided by the root of the length of its own queries, not of all heads' together."
)
def scaled_by_all_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        outputs.append(values[rows] @ softmax_cols(keys[rows].T @ queries[rows] / np.sqrt(len(X))))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake("The scores of the heads are not scaled before the softmax (step 2).")
def heads_not_scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        outputs.append(values[rows] @ softmax_cols(keys[rows].T @ queries[rows]))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake("The rows of a head lie next to each other; here they are dealt out in turn.")
def rows_dealt_out_in_turn(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    outputs = []
    for h in range(H):
        v, q, k = values[h::H], queries[h::H], keys[h::H]
        outputs.append(v @ softmax_cols(k.T @ q / np.sqrt(len(q))))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake(
    "The outputs of the heads lost their places: step 4 puts them one above the other, which gives D rows."
)
def heads_added(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    total = 0
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        total = total + values[rows] @ softmax_cols(keys[rows].T @ queries[rows] / np.sqrt(size))
    return omega_c @ total


@multihead_attention.mistake("The outputs of the heads have not been mixed yet (step 4).")
def heads_not_mixed(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        outputs.append(values[rows] @ softmax_cols(keys[rows].T @ queries[rows] / np.sqrt(size)))
    return np.concatenate(outputs)


@multihead_attention.mistake("A row of omega_c should meet the outputs of the heads (step 4), not one of its columns.")
def heads_mixed_by_columns(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        outputs.append(values[rows] @ softmax_cols(keys[rows].T @ queries[rows] / np.sqrt(size)))
    return omega_c.T @ np.concatenate(outputs)


@multihead_attention.mistake("The matrix of a head is made of rows of the large one; here columns were cut out.")
def columns_cut_out(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    size = len(omega_q) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        v, q, k = (
            omega[:, rows].T @ X + beta[rows]
            for omega, beta in ((omega_v, beta_v), (omega_q, beta_q), (omega_k, beta_k))
        )
        outputs.append(v @ softmax_cols(k.T @ q / np.sqrt(size)))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake("Every head sees all rows of `X`; it is queries, keys and values that are shared out.")
def inputs_shared_out(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    size = len(omega_q) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        v, q, k = (
            omega[rows, rows] @ X[rows] + beta[rows]
            for omega, beta in ((omega_v, beta_v), (omega_q, beta_q), (omega_k, beta_k))
        )
        outputs.append(v @ softmax_cols(k.T @ q / np.sqrt(size)))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake("This is one large head: each of the H heads needs a softmax of its own.")
def all_rows_in_one_head(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    return omega_c @ values @ softmax_cols(keys.T @ queries / np.sqrt(len(queries) // H))


@multihead_attention.mistake("All heads are the first one: where does the number of the head choose its rows?")
def first_head_every_time(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        outputs.append(values[:size] @ softmax_cols(keys[:size].T @ queries[:size] / np.sqrt(size)))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake(
    "The softmax runs along the rows of the scores: is it a key or a query whose attention sums to one?"
)
def softmax_of_the_rows_of_each_head(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        exponentials = np.exp(keys[rows].T @ queries[rows] / np.sqrt(size))
        outputs.append(values[rows] @ (exponentials / np.sum(exponentials, axis=1, keepdims=True)))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake("Rows of the scores belong to keys, columns to queries; here they have changed places.")
def queries_for_keys_in_each_head(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        outputs.append(values[rows] @ softmax_cols(queries[rows].T @ keys[rows] / np.sqrt(size)))
    return omega_c @ np.concatenate(outputs)


@multihead_attention.mistake("The biases are missing; their rows belong to the heads, too (step 1).")
def heads_without_biases(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X, omega_q @ X, omega_k @ X
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        outputs.append(values[rows] @ softmax_cols(keys[rows].T @ queries[rows] / np.sqrt(size)))
    return omega_c @ np.concatenate(outputs)
