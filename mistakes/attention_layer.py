"""Practice exam: an attention layer. One input per row throughout."""

from functools import partial
from typing import ClassVar

import numpy as np

from gradebox.checks import Case, Exercise, WrongAnswer
from mistakes import operators

MATRICES = ("W_q", "W_k", "W_v", "W_o")
LAYER = "self-attention"  # the cell of the class, which several exercises test


# --- part 1: softmax --------------------------------------------------------------------------------------------------


def rows(seed, n, m, scale=1.0):
    numbers = scale * np.random.RandomState(seed).normal(size=(n, m))
    return MatrixCase(f"{n} x {m}, random numbers {seed % 100}", numbers)


class MatrixCase(Case):
    traits: ClassVar = {
        "square matrices": lambda case: case.args[0].shape[0] == case.args[0].shape[1],
        "matrices with more columns than rows": lambda case: case.args[0].shape[0] < case.args[0].shape[1],
        "matrices with more rows than columns": lambda case: case.args[0].shape[0] > case.args[0].shape[1],
        "a single row": lambda case: case.args[0].shape[0] == 1,
        "a single column": lambda case: case.args[0].shape[1] == 1,
        "whole numbers": lambda case: case.args[0].dtype.kind == "i",
    }


# Exponentials of small numbers do not overflow: this one need not take anything off.
def plain_softmax(X):
    exponentials = np.exp(X)
    sums = np.sum(exponentials, axis=1, keepdims=True)
    weights = exponentials / sums
    return weights


softmax_of_rows = Exercise(
    "softmax",
    lambda X: operators.softmax(X, dim=1),
    values=[rows(101, 2, 3), rows(102, 2, 3, scale=2), rows(103, 2, 3, scale=3)],
    general=[
        rows(104, 3, 3),
        rows(105, 7, 2),
        rows(106, 3, 5),
        rows(107, 1, 4),
        rows(108, 4, 1),
        MatrixCase("whole numbers", np.random.RandomState(109).randint(-3, 4, size=(3, 4))),
    ],
    reference=plain_softmax,
)
slip = softmax_of_rows.slip
# fmt: off
slip("columns-instead-of-rows", "Each column sums to one here: which axis runs along a row?", {"axis=1": "axis=0"})
slip("whole-matrix-at-once", "The whole matrix sums to one here; each row should do so by itself.",
     {", axis=1, keepdims=True": ""})
slip("not-normalised", "The numbers are positive, but a row does not sum to one yet.",
     {"exponentials / sums": "exponentials"})
slip("no-exponential", "The entries are divided by their sum as they are: where does the exponential come in?",
     {"np.exp(X)": "X"})
slip("largest-taken-off-without-exponential",
     "The largest entry is taken off, and the rest divided by its sum: where does the exponential come in?",
     {"np.exp(X)": "X - np.max(X, axis=1, keepdims=True)"})
slip("divided-by-the-largest", "The largest weight of a row is one here; it is their sum that should be.",
     {"np.sum(": "np.max("})
slip("divided-by-the-mean", "Divided by the mean of its row, the weights of a row sum to the number of its entries.",
     {"np.sum(": "np.mean("})
slip("exponential-of-the-sum", "The exponential of a sum is not the sum of the exponentials.",
     {"np.sum(exponentials, axis=1, keepdims=True)": "np.exp(np.sum(X, axis=1, keepdims=True))"})
slip("sums-not-kept-as-a-column",
     "The sums of the rows have become a flat array, which numpy lays along the columns: they should stay a column.",
     {", keepdims=True": ""})
slip("logarithms-of-the-weights", "These are the logarithms of the weights: one step too many or one too few.",
     {"return weights": "return np.log(weights)"})
slip("wrong-sign", "The smallest entry of a row gets the largest weight: look at the sign in the exponent.",
     {"np.exp(X)": "np.exp(-X)"})
slip("largest-of-each-column-taken-off",
     "Weights stay the same only if the same number is taken off a whole row; here each column loses another one.",
     {"np.exp(X)": "np.exp(X - np.max(X, axis=0, keepdims=True))"})
slip("comes-back-turned-round", "Rows and columns of the result have changed places.",
     {"return weights": "return weights.T"})
slip("returns-after-the-first-row", "Only the first row has been dealt with: your function returns too early.",
     {"return weights": "weights[1:] = 0\n    return weights"})
