"""Practice exam: an attention layer. One input per row throughout."""

import numpy as np

from gradebox.checks import Case, Exercise
from mistakes import operators

MATRICES = ("W_q", "W_k", "W_v", "W_o")
LAYER = "self-attention"  # the cell of the class, which several exercises test
W_q, W_k, W_v, W_o = np.random.RandomState(1).normal(size=(4, 4, 4))  # stand-ins for the notebook's own examples


def softmax(X):
    """The notebook's function as it should be, which the mistakes of the layer below call."""
    return operators.softmax(X, dim=1)


# --- part 1: softmax --------------------------------------------------------------------------------------------------


def rows(seed, n, m, scale=1.0):
    numbers = scale * np.random.RandomState(seed).normal(size=(n, m))
    return Case(f"{n} x {m}, random numbers {seed % 100}", numbers)


softmax_of_rows = Exercise(
    "softmax",
    softmax,
    values=[rows(101, 2, 3), rows(102, 2, 3, scale=2), rows(103, 2, 3, scale=3)],
    general=[
        rows(104, 3, 3),
        rows(105, 7, 2),
        rows(106, 3, 5),
        rows(107, 1, 4),
        rows(108, 4, 1),
        Case("whole numbers", np.random.RandomState(109).randint(-3, 4, size=(3, 4))),
    ],
)


@softmax_of_rows.mistake("Each column sums to one here: which axis runs along a row?")
def columns_instead_of_rows(X):
    e = np.exp(X)
    return e / np.sum(e, axis=0, keepdims=True)


@softmax_of_rows.mistake("The whole matrix sums to one here; each row should do so by itself.")
def whole_matrix_at_once(X):
    e = np.exp(X)
    return e / np.sum(e)


@softmax_of_rows.mistake("The numbers are positive, but a row does not sum to one yet.")
def not_normalised(X):
    return np.exp(X)


@softmax_of_rows.mistake("The entries are divided by their sum as they are: where does the exponential come in?")
def no_exponential(X):
    return X / np.sum(X, axis=1, keepdims=True)


@softmax_of_rows.mistake("The largest weight of a row is one here; it is their sum that should be.")
def divided_by_the_largest(X):
    e = np.exp(X)
    return e / np.max(e, axis=1, keepdims=True)


@softmax_of_rows.mistake("The exponential of a sum is not the sum of the exponentials.")
def exponential_of_the_sum(X):
    return np.exp(X) / np.exp(np.sum(X, axis=1, keepdims=True))


@softmax_of_rows.mistake(
    "The sums of the rows have become a flat array, which numpy lays along the columns: they should stay a column."
)
def sums_not_kept_as_a_column(X):
    e = np.exp(X)
    return e / np.sum(e, axis=1)


@softmax_of_rows.mistake("These are the logarithms of the weights: one step too many or one too few.")
def logarithms_of_the_weights(X):
    return X - np.log(np.sum(np.exp(X), axis=1, keepdims=True))


@softmax_of_rows.mistake("The smallest entry of a row gets the largest weight: look at the sign in the exponent.")
def wrong_sign(X):
    e = np.exp(-X)
    return e / np.sum(e, axis=1, keepdims=True)


