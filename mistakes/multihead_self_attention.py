"""12.2 multi-head self-attention: two heads, then any number."""

from functools import partial
from typing import ClassVar

import numpy as np

from gradebox.checks import Case, Exercise
from mistakes import operators

D, N, H = 8, 6, 2  # the notebook's own sizes, which a slip below reads
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


def reference(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
              omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q, k, v = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    scores = k.T @ q / np.sqrt(len(q))
    attention = softmax_cols(scores)
    y1 = v @ attention
    q, k, v = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    scores = k.T @ q / np.sqrt(len(q))
    attention = softmax_cols(scores)
    y2 = v @ attention
    X_prime = omega_c @ np.vstack([y1, y2])
    return X_prime


multihead_scaled_self_attention = Exercise(
    "multihead-scaled-self-attention",
    truth,
    values=[case(101, 8, 6), case(102, 8, 6), case(103, 8, 6)],
    general=[case(201, *sizes) for sizes in ((6, 5), (10, 3), (4, 9), (8, 1), (8, 20), (2, 7))],
    reference=reference,
    pairs=[("not-scaled", "softmax-of-each-row"), ("not-scaled", "queries-and-keys-swapped")],
)
slip = multihead_scaled_self_attention.slip
in_both = partial(slip, times=2)  # heads

# --- queries, keys and values -----------------------------------------------------------------------------------------

# fmt: off
slip("no-biases", "Queries, keys and values also have biases (step 1).",
     {f" + beta_{each}{head}": "" for each in "qkv" for head in "12"})
slip("biases-taken-off", "The biases are taken off: step 1 adds them.",
     {f" + beta_{each}{head}": f" - beta_{each}{head}" for each in "qkv" for head in "12"})
slip("products-taken-off", "The products are taken off the biases: step 1 adds the two.",
     {f"omega_{each}{head} @ X +": f"-omega_{each}{head} @ X +" for each in "qkv" for head in "12"})
slip("inputs-without-weights", "The inputs are taken as they are: they meet the weights of a head first (step 1).",
     {f"omega_{each}{head} @ ": "" for each in "qkv" for head in "12"})
slip("inputs-on-the-left", "`X` stands on the wrong side of the weights: one input is one column (step 1).",
     {f"omega_{each}{head} @ X": f"X @ omega_{each}{head}" for each in "qkv" for head in "12"})
slip("keys-of-the-other-head",
     "The heads share their keys; each head has queries, keys and values of its own (step 1).",
     {"omega_k2 @ X + beta_k2": "omega_k1 @ X + beta_k1"})

# --- scores and attention ---------------------------------------------------------------------------------------------

in_both("not-scaled", "The scores are not scaled before the softmax (step 2).", {" / np.sqrt(len(q))": ""})
in_both("scaled-by-the-inputs", "The scaling depends on the length of one head's queries, not on that of the inputs.",
        {"len(q)": "len(X)"})
in_both("scaled-by-the-number-of-inputs",
        "It is the length of a head's queries that counts in the scaling (step 2), not the number of inputs.",
        {"len(q)": "X.shape[1]"})
in_both("without-the-root", "Dot products grow with the root of the length: scale by that.",
        {"np.sqrt(len(q))": "len(q)"})
in_both("multiplied-by-the-root", "Scaling should make the scores smaller; here they become larger (step 2).",
        {"/ np.sqrt": "* np.sqrt"})
in_both("size-of-the-notebook",
        "The scaling is right for the notebook's heads only: other heads have queries of other lengths.",
        {"len(q)": "H_D"}, costs=["general"])
in_both("softmax-of-each-row", "It is the attention of each query that sums to one: is a query a row or a column?",
        {"softmax_cols(scores)": "softmax_cols(scores.T).T"})
in_both("softmax-of-the-whole-matrix",
        "The whole attention of a head sums to one here; each of its columns should do so by itself.",
        {"softmax_cols(scores)": "np.exp(scores) / np.sum(np.exp(scores))"})
in_both("no-softmax", "The values are weighted by the bare scores: where is the softmax of step 3?",
        {"softmax_cols(scores)": "scores"})
in_both("values-not-mixed", "Those are the values as they were: the attention of step 3 has not mixed them yet.",
        {" @ attention": ""})
in_both("queries-and-keys-swapped",
        "Rows of the scores belong to keys, columns to queries; here it is the other way round.",
        {"k.T @ q": "q.T @ k"})
in_both("attention-on-its-side",
        "The attention lies on its side: its rows sum to one, but the values meet its columns.",
        {"v @ attention": "v @ attention.T"})
in_both("attention-of-rows", "Attention relates inputs to inputs: how many rows and columns should it have?",
        {"k.T @ q": "q @ k.T", "v @ attention": "attention @ v"})

# --- the heads together -----------------------------------------------------------------------------------------------

slip("first-head-twice", "Both halves are head 1: where does head 2 come in?", {"[y1, y2]": "[y1, y1]"})
slip("heads-in-the-wrong-order", "The right heads in the wrong order: which one is on top in step 4?",
     {"[y1, y2]": "[y2, y1]"})
slip("heads-side-by-side", "The outputs of the heads belong one above the other before they are mixed (step 4).",
     {"vstack": "hstack"})
slip("not-mixed", "The outputs of the heads have not been mixed yet (step 4).", {"omega_c @ ": ""})
slip("mixed-by-columns", "A row of omega_c should meet the heads' outputs (step 4), not one of its columns.",
     {"omega_c @": "omega_c.T @"})
slip("zeros-left-in-place", "Only zeros came back: is what you return what you computed?",
     {"return X_prime": "X_prime = np.zeros_like(X)\n    return X_prime"})
slip("outputs-as-rows", "One input is one column, in the output as well.", {"return X_prime": "return X_prime.T"})
# fmt: on


@multihead_scaled_self_attention.mistake(
    "This is one large head: each of the two needs a softmax of its own before they are put together."
)
def one_large_head(X, omega_v1, omega_q1, omega_k1, beta_v1, beta_q1, beta_k1,
                   omega_v2, omega_q2, omega_k2, beta_v2, beta_q2, beta_k2, omega_c):  # fmt: skip
    q1, k1, v1 = omega_q1 @ X + beta_q1, omega_k1 @ X + beta_k1, omega_v1 @ X + beta_v1
    q2, k2, v2 = omega_q2 @ X + beta_q2, omega_k2 @ X + beta_k2, omega_v2 @ X + beta_v2
    queries, keys, values = np.vstack([q1, q2]), np.vstack([k1, k2]), np.vstack([v1, v2])
    return omega_c @ values @ softmax_cols(keys.T @ queries / np.sqrt(len(q1)))


# --- any number of heads ----------------------------------------------------------------------------------------------


def in_blocks(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    """The rows cut into H equal parts, each through an attention that wants one input per row. (D, N) -> (D, N)"""
    value, query, key = (
        np.split((omega @ X + beta).T, H, axis=1)
        for omega, beta in ((omega_v, beta_v), (omega_q, beta_q), (omega_k, beta_k))
    )
    heads = [operators.scaled_dot_product_attention(*head) for head in zip(query, key, value, strict=True)]
    return omega_c @ np.hstack(heads).T


class Heads(Case):
    traits: ClassVar = {
        "two heads": lambda case: case.args[-1] == 2,
        "one head": lambda case: case.args[-1] == 1,
        "D = 8": lambda case: len(case.args[0]) == D,
        "N = 6": lambda case: case.args[0].shape[1] == N,
        "as many heads as numbers in each input": lambda case: case.args[-1] == len(case.args[0]),
    }


def case_in_blocks(seed, D, N, H):
    random = np.random.RandomState(seed)
    shapes = [(D, N), *3 * [(D, D)], *3 * [(D, 1)], (D, D)]
    label = f"D = {D}, N = {N}, {H} {'head' if H == 1 else 'heads'}, random numbers {seed % 100}"
    return Heads(label, *(random.normal(size=shape) for shape in shapes), H)


def cut_into_heads(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k, omega_c, H):
    values, queries, keys = omega_v @ X + beta_v, omega_q @ X + beta_q, omega_k @ X + beta_k
    size = len(queries) // H
    outputs = []
    for h in range(H):
        rows = slice(h * size, (h + 1) * size)
        v, q, k = values[rows], queries[rows], keys[rows]
        scores = k.T @ q / np.sqrt(size)
        attention = softmax_cols(scores)
        outputs.append(v @ attention)
    X_prime = omega_c @ np.concatenate(outputs)
    return X_prime


multihead_attention = Exercise(
    "multihead-attention",
    in_blocks,
    values=[case_in_blocks(301 + k, 8, 6, heads) for k, heads in enumerate((2, 4, 4))],
    general=[
        case_in_blocks(401, *sizes) for sizes in ((6, 5, 3), (8, 4, 8), (10, 3, 5), (12, 7, 4), (4, 9, 1), (8, 1, 2))
    ],
    reference=cut_into_heads,
)
slip = multihead_attention.slip
# fmt: off
slip("always-two-heads", "There are as many heads as `H` says, not always two.",
     {"len(queries) // H": "len(queries) // 2", "range(H)": "range(2)"})
slip("scaled-by-all-rows",
     "The scores of a head are divided by the root of the length of its own queries, not of all heads' together.",
     {"np.sqrt(size)": "np.sqrt(len(X))"})
slip("heads-not-scaled", "The scores of the heads are not scaled before the softmax (step 2).",
     {" / np.sqrt(size)": ""})
slip("heads-without-the-root", "Dot products grow with the root of the length: scale by that.",
     {"np.sqrt(size)": "size"})
slip("heads-multiplied-by-the-root", "Scaling should make the scores smaller; here they become larger (step 2).",
     {"/ np.sqrt": "* np.sqrt"})
slip("heads-without-softmax", "The values are weighted by the bare scores: where is the softmax of step 3?",
     {"softmax_cols(scores)": "scores"})
slip("values-of-the-heads-not-mixed",
     "Those are the values as they were: the attention of step 3 has not mixed them yet.",
     {" @ attention": ""})
slip("rows-dealt-out-in-turn", "The rows of a head lie next to each other; here they are dealt out in turn.",
     {"slice(h * size, (h + 1) * size)": "slice(h, None, H)"})
slip("heads-added",
     "The outputs of the heads lost their places: step 4 puts them one above the other, which gives D rows.",
     {"np.concatenate(outputs)": "sum(outputs)"})
slip("heads-not-mixed", "The outputs of the heads have not been mixed yet (step 4).", {"omega_c @ ": ""})
slip("heads-mixed-by-columns",
     "A row of omega_c should meet the outputs of the heads (step 4), not one of its columns.",
     {"omega_c @": "omega_c.T @"})
slip("columns-cut-out", "The matrix of a head is made of rows of the large one; here columns were cut out.",
     {f"omega_{each} @": f"omega_{each}.T @" for each in "vqk"})
slip("inputs-shared-out", "Every head sees all rows of `X`; it is queries, keys and values that are shared out.",
     {"values[rows]": "omega_v[rows, rows] @ X[rows] + beta_v[rows]",
      "queries[rows]": "omega_q[rows, rows] @ X[rows] + beta_q[rows]",
      "keys[rows]": "omega_k[rows, rows] @ X[rows] + beta_k[rows]"})
slip("all-rows-in-one-head", "This is one large head: each of the H heads needs a softmax of its own.",
     {"values[rows], queries[rows], keys[rows]": "values, queries, keys", "range(H)": "range(1)"})
slip("first-head-every-time", "All heads are the first one: where does the number of the head choose its rows?",
     {"slice(h * size, (h + 1) * size)": "slice(0, size)"})
slip("softmax-of-the-rows-of-each-head",
     "The softmax runs along the rows of the scores: is it a key or a query whose attention sums to one?",
     {"softmax_cols(scores)": "softmax_cols(scores.T).T"})
slip("queries-for-keys-in-each-head",
     "Rows of the scores belong to keys, columns to queries; here they have changed places.",
     {"k.T @ q": "q.T @ k"})
slip("biases-of-the-heads-taken-off", "The biases are taken off: step 1 adds them.",
     {f" + beta_{each}": f" - beta_{each}" for each in "vqk"})
slip("products-of-the-heads-taken-off", "The products are taken off the biases: step 1 adds the two.",
     {f"omega_{each} @ X +": f"-omega_{each} @ X +" for each in "vqk"})
slip("heads-of-the-inputs-themselves",
     "The heads are cut out of the inputs themselves: they meet the weights first (step 1).",
     {f"omega_{each} @ ": "" for each in "vqk"})
slip("heads-without-biases", "The biases are missing; their rows belong to the heads, too (step 1).",
     {f" + beta_{each}": "" for each in "vqk"})
# fmt: on