slip("whole-numbers-stay-whole",
     "For whole numbers your result is an array of whole numbers too, and a weight below one becomes zero in it.",
     {"return weights": "return weights.astype(X.dtype)"}, costs=["general"])
# fmt: on


@softmax_of_rows.mistake("A matrix may have more rows than columns, and fewer: your loop confuses the two.")
def counts_columns_for_rows(X):
    result = np.zeros(X.shape)
    for i in range(X.shape[1]):
        result[i] = np.exp(X[i]) / np.sum(np.exp(X[i]))
    return result


# --- the bonus --------------------------------------------------------------------------------------------------------


class LargeCase(Case):
    traits: ClassVar = {
        "rows whose numbers lie close together": lambda case: np.all(np.ptp(case.args[0], axis=1) < 10),
        "rows that are about as large as each other": lambda case: np.ptp(np.max(case.args[0], axis=1)) < 100,
        "numbers below zero": lambda case: np.all(case.args[0] < 0),
        "numbers up to a thousand": lambda case: np.max(case.args[0]) < 1100,
    }


def softmax(X):
    shifted = X - np.max(X, axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    weights = exponentials / np.sum(exponentials, axis=1, keepdims=True)
    return weights


large_inputs = Exercise(
    "softmax-large-inputs",
    lambda X: operators.softmax(X, dim=1),
    values=[
        LargeCase("about a thousand", 1000 + np.random.RandomState(121).normal(size=(2, 3))),
        LargeCase("about minus a thousand", -1000 + np.random.RandomState(122).normal(size=(2, 3))),
        LargeCase("large in one row, small in the other", np.array([[4000.0, 4001.0, 3999.5], [0.5, -1.0, 0.0]])),
        LargeCase("zero and nine hundred in one row", np.array([[0.0, 1.0, 900.0], [899.0, 900.0, 0.0]])),
        LargeCase("zero and three thousand in one row", np.array([[0.0, 1.0, 3000.0], [2999.0, 3000.0, 0.0]])),
        LargeCase("a hundred thousand, three times", np.full((2, 3), 1e5)),
    ],
    general=[],
    reference=softmax,
    cell="softmax",
)
slip = partial(large_inputs.slip, costs=["values"])
# fmt: off
slip("exponential-as-it-stands",
     "Exponentials of large numbers overflow. Which number may be taken off a whole row without changing its weights?",
     {" - np.max(X, axis=1, keepdims=True)": ""})
slip("largest-added", "With its largest number added, a row of large numbers overflows sooner: take it off.",
     {"X - np.max": "X + np.max"})
slip("sums-of-columns", "Each column sums to one here: which axis runs along a row?",
     {"exponentials, axis=1": "exponentials, axis=0"})
slip("columns-throughout",
     "The largest numbers and the sums are those of columns here; a softmax of rows needs those of rows.",
     {"axis=1": "axis=0"}, times=2)
slip("largest-of-the-whole-matrix-taken-off",
     "One number for all rows is not enough: a row far below the largest number of the matrix vanishes.",
     {"np.max(X, axis=1, keepdims=True)": "np.max(X)"})
slip("mean-taken-off",
     "With the mean taken off, a number far above the mean still overflows: which one is never exceeded?",
     {"np.max(": "np.mean("})
slip("smallest-taken-off",
     "With the smallest number taken off, the largest may still be anything: take off one that leaves none above zero.",
     {"np.max(": "np.min("})
slip("large-numbers-cut",
     "Large numbers are cut to one and the same size, so that those above it all get the same weight.",
     {"X - np.max(X, axis=1, keepdims=True)": "np.clip(X, -700, 700)"})
slip("infinities-replaced",
     "What was no number has been replaced by another one: that hides the overflow, it does not avoid it.",
     {" - np.max(X, axis=1, keepdims=True)": "", "return weights": "return np.nan_to_num(weights)"})
slip("longer-floating-point-type",
     "A longer floating-point type overflows as well, only later: the numbers themselves have to become smaller.",
     {"X - np.max(X, axis=1, keepdims=True)": "X.astype(np.longdouble)",
      "return weights": "return weights.astype(float)"})
slip("large-numbers-divided",
     "For large numbers you divide, for the others you do not: a softmax changes when its inputs are divided.",
     {"X - np.max(X, axis=1, keepdims=True)": "X / np.max(np.abs(X)) if np.max(np.abs(X)) > 700 else X"})
# fmt: on


# --- part 2: the weights ----------------------------------------------------------------------------------------------


class SelfAttention:
    def __init__(self, dims):
        self.dims = dims
        self.W_q = np.random.normal(0, 1, (dims, dims))
        self.W_k = np.random.normal(0, 1, (dims, dims))
        self.W_v = np.random.normal(0, 1, (dims, dims))
        self.W_o = np.random.normal(0, 1, (dims, dims))

    def forward(self, x):
        queries = x @ self.W_q
        keys = x @ self.W_k
        values = x @ self.W_v
        scores = queries @ keys.T / np.sqrt(self.dims)
        attention = softmax(scores)
        outputs = attention @ values @ self.W_o
        return outputs


def shape_or_dims(SelfAttention, dims, name):
    """Zeros of the shape of a layer's matrix, so that a wrong shape is called that; or what it has as dims."""
    found = getattr(SelfAttention(dims), name)
    return found if name == "dims" else np.zeros(np.shape(found))


class AttributeCase(Case):
    traits: ClassVar = {
        "dims = 4": lambda case: case.args[0] == 4,
        "`dims`": lambda case: case.args[1] == "dims",
        "`W_o`": lambda case: case.args[1] == "W_o",
    }


weights = Exercise(
    "self-attention-weights",
    lambda dims, name: dims if name == "dims" else np.zeros((dims, dims)),
    values=[AttributeCase(f"{name} of SelfAttention(4)", 4, name) for name in ("dims", *MATRICES)],
    general=[
        AttributeCase(f"{name} of SelfAttention({dims})", dims, name)
        for dims in (1, 3, 16)
        for name in ("dims", *MATRICES)
    ],
    reference=SelfAttention,
    ask=shape_or_dims,
    cell=LAYER,
)
slip = weights.slip
# fmt: off
slip("DimsNotStored", "The layer should remember its dims under this name.", {"        self.dims = dims\n": ""})
slip("MatricesNotStored", "The matrices are gone when `__init__` ends: what does a name need to stay in the layer?",
     {f"self.{name} =": f"{name} =" for name in MATRICES})
slip("OutputMatrixForgotten", "There are four matrices: the one that comes last, after the values, is missing.",
     {"        self.W_o = np.random.normal(0, 1, (dims, dims))\n": ""})
slip("RowsInsteadOfMatrices", "A single row of numbers is no matrix: its size takes two numbers.",
     {"(dims, dims)": "dims"}, times=4)
slip("SizeTakenForMeanAndDeviation",
     "The first two arguments of the normal distribution are its mean and its standard deviation, not the size.",
     {"(0, 1, (dims, dims))": "(dims, dims)"}, times=4)
slip("ColumnsInsteadOfMatrices",
     "One column of weights for each matrix is too little: every output entry needs a column of its own.",
     {"(dims, dims)": "(dims, 1)"}, times=4)
slip("OneWideMatrix",
     "Queries, keys and values stand in one wide matrix here; each should have its own, under its own name.",
     {f"{name} = np.random.normal(0, 1, (dims,": f"{name} = np.random.normal(0, 1, (dims, 3 *"
      for name in MATRICES[:3]})
slip("TupleForRandn",
     "Some functions want their sizes as one tuple, others one by one: this one does not take a tuple.",
     {"normal(0, 1, (dims, dims))": "randn((dims, dims))"}, times=4)
slip("SizeOfTheExample", "The size of the matrices stands as a number in your code: other layers have other dims.",
     {"(dims, dims)": "(4, 4)"}, times=4, costs=["general"])
# fmt: on

# What may be off, relative to 1 + the true value. With 300 x 300 weights that is 7.5 standard errors of a right
# matrix's mean, 10 of the logarithm of its standard deviation (by which a tenth and a fiftieth differ, too) and 27 of
# its share between -1 and 1. The chance that one of the four matrices of a right layer is outside is 3e-13.
LARGE = 300
BOUND = 0.025
NORMAL_WITHIN_ONE = 0.6826894921370859  # of a standard normal distribution: erf(1 / sqrt(2))
STATISTICS = {
    "mean": (np.mean, 0.0),
    "standard deviation": (lambda entries: np.log(1e-9 + np.std(entries)), 0.0),
    "share of different numbers": (lambda entries: np.unique(entries[0]).size / len(entries), 1.0),
    "share between -1 and 1": (lambda entries: np.mean(np.abs(entries) < 1), NORMAL_WITHIN_ONE),
}


def statistic(SelfAttention, dims, name):
    """A statistic of each of the four matrices of a new layer. Raises WrongAnswer if one has another shape."""
    layer = SelfAttention(dims)
    found = []
    for matrix in MATRICES:
        entries = np.asarray(getattr(layer, matrix), dtype=float)
        if entries.shape != (dims, dims):
            raise WrongAnswer(f"`{matrix}` of SelfAttention({dims}) should have the shape {(dims, dims)}.")
        found.append(STATISTICS[name][0](entries))
    return np.array(found)


class StatisticCase(Case):
    traits: ClassVar = {f"the {name}": lambda case, name=name: case.args[1] == name for name in STATISTICS}


standard_deviation = Exercise(
    "self-attention-standard-deviation",
    lambda dims, name: np.full(len(MATRICES), STATISTICS[name][1]),
    values=[StatisticCase(f"{name} of W_q, W_k, W_v and W_o", LARGE, name) for name in STATISTICS],
    general=[],
    reference=SelfAttention,
    ask=statistic,
    cell=LAYER,
    atol=BOUND,
)
slip = partial(standard_deviation.slip, costs=["values"], times=4)
# fmt: off
slip("WeightsTooSmall", "The weights are ten times too small: their standard deviation is 0.1, and 1 was asked for.",
     {"(0, 1,": "(0, 0.1,"})
slip("WeightsMuchTooSmall",
     "The weights are a hundred times too small: read again which standard deviation was asked for.",
     {"(0, 1,": "(0, 0.01,"})
slip("WeightsFiftyTimesTooSmall", "Many layers begin with a standard deviation of 0.02; this one was to have 1.",
     {"(0, 1,": "(0, 0.02,"})
slip("WeightsTooLarge", "The weights are twice too large: their standard deviation is 2, and 1 was asked for.",
     {"(0, 1,": "(0, 2,"})
slip("DividedByTheRootOfDims",
     "The weights get smaller as dims grows, as in real layers; here the standard deviation is always 1.",
     {"(0, 1,": "(0, 1 / np.sqrt(dims),"})
slip("RootOfTwoOverDims",
     "That is how layers before a ReLU begin, smaller the larger dims is; here the standard deviation is always 1.",
     {"(0, 1,": "(0, np.sqrt(2 / dims),"})
slip("UniformFromZeroToOne",
     "All weights lie between 0 and 1, equally often everywhere: that is a uniform distribution.",
     {"normal(0, 1,": "uniform(0, 1,"})
slip("UniformFromMinusOneToOne",
     "All weights lie between -1 and 1, equally often everywhere: that is a uniform distribution.",
     {"normal(0, 1,": "uniform(-1, 1,"})
slip("UniformOfTheSameDeviation",
     "Mean and standard deviation are right, but a normal distribution has no ends: this one is uniform.",
     {"normal(0, 1,": "uniform(-np.sqrt(3), np.sqrt(3),"})
slip("MeanAndDeviationSwapped",
     "Every weight is 1: the mean comes before the standard deviation, and here they have changed places.",
     {"(0, 1,": "(1, 0,"})
slip("NothingDrawn", "Every weight is 0: nothing has been drawn yet.",
     {"np.random.normal(0, 1, (dims, dims))": "np.zeros((dims, dims))"})
slip("OutputMatrixNotDrawn", "Queries, keys and values have random weights, the output matrix has not.",
     {"W_o = np.random.normal(0, 1, (dims, dims))": "W_o = np.zeros((dims, dims))"}, times=1)
slip("AroundMinusOne", "The entries are spread as they should be, but around -1: the mean was to be 0.",
     {"(0, 1,": "(-1, 1,"})
slip("AroundOne", "The entries are spread as they should be, but around 1: the mean was to be 0.", {"(0, 1,": "(1, 1,"})
# fmt: on


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
    reference=SelfAttention,
    ask=what_is_the_same,
    cell=LAYER,
)
slip = partial(fresh_weights.slip, costs=["values"])
# fmt: off
slip("SeededInEveryLayer",
     "Every new layer has the same weights, because the random numbers start from the same seed each time.",
     {"self.dims = dims\n": "self.dims = dims\n        np.random.seed(0)\n"})