@softmax_of_rows.mistake(
    "Weights stay the same only if the same number is taken off a whole row; here each column loses another one."
)
def largest_of_each_column_taken_off(X):
    e = np.exp(X - np.max(X, axis=0, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@softmax_of_rows.mistake("Only the first row has been dealt with: your function returns too early.")
def returns_after_the_first_row(X):
    result = np.zeros(X.shape)
    for i in range(X.shape[0]):
        e = np.exp(X[i])
        result[i] = e / np.sum(e)
        return result


@softmax_of_rows.mistake("A matrix may have more rows than columns, and fewer: your loop confuses the two.")
def counts_columns_for_rows(X):
    result = np.zeros(X.shape)
    for i in range(X.shape[1]):
        e = np.exp(X[i])
        result[i] = e / np.sum(e)
    return result


@softmax_of_rows.mistake(
    "For whole numbers your result is an array of whole numbers too, and a weight below one becomes zero in it.",
    costs=["general"],
)
def whole_numbers_stay_whole(X):
    result = np.zeros_like(X)
    for i in range(X.shape[0]):
        e = np.exp(X[i])
        result[i] = e / np.sum(e)
    return result


# --- the bonus --------------------------------------------------------------------------------------------------------

large_inputs = Exercise(
    "softmax-large-inputs",
    softmax,
    values=[
        Case("about a thousand", 1000 + np.random.RandomState(121).normal(size=(2, 3))),
        Case("about minus a thousand", -1000 + np.random.RandomState(122).normal(size=(2, 3))),
        Case("large in one row, small in the other", np.array([[4000.0, 4001.0, 3999.5], [0.5, -1.0, 0.0]])),
        Case("zero and nine hundred in one row", np.array([[0.0, 1.0, 900.0], [899.0, 900.0, 0.0]])),
        Case("zero and three thousand in one row", np.array([[0.0, 1.0, 3000.0], [2999.0, 3000.0, 0.0]])),
        Case("a hundred thousand, three times", np.full((2, 3), 1e5)),
    ],
    general=[],
    cell="softmax",
)


@large_inputs.mistake(
    "Exponentials of large numbers overflow. Which number may be taken off a whole row without changing its weights?",
    costs=["values"],
)
def exponential_as_it_stands(X):
    e = np.exp(X)
    return e / np.sum(e, axis=1, keepdims=True)


@large_inputs.mistake(
    "One number for all rows is not enough: a row far below the largest number of the matrix vanishes.",
    costs=["values"],
)
def largest_of_the_whole_matrix_taken_off(X):
    e = np.exp(X - np.max(X))
    return e / np.sum(e, axis=1, keepdims=True)


@large_inputs.mistake(
    "With the mean taken off, a number far above the mean still overflows: which one is never exceeded?",
    costs=["values"],
)
def mean_taken_off(X):
    e = np.exp(X - np.mean(X, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@large_inputs.mistake(
    "With the smallest number taken off, the largest may still be anything: take off one that leaves none above zero.",
    costs=["values"],
)
def smallest_taken_off(X):
    e = np.exp(X - np.min(X, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@large_inputs.mistake(
    "Large numbers are cut to one and the same size, so that those above it all get the same weight.", costs=["values"]
)
def large_numbers_cut(X):
    e = np.exp(np.clip(X, -700, 700))
    return e / np.sum(e, axis=1, keepdims=True)


@large_inputs.mistake(
    "What was no number has been replaced by another one: that hides the overflow, it does not avoid it.",
    costs=["values"],
)
def infinities_replaced(X):
    e = np.exp(X)
    return np.nan_to_num(e / np.sum(e, axis=1, keepdims=True))


@large_inputs.mistake(
    "A longer floating-point type overflows as well, only later: the numbers themselves have to become smaller.",
    costs=["values"],
)
def longer_floating_point_type(X):
    e = np.exp(X.astype(np.longdouble))
    return (e / np.sum(e, axis=1, keepdims=True)).astype(float)


@large_inputs.mistake(
    "For large numbers you divide, for the others you do not: a softmax changes when its inputs are divided.",
    costs=["values"],
)
def large_numbers_divided(X):
    largest = np.max(np.abs(X))
    if largest > 700:
        X = X / largest
    e = np.exp(X)
    return e / np.sum(e, axis=1, keepdims=True)


# --- part 2: the weights ----------------------------------------------------------------------------------------------


def shape_or_dims(SelfAttention, dims, name):
    """Zeros of the shape of a layer's matrix, so that a wrong shape is called that; or what it has as dims."""
    found = getattr(SelfAttention(dims), name)
    return found if name == "dims" else np.zeros(np.shape(found))


weights = Exercise(
    "self-attention-weights",
    lambda dims, name: dims if name == "dims" else np.zeros((dims, dims)),
    values=[Case(f"{name} of SelfAttention(4)", 4, name) for name in ("dims", *MATRICES)],
    general=[
        Case(f"{name} of SelfAttention({dims})", dims, name) for dims in (1, 3, 16) for name in ("dims", *MATRICES)
    ],
    ask=shape_or_dims,
    cell=LAYER,
)


@weights.mistake("The layer should remember its dims under this name.")
class DimsNotStored:
    def __init__(self, dims):
        self.W_q = np.random.normal(size=(dims, dims))
        self.W_k = np.random.normal(size=(dims, dims))
        self.W_v = np.random.normal(size=(dims, dims))
        self.W_o = np.random.normal(size=(dims, dims))


@weights.mistake("The matrices are gone when `__init__` ends: what does a name need to stay in the layer?")
class MatricesNotStored:
    def __init__(self, dims):
        self.dims = dims
        W_q = np.random.normal(size=(dims, dims))
        W_k = np.random.normal(size=(dims, dims))
        W_v = np.random.normal(size=(dims, dims))
        W_o = np.random.normal(size=(dims, dims))


@weights.mistake("There are four matrices: the one that comes last, after the values, is missing.")
class OutputMatrixForgotten:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(size=(dims, dims))
        self.W_k = np.random.normal(size=(dims, dims))
        self.W_v = np.random.normal(size=(dims, dims))


@weights.mistake("A single row of numbers is no matrix: its size takes two numbers.")
class RowsInsteadOfMatrices:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.randn(dims)
        self.W_k = np.random.randn(dims)
        self.W_v = np.random.randn(dims)
        self.W_o = np.random.randn(dims)


@weights.mistake(
    "The first two arguments of the normal distribution are its mean and its standard deviation, not the size."
)
class SizeTakenForMeanAndDeviation:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(dims, dims)
        self.W_k = np.random.normal(dims, dims)
        self.W_v = np.random.normal(dims, dims)
        self.W_o = np.random.normal(dims, dims)


@weights.mistake("One column of weights for each matrix is too little: every output entry needs a column of its own.")
class ColumnsInsteadOfMatrices:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(0, 1, (dims, 1))
        self.W_k = np.random.normal(0, 1, (dims, 1))
        self.W_v = np.random.normal(0, 1, (dims, 1))
        self.W_o = np.random.normal(0, 1, (dims, 1))


@weights.mistake(
    "Queries, keys and values stand in one wide matrix here; each should have its own, under its own name."
)
class OneWideMatrix:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = self.W_k = self.W_v = np.random.normal(size=(dims, 3 * dims))
        self.W_o = np.random.normal(size=(dims, dims))


@weights.mistake("Some functions want their sizes as one tuple, others one by one: this one does not take a tuple.")
class TupleForRandn:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.randn((dims, dims))
        self.W_k = np.random.randn((dims, dims))
        self.W_v = np.random.randn((dims, dims))
        self.W_o = np.random.randn((dims, dims))


@weights.mistake(
    "The size of the matrices stands as a number in your code: other layers have other dims.", costs=["general"]
)
class SizeOfTheExample:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(0, 1, (4, 4))
        self.W_k = np.random.normal(0, 1, (4, 4))
        self.W_v = np.random.normal(0, 1, (4, 4))
        self.W_o = np.random.normal(0, 1, (4, 4))


# What may be off, relative to 1 + the true value. With 300 x 300 weights that is 7.5 standard errors of a right
# matrix's mean, 21 of its standard deviation and 27 of its share between -1 and 1. The chance that one of the four
# matrices of a right layer is outside is 3e-13.
LARGE = 300
BOUND = 0.025
NORMAL_WITHIN_ONE = 0.6826894921370859  # of a standard normal distribution: erf(1 / sqrt(2))
STATISTICS = {
    "mean": (np.mean, 0.0),
    "standard deviation": (np.std, 1.0),
    "share of different numbers": (lambda entries: np.unique(entries[0]).size / len(entries), 1.0),
    "share between -1 and 1": (lambda entries: np.mean(np.abs(entries) < 1), NORMAL_WITHIN_ONE),
}


def statistic(SelfAttention, dims, name):
    """A statistic of each of the four matrices of a new layer. Raises ValueError if one has another shape."""
    layer = SelfAttention(dims)
    found = []
    for matrix in MATRICES:
        entries = np.asarray(getattr(layer, matrix), dtype=float)
        if entries.shape != (dims, dims):
            raise ValueError(f"{matrix} of SelfAttention({dims}) has the shape {entries.shape}")
        found.append(STATISTICS[name][0](entries))
    return np.array(found)


standard_deviation = Exercise(
    "self-attention-standard-deviation",
    lambda dims, name: np.full(len(MATRICES), STATISTICS[name][1]),
    values=[Case(f"{name} of W_q, W_k, W_v and W_o", LARGE, name) for name in STATISTICS],
    general=[],
    ask=statistic,
    cell=LAYER,
    atol=BOUND,
)


@standard_deviation.mistake(
    "The weights are ten times too small: their standard deviation is 0.1, and 1 was asked for.", costs=["values"]
)
class WeightsTooSmall:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(0.0, 0.1, (dims, dims))
        self.W_k = np.random.normal(0.0, 0.1, (dims, dims))
        self.W_v = np.random.normal(0.0, 0.1, (dims, dims))
        self.W_o = np.random.normal(0.0, 0.1, (dims, dims))


@standard_deviation.mistake(
    "The weights are a hundred times too small: read again which standard deviation was asked for.", costs=["values"]
)
class WeightsMuchTooSmall:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = 0.01 * np.random.randn(dims, dims)
        self.W_k = 0.01 * np.random.randn(dims, dims)
        self.W_v = 0.01 * np.random.randn(dims, dims)
        self.W_o = 0.01 * np.random.randn(dims, dims)


@standard_deviation.mistake(
    "The weights get smaller as dims grows, as in real layers; here the standard deviation is always 1.",
    costs=["values"],
)
class DividedByTheRootOfDims:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.randn(dims, dims) / np.sqrt(dims)
        self.W_k = np.random.randn(dims, dims) / np.sqrt(dims)
        self.W_v = np.random.randn(dims, dims) / np.sqrt(dims)
        self.W_o = np.random.randn(dims, dims) / np.sqrt(dims)


@standard_deviation.mistake(
    "All weights lie between 0 and 1, equally often everywhere: that is a uniform distribution.", costs=["values"]
)
class UniformFromZeroToOne:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.rand(dims, dims)
        self.W_k = np.random.rand(dims, dims)
        self.W_v = np.random.rand(dims, dims)
        self.W_o = np.random.rand(dims, dims)


@standard_deviation.mistake(
    "All weights lie between -1 and 1, equally often everywhere: that is a uniform distribution.", costs=["values"]
)
class UniformFromMinusOneToOne:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.uniform(-1, 1, (dims, dims))
        self.W_k = np.random.uniform(-1, 1, (dims, dims))
        self.W_v = np.random.uniform(-1, 1, (dims, dims))
        self.W_o = np.random.uniform(-1, 1, (dims, dims))


@standard_deviation.mistake(
    "Mean and standard deviation are right, but a normal distribution has no ends: this one is uniform.",
    costs=["values"],
)
class UniformOfTheSameDeviation:
    def __init__(self, dims):
        self.dims = dims
        end = np.sqrt(3)
        self.W_q = np.random.uniform(-end, end, (dims, dims))
        self.W_k = np.random.uniform(-end, end, (dims, dims))
        self.W_v = np.random.uniform(-end, end, (dims, dims))
        self.W_o = np.random.uniform(-end, end, (dims, dims))


@standard_deviation.mistake(
    "Every weight is 1: the mean comes before the standard deviation, and here they have changed places.",
    costs=["values"],
)
class MeanAndDeviationSwapped:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(1, 0, (dims, dims))
        self.W_k = np.random.normal(1, 0, (dims, dims))
        self.W_v = np.random.normal(1, 0, (dims, dims))
        self.W_o = np.random.normal(1, 0, (dims, dims))


@standard_deviation.mistake("Every weight is 0: nothing has been drawn yet.", costs=["values"])
class NothingDrawn:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.zeros((dims, dims))
        self.W_k = np.zeros((dims, dims))
        self.W_v = np.zeros((dims, dims))
        self.W_o = np.zeros((dims, dims))


@standard_deviation.mistake(
    "The entries are spread as they should be, but around 1: the mean was to be 0.", costs=["values"]
)
class AroundOne:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(1, 1, (dims, dims))
        self.W_k = np.random.normal(1, 1, (dims, dims))
        self.W_v = np.random.normal(1, 1, (dims, dims))
        self.W_o = np.random.normal(1, 1, (dims, dims))


def what_is_the_same(SelfAttention, dims, question):
    """Ones where things are the same that should differ, for one of four questions."""
    one, other = (SelfAttention(dims) for _ in range(2))
    if question == "class":
        return np.array([float(hasattr(SelfAttention, name)) for name in MATRICES])
    first = [np.asarray(getattr(one, name)) for name in MATRICES]
    if question == "layers":
        pairs = zip(first, (np.asarray(getattr(other, name)) for name in MATRICES), strict=True)
    elif question == "entries":
        pairs = ((matrix, np.ravel(matrix)[0] * np.ones_like(matrix)) for matrix in first)
    else:
        pairs = ((first[i], first[j]) for i in range(4) for j in range(i))
    return np.array([float(np.array_equal(a, b)) for a, b in pairs])


fresh_weights = Exercise(
    "self-attention-fresh-weights",
    lambda dims, question: np.zeros(6 if question == "matrices" else 4),
    values=[
        Case("W_q, W_k, W_v and W_o of two layers should differ", 4, "layers"),
        Case("W_q, W_k, W_v and W_o of a layer should differ", 4, "matrices"),
        Case("the entries of a matrix should differ", 4, "entries"),
        Case("the class itself should hold no weights", 4, "class"),
    ],
    general=[],
    ask=what_is_the_same,
    cell=LAYER,
)


@fresh_weights.mistake(
    "Every new layer has the same weights, because the random numbers start from the same seed each time.",
    costs=["values"],
)
class SeededInEveryLayer:
    def __init__(self, dims):
        np.random.seed(0)
        self.dims = dims
        self.W_q = np.random.normal(size=(dims, dims))
        self.W_k = np.random.normal(size=(dims, dims))
        self.W_v = np.random.normal(size=(dims, dims))
        self.W_o = np.random.normal(size=(dims, dims))


@fresh_weights.mistake(
    "All four matrices are equal, in every layer: the random numbers start from the same seed for each of them.",
    costs=["values"],
)
class SeededForEveryMatrix:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.RandomState(0).normal(size=(dims, dims))
        self.W_k = np.random.RandomState(0).normal(size=(dims, dims))
        self.W_v = np.random.RandomState(0).normal(size=(dims, dims))
        self.W_o = np.random.RandomState(0).normal(size=(dims, dims))


@fresh_weights.mistake(
    "The weights belong to the class here, so that all layers share them; each layer should have its own.",
    costs=["values"],
)
class WeightsOfTheClass:
    W_q = np.random.normal(size=(4, 4))
    W_k = np.random.normal(size=(4, 4))
    W_v = np.random.normal(size=(4, 4))
    W_o = np.random.normal(size=(4, 4))

    def __init__(self, dims):
        self.dims = dims


@fresh_weights.mistake("The four names stand for one and the same matrix: it was drawn only once.", costs=["values"])
class OneMatrixForAll:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = self.W_k = self.W_v = self.W_o = np.random.normal(size=(dims, dims))


@fresh_weights.mistake(
    "Queries and keys are made by one matrix here, so every input would attend to itself most.", costs=["values"]
)
class OneMatrixForQueriesAndKeys:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(size=(dims, dims))
        self.W_k = self.W_q
        self.W_v = np.random.normal(size=(dims, dims))
        self.W_o = np.random.normal(size=(dims, dims))


@fresh_weights.mistake(
    "Each matrix is filled with one and the same number: every entry has to be drawn.", costs=["values"]
)
class OneNumberForAMatrix:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal() * np.ones((dims, dims))
        self.W_k = np.random.normal() * np.ones((dims, dims))
        self.W_v = np.random.normal() * np.ones((dims, dims))
        self.W_o = np.random.normal() * np.ones((dims, dims))


@fresh_weights.mistake("The weights are constants: they are the same in every matrix of every layer.", costs=["values"])
class ConstantWeights:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.ones((dims, dims))
        self.W_k = np.ones((dims, dims))
        self.W_v = np.ones((dims, dims))
        self.W_o = np.ones((dims, dims))


# --- part 3: forward --------------------------------------------------------------------------------------------------


def forward_of(SelfAttention, x, W_q, W_k, W_v, W_o):
    """Output of a new layer with these weights, and dims, in place of its own: what it made of them is part 2."""
    layer = SelfAttention(x.shape[1])
    layer.dims = x.shape[1]
    layer.W_q, layer.W_k, layer.W_v, layer.W_o = W_q, W_k, W_v, W_o
    return layer.forward(x)


def outputs(x, W_q, W_k, W_v, W_o):
    """Y = softmax(x W_q (x W_k)^T / sqrt(dims)) x W_v W_o. (n, dims) -> (n, dims)"""
    return operators.scaled_dot_product_attention(x @ W_q, x @ W_k, x @ W_v) @ W_o


def layer_case(seed, n, dims):
    random = np.random.RandomState(seed)
    x, *matrices = (random.normal(size=shape) for shape in [(n, dims)] + 4 * [(dims, dims)])
    return Case(f"n = {n}, dims = {dims}, random numbers {seed % 100}", x, *(0.8 * matrix for matrix in matrices))


forward = Exercise(
    "self-attention-forward",
    outputs,
    values=[layer_case(131, 3, 4), layer_case(132, 3, 4), layer_case(133, 3, 4)],
    general=[layer_case(134, *sizes) for sizes in ((1, 4), (1, 5), (7, 2), (2, 6), (5, 5), (6, 1), (20, 16))],
    ask=forward_of,
    cell=LAYER,
)


def attention_of(n, dims, seed):
    """A layer whose output shows its attention: each input carries a name tag, and only the tags are handed on.

    The first n of dims numbers of an input are its tag, the others what it looks for and what it is found by, so that
    each input attends most to the one two places further down, whatever the scores are divided by.
    """
    random = np.random.RandomState(seed)
    features = dims - n
    x = np.hstack([np.eye(n), random.normal(size=(n, features))])
    wanted = np.roll(np.eye(n), 2, axis=1)
    W_q, W_k, W_v = (np.zeros((dims, dims)) for _ in range(3))
    W_q[:n, :n] = 6 * wanted + random.uniform(0, 1, size=(n, n))
    W_k[:n, :n] = np.eye(n)
    W_v[:n, :n] = np.eye(n)
    return x, W_q, W_k, W_v, np.eye(dims)


def attention_shown(SelfAttention, x, W_q, W_k, W_v, W_o):
    """The attention of a layer that shows it: the output as far as the tags reach.

    Raises ValueError if the output has not the shape of the input.
    """
    shape = np.shape(answer := forward_of(SelfAttention, x, W_q, W_k, W_v, W_o))
    if shape != x.shape:
        raise ValueError(f"forward returns the shape {shape} for inputs of the shape {x.shape}")
    return np.asarray(answer)[:, : len(x)]


scores = Exercise(
    "self-attention-scores",
    lambda *arguments: outputs(*arguments)[:, : len(arguments[0])],
    values=[
        Case(f"{what} of the attention, n = {n}, dims = {dims}", *attention_of(n, dims, seed=140 + n), view=view)
        for n, dims in ((5, 8), (3, 4), (6, 16))
        for what, view in (
            ("sum of each row", lambda attention: np.sum(attention, axis=1)),
            ("largest weight in each row", lambda attention: np.argmax(attention, axis=1)),
        )
    ],
    general=[],
    ask=attention_shown,
    cell=LAYER,
)

# What is wrong with the attention costs the outputs as well. What is wrong elsewhere leaves the attention its point.


@scores.mistake(
    "Each column of the attention sums to one here; it should be each row, as a row belongs to a query.",
    costs=["values"],
)
@forward.mistake("Each column of the attention sums to one here; it should be each row, as a row belongs to a query.")
class ColumnsSumToOne:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        e = np.exp(scores)
        attention = e / np.sum(e, axis=0, keepdims=True)
        return attention @ V @ self.W_o


@scores.mistake(
    "All the attention together sums to one here: every query has a whole one to give away.", costs=["values"]
)
@forward.mistake("All the attention together sums to one here: every query has a whole one to give away.")
class WholeMatrixSumsToOne:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        e = np.exp(scores)
        attention = e / np.sum(e)
        return attention @ V @ self.W_o


@scores.mistake("Queries and keys have changed places: rows of the scores belong to queries.", costs=["values"])
@forward.mistake("Queries and keys have changed places: rows of the scores belong to queries.")
class QueriesAndKeysSwapped:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = K @ Q.T / np.sqrt(self.dims)
        return softmax(scores) @ V @ self.W_o


@scores.mistake("Rows and columns of the attention are swapped when the values are mixed.", costs=["values"])
@forward.mistake("Rows and columns of the attention are swapped when the values are mixed.")
class AttentionTurnedAround:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        attention = softmax(scores)
        return attention.T @ V @ self.W_o


@scores.mistake(
    "Attention relates inputs to inputs, so it should be n by n; yours relates the dims to each other.",
    costs=["values"],
)
@forward.mistake("Attention relates inputs to inputs, so it should be n by n; yours relates the dims to each other.")
class DimsByDimsAttention:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q.T @ K / np.sqrt(self.dims)
        return V @ softmax(scores) @ self.W_o


@scores.mistake("The values are weighted by the scores themselves: the softmax is missing.", costs=["values"])
@forward.mistake("The values are weighted by the scores themselves: the softmax is missing.")
class NoSoftmax:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        return scores @ V @ self.W_o


@scores.mistake("Scaled after the softmax, the weights of a query no longer sum to one.", costs=["values"])
@forward.mistake("Scaled after the softmax, the weights of a query no longer sum to one.")
class ScaledAfterTheSoftmax:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        attention = softmax(Q @ K.T) / np.sqrt(self.dims)
        return attention @ V @ self.W_o


@scores.mistake("All outputs are alike, because the scores play no part in them.", costs=["values"])
@forward.mistake("All outputs are alike, because the scores play no part in them.")
class EveryoneAttendsToEveryone:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        attention = np.ones((len(x), len(x))) / len(x)
        return attention @ V @ self.W_o


@forward.mistake("The scores go into the softmax as they are: the equation divides them first.")
class NotScaled:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T
        return softmax(scores) @ V @ self.W_o


@forward.mistake("Dot products grow with the root of their length: that is what to divide by.")
class DividedByDims:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / self.dims
        return softmax(scores) @ V @ self.W_o


@forward.mistake("It is the length of a query that the scores grow with, not the number of inputs.")
class DividedByTheRootOfN:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(len(x))
        return softmax(scores) @ V @ self.W_o


@forward.mistake("The last step is missing: the mixed values go through one more matrix.")
class OutputMatrixUnused:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        return softmax(scores) @ V


@forward.mistake("The inputs themselves are mixed here; the equation mixes their values.")
class ValueMatrixUnused:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        scores = Q @ K.T / np.sqrt(self.dims)
        return softmax(scores) @ x @ self.W_o


@forward.mistake("Each weight matrix meets the inputs transposed: column by column, not row by row.")
class MatricesTransposed:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q.T
        K = x @ self.W_k.T
        V = x @ self.W_v.T
        scores = Q @ K.T / np.sqrt(self.dims)
        return softmax(scores) @ V @ self.W_o.T


@forward.mistake("The inputs are rows here, unlike in notebook 12.1: on which side does a matrix stand then?")
class MatricesOnTheLeft:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = self.W_q @ x
        K = self.W_k @ x
        V = self.W_v @ x
        scores = Q @ K.T / np.sqrt(self.dims)
        return self.W_o @ (softmax(scores) @ V)


@forward.mistake("The outputs come back as columns: each should be a row, like the inputs.")
class OutputsAsColumns:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        return (softmax(scores) @ V @ self.W_o).T


@forward.mistake("The outputs are computed, but not handed back.")
class NothingReturned:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        outputs = softmax(scores) @ V @ self.W_o


@forward.mistake("Only zeros came back: is what you return what you computed?")
class OnlyZerosReturned:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        outputs = softmax(scores) @ V @ self.W_o
        outputs = np.zeros_like(x)
        return outputs


@forward.mistake(
    "The scores are divided by 2, the root of the example's dims: other layers have other dims.", costs=["general"]
)
class RootOfTheExample:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / 2
        return softmax(scores) @ V @ self.W_o


@forward.mistake(
    "A single input should give a single row, in an array with two axes like the input.", costs=["general"]
)
class FlattenedForASingleInput:
    def __init__(self, dims):
        self.dims = dims
        self.W_q, self.W_k, self.W_v, self.W_o = np.random.randn(4, dims, dims)

    def forward(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        scores = Q @ K.T / np.sqrt(self.dims)
        return np.squeeze(softmax(scores) @ V @ self.W_o)
