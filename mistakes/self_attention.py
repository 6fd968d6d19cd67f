"""12.1 self-attention: from one input at a time to matrix products, what it knows of order, and how to hide inputs."""

from typing import ClassVar

import numpy as np

from gradebox.checks import Case, Exercise, made, slip_in
from mistakes import operators

# --- what the notebook has, for the slips that read it -------------------------------------------------------------

N, D = 3, 4
n = N - 1  # left over from the loop over the inputs


def softmax_cols(data_in):
    """Given in the notebook: softmax of each column."""
    exp_values = np.exp(data_in - np.max(data_in, axis=0, keepdims=True))
    return exp_values / np.sum(exp_values, axis=0, keepdims=True)


def notebook_inputs():
    """The notebook's inputs, weights and biases, by its seeds."""
    random = np.random.RandomState(3)
    inputs = [random.normal(size=(D, 1)) for _ in range(N)]
    random = np.random.RandomState(0)
    return inputs, *(random.normal(size=size) for size in 3 * [(D, D)] + 3 * [(D, 1)])


all_x = notebook_inputs()[0]

# --- queries, keys and values -----------------------------------------------------------------------------------------


def projected(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    """Equations 12.2 and 12.4 by a linear layer that wants one input per row. Three lists of (D, 1) arrays."""
    inputs = np.hstack(all_x).T
    lists = []
    for omega, beta in ((omega_q, beta_q), (omega_k, beta_k), (omega_v, beta_v)):
        rows = operators.linear(inputs, omega, beta[:, 0])
        lists.append([row[:, np.newaxis] for row in rows])
    return tuple(lists)


def numbers(columns):
    """All numbers of a list of columns, one after the other."""
    return np.concatenate([[], *map(np.ravel, columns)])


def columns(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        query = beta_q + omega_q @ x
        key = beta_k + omega_k @ x
        value = beta_v + omega_v @ x
        all_queries.append(query)
        all_keys.append(key)
        all_values.append(value)
    return all_queries, all_keys, all_values


LISTS = {"the queries": 0, "the keys": 1, "the values": 2}

queries_keys_values = Exercise(
    "queries-keys-values",
    projected,
    values=[
        Case(f"{name}, to ten decimals", *notebook_inputs(), view=lambda lists, which=which: numbers(lists[which]))
        for name, which in LISTS.items()
    ],
    general=[
        Case(f"{name}, one by one", *notebook_inputs(), view=lambda lists, which=which: list(lists[which]))
        for name, which in LISTS.items()
    ],
    reference=columns,
    ask=made,
    atol=1e-10,
)


slip = queries_keys_values.slip
# fmt: off
slip("omegas-transposed", "A row of each weight matrix should meet the input, not one of its columns.",
     {"omega_q @": "omega_q.T @", "omega_k @": "omega_k.T @", "omega_v @": "omega_v.T @"})
slip("inputs-as-rows", "The inputs are columns here: on which side does the matrix stand in equation 12.2?",
     {"beta_q + omega_q @ x": "beta_q.T + x.T @ omega_q", "beta_k + omega_k @ x": "beta_k.T + x.T @ omega_k",
      "beta_v + omega_v @ x": "beta_v.T + x.T @ omega_v"})
slip("row-plus-column", "A row and a bias column were added, which makes a square: equation 12.2 adds two columns.",
     {"omega_q @ x": "x.T @ omega_q", "omega_k @ x": "x.T @ omega_k", "omega_v @ x": "x.T @ omega_v"})
slip("entry-by-entry", "This multiplies entry by entry; the matrix product of equation 12.2 also adds up.",
     {" @ x": " * x"}, times=3)
slip("no-biases", "Queries, keys and values also have biases (equations 12.2 and 12.4).",
     {"beta_q + ": "", "beta_k + ": "", "beta_v + ": ""})
slip("product-taken-off", "The products are taken off the biases: equation 12.2 adds the two.",
     {"beta_q +": "beta_q -", "beta_k +": "beta_k -", "beta_v +": "beta_v -"})
slip("biases-alone", "Only the biases are left: where do the inputs come in (equation 12.2)?",
     {" + omega_q @ x": "", " + omega_k @ x": "", " + omega_v @ x": ""})
slip("inputs-without-weights", "The inputs are taken as they are: they meet a weight matrix first (equation 12.2).",
     {"omega_q @ ": "", "omega_k @ ": "", "omega_v @ ": ""})
slip("weights-without-inputs", "The weight matrices stand there alone: each should meet an input (equation 12.2).",
     {" @ x\n": "\n"}, times=3)
slip("bias-before-the-product", "The bias joins after the matrix product, not before (equation 12.2).",
     {"beta_q + omega_q @ x": "omega_q @ (x + beta_q)", "beta_k + omega_k @ x": "omega_k @ (x + beta_k)",
      "beta_v + omega_v @ x": "omega_v @ (x + beta_v)"})
slip("queries-and-keys-swapped",
     "The queries and the keys have changed places: look at the subscripts in equation 12.4.",
     {"append(query)": "append(key)", "append(key)": "append(query)"})
slip("one-bias-for-all", "Queries, keys and values share one bias here; each of the three has its own.",
     {"beta_k +": "beta_q +", "beta_v +": "beta_q +"})
slip("one-omega-for-all",
     "Queries, keys and values are made from the same weights here; each of the three has its own.",
     {"omega_k @": "omega_q @", "omega_v @": "omega_q @"})
slip("leaked-loop-index", "Every round of the loop uses the same input: which name does the loop give to its own?",
     {"@ x\n": "@ all_x[n]\n"}, times=3)
slip("kept-after-the-loop",
     "Only the last input's columns were kept: what is repeated for every input, and what comes after?",
     {"        all_queries": "    all_queries", "        all_keys": "    all_keys",
      "        all_values": "    all_values"})
slip("no-columns", "Each result should be a column like the inputs, with two axes.",
     {"(query)": "(np.ravel(query))", "(key)": "(np.ravel(key))", "(value)": "(np.ravel(value))"}, costs=["general"])
slip("rows", "The results lie in a row: equation 12.2 gives columns.",
     {"(query)": "(query.T)", "(key)": "(key.T)", "(value)": "(value.T)"}, costs=["general"])
# fmt: on

# --- softmax ----------------------------------------------------------------------------------------------------------


class Items(Case):
    traits: ClassVar = {
        "three items": lambda case: len(case.args[0]) == N,
        "arrays": lambda case: isinstance(case.args[0], np.ndarray),
        "plain numbers, without axes": lambda case: not np.shape(case.args[0][0]),
        "whole numbers": lambda case: np.asarray(case.args[0]).dtype.kind == "i",
    }

    def __init__(self, label, items):
        super().__init__(label, items, view=np.ravel)


def softmax_cases():
    """Items in every form: general cases of 1 to 7 numbers."""
    for count in (1, 2, 5, 7):
        items = 2 * np.random.RandomState(30 + count).normal(size=count) - 1
        yield Items(f"{count} items in a list", items.tolist())
        yield Items(f"{count} items in an array", items)
        yield Items(f"{count} items of shape (1, 1)", [np.array([[item]]) for item in items])
    yield Items("4 whole numbers in a list", [2, 0, -1, 2])


def weights(items_in):
    items = np.array(items_in)
    exponentials = np.exp(items)
    total = np.sum(exponentials)
    items_out = exponentials / total
    return items_out


softmax = Exercise(
    "softmax",
    lambda items_in: operators.softmax(np.ravel(items_in), dim=0),
    values=[
        Items(f"3 items, random numbers {seed}", (2 * np.random.RandomState(seed).normal(size=3)).tolist())
        for seed in (21, 22, 23, 24)
    ],
    general=[*softmax_cases()],
    reference=weights,
)
slip = softmax.slip
# fmt: off
slip("not-divided", "The weights are positive, but they do not sum to one yet (equation 12.5).",
     {"exponentials / total": "exponentials"})
slip("no-exponential", "A negative item got a negative weight: which function makes every number positive?",
     {"np.exp(items)": "items"})
slip("divided-by-the-largest", "The largest weight is one; it is the sum of the weights that should be.",
     {"np.sum(exponentials)": "np.max(exponentials)"})
slip("exponential-of-the-sum", "Adding first and exponentiating then is not the same as the other way round.",
     {"np.sum(exponentials)": "np.exp(np.sum(items))"})
slip("sum-of-the-plain-items",
     "Above the line stand exponentials, below it the plain items are added: both should be exponentials.",
     {"np.sum(exponentials)": "np.sum(items)"})
slip("minus-in-the-exponent", "The smallest item got the largest weight: look at the sign in the exponent.",
     {"np.exp(items)": "np.exp(-items)"})
slip("absolute-values", "Positive the weights are, but the softmax takes exponentials for that (equation 12.5).",
     {"np.exp": "np.abs"})
slip("multiplied-by-the-sum", "The exponentials are multiplied by their sum; they should be divided by it.",
     {"exponentials / total": "exponentials * total"})
slip("upside-down", "The fraction is upside down: the sum belongs below the line.",
     {"exponentials / total": "total / exponentials"})
slip("sum-alone", "That is the sum of the exponentials; each weight is its item's share of it.",
     {"exponentials / total": "total"})
slip("divided-by-the-count",
     "The exponentials were divided by how many there are; that makes their mean one, not their sum.",
     {"np.sum(exponentials)": "len(exponentials)"})
slip("divided-by-the-mean", "Divided by their mean, the weights sum to how many there are, not to one.",
     {"np.sum(exponentials)": "np.mean(exponentials)"})
slip("powers-of-two", "The softmax takes powers of e; here they are powers of 2.", {"np.exp(items)": "2.0**items"})
slip("logarithms", "These are the logarithms of the weights: weights are positive.",
     {"exponentials / total": "items - np.log(total)"})
slip("sigmoid", "This is the sigmoid, which looks at each item alone; the weights should sum to one.",
     {"exponentials / total": "exponentials / (1 + exponentials)"})
slip("all-or-nothing", "All weight went to the largest item; a softmax is soft and leaves the others some.",
     {"exponentials / total": "(items == np.max(items)).astype(float)"})
slip("sum-of-the-others", "Each item was left out of its own sum; below the line all of them are added.",
     {"exponentials / total": "exponentials / (total - exponentials)"})
slip("sum-so-far", "Each item was divided by the sum so far; the sum has to be complete before the first division.",
     {"np.sum(exponentials)": "np.cumsum(exponentials, axis=0)"})
slip("count-of-the-notebook",
     "The sum runs over as many items as the notebook has inputs; the list can have any length.",
     {"np.array(items_in)": "np.array([items_in[m] for m in range(N)])"}, costs=["general"])
slip("type-of-the-items",
     "The array made for the weights takes its type from the items: with whole numbers it can hold no fractions.",
     {"items_out = exponentials": "items_out = np.zeros_like(items)\n    items_out[:] = exponentials"},
      costs=["general"])
# fmt: on

# --- mixing the values ------------------------------------------------------------------------------------------------


def attended(X_queries, X_keys, X_values, scale):
    """Equations 12.5 and 12.8 by an attention that wants one input per row. (D, N) each -> (D, N)"""
    return operators.scaled_dot_product_attention(X_queries.T, X_keys.T, X_values.T, scale=scale).T


def trusted(columns, true_columns):
    """The notebook's list where it is right up to the 8 decimals of its stand-ins; otherwise the true one."""
    try:
        matrix = np.hstack([np.reshape(column, (D, 1)) for column in columns]).astype(float)
        right = np.allclose(matrix, np.hstack(true_columns), rtol=0, atol=2e-8)
    except (TypeError, ValueError):
        right = False
    return matrix if right else np.hstack(true_columns)


def mixed(all_queries, all_keys, all_values):
    """The outputs, as a list of N arrays (D, 1)."""
    given = (all_queries, all_keys, all_values)
    outputs = attended(*map(trusted, given, projected(*notebook_inputs())), scale=1.0)
    return [outputs[:, n : n + 1] for n in range(N)]


def outputs(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        dot_products = []
        for key in all_keys:
            dot_product = key.T @ all_queries[n]
            dot_products.append(dot_product)
        attention = softmax_cols(np.reshape(dot_products, (N, 1)))
        x_prime = np.zeros((D, 1))
        for m in range(N):
            x_prime = x_prime + attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


x_prime = Exercise(
    "x-prime",
    mixed,
    values=[Case("all outputs, to ten decimals", *projected(*notebook_inputs()), view=numbers)],
    general=[Case("the outputs one by one", *projected(*notebook_inputs()), view=list)],
    reference=outputs,
    ask=made,
    atol=1e-10,
)

query = projected(*notebook_inputs())[0][-1]  # left over from the notebook's first loop


slip = x_prime.slip
# fmt: off
slip("leaked-query", "All outputs are the same: does each of them use a query of its own (equation 12.5)?",
     {"all_queries[n]": "query"})
slip("outer-product", "The dot product of two columns is one number: which of the two has to lie down for that?",
     {"key.T @ all_queries[n]": "np.sum(key @ all_queries[n].T)"})
slip("last-value-only", "Only the last value arrives; equation 12.3 adds up the shares of all of them.",
     {"= x_prime + ": "= "})
slip("queries-for-keys", "The queries and the keys have changed places: output n belongs to query n.",
     {"for key in all_keys": "for key in all_queries", "all_queries[n]": "all_keys[n]"})
slip("plain-average", "This is the plain average of the values; equation 12.3 gives each its own weight.",
     {"attention[m] *": "1 / N *"})
slip("bare-dot-products",
     "The values are weighted by the bare dot products; the weights are their softmax (equation 12.5).",
     {"softmax_cols(np.reshape(dot_products, (N, 1)))": "np.reshape(dot_products, (N, 1))"})
slip("mixed-inputs", "This mixes the inputs; it is the values that are handed on (equation 12.3).",
     {"all_values[m]": "all_x[m]"})
slip("mixed-keys", "This mixes the keys; it is the values that are handed on (equation 12.3).",
     {"all_values[m]": "all_keys[m]"})
slip("weight-of-the-output",
     "Every value gets the same weight: which number of the weight belongs to value m in equation 12.3?",
     {"attention[m]": "attention[n]"})
slip("own-value",
     "Each output is its own input's value, whatever the weights: over which values runs the sum in equation 12.3?",
     {"all_values[m]": "all_values[n]"})
slip("sum-goes-on", "The sum of equation 12.3 starts at zero for every output; here it goes on from the output before.",
     {"    for n in range(N):": "    x_prime = np.zeros((D, 1))\n    for n in range(N):",
      "        x_prime = np.zeros((D, 1))\n": ""})
slip("last-value-left-out", "The last value never enters; the sum of equation 12.3 runs over all N of them.",
     {"for m in range(N)": "for m in range(N - 1)"})
slip("every-weight-with-every-value",
     "Every weight met every value; equation 12.3 gives each value its one weight and one column per output.",
     {"attention[m] *": "attention.T *"})
slip("not-added-up", "The weighted values still lie side by side; equation 12.3 adds them up.",
     {"x_prime = np.zeros((D, 1))": "x_prime = np.zeros((D, 0))",
      "x_prime + attention[m] * all_values[m]": "np.hstack([x_prime, attention[m] * all_values[m]])"})
slip("not-weighted", "The values are added up as they are; equation 12.3 gives each its own weight.",
     {"attention[m] * ": ""})
slip("weights-added-up", "The weights are added up alone; in equation 12.3 each belongs to a value.",
     {" * all_values[m]": ""})
slip("added-to-the-weight", "Weight and value are added; equation 12.3 multiplies the two.",
     {"attention[m] * ": "attention[m] + "})
slip("shares-taken-off", "The shares are taken off one by one; equation 12.3 adds them up.",
     {"x_prime + ": "x_prime - "})
slip("sum-begins-as-a-row",
     "Your sum begins as a row, or as a flat array, and a column added to that makes a square: begin with a column.",
     {"np.zeros((D, 1))": "np.zeros((1, D))"})
slip("first-value-left-out", "The first value never enters; the sum of equation 12.3 runs over all N of them.",
     {"for m in range(N)": "for m in range(1, N)"})
slip("mean-of-the-shares", "The weighted sum was divided by N once more; the weights sum to one already.",
     {"append(x_prime)": "append(x_prime / N)"})
slip("scaled-too-early", "The dot products are scaled already, which equation 12.5 does not do yet.",
     {"append(dot_product)": "append(dot_product / np.sqrt(D))"})
slip("outputs-without-columns", "Each output should be a column like the inputs, with two axes.",
     {"append(x_prime)": "append(x_prime[:, 0])"}, costs=["general"])
# fmt: on

# --- self-attention with matrices, plain and scaled ------------------------------------------------------------------


class Layer(Case):
    """Inputs and parameters of a layer; they begin with X, (D, N)."""

    traits: ClassVar = {
        "the notebook's own sizes": lambda case: case.args[0].shape == (D, N),
        "D = 4": lambda case: len(case.args[0]) == D,
        "N = 3": lambda case: case.args[0].shape[1] == N,
        "fewer inputs than numbers in each": lambda case: case.args[0].shape[1] < len(case.args[0]),
    }


def plain(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    scores = keys.T @ queries
    attention = softmax_cols(scores)
    X_prime = values @ attention
    return X_prime


def scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(omega_q))
    attention = softmax_cols(scores)
    X_prime = values @ attention
    return X_prime


def matrix_case(seed, D, N, spread):
    random = np.random.RandomState(seed)
    arguments = (spread * random.normal(size=(D, width)) for width in (N, D, D, D, 1, 1, 1))
    return Layer(f"D = {D}, N = {N}, random numbers {seed}", *arguments)


def matrix_form(name, reference, scale, seed, pairs):
    """The exercise of one of the two matrix forms: equation 12.8 (scale 1), or 12.9 (1 over the root of D)."""

    def truth(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
        queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
        return attended(queries, keys, values, scale(len(X)))

    return Exercise(
        name,
        truth,
        values=[matrix_case(seed + 1 + k, 4, 3, 0.7) for k in range(3)],
        general=[matrix_case(seed + 5 + depth, depth, count, 0.5) for depth, count in ((5, 7), (6, 2), (2, 5), (3, 1))],
        reference=reference,
        pairs=pairs,
    )


self_attention = matrix_form(
    "self-attention", plain, lambda D: 1.0, seed=40, pairs=[("outputs-as-rows", "softmax-of-each-row")]
)
scaled_dot_product_self_attention = matrix_form(
    "scaled-dot-product-self-attention",
    scaled,
    lambda D: 1 / np.sqrt(D),
    seed=50,
    pairs=[
        ("outputs-as-rows", "not-scaled"),
        ("softmax-of-each-row", "not-scaled"),
        ("keys-for-queries", "not-scaled"),
    ],
)


BOTH = (self_attention, scaled_dot_product_self_attention)

# fmt: off
slip_in(BOTH, "outputs-as-rows", "Outputs should be columns, like the inputs.", {"return X_prime": "return X_prime.T"})
slip_in(BOTH, "softmax-of-each-row", "The weights of one query should sum to one, here those of one key do.",
        {"softmax_cols(scores)": "softmax_cols(scores.T).T"})
slip_in(BOTH, "keys-for-queries",
        "The queries and the keys have changed places: a column of the scores is one query's.",
        {"keys.T @ queries": "queries.T @ keys"})
slip_in(BOTH, "attention-of-rows", "Attention compares inputs with inputs: it should be N by N, not D by D.",
        {"keys.T @ queries": "queries @ keys.T", "values @ attention": "attention @ values"})
slip_in(BOTH, "attention-of-rows-swapped",
        "Keys and queries meet row by row here, so the attention is D by D; it should relate the N inputs.",
        {"keys.T @ queries": "keys @ queries.T", "values @ attention": "attention @ values"})
slip_in(BOTH, "softmax-of-the-whole-matrix", "The whole matrix sums to one here; each column should do so by itself.",
        {"softmax_cols(scores)": "np.exp(scores) / np.sum(np.exp(scores))"})
slip_in(BOTH, "sums-of-other-columns",
        "The sums below the line got into the wrong columns: each column has to be divided by its own sum.",
        {"softmax_cols(scores)": "np.exp(scores) / np.sum(np.exp(scores), axis=1)"})
slip_in(BOTH, "inputs-on-the-left", "The inputs are the columns of X: on which side does the weight matrix stand then?",
        {"omega_q @ X + beta_q": "X.T @ omega_q + beta_q.T", "omega_k @ X + beta_k": "X.T @ omega_k + beta_k.T",
         "omega_v @ X + beta_v": "X.T @ omega_v + beta_v.T", "keys.T @ queries": "keys @ queries.T",
         "values @ attention": "attention.T @ values"})
slip_in(BOTH, "products-of-entries",
        "This multiplies weights and inputs entry by entry; a matrix product also adds up.",
        {" @ X": " * X"}, times=3)
slip_in(BOTH, "inputs-added",
        "The inputs were added to the result; equation 12.8 hands on nothing but weighted values.",
        {"return X_prime": "return X + X_prime"})
slip_in(BOTH, "number-of-inputs-of-the-notebook",
        "The outputs are made for as many inputs as the notebook has; `X` can have any number of columns.",
        {"values @ attention": "np.hstack([values @ attention[:, [n]] for n in range(N)])"}, costs=["general"])
self_attention.slip("already-scaled", "This is the scaled version already; it comes in the next exercise.",
    {"    attention =": "    scores = scores / np.sqrt(len(omega_q))\n    attention ="})
# fmt: on
slip = scaled_dot_product_self_attention.slip
# fmt: off
slip("not-scaled", "This is the unscaled version: does the division of equation 12.9 reach the softmax?",
     {" / np.sqrt(len(omega_q))": ""})
slip("dimension-of-the-notebook",
     "The scaling is right for the notebook's dimension only; a query can have any (equation 12.9).",
     {"len(omega_q)": "D"}, costs=["general"])
slip("without-the-root", "Dot products grow with the root of the dimension: scale by that (equation 12.9).",
     {"np.sqrt(len(omega_q))": "len(omega_q)"})
slip("root-of-the-number-of-inputs",
     "It is the dimension of a query that counts in equation 12.9, not the number of inputs.",
     {"len(omega_q)": "X.shape[1]"})
slip("scaled-after-the-softmax", "Scaled after the softmax, the weights no longer sum to one.",
     {" / np.sqrt(len(omega_q))": "", "softmax_cols(scores)": "softmax_cols(scores) / np.sqrt(len(omega_q))"})
slip("multiplied-by-the-root", "Scaling should make the dot products smaller; here they become larger (equation 12.9).",
     {"/ np.sqrt": "* np.sqrt"})
# fmt: on


# --- permutation equivariance -----------------------------------------------------------------------------------------


def gap_in_the_notebooks_sizes(seed, order):
    """D = 4 and N = 3; the largest difference is below zero for odd seeds, above for even ones, in any place."""
    random = np.random.RandomState(seed)
    Y = 3 * random.normal(size=(4, 3))
    Y_permuted = Y[:, order] + 0.1 * random.normal(size=(4, 3))
    Y_permuted[seed % 4, seed % 3] += 1 if seed % 2 == 0 else -1
    return Case(f"4 x 3, order {order}, random numbers {seed}", Y, Y_permuted, order)


def gaps_in_other_sizes():
    for D, order, shift in (
        (2, [3, 0, 4, 1, 2], -0.5), (6, [1, 2, 0], 0.5), (5, [1, 2, 3, 4, 0], -0.2),
        (1, [2, 0, 3, 1], 0.3), (3, [0], -0.4), (3, [2, 3, 1, 0], 0.0),
    ):  # fmt: skip
        random = np.random.RandomState(70 + D)
        Y = 3 * random.normal(size=(D, len(order)))
        Y_permuted = Y[:, order] + shift * random.uniform(size=Y.shape)
        label = f"{D} x {len(order)}, order {order}"
        yield Case(f"{label} in a list", Y, Y_permuted, order)
        yield Case(f"{label} in an array", Y, Y_permuted, np.array(order))
    Y, order = np.random.RandomState(80).normal(size=(4, 5)), [4, 0, 1, 2, 3]
    yield Case("4 x 5, opposite signs", Y, -Y[:, order], order)
    for place, (row, column) in {"first": (0, 0), "last": (3, 4)}.items():
        Y_permuted = Y[:, order].copy()
        Y_permuted[row, column] += 0.5
        yield Case(f"4 x 5, different in the {place} row and column", Y, Y_permuted, order)


def largest_gap(Y, Y_permuted, order):
    """Entry by entry: column j of Y_permuted belongs to column order[j] of Y."""
    return max(abs(Y_permuted[i, j] - Y[i, old]) for i in range(len(Y)) for j, old in enumerate(order))


def gap(Y, Y_permuted, order):
    reordered = Y[:, order]
    differences = np.abs(Y_permuted - reordered)
    largest = np.max(differences)
    return largest


equivariance_gap = Exercise(
    "equivariance-gap",
    largest_gap,
    values=[
        gap_in_the_notebooks_sizes(*case)
        for case in ((61, [1, 2, 0]), (62, [2, 0, 1]), (63, [1, 2, 0]), (64, [2, 0, 1]))
    ],
    general=[*gaps_in_other_sizes()],
    reference=gap,
)


slip = equivariance_gap.slip
# fmt: off
slip("not-reordered", "The columns that are compared here do not belong to the same input.", {"Y[:, order]": "Y"})
slip("reordered-the-wrong-way", "The reordering goes the wrong way: which of the two is in the new order?",
     {"Y[:, order]": "Y", "Y_permuted - reordered": "Y_permuted[:, order] - reordered"})
slip("no-absolute-value", "A difference far below zero counts as much as one far above.",
     {"np.abs(Y_permuted - reordered)": "Y_permuted - reordered"})
slip("no-absolute-value-other-sign",
     "A difference far above zero counts as much as one far below: it is subtracted the other way round.",
     {"np.abs(Y_permuted - reordered)": "reordered - Y_permuted"})
slip("mean-difference", "It is the largest difference that counts, not the typical one.", {"np.max": "np.mean"})
slip("sum-of-differences", "It is the largest difference that counts, not their sum.", {"np.max": "np.sum"})
slip("smallest-difference", "It is the largest difference that counts, not the smallest.", {"np.max": "np.min"})
slip("difference-of-the-largest", "The largest entries were compared; the gap is the largest of the differences.",
     {"Y_permuted - reordered": "np.max(Y_permuted) - np.max(reordered)", "np.max(differences)": "differences"})
slip("squared-difference", "The differences were squared; the gap is an absolute difference.",
     {"np.abs(Y_permuted - reordered)": "(Y_permuted - reordered) ** 2"})
slip("euclidean-norm", "This is the root of the summed squares; the gap is one difference, the largest.",
     {"np.max(differences)": "np.linalg.norm(differences)"})
slip("rows-reordered", "The rows were reordered; the inputs, and so the outputs, are columns.",
     {"Y[:, order]": "Y[order]"})
slip("all-differences", "These are all the differences; the gap is one number for the whole matrix.",
     {"np.max(differences)": "differences"})
slip("largest-of-each-column", "There is a maximum for every column; the gap is the largest of them all.",
     {"np.max(differences)": "np.max(differences, axis=0)"})
slip("place-of-the-largest", "This says where the largest difference is, not how large.", {"np.max": "np.argmax"})
slip("yes-or-no", "This says whether there is a gap; the question is how large it is.",
     {"np.max(differences)": "bool(np.allclose(differences, 0))"})
slip("sizes-of-the-notebook", "The loops run over the notebook's rows and columns; the matrices can have any size.",
     {"np.max(differences)": "max(differences[i, j] for i in range(D) for j in range(N))"}, costs=["general"])
# fmt: on

# --- masked self-attention --------------------------------------------------------------------------------------------


def looking_back(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    """Output n from the inputs 0 to n alone, without any mask: what comes later is not even there. (D, N) -> (D, N)"""
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scale = 1 / np.sqrt(len(queries))
    outputs = [
        attended(queries[:, n : n + 1], keys[:, : n + 1], values[:, : n + 1], scale) for n in range(queries.shape[1])
    ]
    return np.hstack(outputs)


def masked(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(omega_q))
    later = np.tril(np.ones(scores.shape), -1) == 1
    scores = np.where(later, -np.inf, scores)
    attention = softmax_cols(scores)
    X_prime = values @ attention
    return X_prime


masked_self_attention = Exercise(
    "masked-self-attention",
    looking_back,
    values=[matrix_case(91 + k, 4, 3, 0.7) for k in range(3)],
    general=[matrix_case(94 + D, D, N, 0.5) for D, N in ((5, 7), (6, 2), (2, 5), (3, 1))],
    reference=masked,
)
slip = masked_self_attention.slip
# fmt: off
slip("not-masked", "Every output still sees all inputs: where do the later ones drop out?",
     {"np.where(later, -np.inf, scores)": "scores"})
slip("mask-on-the-other-side",
     "Each output sees the later inputs and not the earlier ones: which of rows and columns are the keys?",
     {"np.tril(np.ones(scores.shape), -1)": "np.triu(np.ones(scores.shape), 1)"})
slip("masked-after-the-softmax", "Masked after the softmax, the weights that are left no longer sum to one.",
     {"np.where(later, -np.inf, scores)": "scores", "softmax_cols(scores)": "np.where(later, 0, softmax_cols(scores))"})
slip("zeros-in-the-mask", "A score of zero still gets a weight: what is the exponential of zero?", {"-np.inf": "0"})
slip("minus-one-in-the-mask", "A score of minus one is small, but it still gets a weight that is not zero.",
     {"-np.inf": "-1"})
slip("own-input-masked", "Output 0 has nothing left to look at: an output may use its own input, too.", {", -1)": ")"})
slip("next-input-seen", "Each output still sees one input too many, the one right after its own.", {", -1)": ", -2)"})
slip("zero-times-infinity", "Zero times infinity is not a number: minus infinity may only meet the scores to hide.",
     {"np.where(later, -np.inf, scores)": "scores + later * -np.inf"})
slip("masked-but-not-scaled", "The scores are not scaled before the softmax (equation 12.9).",
     {" / np.sqrt(len(omega_q))": ""})
slip("masked-keys-for-queries", "The queries and the keys have changed places: a column of the scores is one query's.",
     {"keys.T @ queries": "queries.T @ keys"})
slip("masked-softmax-of-each-row", "The weights of one query should sum to one, here those of one key do.",
     {"softmax_cols(scores)": "softmax_cols(scores.T).T"})
slip("masked-outputs-as-rows", "Outputs should be columns, like the inputs.", {"return X_prime": "return X_prime.T"})
slip("mask-of-the-notebooks-size",
     "The mask has the size of the notebook's attention; there can be any number of inputs.",
     {"np.ones(scores.shape)": "np.ones((N, N))"}, costs=["general"])
slip("masked-with-the-notebooks-dimension",
     "The scaling is right for the notebook's dimension only; a query can have any (equation 12.9).",
     {"len(omega_q)": "D"}, costs=["general"])

# --- in all three matrix forms ----------------------------------------------------------------------------------------

EVERY = (*BOTH, masked_self_attention)
slip_in(EVERY, "attention-on-its-side",
        "The attention lies on its side: its rows sum to one, but the values meet its columns (equation 12.8).",
        {"values @ attention": "values @ attention.T"})
slip_in(EVERY, "no-softmax", "The values are weighted by the bare dot products: where is the softmax of equation 12.8?",
        {"softmax_cols(scores)": "scores"})
slip_in(EVERY, "weights-transposed", "A row of each weight matrix should meet an input, not one of its columns.",
        {"omega_q @": "omega_q.T @", "omega_k @": "omega_k.T @", "omega_v @": "omega_v.T @"})
slip_in(EVERY, "weights-on-the-right",
        "`X` stands on the wrong side of the weights: their columns do not fit its rows (equation 12.8).",
        {"omega_q @ X": "X @ omega_q", "omega_k @ X": "X @ omega_k", "omega_v @ X": "X @ omega_v"})
slip_in(EVERY, "biases-taken-off", "The biases are taken off: equation 12.8 adds them.",
        {" + beta_q": " - beta_q", " + beta_k": " - beta_k", " + beta_v": " - beta_v"})
slip_in(EVERY, "inputs-without-weights",
        "The inputs are taken as they are: they meet the weights first (equation 12.8).",
        {"omega_q @ ": "", "omega_k @ ": "", "omega_v @ ": ""})
slip_in(EVERY, "weights-without-inputs", "The weights stand there alone: where do the inputs come in (equation 12.8)?",
        {" @ X": ""}, times=3)
slip_in(EVERY, "attention-returned", "That is the attention itself: it says how the values are to be mixed.",
        {"values @ attention": "attention"})
slip_in(EVERY, "values-returned", "Those are the values as they were: the attention has not mixed them yet.",
        {"values @ attention": "values"})
slip_in(EVERY, "keys-alone", "A score compares a key with a query: where do the queries come in?", {" @ queries": ""})
slip_in(EVERY, "biases-left-out", "Queries, keys and values also have biases (equation 12.8).",
        {" + beta_q": "", " + beta_k": "", " + beta_v": ""})
slip_in(EVERY, "zeros-left-in-place", "Only zeros came back: is what you return what you computed?",
        {"return X_prime": "X_prime = np.zeros_like(X)\n    return X_prime"})
slip_in(EVERY, "inputs-for-values",
        "This mixes the inputs themselves; it is the values that are handed on (equation 12.8).",
        {"values @ attention": "X @ attention"})
slip_in(EVERY, "parameters-in-another-order",
        "The parameters arrive in another order than you take them: the value's come first.",
        {"omega_v, omega_q, omega_k, beta_v, beta_q, beta_k": "omega_q, omega_k, omega_v, beta_q, beta_k, beta_v"})
# fmt: on