slip("SeededForEveryMatrix",
     "All four matrices are equal, in every layer: the random numbers start from the same seed for each of them.",
     {"np.random.normal": "np.random.RandomState(0).normal"}, times=4)
slip("WeightsOfTheClass",
     "The weights belong to the class here, so that all layers share them; each layer should have its own.",
     {f"self.{name} =": f"type(self).{name} =" for name in MATRICES})
slip("OneMatrixForAll", "The four names stand for one and the same matrix: it was drawn only once.",
     {f"{name} = np.random.normal(0, 1, (dims, dims))": f"{name} = self.W_q" for name in MATRICES[1:]})
slip("OneMatrixForQueriesAndKeys",
     "Queries and keys are made by one matrix here, so every input would attend to itself most.",
     {"W_k = np.random.normal(0, 1, (dims, dims))": "W_k = self.W_q"})
slip("OneNumberForAMatrix", "Each matrix is filled with one and the same number: every entry has to be drawn.",
     {"normal(0, 1, (dims, dims))": "normal(0, 1) * np.ones((dims, dims))"}, times=4)
slip("ConstantWeights", "The weights are constants: they are the same in every matrix of every layer.",
     {"np.random.normal(0, 1, (dims, dims))": "np.ones((dims, dims))"}, times=4)
# fmt: on


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


