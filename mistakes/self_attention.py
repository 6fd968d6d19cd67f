"""12.1 self-attention: from one input at a time to matrix products, what it knows of order, and how to hide inputs."""

import inspect
import linecache
import re

import numpy as np

from gradebox.checks import PARTS, Case, Exercise, made
from mistakes import operators

# --- what the notebook has, for the mistakes that read it -------------------------------------------------------------

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
    ask=made,
    atol=1e-10,
)


@queries_keys_values.mistake("A row of each weight matrix should meet the input, not one of its columns.")
def omegas_transposed(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q.T @ x + beta_q)
        all_keys.append(omega_k.T @ x + beta_k)
        all_values.append(omega_v.T @ x + beta_v)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("The inputs are columns here: on which side does the matrix stand in equation 12.2?")
def inputs_as_rows(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(x.T @ omega_q + beta_q.T)
        all_keys.append(x.T @ omega_k + beta_k.T)
        all_values.append(x.T @ omega_v + beta_v.T)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake(
    "A row and a bias column were added, which makes a square: equation 12.2 adds two columns."
)
def row_plus_column(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(x.T @ omega_q + beta_q)
        all_keys.append(x.T @ omega_k + beta_k)
        all_values.append(x.T @ omega_v + beta_v)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("This multiplies entry by entry; the matrix product of equation 12.2 also adds up.")
def entry_by_entry(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(beta_q + omega_q * x)
        all_keys.append(beta_k + omega_k * x)
        all_values.append(beta_v + omega_v * x)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("Queries, keys and values also have biases (equations 12.2 and 12.4).")
def no_biases(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q @ x)
        all_keys.append(omega_k @ x)
        all_values.append(omega_v @ x)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("The bias joins after the matrix product, not before (equation 12.2).")
def bias_before_the_product(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q @ (x + beta_q))
        all_keys.append(omega_k @ (x + beta_k))
        all_values.append(omega_v @ (x + beta_v))
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("The queries and the keys have changed places: look at the subscripts in equation 12.4.")
def queries_and_keys_swapped(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(beta_k + omega_k @ x)
        all_keys.append(beta_q + omega_q @ x)
        all_values.append(beta_v + omega_v @ x)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("Queries, keys and values share one bias here; each of the three has its own.")
def one_bias_for_all(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(beta_q + omega_q @ x)
        all_keys.append(beta_q + omega_k @ x)
        all_values.append(beta_q + omega_v @ x)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake(
    "Queries, keys and values are made from the same weights here; each of the three has its own."
)
def one_omega_for_all(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(beta_q + omega_q @ x)
        all_keys.append(beta_k + omega_q @ x)
        all_values.append(beta_v + omega_q @ x)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake("Every round of the loop uses the same input: which name does the loop give to its own?")
def leaked_loop_index(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(beta_q + omega_q @ all_x[n])
        all_keys.append(beta_k + omega_k @ all_x[n])
        all_values.append(beta_v + omega_v @ all_x[n])
    return all_queries, all_keys, all_values


@queries_keys_values.mistake(
    "Only the last input's columns were kept: what is repeated for every input, and what comes after?"
)
def kept_after_the_loop(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        query = beta_q + omega_q @ x
        key = beta_k + omega_k @ x
        value = beta_v + omega_v @ x
    all_queries.append(query)
    all_keys.append(key)
    all_values.append(value)
    return all_queries, all_keys, all_values


@queries_keys_values.mistake(
    "The numbers are right, but each result should be a column like the inputs, with two axes.", costs=["general"]
)
def no_columns(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(np.ravel(beta_q + omega_q @ x))
        all_keys.append(np.ravel(beta_k + omega_k @ x))
        all_values.append(np.ravel(beta_v + omega_v @ x))
    return all_queries, all_keys, all_values


@queries_keys_values.mistake(
    "The numbers are right, but they lie in a row: equation 12.2 gives columns.", costs=["general"]
)
def rows(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append((beta_q + omega_q @ x).T)
        all_keys.append((beta_k + omega_k @ x).T)
        all_values.append((beta_v + omega_v @ x).T)
    return all_queries, all_keys, all_values


# --- softmax ----------------------------------------------------------------------------------------------------------


def softmax_cases():
    """Items in every form: general cases of 1 to 7 numbers."""
    for count in (1, 2, 5, 7):
        items = 2 * np.random.RandomState(30 + count).normal(size=count) - 1
        yield Case(f"{count} items in a list", items.tolist(), view=np.ravel)
        yield Case(f"{count} items in an array", items, view=np.ravel)
        yield Case(f"{count} items of shape (1, 1)", [np.array([[item]]) for item in items], view=np.ravel)
    yield Case("4 whole numbers in a list", [2, 0, -1, 2], view=np.ravel)


softmax = Exercise(
    "softmax",
    lambda items_in: operators.softmax(np.ravel(items_in), dim=0),
    values=[
        Case(
            f"3 items, random numbers {seed}", (2 * np.random.RandomState(seed).normal(size=3)).tolist(), view=np.ravel
        )
        for seed in (21, 22, 23, 24)
    ],
    general=[*softmax_cases()],
)


@softmax.mistake("The weights are positive, but they do not sum to one yet (equation 12.5).")
def not_divided(items_in):
    return np.exp(np.array(items_in))


@softmax.mistake("A negative item got a negative weight: which function makes every number positive?")
def no_exponential(items_in):
    items = np.array(items_in)
    return items / np.sum(items)


@softmax.mistake("The largest weight is one; it is the sum of the weights that should be.")
def divided_by_the_largest(items_in):
    exponentials = np.exp(np.array(items_in))
    return exponentials / np.max(exponentials)


@softmax.mistake("Adding first and exponentiating then is not the same as the other way round.")
def exponential_of_the_sum(items_in):
    items = np.array(items_in)
    return np.exp(items) / np.exp(np.sum(items))


@softmax.mistake("Above the line stand exponentials, below it the plain items are added: both should be exponentials.")
def sum_of_the_plain_items(items_in):
    items = np.array(items_in)
    return np.exp(items) / np.sum(items)


@softmax.mistake("The smallest item got the largest weight: look at the sign in the exponent.")
def minus_in_the_exponent(items_in):
    exponentials = np.exp(-np.array(items_in))
    return exponentials / np.sum(exponentials)


@softmax.mistake("The exponentials were divided by how many there are; that makes their mean one, not their sum.")
def divided_by_the_count(items_in):
    exponentials = np.exp(np.array(items_in))
    return exponentials / len(exponentials)


@softmax.mistake("The softmax takes powers of e; here they are powers of 2.")
def powers_of_two(items_in):
    powers = 2.0 ** np.array(items_in)
    return powers / np.sum(powers)


@softmax.mistake("These are the logarithms of the weights: weights are positive.")
def logarithms(items_in):
    items = np.array(items_in)
    return items - np.log(np.sum(np.exp(items)))


@softmax.mistake("This is the sigmoid, which looks at each item alone; the weights should sum to one.")
def sigmoid(items_in):
    return 1 / (1 + np.exp(-np.array(items_in)))


@softmax.mistake("All weight went to the largest item; a softmax is soft and leaves the others some.")
def all_or_nothing(items_in):
    items = np.ravel(items_in)
    return (items == np.max(items)).astype(float)


@softmax.mistake("Each item was left out of its own sum; below the line all of them are added.")
def sum_of_the_others(items_in):
    exponentials = np.exp(np.ravel(items_in))
    return exponentials / (np.sum(exponentials) - exponentials)


@softmax.mistake("Each item was divided by the sum so far; the sum has to be complete before the first division.")
def sum_so_far(items_in):
    total, weights = 0, []
    for item in items_in:
        total = total + np.exp(item)
        weights.append(np.exp(item) / total)
    return np.array(weights)


@softmax.mistake(
    "The sum runs over as many items as the notebook has inputs; the list can have any length.", costs=["general"]
)
def count_of_the_notebook(items_in):
    total = 0
    for m in range(N):
        total += np.exp(items_in[m])
    return np.array([np.exp(items_in[m]) / total for m in range(N)])


@softmax.mistake(
    "The array made for the weights takes its type from the items: with whole numbers it can hold no fractions.",
    costs=["general"],
)
def type_of_the_items(items_in):
    items_out = np.zeros_like(items_in)
    total = np.sum(np.exp(items_in))
    for m, item in enumerate(items_in):
        items_out[m] = np.exp(item) / total
    return items_out


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


x_prime = Exercise(
    "x-prime",
    mixed,
    values=[Case("all outputs, to ten decimals", *projected(*notebook_inputs()), view=numbers)],
    general=[Case("the outputs one by one", *projected(*notebook_inputs()), view=list)],
    ask=made,
    atol=1e-10,
)

query = projected(*notebook_inputs())[0][-1]  # left over from the notebook's first loop


@x_prime.mistake("All outputs are the same: does each of them use a query of its own (equation 12.5)?")
def leaked_query(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        dot_products = []
        for key in all_keys:
            dot_products.append(key.T @ query)
        attention = softmax_cols(np.reshape(dot_products, (N, 1)))
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake("Only the last value arrives; equation 12.3 adds up the shares of all of them.")
def last_value_only(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        for m in range(N):
            x_prime = attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


@x_prime.mistake("The queries and the keys have changed places: output n belongs to query n.")
def queries_for_keys(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([q.T @ all_keys[n] for q in all_queries], (N, 1)))
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake("This is the plain average of the values; equation 12.3 gives each its own weight.")
def plain_average(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        all_x_prime.append(sum(all_values) / N)
    return all_x_prime


@x_prime.mistake("The values are weighted by the bare dot products; the weights are their softmax (equation 12.5).")
def bare_dot_products(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        dot_products = [key.T @ all_queries[n] for key in all_keys]
        all_x_prime.append(sum(dot_products[m] * all_values[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake("This mixes the inputs; it is the values that are handed on (equation 12.3).")
def mixed_inputs(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention[m] * all_x[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake("This mixes the keys; it is the values that are handed on (equation 12.3).")
def mixed_keys(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention[m] * all_keys[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake("Every value gets the same weight: which number of the weight belongs to value m in equation 12.3?")
def weight_of_the_output(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention[n] * all_values[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake(
    "Each output is its own input's value, whatever the weights: over which values runs the sum in equation 12.3?"
)
def own_value(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention[m] * all_values[n] for m in range(N)))
    return all_x_prime


@x_prime.mistake("The sum of equation 12.3 starts at zero for every output; here it goes on from the output before.")
def sum_goes_on(all_queries, all_keys, all_values):
    all_x_prime = []
    x_prime = np.zeros((D, 1))
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        for m in range(N):
            x_prime = x_prime + attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


@x_prime.mistake("The last value never enters; the sum of equation 12.3 runs over all N of them.")
def last_value_left_out(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(N - 1)))
    return all_x_prime


@x_prime.mistake(
    "Every weight met every value; equation 12.3 gives each value its one weight and one column per output."
)
def every_weight_with_every_value(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention.T * all_values[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake("The weighted values still lie side by side; equation 12.3 adds them up.")
def not_added_up(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(np.hstack([attention[m] * all_values[m] for m in range(N)]))
    return all_x_prime


@x_prime.mistake("The weighted sum was divided by N once more; the weights sum to one already.")
def mean_of_the_shares(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        all_x_prime.append(np.mean([attention[m] * all_values[m] for m in range(N)], axis=0))
    return all_x_prime


@x_prime.mistake("The dot products are scaled already, which equation 12.5 does not do yet.")
def scaled_too_early(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] / np.sqrt(D) for key in all_keys], (N, 1)))
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(N)))
    return all_x_prime


@x_prime.mistake(
    "The numbers are right, but each output should be a column like the inputs, with two axes.", costs=["general"]
)
def outputs_without_columns(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_cols(np.reshape([key.T @ all_queries[n] for key in all_keys], (N, 1)))
        x_prime = np.zeros(D)
        for m in range(N):
            x_prime += attention[m] * all_values[m][:, 0]
        all_x_prime.append(x_prime)
    return all_x_prime


# --- self-attention with matrices, plain and scaled ------------------------------------------------------------------


def matrix_case(seed, D, N, spread):
    random = np.random.RandomState(seed)
    arguments = (spread * random.normal(size=(D, width)) for width in (N, D, D, D, 1, 1, 1))
    return Case(f"D = {D}, N = {N}, random numbers {seed}", *arguments)


def matrix_form(name, scale, seed):
    """The exercise of one of the two matrix forms: equation 12.8 (scale 1), or 12.9 (1 over the root of D)."""

    def truth(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
        queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
        return attended(queries, keys, values, scale(len(X)))

    return Exercise(
        name,
        truth,
        values=[matrix_case(seed + 1 + k, 4, 3, 0.7) for k in range(3)],
        general=[matrix_case(seed + 5 + depth, depth, count, 0.5) for depth, count in ((5, 7), (6, 2), (2, 5), (3, 1))],
    )


self_attention = matrix_form("self-attention", lambda D: 1.0, seed=40)
scaled_dot_product_self_attention = matrix_form("scaled-dot-product-self-attention", lambda D: 1 / np.sqrt(D), seed=50)


def mistake_of_both(diagnosis, costs=PARTS):
    """Decorator: a mistake of both matrix forms, written down as that of the plain one.

    For the scaled form the line ``scores = ...`` is divided by the root of the queries' dimension.
    """

    def add(code):
        text = re.sub(r"(scores = .*)", r"\1 / np.sqrt(len(omega_q))", inspect.getsource(code))
        text = text[text.index("def ") :]
        file = f"<scaled {code.__name__}>"
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # where inspect finds it
        defined = {}
        exec(compile(text, file, "exec"), globals(), defined)
        scaled_dot_product_self_attention.mistake(diagnosis, costs)(defined[code.__name__])
        return self_attention.mistake(diagnosis, costs)(code)

    return add


@mistake_of_both("The numbers are right, but outputs should be columns, like the inputs.")
def outputs_as_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    return (values @ softmax_cols(scores)).T


@mistake_of_both("The weights of one query should sum to one, here those of one key do.")
def softmax_of_each_row(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    exponentials = np.exp(scores)
    return values @ (exponentials / np.sum(exponentials, axis=1, keepdims=True))


@mistake_of_both("The queries and the keys have changed places: a column of the scores is one query's.")
def keys_for_queries(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = queries.T @ keys
    return values @ softmax_cols(scores)


@mistake_of_both(
    "The attention lies on its side: its rows sum to one, but the values meet its columns (equation 12.8)."
)
def attention_on_its_side(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = queries.T @ keys
    exponentials = np.exp(scores)
    return values @ (exponentials / np.sum(exponentials, axis=1, keepdims=True))


@mistake_of_both("Attention compares inputs with inputs: it should be N by N, not D by D.")
def attention_of_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = queries @ keys.T
    return softmax_cols(scores) @ values


@mistake_of_both("Keys and queries meet row by row here, so the attention is D by D; it should relate the N inputs.")
def attention_of_rows_swapped(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys @ queries.T
    return softmax_cols(scores) @ values


@mistake_of_both("The whole matrix sums to one here; each column should do so by itself.")
def softmax_of_the_whole_matrix(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    exponentials = np.exp(scores)
    return values @ (exponentials / np.sum(exponentials))


@mistake_of_both("The sums below the line got into the wrong columns: each column has to be divided by its own sum.")
def sums_of_other_columns(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    exponentials = np.exp(scores)
    return values @ (exponentials / np.sum(exponentials, axis=1))


@mistake_of_both("The values are weighted by the bare dot products: where is the softmax of equation 12.8?")
def no_softmax(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    return values @ scores


@mistake_of_both("A row of each weight matrix should meet an input, not one of its columns.")
def weights_transposed(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q.T @ X + beta_q, omega_k.T @ X + beta_k, omega_v.T @ X + beta_v
    scores = keys.T @ queries
    return values @ softmax_cols(scores)


@mistake_of_both("The inputs are the columns of X: on which side does the weight matrix stand then?")
def inputs_on_the_left(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = X.T @ omega_q + beta_q.T, X.T @ omega_k + beta_k.T, X.T @ omega_v + beta_v.T
    scores = keys @ queries.T
    return softmax_cols(scores).T @ values


@mistake_of_both("`X` stands on the wrong side of the weights: their columns do not fit its rows (equation 12.8).")
def weights_on_the_right(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = X @ omega_q + beta_q, X @ omega_k + beta_k, X @ omega_v + beta_v
    scores = keys.T @ queries
    return values @ softmax_cols(scores)


@mistake_of_both("This multiplies weights and inputs entry by entry; a matrix product also adds up.")
def products_of_entries(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q * X + beta_q, omega_k * X + beta_k, omega_v * X + beta_v
    scores = keys.T @ queries
    return values @ softmax_cols(scores)


@mistake_of_both("Queries, keys and values also have biases (equation 12.8).")
def biases_left_out(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X, omega_k @ X, omega_v @ X
    scores = keys.T @ queries
    return values @ softmax_cols(scores)


@mistake_of_both("Only zeros came back: is what you return what you computed?")
def zeros_left_in_place(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    X_prime = values @ softmax_cols(scores)
    X_prime = np.zeros_like(X)
    return X_prime


@mistake_of_both("This mixes the inputs themselves; it is the values that are handed on (equation 12.8).")
def inputs_for_values(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys = omega_q @ X + beta_q, omega_k @ X + beta_k
    scores = keys.T @ queries
    return X @ softmax_cols(scores)


@mistake_of_both("The parameters arrive in another order than you take them: the value's come first.")
def parameters_in_another_order(X, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    return values @ softmax_cols(scores)


@mistake_of_both("The inputs were added to the result; equation 12.8 hands on nothing but weighted values.")
def inputs_added(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    return X + values @ softmax_cols(scores)


@mistake_of_both(
    "The outputs are made for as many inputs as the notebook has; `X` can have any number of columns.",
    costs=["general"],
)
def number_of_inputs_of_the_notebook(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries
    X_prime = np.zeros(X.shape)
    for n in range(N):
        X_prime[:, n : n + 1] = values @ softmax_cols(scores[:, n : n + 1])
    return X_prime


@self_attention.mistake("This is the scaled version already; it comes in the next exercise.")
def already_scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries / np.sqrt(len(queries)))


@scaled_dot_product_self_attention.mistake(
    "This is the unscaled version: does the division of equation 12.9 reach the softmax?"
)
def not_scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries)


@scaled_dot_product_self_attention.mistake(
    "Outputs should be columns, like the inputs; and does the division of equation 12.9 reach the softmax?"
)
def not_scaled_and_outputs_as_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return (values @ softmax_cols(keys.T @ queries)).T


@scaled_dot_product_self_attention.mistake(
    "The scaling is right for the notebook's dimension only; a query can have any (equation 12.9).", costs=["general"]
)
def dimension_of_the_notebook(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries / np.sqrt(D))


@scaled_dot_product_self_attention.mistake(
    "Dot products grow with the root of the dimension: scale by that (equation 12.9)."
)
def without_the_root(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries / len(queries))


@scaled_dot_product_self_attention.mistake(
    "It is the dimension of a query that counts in equation 12.9, not the number of inputs."
)
def root_of_the_number_of_inputs(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries / np.sqrt(X.shape[1]))


@scaled_dot_product_self_attention.mistake("Scaled after the softmax, the weights no longer sum to one.")
def scaled_after_the_softmax(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ (softmax_cols(keys.T @ queries) / np.sqrt(len(queries)))


@scaled_dot_product_self_attention.mistake(
    "Scaling should make the dot products smaller; here they become larger (equation 12.9)."
)
def multiplied_by_the_root(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries * np.sqrt(len(queries)))


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


equivariance_gap = Exercise(
    "equivariance-gap",
    largest_gap,
    values=[
        gap_in_the_notebooks_sizes(*case)
        for case in ((61, [1, 2, 0]), (62, [2, 0, 1]), (63, [1, 2, 0]), (64, [2, 0, 1]))
    ],
    general=[*gaps_in_other_sizes()],
)


@equivariance_gap.mistake("The columns that are compared here do not belong to the same input.")
def not_reordered(Y, Y_permuted, order):
    return np.max(np.abs(Y_permuted - Y))


@equivariance_gap.mistake("The reordering goes the wrong way: which of the two is in the new order?")
def reordered_the_wrong_way(Y, Y_permuted, order):
    return np.max(np.abs(Y - Y_permuted[:, order]))


@equivariance_gap.mistake("A difference far below zero counts as much as one far above.")
def no_absolute_value(Y, Y_permuted, order):
    return np.max(Y_permuted - Y[:, order])


@equivariance_gap.mistake(
    "A difference far above zero counts as much as one far below: it is subtracted the other way round."
)
def no_absolute_value_other_sign(Y, Y_permuted, order):
    return np.max(Y[:, order] - Y_permuted)


@equivariance_gap.mistake("It is the largest difference that counts, not the typical one.")
def mean_difference(Y, Y_permuted, order):
    return np.mean(np.abs(Y_permuted - Y[:, order]))


@equivariance_gap.mistake("It is the largest difference that counts, not their sum.")
def sum_of_differences(Y, Y_permuted, order):
    return np.sum(np.abs(Y_permuted - Y[:, order]))


@equivariance_gap.mistake("It is the largest difference that counts, not the smallest.")
def smallest_difference(Y, Y_permuted, order):
    return np.min(np.abs(Y_permuted - Y[:, order]))


@equivariance_gap.mistake("The largest entries were compared; the gap is the largest of the differences.")
def difference_of_the_largest(Y, Y_permuted, order):
    return np.abs(np.max(Y_permuted) - np.max(Y[:, order]))


@equivariance_gap.mistake("The differences were squared; the gap is an absolute difference.")
def squared_difference(Y, Y_permuted, order):
    return np.max((Y_permuted - Y[:, order]) ** 2)


@equivariance_gap.mistake("This is the root of the summed squares; the gap is one difference, the largest.")
def euclidean_norm(Y, Y_permuted, order):
    return np.linalg.norm(Y_permuted - Y[:, order])


@equivariance_gap.mistake("The rows were reordered; the inputs, and so the outputs, are columns.")
def rows_reordered(Y, Y_permuted, order):
    return np.max(np.abs(Y_permuted - Y[order]))


@equivariance_gap.mistake("These are all the differences; the gap is one number for the whole matrix.")
def all_differences(Y, Y_permuted, order):
    return np.abs(Y_permuted - Y[:, order])


@equivariance_gap.mistake("There is a maximum for every column; the gap is the largest of them all.")
def largest_of_each_column(Y, Y_permuted, order):
    return np.max(np.abs(Y_permuted - Y[:, order]), axis=0)


@equivariance_gap.mistake("This says where the largest difference is, not how large.")
def place_of_the_largest(Y, Y_permuted, order):
    return np.argmax(np.abs(Y_permuted - Y[:, order]))


@equivariance_gap.mistake("This says whether there is a gap; the question is how large it is.")
def yes_or_no(Y, Y_permuted, order):
    return bool(np.allclose(Y_permuted, Y[:, order]))


@equivariance_gap.mistake(
    "The loops run over the notebook's rows and columns; the matrices can have any size.", costs=["general"]
)
def sizes_of_the_notebook(Y, Y_permuted, order):
    gap = 0.0
    for i in range(D):
        for j in range(N):
            gap = max(gap, abs(Y_permuted[i, j] - Y[i, order[j]]))
    return gap


# --- masked self-attention --------------------------------------------------------------------------------------------


def looking_back(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    """Output n from the inputs 0 to n alone, without any mask: what comes later is not even there. (D, N) -> (D, N)"""
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scale = 1 / np.sqrt(len(queries))
    outputs = [
        attended(queries[:, n : n + 1], keys[:, : n + 1], values[:, : n + 1], scale) for n in range(queries.shape[1])
    ]
    return np.hstack(outputs)


masked_self_attention = Exercise(
    "masked-self-attention",
    looking_back,
    values=[matrix_case(91 + k, 4, 3, 0.7) for k in range(3)],
    general=[matrix_case(94 + D, D, N, 0.5) for D, N in ((5, 7), (6, 2), (2, 5), (3, 1))],
)


@masked_self_attention.mistake("Every output still sees all inputs: where do the later ones drop out?")
def not_masked(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries / np.sqrt(len(queries)))


@masked_self_attention.mistake(
    "Each output sees the later inputs and not the earlier ones: which of rows and columns are the keys?"
)
def mask_on_the_other_side(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    earlier = np.triu(np.ones(scores.shape), 1) == 1
    return values @ softmax_cols(np.where(earlier, -np.inf, scores))


@masked_self_attention.mistake("Masked after the softmax, the weights that are left no longer sum to one.")
def masked_after_the_softmax(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    attention = softmax_cols(keys.T @ queries / np.sqrt(len(queries)))
    return values @ np.triu(attention)


@masked_self_attention.mistake("A score of zero still gets a weight: what is the exponential of zero?")
def zeros_in_the_mask(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(np.triu(keys.T @ queries / np.sqrt(len(queries))))


@masked_self_attention.mistake("A score of minus one is small, but it still gets a weight that is not zero.")
def minus_one_in_the_mask(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    later = np.tril(np.ones(scores.shape), -1) == 1
    return values @ softmax_cols(np.where(later, -1.0, scores))


@masked_self_attention.mistake("Output 0 has nothing left to look at: an output may use its own input, too.")
def own_input_masked(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    hidden = np.tril(np.ones(scores.shape)) == 1
    return values @ softmax_cols(np.where(hidden, -np.inf, scores))


@masked_self_attention.mistake("Each output still sees one input too many, the one right after its own.")
def next_input_seen(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    later = np.tril(np.ones(scores.shape), -2) == 1
    return values @ softmax_cols(np.where(later, -np.inf, scores))


@masked_self_attention.mistake("Zero times infinity is not a number: minus infinity may only meet the scores to hide.")
def zero_times_infinity(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    later = np.tril(np.ones(scores.shape), -1)
    return values @ softmax_cols(scores + later * -np.inf)


@masked_self_attention.mistake("The mask is right, but the scores are not scaled before the softmax (equation 12.9).")
def masked_but_not_scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    later = np.tril(np.ones((X.shape[1], X.shape[1])), -1) == 1
    return values @ softmax_cols(np.where(later, -np.inf, keys.T @ queries))


@masked_self_attention.mistake("The queries and the keys have changed places: a column of the scores is one query's.")
def masked_keys_for_queries(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = queries.T @ keys / np.sqrt(len(queries))
    later = np.tril(np.ones(scores.shape), -1) == 1
    return values @ softmax_cols(np.where(later, -np.inf, scores))


@masked_self_attention.mistake("The weights of one query should sum to one, here those of one key do.")
def masked_softmax_of_each_row(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    scores[np.tril(np.ones(scores.shape), -1) == 1] = -np.inf
    exponentials = np.exp(scores)
    return values @ (exponentials / np.sum(exponentials, axis=1, keepdims=True))


@masked_self_attention.mistake("The numbers are right, but outputs should be columns, like the inputs.")
def masked_outputs_as_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    later = np.tril(np.ones(scores.shape), -1) == 1
    return (values @ softmax_cols(np.where(later, -np.inf, scores))).T


@masked_self_attention.mistake(
    "The mask has the size of the notebook's attention; there can be any number of inputs.", costs=["general"]
)
def mask_of_the_notebooks_size(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(len(queries))
    scores[np.tril(np.ones((N, N)), -1) == 1] = -np.inf
    return values @ softmax_cols(scores)


@masked_self_attention.mistake(
    "The scaling is right for the notebook's dimension only; a query can have any (equation 12.9).", costs=["general"]
)
def masked_with_the_notebooks_dimension(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = keys.T @ queries / np.sqrt(D)
    later = np.tril(np.ones(scores.shape), -1) == 1
    return values @ softmax_cols(np.where(later, -np.inf, scores))
