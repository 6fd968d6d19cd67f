"""The PyTorch lab: tensor tools, multi-head self-attention, the parts of a Vision Transformer, training."""

import math
from functools import cache
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional as F

from gradebox.checks import Case, Exercise, WrongAnswer

FLOAT32 = {"without": (), "atol": 1e-4}


def numbers(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# --- 1 torch.cat ------------------------------------------------------------------------------------------------


def joined_shape(shapes, dim):
    """What torch.cat itself says, in words."""
    try:
        return str(tuple(torch.cat([torch.zeros(shape) for shape in shapes], dim=dim).shape))
    except RuntimeError:
        return str(None)


def ask_shape(cat_shape, shapes, dim):
    answer = cat_shape(shapes, dim)
    return str(tuple(int(size) for size in answer)) if isinstance(answer, (list, tuple)) else str(answer)


class Joining(Case):
    traits: ClassVar = {
        "tensors that fit": lambda case: joined_shape(*case.args) != "None",
        "two tensors": lambda case: len(case.args[0]) == 2,
        "matrices": lambda case: len(case.args[0][0]) == 2,
        "the first axis": lambda case: case.args[1] == 0,
        "negative axes": lambda case: case.args[1] < 0,
    }


def shape_of_the_joined(shapes, dim):
    first = shapes[0]
    dim = dim % len(first)
    for shape in shapes:
        for axis in range(len(first)):
            if axis != dim and shape[axis] != first[axis]:
                return None
    result = list(first)
    result[dim] = sum(shape[dim] for shape in shapes)
    return tuple(result)


cat_shape = Exercise(
    "cat-shape",
    joined_shape,
    values=[
        Joining("two matrices, one below the other", [(2, 3), (4, 3)], 0),
        Joining("two matrices, side by side", [(2, 3), (2, 5)], 1),
        Joining("two matrices that do not fit", [(2, 3), (4, 3)], 1),
        Joining("two matrices with as many rows, one below the other", [(3, 2), (3, 4)], 0),
        Joining("two tensors with three axes, along the last", [(2, 3, 4), (2, 3, 1)], 2),
        Joining("two tensors with three axes that do not fit", [(2, 3, 4), (2, 5, 1)], 1),
        Joining("two equal tensors with three axes", [(2, 3, 4), (2, 3, 4)], 1),
    ],
    general=[
        Joining("three tensors", [(2, 3), (1, 3), (5, 3)], 0),
        Joining("three tensors of which the last does not fit", [(2, 3), (2, 1), (4, 2)], 1),
        Joining("a negative axis", [(2, 3, 4), (2, 3, 6)], -1),
        Joining("a negative axis along which nothing fits", [(2, 3, 4), (2, 3, 6)], -2),
        Joining("a single tensor", [(3, 4)], 1),
        Joining("vectors", [(3,), (4,), (2,)], 0),
        Joining("four axes", [(2, 3, 4, 5), (2, 1, 4, 5)], -3),
    ],
    reference=shape_of_the_joined,
    ask=ask_shape,
    without=(),
)
slip = cat_shape.slip
# fmt: off
slip("all-axes-are-added", "Only one axis grows: along the others the tensors lie on each other.",
     {"return tuple(result)": "return tuple(sum(sizes) for sizes in zip(*shapes))"})
slip("everything-fits", "Not everything fits: along which axes do the sizes have to agree?",
     {"return None": "continue"})
slip("all-sizes-must-agree", "Along the axis on which they are joined, the tensors may differ in size.",
     {"axis != dim and ": ""})
slip("new-axis", "Joining makes no new axis: that would be torch.stack.",
     {"axis != dim and ": "", "result[dim] = sum(shape[dim] for shape in shapes)": "result.insert(dim, len(shapes))"})
slip("the-longest-counts",
     "Joined tensors lie behind each other: the longest alone does not say how long they are together.",
     {"sum(": "max("})
slip("negative-axes-are-other-axes", "A negative axis counts from the end: which axis is -1?",
     {"    dim = dim % len(first)\n": ""}, costs=["general"])
slip("two-tensors-only", "There may be more than two tensors, or only one.",
     {"sum(shape[dim] for shape in shapes)": "shapes[0][dim] + shapes[-1][dim]"}, costs=["general"])
slip("two-tensors-compared", "Every tensor has to fit, those after the second as well.",
     {"for shape in shapes:": "for shape in shapes[:2]:"}, costs=["general"])
slip("always-along-the-first", "The tensors are joined along `dim`, whichever axis that is.",
     {"dim = dim % len(first)": "dim = 0"})
# fmt: on


# --- 2 reshape --------------------------------------------------------------------------------------------------


def landed(index, shape, new_shape):
    """Where torch itself puts a single 1 among zeros."""
    tensor = torch.zeros(shape)
    tensor[index] = 1
    return tuple(tensor.reshape(new_shape).nonzero()[0].tolist())


class Reshaping(Case):
    traits: ClassVar = {
        "shapes without a -1": lambda case: -1 not in case.args[2],
        "matrices": lambda case: len(case.args[1]) == 2,
        "matrices that become matrices": lambda case: len(case.args[1]) == len(case.args[2]) == 2,
        "shapes with as many axes as before": lambda case: len(case.args[1]) == len(case.args[2]),
        "the first element": lambda case: not any(case.args[0]),
    }


def place_after_reshape(index, shape, new_shape):
    number = 0
    for i, size in zip(index, shape):
        number = number * size + i
    known = math.prod(size for size in new_shape if size != -1)
    sizes = [math.prod(shape) // known if size == -1 else size for size in new_shape]
    result = []
    for size in reversed(sizes):
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


after_reshape = Exercise(
    "after-reshape",
    landed,
    values=[
        Reshaping("a matrix that becomes another", (1, 2), (4, 6), (8, 3)),
        Reshaping("a matrix and a -1", (3, 1), (4, 6), (3, -1)),
        Reshaping("a matrix that becomes a vector", (2, 5), (4, 6), (-1,)),
        Reshaping("a matrix that gets three axes", (2, 3), (4, 6), (2, -1, 3)),
        Reshaping("a matrix that gets three axes, -1 first", (3, 2), (4, 6), (-1, 3, 4)),
    ],
    general=[
        Reshaping("a vector", (17,), (24,), (2, 3, -1)),
        Reshaping("a tensor with three axes that becomes a matrix", (1, 2, 3), (2, 3, 4), (-1, 6)),
        Reshaping("a tensor with four axes", (1, 0, 2, 1), (2, 3, 3, 4), (3, -1, 2)),
        Reshaping("axes of size 1", (0, 4), (1, 6), (3, 1, -1)),
        Reshaping("as many axes as before", (1, 2, 1), (3, 4, 5), (5, -1, 3)),
        Reshaping("the first element", (0, 0), (3, 4), (-1, 2)),
    ],
    reference=place_after_reshape,
    without=(),
)
slip = after_reshape.slip
# fmt: off
slip("the-first-index-runs-fastest", "The last index runs fastest, before the reshape and after it.",
     {"zip(index, shape)": "zip(index[::-1], shape[::-1])", "in reversed(sizes)": "in sizes",
      "result.insert(0, number % size)": "result.append(number % size)"})
slip("columns-first-afterwards",
     "Before the reshape the last index runs fastest, after it the first: it is the last one both times.",
     {"in reversed(sizes)": "in sizes", "result.insert(0, number % size)": "result.append(number % size)"})
slip("the-place-counts-by-the-wrong-axis",
     "The place in line counts whole rows before it: a row is as long as there are columns.",
     {"number * size + i": "number * shape[0] + i"})
slip("the-result-is-backwards", "Those are the right numbers in the wrong order: which index changes fastest?",
     {"result.insert(0, number % size)": "result.append(number % size)"})
slip("minus-one-is-all-elements",
     "The -1 stands for what is left once the other sizes are taken out of the number of elements.",
     {" // known": ""})
slip("minus-one-is-a-size", "A -1 is not a size yet: first work out what it stands for.",
     {"math.prod(shape) // known if size == -1 else size": "size"})
slip("transposed", "That is a transposition: a reshape keeps the order of the elements and moves none of them.",
     {"zip(index, shape)": "zip(index[::-1], shape[::-1])"})
slip("counted-from-one", "Elements are counted from 0: the first one is number 0.",
     {"known = math": "number += 1\n    known = math"})
slip("matrices-only", "A tensor may have any number of axes, before and after.",
     {"number * size + i": "index[0] * shape[1] + index[1]"}, costs=["general"])
# fmt: on


# --- 3 repeat ---------------------------------------------------------------------------------------------------


def wall(pattern, batch, down, across):
    """By looking every pixel up where it comes from."""
    rows = torch.arange(down * pattern.shape[0]) % pattern.shape[0]
    columns = torch.arange(across * pattern.shape[1]) % pattern.shape[1]
    return pattern[rows][:, columns].expand(batch, -1, -1).clone()


class Wall(Case):
    traits: ClassVar = {
        "square patterns": lambda case: case.args[0].shape[0] == case.args[0].shape[1],
        "walls with as many tiles down as across": lambda case: case.args[2] == case.args[3],
        "a single wall": lambda case: case.args[1] == 1,
        "patterns that are not repeated": lambda case: case.args[2] == case.args[3] == 1,
    }


def tiled(pattern, batch, down, across):
    return pattern.repeat(batch, down, across)


tiles = Exercise(
    "tiles",
    wall,
    values=[
        Wall("4 walls of 2 x 3 tiles", numbers(301, 2, 3), 4, 2, 3),
        Wall("2 walls of 3 x 1 tiles", numbers(302, 2, 3), 2, 3, 1),
        Wall("3 walls of 1 x 2 tiles", numbers(303, 2, 3), 3, 1, 2),
    ],
    general=[
        Wall("a square pattern", numbers(304, 3, 3), 2, 2, 4),
        Wall("a batch of one", numbers(305, 4, 2), 1, 3, 2),
        Wall("no repetition at all", numbers(306, 2, 5), 1, 1, 1),
        Wall("a single pixel", numbers(307, 1, 1), 2, 3, 4),
    ],
    reference=tiled,
    **FLOAT32,
)
slip = tiles.slip
# fmt: off
slip("pixels-are-repeated", "Each pixel is repeated on the spot; it is the whole pattern that comes again and again.",
     {"repeat(batch, down, across)": "repeat_interleave(down, 0).repeat_interleave(across, 1).repeat(batch, 1, 1)"})
slip("the-batch-comes-last",
     "The new axis is the first one: `repeat` puts axes that the tensor does not have in front.",
     {"repeat(batch, down, across)": "repeat(down, across, batch)"})
slip("down-is-across", "Down and across have changed places.",
     {"repeat(batch, down, across)": "repeat(batch, across, down)"})
slip("as-often-down-as-across", "The pattern comes as often down as across: they are two numbers.",
     {"repeat(batch, down, across)": "repeat(batch, down, down)"})
slip("no-batch", "That is a single wall: where is the batch?", {"repeat(batch, down, across)": "repeat(down, across)"})
slip("batch-and-down-swapped", "The first number of `repeat` is for the axis of the batch, here it repeats the rows.",
     {"repeat(batch, down,": "repeat(down, batch,"})
slip("the-batch-is-below", "The walls of the batch stand below each other; they should have an axis of their own.",
     {"repeat(batch, down, across)": "repeat(batch * down, across)"})
slip("the-batch-is-beside", "The walls of the batch stand side by side; they should have an axis of their own.",
     {"repeat(batch, down, across)": "repeat(down, batch * across)"})
slip("the-pattern-comes-once", "There is one pattern for each wall: the pattern also has to be laid down and across.",
     {"repeat(batch, down, across)": "repeat(batch, 1, 1)"})
slip("only-down", "Only one direction is tiled: rows and columns both have to be repeated.",
     {"repeat(batch, down, across)": "repeat(batch, down, 1)"})
slip("only-across", "The pattern is repeated across, but not down.",
     {"repeat(batch, down, across)": "repeat(batch, 1, across)"})
slip("a-batch-of-one", "The walls have an axis for the batch, but there is only one wall in it.",
     {"repeat(batch, down, across)": "repeat(1, down, across)"})
# fmt: on


# --- 4 nn.Linear ------------------------------------------------------------------------------------------------


def line(seed, out, *shape):
    return numbers(seed, *shape), numbers(seed + 50, out, shape[-1]), numbers(seed + 70, out)


def linear(x, weight, bias):
    return F.linear(x, weight, bias)


class LinearCase(Case):
    traits: ClassVar = {
        "vectors": lambda case: case.args[0].ndim == 1,
        "batches of vectors": lambda case: case.args[0].ndim == 2,
        "layers with as many outputs as inputs": lambda case: case.args[1].shape[0] == case.args[1].shape[1],
        "batches of one": lambda case: case.args[0].shape[0] == 1,
        "one output": lambda case: len(case.args[2]) == 1,
    }


def weighted(x, weight, bias):
    outputs = x @ weight.T + bias
    return outputs


linear_by_hand = Exercise(
    "linear-by-hand",
    linear,
    values=[
        LinearCase("a vector", *line(401, 2, 3)),
        LinearCase("a batch of 4", *line(402, 2, 4, 3)),
        LinearCase("a batch of 2, and 2 outputs", *line(403, 2, 2, 3)),
    ],
    general=[
        LinearCase("as many outputs as inputs", *line(404, 3, 5, 3)),
        LinearCase("one output", *line(405, 1, 4, 5)),
        LinearCase("a batch of sequences", *line(406, 4, 2, 3, 5)),
        LinearCase("a batch of one", *line(407, 3, 1, 6)),
    ],
    reference=weighted,
    **FLOAT32,
)
slip = linear_by_hand.slip
# fmt: off
slip("not-transposed", "The weight is (out, in): which of its axes should meet the inputs?", {"weight.T": "weight"})
slip("reshaped", "A reshape brings the numbers into another shape, it does not turn the matrix round.",
     {"weight.T": "weight.reshape(weight.shape[1], -1)"})
slip("no-bias", "The bias is missing: every output has one added.", {" + bias": ""})
slip("weight-times-x", "That is made for one column; the inputs of a batch are rows.", {"x @ weight.T": "weight @ x"})
slip("bias-subtracted", "The bias is subtracted where it should be added.", {"+ bias": "- bias"})
slip("vectors-only", "Number by number that works for a vector; a batch meets the rows of the weight in pairs.",
     {"x @ weight.T": "(x * weight).sum(dim=-1)"})
slip("batches-only", "This works for a batch of vectors and stops at anything with fewer or more axes.",
     {"x @ weight.T": 'torch.einsum("bi,oi->bo", x, weight)'})
slip("bias-before-the-product", "The bias is added before the product: there it is weighted, too.",
     {"x @ weight.T + bias": "(x + bias) @ weight.T"})
slip("negatives-cut-off", "A linear layer has no activation: negative results are results.",
     {"return outputs": "return torch.relu(outputs)"})
slip("first-of-the-batch", "All inputs of the batch count, each on its own.",
     {"x @ weight.T": "weight @ x.reshape(-1, x.shape[-1])[0]"})
slip("two-axes-at-most", "Only a matrix is turned round here; a batch may have more than one axis.",
     {"x @ weight.T": "(weight @ x.T).T"}, costs=["general"])
# fmt: on


# --- 5 softmax --------------------------------------------------------------------------------------------------


def softmax(x, dim):
    return torch.softmax(x, dim)


class Along(Case):
    traits: ClassVar = {
        "the last axis": lambda case: case.args[1] in (-1, case.args[0].ndim - 1),
        "the first axis": lambda case: case.args[1] == 0,
        "matrices": lambda case: case.args[0].ndim == 2,
        "square matrices": lambda case: case.args[0].shape[0] == case.args[0].shape[-1] and case.args[0].ndim == 2,
        "vectors": lambda case: case.args[0].ndim == 1,
        "large numbers": lambda case: case.args[0].abs().max() > 100,
    }


def shares_along(x, dim):
    largest = x.max(dim=dim, keepdim=True).values
    powers = torch.exp(x - largest)
    shares = powers / powers.sum(dim=dim, keepdim=True)
    return shares


softmax_along = Exercise(
    "softmax-along",
    softmax,
    values=[
        Along("a matrix, along axis 0", numbers(501, 3, 4), 0),
        Along("a matrix, along axis 1", numbers(502, 3, 4), 1),
        Along("a matrix, along axis -1", numbers(503, 3, 4), -1),
    ],
    general=[
        Along("three axes, along the middle one", numbers(504, 2, 3, 4), 1),
        Along("three axes, along the first", numbers(505, 2, 3, 4), 0),
        Along("a square matrix, along axis 1", numbers(506, 3, 3), 1),
        Along("a vector", numbers(507, 5), 0),
        Along("numbers in the thousands", 1000 * numbers(508, 3, 4), 1),
    ],
    reference=shares_along,
    **FLOAT32,
)
slip = softmax_along.slip
# fmt: off
slip("always-along-the-last", "The axis is an argument: along which one do you add up?", {"dim=dim": "dim=-1"}, times=2)
slip("always-along-the-first", "Whichever axis is asked for, it is the first along which you add up.",
     {"dim=dim": "dim=0"}, times=2)
slip("all-together", "All numbers together sum to one: each row (or column) should, on its own.",
     {"x.max(dim=dim, keepdim=True).values": "x.max()", "powers.sum(dim=dim, keepdim=True)": "powers.sum()"})
slip("the-sums-lose-their-axis", "The sums have lost their axis, so they are not divided along the one they belong to.",
     {"x.max(dim=dim, keepdim=True).values": "x.max()", "powers.sum(dim=dim, keepdim=True)": "powers.sum(dim=dim)"})
slip("not-divided", "All numbers are positive, but they do not sum to one yet.",
     {" / powers.sum(dim=dim, keepdim=True)": ""})
slip("no-exponential", "Adding and dividing is there, but what makes every number positive first?",
     {"torch.exp(x - largest)": "x"})
slip("sign-of-the-exponent", "The smallest number gets the largest share: look at the sign in the exponent.",
     {"x - largest": "largest - x"})
slip("largest-taken-off-without-exponential",
     "The largest number is taken off, which changes nothing by itself: where are the exponentials?",
     {"torch.exp(x - largest)": "x - largest"})
slip("divided-by-the-mean", "Divided by their mean, the shares sum to how many there are.",
     {"powers.sum": "powers.mean"})
slip("along-the-other-axis", "The other axis: `dim` is the one along which the results sum to one.",
     {"dim=dim": "dim=(dim + 1) % x.ndim"}, times=2)
slip("logarithm", "That is the logarithm of the softmax.", {"return shares": "return torch.log_softmax(x, dim)"})
slip("large-numbers-overflow",
     "The exponential of a large number is infinite. What may you take off all numbers without a change?",
     {"x - largest": "x"}, costs=["general"])
slip("the-largest-of-all-taken-off",
     "With the largest number of all taken off, what is far below it vanishes: which largest one belongs to a sum?",
     {"x.max(dim=dim, keepdim=True).values": "x.max()"}, costs=["general"])
# fmt: on


# --- 6 autograd -------------------------------------------------------------------------------------------------


def slopes(a, b):
    """e = (a + b)(b + 1) by the product rule."""
    return b + 1.0, (b + 1.0) + (a + b)


def ask_slopes(gradients, a, b):
    answer = gradients(a, b)
    if not isinstance(answer, (list, tuple)):
        return answer
    if any(slope is None for slope in answer):
        raise WrongAnswer("One of the derivatives is None: nothing led back to that number.")
    return tuple(float(slope) for slope in answer)


class Slopes(Case):
    traits: ClassVar = {
        "positive numbers": lambda case: min(case.args) > 0,
        "negative numbers": lambda case: max(case.args) < 0,
        "numbers where one factor is zero": lambda case: case.args[0] == -case.args[1] or case.args[1] == -1,
    }


def slopes_by_autograd(a, b):
    a = torch.tensor(float(a), requires_grad=True)
    b = torch.tensor(float(b), requires_grad=True)
    c = a + b
    d = b + 1
    e = c * d
    e.backward()
    return a.grad, b.grad


gradients = Exercise(
    "gradients",
    slopes,
    values=[
        Slopes("positive numbers", 3.0, 2.0),
        Slopes("a small and a large number", 0.5, 4.0),
        Slopes("zeros", 0.0, 0.0),
    ],
    general=[
        Slopes("negative numbers", -3.0, -2.0),
        Slopes("a = -b, where one factor is zero", 2.5, -2.5),
        Slopes("b = -1, where the other factor is zero", 4.0, -1.0),
        Slopes("large numbers", 300.0, -200.0),
    ],
    reference=slopes_by_autograd,
    ask=ask_slopes,
    **FLOAT32,
)
slip = gradients.slip
# fmt: off
slip("the-path-through-d", "That is only the path through d: b also reaches e through c.",
     {"c = a + b": "c = a + b.detach()"})
slip("the-path-through-c", "That is only the path through c: b also reaches e through d.",
     {"d = b + 1": "d = b.detach() + 1"})
slip("b-comes-first", "The two have changed places: first the derivative by a, then the one by b.",
     {"a.grad, b.grad": "b.grad, a.grad"})
slip("backward-twice", "Gradients add up from one backward to the next; one is enough.",
     {"e.backward()": "e.backward(retain_graph=True)\n    e.backward()"})
slip("backward-from-c", "Those are the derivatives of c. Where do they belong to e?", {"e.backward()": "c.backward()"})
slip("nothing-is-followed", "Autograd keeps track only of tensors that ask for it: do yours?",
     {", requires_grad=True": ""}, times=2)
slip("values-of-c-and-d", "Those are the values of c and d, not derivatives.", {"a.grad, b.grad": "c, d"})
slip("c-is-a-difference", "In the graph a and b are added, c is not their difference.", {"a + b": "a - b"})
slip("nothing-added-to-b", "In the graph d is one more than b.", {"b + 1": "b"})
slip("a-difference", "A difference over a whole step is not the slope; autograd gives the slope itself.",
     {"a.grad, b.grad": "(c + 1) * d - e, (c + 1) * (d + 1) - e"})
slip("c-plus-d", "In the graph c and d are multiplied, not added.", {"c * d": "c + d"})
# fmt: on


# --- how weights get into modules -------------------------------------------------------------------------------


def load(module, wanted):
    """Put tensors into a module by name, wherever it keeps them. Raises WrongAnswer if there is no place for one."""
    state = dict(module.state_dict())
    for name, tensor in wanted.items():
        if name in state:
            if state[name].numel() != tensor.numel():  # theirs is not told: a size can be a message
                raise WrongAnswer(f"`{name}` should have the shape {tuple(tensor.shape)}; yours has another one.")
            state[name] = tensor.reshape(state[name].shape)
        elif "." in name:
            raise WrongAnswer(f"There is no `{name}`: are all layers there, in order, and named as in the exercise?")
        else:
            setattr(module, name, tensor)  # a plain tensor is not registered; the general cases tell
    module.load_state_dict(state)


def how_many(module):
    """Numbers in a module that an optimizer would find."""
    return sum(parameter.numel() for parameter in module.parameters())


def layer(seed, out, size):
    return {"weight": numbers(seed, out, size) / size**0.5, "bias": numbers(seed + 1, out)}


def named(prefix, parameters):
    return {f"{prefix}.{name}": tensor for name, tensor in parameters.items()}


def renamed(parameters, names):
    """The same parameters for a module that calls its layers otherwise."""
    parts = [(*name.rsplit(".", 1), tensor) for name, tensor in parameters.items()]
    return {f"{names[layer]}.{kind}": tensor for layer, kind, tensor in parts}


def norm(seed, size):
    return {"weight": 1 + 0.3 * numbers(seed, size), "bias": numbers(seed + 1, size)}


# --- 7 multi-head self-attention --------------------------------------------------------------------------------


@cache
def attention_parameters(seed, size, num_heads):
    """(queries, keys, values, output): lists of one layer for each head, and the output layer."""
    kinds = [[layer(seed + 1000 * kind + 10 * h, size, size) for h in range(num_heads)] for kind in range(3)]
    return *kinds, layer(seed + 5000, size, num_heads * size)


def attention_truth(x, num_heads, seed, count=False):
    """torch's own layer splits its size among the heads, so ours is one of size num_heads * D on inputs padded by 0."""
    size = x.shape[-1]
    if count:
        return 3 * num_heads * (size + 1) * size + (num_heads * size + 1) * size
    *kinds, output = attention_parameters(seed, size, num_heads)
    theirs = nn.MultiheadAttention(num_heads * size, num_heads, batch_first=True)
    pad = (0, (num_heads - 1) * size)
    weights = [F.pad(torch.cat([each["weight"] for each in heads]), pad) for heads in kinds]
    state = {
        "in_proj_weight": torch.cat(weights),
        "in_proj_bias": torch.cat([each["bias"] for heads in kinds for each in heads]),
        "out_proj.weight": F.pad(output["weight"], (0, 0, *pad)),
        "out_proj.bias": F.pad(output["bias"], pad),
    }
    theirs.load_state_dict(state)
    padded = F.pad(x, pad)
    return theirs(padded, padded, padded)[0][..., :size].detach()


def ask_attention(MultiHeadSelfAttention, x, num_heads, seed, count=False):
    attention = MultiHeadSelfAttention(x.shape[-1], num_heads)
    if count:
        return how_many(attention)
    *kinds, output = attention_parameters(seed, x.shape[-1], num_heads)
    for name, heads in zip(("queries", "keys", "values"), kinds, strict=True):
        layers = getattr(attention, name)
        if len(layers) != num_heads:
            raise WrongAnswer(f"There should be {num_heads} layers in `{name}`, one for each head.")
        for head, parameters in enumerate(heads):
            load(layers[head], parameters)
    load(attention.output, output)
    return attention(x)


class AttentionCase(Case):
    traits: ClassVar = {
        "the numbers that an optimizer finds": lambda case: case.kwargs.get("count", False),
        "two heads": lambda case: case.args[1] == 2,
        "images with as many tokens as numbers in a token": lambda case: case.args[0].shape[1] == case.args[0].shape[2],
        "batches of as many images as tokens": lambda case: case.args[0].shape[0] == case.args[0].shape[1],
    }


class MultiHeadSelfAttention(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            q, k, v = query(x), key(x), value(x)
            scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
            attention = torch.softmax(scores, dim=-1)
            heads.append(attention @ v)
        tokens = torch.cat(heads, dim=-1)
        return self.output(tokens)


multi_head_self_attention = Exercise(
    "multi-head-self-attention",
    attention_truth,
    values=[
        AttentionCase("two heads, B = 3, N = 5, D = 4", numbers(701, 3, 5, 4), 2, 711),
        AttentionCase("two heads, B = 2, N = 3, D = 4", numbers(702, 2, 3, 4), 2, 712),
        AttentionCase("two heads, B = 4, N = 4, D = 4", numbers(703, 4, 4, 4), 2, 713),
    ],
    general=[
        AttentionCase("three heads, D = 5", numbers(704, 2, 4, 5), 3, 714),
        AttentionCase("a batch of 5, N = 3, four heads, D = 6", numbers(705, 5, 3, 6), 4, 715),
        AttentionCase("numbers that an optimizer finds", numbers(706, 1, 2, 4), 3, 716, count=True),
    ],
    reference=MultiHeadSelfAttention,
    ask=ask_attention,
    **FLOAT32,
)
slip = multi_head_self_attention.slip
# fmt: off
slip("PlainLists",
     "A plain Python list hides its layers from the module: `parameters()` finds none of them, so they would never be "
     "trained.",
     {"nn.ModuleList(": "list("}, times=3, costs=["general"])
slip("OtherNames", "The tests look for the layers under the names that the exercise gives them: what are yours called?",
     {"self.queries": "self.q", "self.keys": "self.k", "self.values": "self.v", "self.output": "self.linear"}, times=2)
slip("OneHeadForAll", "All heads are the same one: each needs layers of its own.",
     {" for _ in range(num_heads)]": "] * num_heads"}, times=3)
slip("LastElementOnly", "Only the last image of the batch is left: the others are overwritten one after the other.",
     {"self.output(tokens)": "self.output(tokens)[-1]"})
slip("NotScaled", "The scores are not scaled before the softmax.", {" / q.shape[-1] ** 0.5": ""})
slip("ScaledWithoutRoot", "Dot products grow with the root of the length: scale by that.", {" ** 0.5": ""})
slip("ScaledByAShareOfTheSize", "Each head has queries of the full size here, and they are what the scale depends on.",
     {"q.shape[-1] **": "(q.shape[-1] / len(self.queries)) **"})
slip("ScaledByTheNumberOfTokens", "The scale depends on how long a query is, not on how many tokens there are.",
     {"q.shape[-1]": "q.shape[-2]"})
slip("SoftmaxOverTheQueries", "It is the attention of each query that sums to one: along which axis do the keys lie?",
     {"scores, dim=-1": "scores, dim=-2"})
slip("SoftmaxOverTheBatch", "Images of a batch know nothing of each other; here they share one softmax.",
     {"scores, dim=-1": "scores, dim=0"})
slip("SoftmaxOfEverything", "All weights of the batch sum to one together; those of each query should, on their own.",
     {"torch.softmax(scores, dim=-1)": "torch.exp(scores) / torch.exp(scores).sum()"})
slip("NoSoftmax", "The values are weighted by the bare scores: what makes weights of them that sum to one?",
     {"torch.softmax(scores, dim=-1)": "scores"})
slip("KeysAskQueries", "Rows of the scores belong to queries, columns to keys; here it is the other way round.",
     {"q @ k.transpose": "k @ q.transpose"})
slip("AllAxesTurnedRound", "`.T` turns all axes round, that of the batch too: which two should change places?",
     {"k.transpose(-2, -1)": "k.T"})
slip("AttentionOfNumbers", "Attention relates tokens to tokens: how many rows and columns should it have?",
     {"q @ k.transpose(-2, -1)": "q.transpose(-2, -1) @ k", "attention @ v": "v @ attention"})
slip("AttentionOnItsSide", "The attention lies on its side: its rows sum to one, but the values meet its columns.",
     {"attention @ v": "attention.transpose(-2, -1) @ v"})
slip("NoValues", "What is averaged are the values, not the inputs themselves.", {"attention @ v": "attention @ x"})
slip("HeadsAdded", "The heads are to lie side by side before the output layer, not on top of each other.",
     {"nn.Linear(num_heads * hidden_dim, ": "nn.Linear(hidden_dim, ", "torch.cat(heads, dim=-1)": "sum(heads)"})
slip("HeadsBehindEachOther", "Joined heads make longer tokens, not more of them: along which axis?",
     {"heads, dim=-1": "heads, dim=1"})
slip("NotMixed", "The heads lie side by side, but what mixes them and brings them back to the hidden size?",
     {"return self.output(tokens)": "return tokens"})
slip("NothingReturned", "Nothing came back from `forward`: does it end with a return?",
     {"return self.output": "self.output"})
# fmt: on


# --- 8 patchify -------------------------------------------------------------------------------------------------


def unfolded(images, patch_dims):
    """torch's own: columns of (channel, row, column), brought into the order of (row, column, channel)."""
    columns = F.unfold(images, patch_dims, stride=patch_dims)
    return columns.unflatten(1, (images.shape[1], -1)).permute(0, 3, 2, 1).flatten(2)


class Patches(Case):
    traits: ClassVar = {
        "square images": lambda case: case.args[0].shape[2] == case.args[0].shape[3],
        "square patches": lambda case: case.args[1][0] == case.args[1][1],
        "images with as many rows of patches as columns": lambda case: (
            case.args[0].shape[2] // case.args[1][0] == case.args[0].shape[3] // case.args[1][1]
        ),
        "one channel": lambda case: case.args[0].shape[1] == 1,
        "a single image": lambda case: case.args[0].shape[0] == 1,
        "patches of one pixel": lambda case: case.args[1] == (1, 1),
    }


def patchify(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 3, 5, 1)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


patches = Exercise(
    "patchify",
    unfolded,
    values=[
        Patches("images (2, 2, 4, 6), patches 2 x 3", numbers(801, 2, 2, 4, 6), (2, 3)),
        Patches("images (2, 2, 4, 6), patches 2 x 2", numbers(802, 2, 2, 4, 6), (2, 2)),
        Patches("images (3, 2, 6, 8), patches 3 x 2", numbers(803, 3, 2, 6, 8), (3, 2)),
    ],
    general=[
        Patches("an image (1, 3, 32, 48), patches 16 x 16", numbers(804, 1, 3, 32, 48), (16, 16)),
        Patches("images (2, 1, 6, 4), patches 3 x 4", numbers(805, 2, 1, 6, 4), (3, 4)),
        Patches("images (4, 3, 6, 6), patches 2 x 3", numbers(806, 4, 3, 6, 6), (2, 3)),
        Patches("images (2, 2, 3, 3), patches of one pixel", numbers(807, 2, 2, 3, 3), (1, 1)),
    ],
    reference=patchify,
    **FLOAT32,
)
slip = patches.slip
# fmt: off
slip("bare-reshape",
     "That is the right shape with the wrong pixels: a reshape alone cuts the image into strips, not into squares.",
     {"grid.permute(0, 2, 4, 3, 5, 1)": "images"})
slip("channels-first",
     "The squares are right; inside a patch the numbers of one pixel, its channels, should stand together.",
     {"0, 2, 4, 3, 5, 1": "0, 2, 4, 1, 3, 5"})
slip("down-the-columns-first", "The squares are right but come column by column: go through them as you read.",
     {"0, 2, 4, 3, 5, 1": "0, 4, 2, 3, 5, 1"})
slip("patches-transposed", "Each patch is transposed: its pixels should come row by row, too.",
     {"0, 2, 4, 3, 5, 1": "0, 2, 4, 5, 3, 1"})
slip("rows-and-columns-swapped", "Rows and columns have changed places, those of patches and those within a patch.",
     {"0, 2, 4, 3, 5, 1": "0, 4, 2, 5, 3, 1"})
slip("only-the-channels-moved",
     "The channels stand together, but rows of the grid and of the patch are still mixed up: which axes have to meet?",
     {"0, 2, 4, 3, 5, 1": "0, 2, 3, 4, 5, 1"})
slip("channels-are-patches", "A patch holds all channels of its pixels; here each channel makes patches of its own.",
     {"0, 2, 4, 3, 5, 1": "0, 1, 2, 4, 3, 5", "rows * columns": "channels * rows * columns", " * channels)": ")"})
slip("first-image-only", "Every image of the batch has patches, not the first one alone.",
     {"grid.reshape(batch": "grid[:1].reshape(1"})
slip("width-before-height", "`patch_dims` is (height, width); here they have changed places.",
     {"patch_height, patch_width = patch_dims": "patch_width, patch_height = patch_dims"})
slip("square-patches-only", "Patches have a height and a width: here one number stands for both.",
     {"patch_width = patch_dims": "_ = patch_dims\n    patch_width = patch_height"})
slip("batch-and-patches-together",
     "The images of the batch lost their axis: the result has three axes, one for images.",
     {"batch, rows * columns": "batch * rows * columns"})
slip("square-images-only", "Count the rows and the columns of patches each from their own side of the image.",
     {"rows, columns = height // patch_height, width // patch_width": "rows = columns = height // patch_height"})
# fmt: on


# --- 9 patch embedding ------------------------------------------------------------------------------------------


def embedding_parameters(seed, num_patches, patch_len, hidden_dim):
    return {
        **named("linear", layer(seed, hidden_dim, patch_len)),
        "class_token": numbers(seed + 10, hidden_dim),
        "positions": numbers(seed + 20, num_patches + 1, hidden_dim),
    }


def embedded(patches, parameters):
    tokens = F.linear(patches, parameters["linear.weight"], parameters["linear.bias"])
    places = parameters["positions"]
    first = (parameters["class_token"] + places[0]).expand(len(patches), 1, -1)
    return torch.hstack([first, tokens + places[1:]])


def embedding_truth(patches, hidden_dim, seed, count=False):
    _, num_patches, patch_len = patches.shape
    if count:
        return (patch_len + 1 + 1 + num_patches + 1) * hidden_dim
    return embedded(patches, embedding_parameters(seed, num_patches, patch_len, hidden_dim))


def ask_embedding(PatchEmbedding, patches, hidden_dim, seed, count=False):
    _, num_patches, patch_len = patches.shape
    embedding = PatchEmbedding(num_patches, patch_len, hidden_dim)
    if count:
        return how_many(embedding)
    load(embedding, embedding_parameters(seed, num_patches, patch_len, hidden_dim))
    return embedding(patches)


class EmbeddingCase(Case):
    traits: ClassVar = {
        "the numbers that an optimizer finds": lambda case: case.kwargs.get("count", False),
        "a single image": lambda case: case.args[0].shape[0] == 1,
        "images of one patch": lambda case: case.args[0].shape[1] == 1,
        "batches of as many images as patches": lambda case: case.args[0].shape[0] == case.args[0].shape[1],
    }


class PatchEmbedding(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens + self.positions


embedding = Exercise(
    "patch-embedding",
    embedding_truth,
    values=[
        EmbeddingCase("2 images of 4 patches, 12 numbers each, hidden_dim 3", numbers(901, 2, 4, 12), 3, 911),
        EmbeddingCase("3 images of 4 patches, 12 numbers each, hidden_dim 3", numbers(902, 3, 4, 12), 3, 912),
    ],
    general=[
        EmbeddingCase("one image of 9 patches", numbers(903, 1, 9, 4), 6, 913),
        EmbeddingCase("5 images of one patch", numbers(904, 5, 1, 8), 4, 914),
        EmbeddingCase("as many patches as images", numbers(905, 3, 3, 3), 3, 915),
        EmbeddingCase("numbers that an optimizer finds", numbers(906, 2, 4, 6), 5, 916, count=True),
    ],
    reference=PatchEmbedding,
    ask=ask_embedding,
    **FLOAT32,
)
slip = embedding.slip
# fmt: off
slip("no-class-token", "One token is missing: the class token, which belongs to no patch.",
     {"torch.cat([class_tokens, self.linear(patches)], dim=1)": "self.linear(patches)",
      "+ self.positions": "+ self.positions[1:]"})
slip("class-token-last", "The class token should come first; here it is the last one.",
     {"[class_tokens, self.linear(patches)]": "[self.linear(patches), class_tokens]"})
slip("class-token-beside-the-batch",
     "Each image has its class token before its own patches: along which axis do those lie?",
     {"dim=1": "dim=0"})
slip("no-positions", "Nothing says where a patch was: the positional embedding is missing.", {" + self.positions": ""})
slip("class-token-without-position", "The class token also has a position of its own, the first one.",
     {"self.linear(patches)]": "self.linear(patches) + self.positions[1:]]",
      "return tokens + self.positions": "return tokens"})
slip("no-place-for-the-class-token", "How many tokens are there with the class token? Each of them needs a position.",
     {"num_patches + 1": "num_patches"})
slip("one-position-for-all", "Every token has the same position: that tells none from another.",
     {"+ self.positions": "+ self.positions[0]"})
slip("positions-multiplied", "Positions are added to the tokens, not multiplied with them.",
     {"+ self.positions": "* self.positions"})
slip("zeros-in-front", "There is a token in front, but it holds zeros: where is the learned one?",
     {"self.class_token.repeat(len(patches), 1, 1)": "torch.zeros(len(patches), 1, self.class_token.shape[-1])"})
slip("no-batch-for-the-class-token",
     "There is one class token and a batch of images: every image needs a copy to begin with.",
     {"repeat(len(patches), 1, 1)": "reshape(1, 1, -1)"})
slip("not-learned",
     "The class token and the positions are plain tensors: only an `nn.Parameter` is found by `parameters()` and "
     "trained.",
     {"nn.Parameter(": "("}, times=2, costs=["general"])
# fmt: on


# --- 10 encoder block -------------------------------------------------------------------------------------------


def block_parameters(seed, size):
    """Norms and MLP by name, and what attention does: even attention makes it the mean of all tokens times a matrix."""
    return {
        **named("norm_1", norm(seed, size)),
        **named("norm_2", norm(seed + 100, size)),
        **named("mlp.0", layer(seed + 200, 4 * size, size)),
        **named("mlp.2", layer(seed + 300, size, 4 * size)),
    }, layer(seed + 400, size, size)


def even_attention(attention, mixing):
    """Weights that make attention even: queries and keys are 0, values the tokens, and the output mixes their mean.

    The same function whether the attention is the exercise's or the notebook's stand-in, torch's own.
    """
    state = {name: torch.zeros(old.shape) for name, old in attention.state_dict().items()}
    size = len(mixing["bias"])
    for name, old in state.items():
        if name.startswith("values") and name.endswith("weight"):
            state[name] = torch.eye(size)
        elif name == "output.weight":
            heads = old.shape[1] // size
            state[name] = mixing["weight"].repeat(1, heads) / heads
        elif name.endswith("in_proj_weight"):
            state[name][2 * size :] = torch.eye(size)
        elif name.endswith("out_proj.weight"):
            state[name] = mixing["weight"]
        elif name in ("output.bias", "torch_layer.out_proj.bias", "out_proj.bias"):
            state[name] = mixing["bias"]
    attention.load_state_dict(state)


def set_block(block, parameters, mixing):
    """Put weights into a block, the exercise's or the notebook's stand-in (torch's own, which has other names)."""
    if "linear1.weight" in block.state_dict():
        theirs = {"norm_1": "norm1", "norm_2": "norm2", "mlp.0": "linear1", "mlp.2": "linear2"}
        load(block, renamed(parameters, theirs))
        even_attention(block.self_attn, mixing)
    else:
        load(block, parameters)
        even_attention(block.attention, mixing)


def block_output(tokens, parameters, mixing):
    """Equations of the block, attention being even."""
    size = tokens.shape[-1]

    def normed(x, name):
        return F.layer_norm(x, (size,), parameters[f"{name}.weight"], parameters[f"{name}.bias"])

    mean = normed(tokens, "norm_1").mean(dim=1, keepdim=True)
    tokens = tokens + F.linear(mean, mixing["weight"], mixing["bias"])
    inner = F.gelu(F.linear(normed(tokens, "norm_2"), parameters["mlp.0.weight"], parameters["mlp.0.bias"]))
    return tokens + F.linear(inner, parameters["mlp.2.weight"], parameters["mlp.2.bias"])


def block_truth(tokens, num_heads, seed):
    return block_output(tokens, *block_parameters(seed, tokens.shape[-1]))


def ask_block(EncoderBlock, tokens, num_heads, seed):
    block = EncoderBlock(tokens.shape[-1], num_heads)
    set_block(block, *block_parameters(seed, tokens.shape[-1]))
    return block(tokens)


class BlockCase(Case):
    traits: ClassVar = {
        "two heads": lambda case: case.args[1] == 2,
        "one head": lambda case: case.args[1] == 1,
        "a single image": lambda case: case.args[0].shape[0] == 1,
        "images with as many tokens as numbers in a token": lambda case: case.args[0].shape[1] == case.args[0].shape[2],
    }


class EncoderBlock(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        tokens = tokens + self.attention(self.norm_1(tokens))
        return tokens + self.mlp(self.norm_2(tokens))


block = Exercise(
    "encoder-block",
    block_truth,
    values=[
        BlockCase("B = 2, N = 5, D = 4, two heads", numbers(1001, 2, 5, 4), 2, 1011),
        BlockCase("B = 3, N = 4, D = 4, two heads", numbers(1002, 3, 4, 4), 2, 1012),
    ],
    general=[
        BlockCase("B = 1, N = 3, D = 6, three heads", numbers(1003, 1, 3, 6), 3, 1013),
        BlockCase("B = 4, N = 2, D = 8, one head", numbers(1004, 4, 2, 8), 1, 1014),
    ],
    reference=EncoderBlock,
    ask=ask_block,
    **FLOAT32,
)
slip = block.slip
# fmt: off
slip("attention-without-residual", "Attention should add to the tokens, not take their place.",
     {"tokens + self.attention": "self.attention"})
slip("mlp-without-residual", "The MLP should add to the tokens, not take their place.",
     {"tokens + self.mlp": "self.mlp"})
slip("no-residuals", "Neither of the two residual connections is there.",
     {"tokens + self.attention": "self.attention", "tokens + self.mlp": "self.mlp"})
slip("results-taken-off", "What attention and MLP find is added to the tokens, not taken off.",
     {"tokens + self.attention": "tokens - self.attention", "tokens + self.mlp": "tokens - self.mlp"})
slip("attention-left-out", "The normed tokens are added as they are: attention is left out.",
     {"self.attention(self.norm_1(tokens))": "self.norm_1(tokens)"})
slip("mlp-left-out", "The normed tokens are added as they are: the MLP is left out.",
     {"self.mlp(self.norm_2(tokens))": "self.norm_2(tokens)"})
slip("ends-with-attention", "That is what attention leads to: the MLP is still to come.",
     {" + self.mlp(self.norm_2(tokens))": ""})
slip("norm-afterwards",
     "The norms come before attention and MLP here, so that a straight path leads from input to output.",
     {"tokens + self.attention(self.norm_1(tokens))": "self.norm_1(tokens + self.attention(tokens))",
      "tokens + self.mlp(self.norm_2(tokens))": "self.norm_2(tokens + self.mlp(tokens))"})
slip("no-norms", "The tokens go into attention and MLP as they are: where are the norms?",
     {"self.norm_1(tokens)": "tokens", "self.norm_2(tokens)": "tokens"})
slip("no-norm-before-attention", "The tokens go into attention as they are; only the MLP has its norm.",
     {"self.norm_1(tokens)": "tokens"})
slip("no-norm-before-the-mlp", "The tokens go into the MLP as they are; only attention has its norm.",
     {"self.norm_2(tokens)": "tokens"})
slip("one-norm-for-both", "Attention and MLP each have a norm of their own.", {"norm_2(tokens)": "norm_1(tokens)"})
slip("norms-swapped", "The two norms have changed places: the first one belongs to attention.",
     {"norm_1(tokens)": "norm_2(tokens)", "norm_2(tokens)": "norm_1(tokens)"})
slip("normed-tokens-go-on", "What goes round attention are the tokens before the norm, not those after it.",
     {"tokens + self.attention(self": "self.norm_1(tokens) + self.attention(self"})
slip("both-at-once", "The MLP works on what attention has made, one after the other.",
     {"tokens = tokens + self.attention": "attended = self.attention",
      "tokens + self.mlp": "tokens + attended + self.mlp"})
slip("mlp-first", "The MLP works on what attention has made: which of the two comes first?",
     {"attention(self.norm_1(tokens))": "mlp(self.norm_2(tokens))",
      "mlp(self.norm_2(tokens))": "attention(self.norm_1(tokens))"})
slip("narrow-mlp", "The MLP is wider between its two layers than before and after them: how wide?",
     {"4 * hidden_dim": "hidden_dim"}, times=2)
slip("relu", "Nearly: the function between the two linear layers is a GELU.", {"GELU": "ReLU"})
# fmt: on


# --- 11 MLP head ------------------------------------------------------------------------------------------------


def head_parameters(seed, hidden_dim, out_dim):
    return {
        **named("norm", norm(seed, hidden_dim)),
        **named("mlp.0", layer(seed + 100, hidden_dim, hidden_dim)),
        **named("mlp.2", layer(seed + 200, out_dim, hidden_dim)),
    }


def head_output(tokens, parameters):
    first = tokens.select(1, 0)
    normed = F.layer_norm(first, first.shape[-1:], parameters["norm.weight"], parameters["norm.bias"])
    inner = F.gelu(F.linear(normed, parameters["mlp.0.weight"], parameters["mlp.0.bias"]))
    return F.linear(inner, parameters["mlp.2.weight"], parameters["mlp.2.bias"])


def head_truth(tokens, out_dim, seed):
    return head_output(tokens, head_parameters(seed, tokens.shape[-1], out_dim))


def set_head(head, parameters):
    """As set_block: the notebook's stand-in numbers its layers."""
    if "0.weight" in head.state_dict():
        theirs = {"norm": "0", "mlp.0": "1", "mlp.2": "3"}
        parameters = renamed(parameters, theirs)
    load(head, parameters)


def ask_head(MLPHead, tokens, out_dim, seed):
    head = MLPHead(tokens.shape[-1], out_dim)
    set_head(head, head_parameters(seed, tokens.shape[-1], out_dim))
    return head(tokens)


class HeadCase(Case):
    traits: ClassVar = {
        "a single image": lambda case: case.args[0].shape[0] == 1,
        "two classes": lambda case: case.args[1] == 2,
        "batches of as many images as classes": lambda case: case.args[1] == case.args[0].shape[0],
    }


class MLPHead(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        class_tokens = tokens[:, 0]
        scores = self.mlp(self.norm(class_tokens))
        return scores


head = Exercise(
    "mlp-head",
    head_truth,
    values=[
        HeadCase("3 images, 5 tokens, hidden_dim 4, 2 classes", numbers(1101, 3, 5, 4), 2, 1111),
        HeadCase("2 images, 5 tokens, hidden_dim 4, 3 classes", numbers(1102, 2, 5, 4), 3, 1112),
    ],
    general=[
        HeadCase("one image, 4 classes", numbers(1103, 1, 3, 6), 4, 1113),
        HeadCase("10 classes", numbers(1104, 4, 2, 3), 10, 1114),
    ],
    reference=MLPHead,
    ask=ask_head,
    **FLOAT32,
)
slip = head.slip
# fmt: off
slip("mean-of-the-tokens", "The answer is read off the class token alone, not off the average.",
     {"tokens[:, 0]": "tokens.mean(dim=1)"})
slip("last-token", "The class token is the first one.", {"tokens[:, 0]": "tokens[:, -1]"})
slip("second-token", "Tokens are counted from 0, and the class token comes first.", {"tokens[:, 0]": "tokens[:, 1]"})
slip("all-tokens", "There should be one answer for each image, not for each token.", {"tokens[:, 0]": "tokens"})
slip("first-image", "The first axis is the batch: those are all tokens of one image.", {"tokens[:, 0]": "tokens[0]"})
slip("first-number-of-each-token", "The last axis holds the numbers of a token: which axis holds the tokens?",
     {"tokens[:, 0]": "tokens[:, :, 0]"})
slip("mlp-left-out", "The class token is normed, but what makes scores of it?",
     {"self.mlp(self.norm(class_tokens))": "self.norm(class_tokens)"})
slip("no-norm", "The norm before the MLP is missing.", {"self.norm(class_tokens)": "class_tokens"})
slip("relu-in-the-head", "Nearly: between the linear layers stands a GELU.", {"GELU": "ReLU"})
slip("probabilities", "The results are scores; the softmax is part of the loss later on.",
     {"return scores": "return torch.softmax(scores, dim=-1)"})
slip("logarithms", "Those are logarithms of probabilities; the loss takes them of the scores itself.",
     {"return scores": "return torch.log_softmax(scores, dim=-1)"})
slip("squashed", "Scores may be of any size: nothing should come after the last linear layer.",
     {"return scores": "return torch.tanh(scores)"})
slip("an-axis-too-many", "The axis of the tokens is still there, with size 1.", {"tokens[:, 0]": "tokens[:, :1]"})
# fmt: on


# --- 12 the Vision Transformer ----------------------------------------------------------------------------------
def model_parameters(seed, img_shape, patch_dims, hidden_dim, out_dim):
    """Parameters of the embedding and the head; those of block i are block_parameters(seed + 10 * i, hidden_dim)."""
    channels, height, width = img_shape
    num_patches = height // patch_dims[0] * (width // patch_dims[1])
    patch_len = channels * patch_dims[0] * patch_dims[1]
    return (
        embedding_parameters(seed, num_patches, patch_len, hidden_dim),
        head_parameters(seed + 1, hidden_dim, out_dim),
    )


def set_embedding(embedding, parameters):
    """As set_block: the notebook's stand-in has no class token, its first position does that work."""
    state, wanted = embedding.state_dict(), parameters["linear.weight"]
    weights = state.get("project.weight", state.get("linear.weight", wanted))
    if weights.numel() != wanted.numel():
        raise WrongAnswer(f"The embedding should be made for patches of {wanted.shape[-1]} numbers.")
    places, right = state.get("places", state.get("positions")), parameters["positions"]
    if places is not None and places.numel() != right.numel():
        raise WrongAnswer(f"The embedding should be made for {len(right) - 1} patches.")
    if "project.weight" in state:
        parameters = dict(parameters)
        positions = parameters.pop("positions").clone()
        positions[0] += parameters.pop("class_token")
        parameters = {name.replace("linear", "project"): w for name, w in parameters.items()} | {"places": positions}
    load(embedding, parameters)


def transformer_truth(images, patch_dims, hidden_dim, num_heads, out_dim, blocks, seed, count=False):
    first, last = model_parameters(seed, images.shape[1:], patch_dims, hidden_dim, out_dim)
    depth = blocks.get("num_encoder_blocks", 6)
    if count:
        return depth
    tokens = embedded(unfolded(images, patch_dims), first)
    for number in range(depth):
        tokens = block_output(tokens, *block_parameters(seed + 10 * number, hidden_dim))
    return head_output(tokens, last)


def ask_transformer(VisionTransformer, images, patch_dims, hidden_dim, num_heads, out_dim, blocks, seed, count=False):
    model = VisionTransformer(tuple(images.shape[1:]), patch_dims, hidden_dim, num_heads, out_dim, **blocks)
    if count:  # in blocks: what their parts are made of is another exercise's business
        alone = how_many(model.embedding) + how_many(model.head)
        return (how_many(model) - alone) / how_many(model.blocks[0])
    first, last = model_parameters(seed, images.shape[1:], patch_dims, hidden_dim, out_dim)
    set_embedding(model.embedding, first)
    set_head(model.head, last)
    for number, block in enumerate(model.blocks):
        set_block(block, *block_parameters(seed + 10 * number, hidden_dim))
    return model(images)


# One channel, or one grey: the order of the numbers in a patch is another exercise's business, too.
class TransformerCase(Case):
    traits: ClassVar = {
        "the numbers that an optimizer finds": lambda case: case.kwargs.get("count", False),
        "one channel": lambda case: case.args[0].shape[1] == 1,
        "square images": lambda case: case.args[0].shape[2] == case.args[0].shape[3],
        "square patches": lambda case: case.args[1][0] == case.args[1][1],
        "images with as many rows of patches as columns": lambda case: (
            case.args[0].shape[2] // case.args[1][0] == case.args[0].shape[3] // case.args[1][1]
        ),
        "two blocks": lambda case: case.args[5] == {"num_encoder_blocks": 2},
        "six blocks": lambda case: not case.args[5],
    }


class VisionTransformer(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        patch_len = patch_height * patch_width * channels
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_len, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        patches = patchify(images, self.patch_dims)
        tokens = self.embedding(patches)
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens)


transformer = Exercise(
    "vision-transformer",
    transformer_truth,
    values=[
        TransformerCase(
            "images (2, 1, 4, 6), patches 2 x 3, two blocks",
            numbers(1201, 2, 1, 4, 6), (2, 3), 4, 2, 3, {"num_encoder_blocks": 2}, 1211,
        ),
        TransformerCase(
            "images (3, 1, 4, 6), patches 2 x 2, two blocks",
            numbers(1202, 3, 1, 4, 6), (2, 2), 4, 2, 3, {"num_encoder_blocks": 2}, 1212,
        ),
    ],
    general=[
        TransformerCase("no number of blocks given", numbers(1203, 1, 1, 4, 4), (2, 2), 4, 1, 5, {}, 1213),
        TransformerCase(
            "images (2, 1, 6, 9), patches 3 x 3, three blocks",
            numbers(1204, 2, 1, 6, 9), (3, 3), 6, 3, 2, {"num_encoder_blocks": 3}, 1214,
        ),
        TransformerCase(
            "blocks that an optimizer finds",
            numbers(1205, 1, 1, 4, 4), (2, 2), 4, 1, 2, {"num_encoder_blocks": 3}, 1215, count=True,
        ),
        TransformerCase(
            "images (2, 3, 4, 4), each of one grey, patches 2 x 2, one block",
            numbers(1206, 2, 1, 1, 1).repeat(1, 3, 4, 4), (2, 2), 4, 1, 2, {"num_encoder_blocks": 1}, 1216,
        ),
    ],
    reference=VisionTransformer,
    ask=ask_transformer,
    **FLOAT32,
)  # fmt: skip
slip = transformer.slip
# fmt: off
slip("other-names", "The tests look for the parts under the names that the exercise gives them: what are yours called?",
     {"self.embedding": "self.embed", "self.blocks": "self.encoder", "self.head": "self.mlp_head"}, times=2)
slip("one-block-again-and-again", "All blocks are one and the same: each should have weights of its own.",
     {" for _ in range(num_encoder_blocks)]": "] * num_encoder_blocks"})
slip("blocks-in-a-plain-list",
     "The blocks stand in a plain Python list, where the module cannot find their parameters.",
     {"nn.ModuleList(": "list("}, costs=["general"])
slip("channels-forgotten", "The embedding does not fit the patches of a colour image: how many numbers are in one?",
     {" * channels": ""}, costs=["general"])
slip("channels-last", "`img_shape` begins with the channels.", {"channels, height, width": "height, width, channels"})
slip("square-images-only", "Count the rows and the columns of patches each from their own side of the image.",
     {"(width // patch_width)": "(height // patch_width)"})
slip("always-six-blocks", "The number of blocks is an argument; 6 is only what it is if nobody says otherwise.",
     {"range(num_encoder_blocks)": "range(6)"})
slip("results-thrown-away", "The blocks are called, but the tokens stay what they were.",
     {"tokens = block(tokens)": "block(tokens)"})
slip("every-block-gets-the-same", "Each block should go on with what the one before has made.",
     {"tokens = block(tokens)": "result = block(tokens)", "self.head(tokens)": "self.head(result)"})
slip("one-more-residual", "The residual connections are inside the blocks already.",
     {"= block(tokens)": "= tokens + block(tokens)"})
slip("first-block-only", "Only the first block is used: the return comes too early.",
     {"tokens = block(tokens)": "return self.head(block(tokens))"})
slip("strips-for-patches", "A bare reshape cuts the images into strips; `patchify` cuts squares.",
     {"self.patch_dims = patch_dims": "self.patch_len = patch_len",
      "patchify(images, self.patch_dims)": "images.reshape(len(images), -1, self.patch_len)"})
slip("softmax-at-the-end", "The head gives scores, and so does the transformer: no softmax at the end.",
     {"return self.head(tokens)": "return torch.softmax(self.head(tokens), dim=-1)"})
slip("head-without-class-token", "The head picks the class token by itself; give it all the tokens.",
     {"self.head(tokens)": "self.head(tokens[:, 1:])"})
# fmt: on


# --- 13 training ------------------------------------------------------------------------------------------------


def trained(labels, classes, epochs, options):
    """A model whose weights are all 0 gives the same scores for every image, its last bias, and learns nothing else.

    So the bias alone, trained by torch's own optimizer, has the same losses, whatever the model is.
    """
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.Adam([bias], lr=options.get("rate", 0.005))
    losses = []
    for _epoch in range(epochs):
        for batch in labels.split(options.get("batch_size", 64)):
            loss = bias.logsumexp(0) - bias[batch].mean()
            (bias.grad,) = torch.autograd.grad(loss, bias)
            optimizer.step()
            losses.append(loss.item())
    return torch.tensor(losses), bias.detach()


class Flat(nn.Module):
    """A model for the mistakes, called like a Vision Transformer."""

    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        self.linear = nn.Linear(math.prod(img_shape), out_dim)

    def forward(self, images):
        return self.linear(images.flatten(1))


def ask_training(answer, labels, classes, epochs, options):
    """The answer comes with a class of models that live where it does: a model cannot cross."""
    train, Model = answer if isinstance(answer, tuple) else (answer, Flat)
    model = Model((1, 4, 4), (2, 2), 4, 1, classes, 1)
    model.load_state_dict({name: torch.zeros(old.shape) for name, old in model.state_dict().items()})
    images = torch.zeros(len(labels), 1, 4, 4)
    losses = train(model, images, labels, epochs, **options)
    if not isinstance(losses, (list, tuple)):
        return losses
    return torch.tensor([float(loss) for loss in losses]), model(images[:1])[0]


def labels(seed, number, classes):
    return torch.randint(0, classes, (number,), generator=torch.Generator().manual_seed(seed)) ** 2 // classes


class TrainingCase(Case):
    traits: ClassVar = {
        "batches that are all of one size": lambda case: len(case.args[0]) % case.args[3].get("batch_size", 64) == 0,
        "the usual size of batches": lambda case: "batch_size" not in case.args[3],
        "a single epoch": lambda case: case.args[2] == 1,
        "two classes": lambda case: case.args[1] == 2,
        "the usual learning rate": lambda case: "rate" not in case.args[3],
    }


def train(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            scores = model(batch)
            loss = F.cross_entropy(scores, targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


training = Exercise(
    "train",
    trained,
    values=[
        TrainingCase("130 images of 4 classes, 2 epochs", labels(1301, 130, 4), 4, 2, {}),
        TrainingCase("64 images of 3 classes, 3 epochs", labels(1302, 200, 3), 3, 3, {"rate": 0.1}),
    ],
    general=[
        TrainingCase(
            "batches of 10, the last one smaller", labels(1303, 25, 5), 5, 2, {"batch_size": 10, "rate": 0.02}
        ),
        TrainingCase("batches of one", labels(1304, 6, 2), 2, 1, {"batch_size": 1, "rate": 0.05}),
    ],
    reference=train,
    ask=ask_training,
    **FLOAT32,
)
slip = training.slip
# fmt: off
slip("gradients-pile-up", "The gradients of all batches so far add up: clear them before each new one.",
     {"            optimizer.zero_grad()\n": ""})
slip("nothing-changes", "The loss is computed, but the model stays what it was: who takes the step?",
     {"            optimizer.step()\n": ""})
slip("softmax-twice", "Cross entropy has a softmax of its own and wants scores.",
     {"= model(batch)": "= torch.softmax(model(batch), dim=-1)"})
slip("uphill", "The loss grows: its sign is turned round.", {"= F.cross_entropy": "= -F.cross_entropy"})
slip("the-same-batch-again", "Every step should take the next images, not the first ones again.",
     {"first : first + batch_size": ":batch_size"}, times=2)
slip("all-images-at-once", "Every step looks at its own batch, not at all images.",
     {"model(batch)": "model(images)", "scores, targets": "scores, labels"})
slip("a-new-optimizer-each-time",
     "Adam remembers earlier gradients; an optimizer made anew for every batch forgets them.",
     {"batch, targets =": "optimizer = torch.optim.Adam(model.parameters(), lr=rate)\n            batch, targets ="})
slip("one-epoch-too-few", "That is one epoch too few: how often does the loop go round?",
     {"range(epochs)": "range(epochs - 1)"})
slip("first-image-left-out", "The first image is never looked at: images are counted from 0.",
     {"range(0, len(images)": "range(1, len(images)"})
slip("usual-learning-rate", "The optimizer takes its usual step size: `rate` is asked for, and not used.",
     {", lr=rate": ""})
slip("losses-added-up", "The loss of a batch is the average over its images, or it depends on their number.",
     {", targets)": ', targets, reduction="sum")'})
slip("squared-differences", "That is the mean squared difference: for classes the loss is the cross entropy.",
     {"F.cross_entropy(scores, targets)": "((scores - F.one_hot(targets, scores.shape[-1])) ** 2).mean()"})
slip("one-loss-for-an-epoch", "Every batch has a loss of its own for the list, not the last one of an epoch alone.",
     {"            losses.append": "        losses.append"})
# fmt: on