class LayerCase(Case):
    traits: ClassVar = {
        "dims = 4": lambda case: case.args[0].shape[1] == 4,
        "layers with as many inputs as dims": lambda case: case.args[0].shape[0] == case.args[0].shape[1],
        "a single input": lambda case: case.args[0].shape[0] == 1,
        "layers with more inputs than dims": lambda case: case.args[0].shape[0] > case.args[0].shape[1],
        "layers with fewer inputs than dims": lambda case: case.args[0].shape[0] < case.args[0].shape[1],
        "the sums of the rows": lambda case: case.label.startswith("sum"),
    }


def layer_case(seed, n, dims):
    random = np.random.RandomState(seed)
    x, *matrices = (random.normal(size=shape) for shape in [(n, dims)] + 4 * [(dims, dims)])
    return LayerCase(f"n = {n}, dims = {dims}, random numbers {seed % 100}", x, *(0.8 * matrix for matrix in matrices))


forward = Exercise(
    "self-attention-forward",
    outputs,
    values=[layer_case(131, 3, 4), layer_case(132, 3, 4), layer_case(133, 3, 4)],
    general=[layer_case(134, *sizes) for sizes in ((1, 4), (1, 5), (7, 2), (2, 6), (5, 5), (6, 1), (20, 16))],
    reference=SelfAttention,
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

    Raises WrongAnswer if the output has not the shape of the input.
    """
    answer = forward_of(SelfAttention, x, W_q, W_k, W_v, W_o)
    if np.shape(answer) != x.shape:
        raise WrongAnswer(f"`forward` should return the shape of its inputs, {x.shape}.")
    return np.asarray(answer)[:, : len(x)]


scores = Exercise(
    "self-attention-scores",
    lambda *arguments: outputs(*arguments)[:, : len(arguments[0])],
    values=[
        LayerCase(f"{what} of the attention, n = {n}, dims = {dims}", *attention_of(n, dims, seed=140 + n), view=view)
        for n, dims in ((5, 8), (3, 4), (6, 16))
        for what, view in (
            ("sum of each row", lambda attention: np.sum(attention, axis=1)),
            ("largest weight in each row", lambda attention: np.argmax(attention, axis=1)),
        )
    ],
    general=[],
    reference=SelfAttention,
    ask=attention_shown,
    cell=LAYER,
)

# What is wrong with the attention costs the outputs as well. What is wrong elsewhere leaves the attention its point.


def both(name, diagnosis, changes):
    scores.slip(name, diagnosis, changes, costs=["values"])
    forward.slip(name, diagnosis, changes)


# fmt: off
both("ColumnsSumToOne",
     "Each column of the attention sums to one here; it should be each row, as a row belongs to a query.",
     {"softmax(scores)": "softmax(scores.T).T"})
both("WholeMatrixSumsToOne", "All the attention together sums to one here: every query has a whole one to give away.",
     {"softmax(scores)": "np.exp(scores) / np.sum(np.exp(scores))"})
both("QueriesAndKeysSwapped", "Queries and keys have changed places: rows of the scores belong to queries.",
     {"queries @ keys.T": "keys @ queries.T"})
both("AttentionTurnedAround", "Rows and columns of the attention are swapped when the values are mixed.",
     {"attention @": "attention.T @"})
both("DimsByDimsAttention",
     "Attention relates inputs to inputs, so it should be n by n; yours relates the dims to each other.",
     {"queries @ keys.T": "queries.T @ keys", "attention @ values": "values @ attention"})
both("ScoresOfDims", "The scores relate dims to dims, which does not fit the values: how many rows should they have?",
     {"queries @ keys.T": "queries.T @ keys"})
both("KeysNotTurned", "Every query meets every key: which of the two has to be turned round for that?",
     {"keys.T": "keys"})
both("KeysMadeByTheQueryMatrix", "Keys are made by the matrix of the queries here; they have one of their own.",
     {"x @ self.W_k": "x @ self.W_q"})
both("NoSoftmax", "The values are weighted by the scores themselves: the softmax is missing.",
     {"softmax(scores)": "scores"})
both("ScaledAfterTheSoftmax", "Scaled after the softmax, the weights of a query no longer sum to one.",
     {" / np.sqrt(self.dims)": "", "softmax(scores)": "softmax(scores) / np.sqrt(self.dims)"})
both("EveryoneAttendsToEveryone", "All outputs are alike, because the scores play no part in them.",
     {"softmax(scores)": "np.ones((len(x), len(x))) / len(x)"})
both("NumberByNumber", "`*` multiplies number by number: where do the equations have a matrix product?",
     {f"x @ self.{name}": f"x * self.{name}" for name in MATRICES[:3]})
both("MathNotImported", "`math` is a library of its own, which is not imported here: who else can take a root?",
     {"np.sqrt(": "math.sqrt("})
both("AttentionComesBack", "That is the attention: which steps of the equation come after it?",
     {"return outputs": "return attention"})
# fmt: on

slip = forward.slip
# fmt: off
slip("NotScaled", "The scores go into the softmax as they are: the equation divides them first.",
     {" / np.sqrt(self.dims)": ""})
slip("DividedByDims", "Dot products grow with the root of their length: that is what to divide by.",
     {"np.sqrt(self.dims)": "self.dims"})
slip("DividedByTheRootOfN", "It is the length of a query that the scores grow with, not the number of inputs.",
     {"np.sqrt(self.dims)": "np.sqrt(len(x))"})
slip("MultipliedByTheRoot", "The scaling should make the scores smaller; here it makes them larger.",
     {"/ np.sqrt": "* np.sqrt"})
slip("OutputMatrixUnused", "The last step is missing: the mixed values go through one more matrix.",
     {" @ self.W_o": ""})
slip("ValueMatrixUnused", "The inputs themselves are mixed here; the equation mixes their values.",
     {"x @ self.W_v": "x"})
slip("KeysAreMixed", "What is mixed are the keys here; the values have a matrix of their own.", {"@ values": "@ keys"})
slip("MatricesTransposed", "Each weight matrix meets the inputs transposed: column by column, not row by row.",
     {f"@ self.{name}": f"@ self.{name}.T" for name in MATRICES})
slip("MatricesOnTheLeft", "The inputs are rows here, unlike in notebook 12.1: on which side does a matrix stand then?",
     {f"x @ self.{name}": f"self.{name} @ x" for name in MATRICES[:3]}
     | {"attention @ values @ self.W_o": "self.W_o @ (attention @ values)"})
slip("OutputsAsColumns", "The outputs come back as columns: each should be a row, like the inputs.",
     {"return outputs": "return outputs.T"})
slip("NothingReturned", "The outputs are computed, but not handed back.", {"        return outputs\n": ""})
slip("OnlyZerosReturned", "Only zeros came back: is what you return what you computed?",
     {"return outputs": "outputs = np.zeros_like(x)\n        return outputs"})
slip("RootOfTheExample", "The scores are divided by 2, the root of the example's dims: other layers have other dims.",
     {"np.sqrt(self.dims)": "2"}, costs=["general"])
slip("FlattenedForASingleInput", "A single input should give a single row, in an array with two axes like the input.",
     {"return outputs": "return np.squeeze(outputs)"}, costs=["general"])
# fmt: on
