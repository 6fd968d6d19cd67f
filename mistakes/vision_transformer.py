"""The PyTorch lab: tensor tools, multi-head self-attention, the parts of a Vision Transformer, training."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from gradebox.checks import Case, Exercise

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


cat_shape = Exercise(
    "cat-shape",
    joined_shape,
    values=[
        Case("two matrices, one below the other", [(2, 3), (4, 3)], 0),
        Case("two matrices, side by side", [(2, 3), (2, 5)], 1),
        Case("two matrices that do not fit", [(2, 3), (4, 3)], 1),
        Case("two matrices with as many rows, one below the other", [(3, 2), (3, 4)], 0),
        Case("two tensors with three axes, along the last", [(2, 3, 4), (2, 3, 1)], 2),
        Case("two tensors with three axes that do not fit", [(2, 3, 4), (2, 5, 1)], 1),
        Case("two equal tensors with three axes", [(2, 3, 4), (2, 3, 4)], 1),
    ],
    general=[
        Case("three tensors", [(2, 3), (1, 3), (5, 3)], 0),
        Case("three tensors of which the last does not fit", [(2, 3), (2, 1), (4, 2)], 1),
        Case("a negative axis", [(2, 3, 4), (2, 3, 6)], -1),
        Case("a negative axis along which nothing fits", [(2, 3, 4), (2, 3, 6)], -2),
        Case("a single tensor", [(3, 4)], 1),
        Case("vectors", [(3,), (4,), (2,)], 0),
        Case("four axes", [(2, 3, 4, 5), (2, 1, 4, 5)], -3),
    ],
    ask=ask_shape,
    without=(),
)


@cat_shape.mistake("Only one axis grows: along the others the tensors lie on each other.")
def all_axes_are_added(shapes, dim):
    for shape in shapes[1:]:
        if any(a != b for axis, (a, b) in enumerate(zip(shape, shapes[0])) if axis != dim % len(shape)):
            return None
    return tuple(sum(sizes) for sizes in zip(*shapes))


@cat_shape.mistake("Not everything fits: along which axes do the sizes have to agree?")
def everything_fits(shapes, dim):
    result = list(shapes[0])
    result[dim] = sum(shape[dim] for shape in shapes)
    return tuple(result)


@cat_shape.mistake("Along the axis on which they are joined, the tensors may differ in size.")
def all_sizes_must_agree(shapes, dim):
    if any(shape != shapes[0] for shape in shapes):
        return None
    result = list(shapes[0])
    result[dim] = sum(shape[dim] for shape in shapes)
    return tuple(result)


@cat_shape.mistake("Joining makes no new axis: that would be torch.stack.")
def new_axis(shapes, dim):
    if any(shape != shapes[0] for shape in shapes):
        return None
    result = list(shapes[0])
    result.insert(dim, len(shapes))
    return tuple(result)


@cat_shape.mistake("Joined tensors lie behind each other: the longest alone does not say how long they are together.")
def the_longest_counts(shapes, dim):
    result = list(shapes[0])
    for shape in shapes:
        for axis in range(len(shape)):
            if axis != dim % len(shape) and shape[axis] != shapes[0][axis]:
                return None
    result[dim] = max(shape[dim] for shape in shapes)
    return tuple(result)


@cat_shape.mistake("A negative axis counts from the end: which axis is -1?", costs=["general"])
def negative_axes_are_other_axes(shapes, dim):
    for shape in shapes:
        for axis in range(len(shape)):
            if axis != dim and shape[axis] != shapes[0][axis]:
                return None
    result = list(shapes[0])
    result[dim] = sum(shape[dim] for shape in shapes)
    return tuple(result)


@cat_shape.mistake("There may be more than two tensors, or only one.", costs=["general"])
def two_tensors_only(shapes, dim):
    first, second = shapes[0], shapes[-1]
    dim = dim % len(first)
    if first[:dim] != second[:dim] or first[dim + 1 :] != second[dim + 1 :]:
        return None
    return first[:dim] + (first[dim] + second[dim],) + first[dim + 1 :]


@cat_shape.mistake("The tensors are joined along `dim`, whichever axis that is.")
def always_along_the_first(shapes, dim):
    if any(shape[1:] != shapes[0][1:] for shape in shapes):
        return None
    return (sum(shape[0] for shape in shapes), *shapes[0][1:])


# --- 2 reshape --------------------------------------------------------------------------------------------------


def landed(index, shape, new_shape):
    """Where torch itself puts a single 1 among zeros."""
    tensor = torch.zeros(shape)
    tensor[index] = 1
    return tuple(tensor.reshape(new_shape).nonzero()[0].tolist())


after_reshape = Exercise(
    "after-reshape",
    landed,
    values=[
        Case("a matrix that becomes another", (1, 2), (4, 6), (8, 3)),
        Case("a matrix and a -1", (3, 1), (4, 6), (3, -1)),
        Case("a matrix that becomes a vector", (2, 5), (4, 6), (-1,)),
        Case("a matrix that gets three axes", (2, 3), (4, 6), (2, -1, 3)),
        Case("a matrix that gets three axes, -1 first", (3, 2), (4, 6), (-1, 3, 4)),
    ],
    general=[
        Case("a vector", (17,), (24,), (2, 3, -1)),
        Case("a tensor with three axes that becomes a matrix", (1, 2, 3), (2, 3, 4), (-1, 6)),
        Case("a tensor with four axes", (1, 0, 2, 1), (2, 3, 3, 4), (3, -1, 2)),
        Case("axes of size 1", (0, 4), (1, 6), (3, 1, -1)),
        Case("as many axes as before", (1, 2, 1), (3, 4, 5), (5, -1, 3)),
        Case("the first element", (0, 0), (3, 4), (-1, 2)),
    ],
    without=(),
)


@after_reshape.mistake("The last index runs fastest, before the reshape and after it.")
def the_first_index_runs_fastest(index, shape, new_shape):
    number = 0
    for i, size in zip(reversed(index), reversed(shape)):
        number = number * size + i
    known = math.prod(size for size in new_shape if size != -1)
    result = []
    for size in new_shape:
        size = math.prod(shape) // known if size == -1 else size
        result.append(number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("The place in line counts whole rows before it: a row is as long as there are columns.")
def the_place_counts_by_the_wrong_axis(index, shape, new_shape):
    number = 0
    for i, size in zip(index, shape):
        number = number * shape[0] + i
    known = math.prod(size for size in new_shape if size != -1)
    result = []
    for size in reversed(new_shape):
        size = math.prod(shape) // known if size == -1 else size
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("Those are the right numbers in the wrong order: which index changes fastest?")
def the_result_is_backwards(index, shape, new_shape):
    number = 0
    for i, size in zip(index, shape):
        number = number * size + i
    known = math.prod(size for size in new_shape if size != -1)
    result = []
    for size in reversed(new_shape):
        size = math.prod(shape) // known if size == -1 else size
        result.append(number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("The -1 stands for what is left once the other sizes are taken out of the number of elements.")
def minus_one_is_all_elements(index, shape, new_shape):
    number = 0
    for i, size in zip(index, shape):
        number = number * size + i
    result = []
    for size in reversed(new_shape):
        size = math.prod(shape) if size == -1 else size
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("A -1 is not a size yet: first work out what it stands for.")
def minus_one_is_a_size(index, shape, new_shape):
    number = 0
    for i, size in zip(index, shape):
        number = number * size + i
    result = []
    for size in reversed(new_shape):
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("That is a transposition: a reshape keeps the order of the elements and moves none of them.")
def transposed(index, shape, new_shape):
    number = 0
    for i, size in zip(index[::-1], shape[::-1]):
        number = number * size + i
    known = math.prod(size for size in new_shape if size != -1)
    result = []
    for size in reversed(new_shape):
        size = math.prod(shape) // known if size == -1 else size
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("Elements are counted from 0: the first one is number 0.")
def counted_from_one(index, shape, new_shape):
    number = 0
    for i, size in zip(index, shape):
        number = number * size + i
    number += 1
    known = math.prod(size for size in new_shape if size != -1)
    result = []
    for size in reversed(new_shape):
        size = math.prod(shape) // known if size == -1 else size
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


@after_reshape.mistake("A tensor may have any number of axes, before and after.", costs=["general"])
def matrices_only(index, shape, new_shape):
    number = index[0] * shape[-1] + index[-1]
    known = math.prod(size for size in new_shape if size != -1)
    result = []
    for size in reversed(new_shape):
        size = math.prod(shape) // known if size == -1 else size
        result.insert(0, number % size)
        number = number // size
    return tuple(result)


# --- 3 repeat ---------------------------------------------------------------------------------------------------


def wall(pattern, batch, down, across):
    """By looking every pixel up where it comes from."""
    rows = torch.arange(down * pattern.shape[0]) % pattern.shape[0]
    columns = torch.arange(across * pattern.shape[1]) % pattern.shape[1]
    return pattern[rows][:, columns].expand(batch, -1, -1).clone()


tiles = Exercise(
    "tiles",
    wall,
    values=[
        Case("4 walls of 2 x 3 tiles", numbers(301, 2, 3), 4, 2, 3),
        Case("2 walls of 3 x 1 tiles", numbers(302, 2, 3), 2, 3, 1),
        Case("3 walls of 1 x 2 tiles", numbers(303, 2, 3), 3, 1, 2),
    ],
    general=[
        Case("a square pattern", numbers(304, 3, 3), 2, 2, 4),
        Case("a batch of one", numbers(305, 4, 2), 1, 3, 2),
        Case("no repetition at all", numbers(306, 2, 5), 1, 1, 1),
        Case("a single pixel", numbers(307, 1, 1), 2, 3, 4),
    ],
    **FLOAT32,
)


@tiles.mistake("Each pixel is repeated on the spot; it is the whole pattern that comes again and again.")
def pixels_are_repeated(pattern, batch, down, across):
    return pattern.repeat_interleave(down, 0).repeat_interleave(across, 1).repeat(batch, 1, 1)


@tiles.mistake("The new axis is the first one: `repeat` puts axes that the tensor does not have in front.")
def the_batch_comes_last(pattern, batch, down, across):
    return pattern.repeat(down, across, batch)


@tiles.mistake("Down and across have changed places.")
def down_is_across(pattern, batch, down, across):
    return pattern.repeat(batch, across, down)


@tiles.mistake("That is a single wall: where is the batch?")
def no_batch(pattern, batch, down, across):
    return pattern.repeat(down, across)


@tiles.mistake("The walls of the batch stand below each other; they should have an axis of their own.")
def the_batch_is_below(pattern, batch, down, across):
    return pattern.repeat(batch * down, across)


@tiles.mistake("There is one pattern for each wall: the pattern also has to be laid down and across.")
def the_pattern_comes_once(pattern, batch, down, across):
    return pattern.repeat(batch, 1, 1)


@tiles.mistake("Only one direction is tiled: rows and columns both have to be repeated.")
def only_down(pattern, batch, down, across):
    return pattern.repeat(batch, down, 1)


@tiles.mistake("The walls have an axis for the batch, but there is only one wall in it.")
def a_batch_of_one(pattern, batch, down, across):
    return pattern.repeat(1, down, across)


# --- 4 nn.Linear ------------------------------------------------------------------------------------------------


def line(seed, out, *shape):
    return numbers(seed, *shape), numbers(seed + 50, out, shape[-1]), numbers(seed + 70, out)


def linear(x, weight, bias):
    return F.linear(x, weight, bias)


linear_by_hand = Exercise(
    "linear-by-hand",
    linear,
    values=[
        Case("a vector", *line(401, 2, 3)),
        Case("a batch of 4", *line(402, 2, 4, 3)),
        Case("a batch of 2, and 2 outputs", *line(403, 2, 2, 3)),
    ],
    general=[
        Case("as many outputs as inputs", *line(404, 3, 5, 3)),
        Case("one output", *line(405, 1, 4, 5)),
        Case("a batch of sequences", *line(406, 4, 2, 3, 5)),
        Case("a batch of one", *line(407, 3, 1, 6)),
    ],
    **FLOAT32,
)


@linear_by_hand.mistake("The weight is (out, in): which of its axes should meet the inputs?")
def not_transposed(x, weight, bias):
    return x @ weight + bias


@linear_by_hand.mistake("The bias is missing: every output has one added.")
def no_bias(x, weight, bias):
    return x @ weight.T


@linear_by_hand.mistake("That is made for one column; the inputs of a batch are rows.")
def weight_times_x(x, weight, bias):
    return weight @ x + bias


@linear_by_hand.mistake("The bias is subtracted where it should be added.")
def bias_subtracted(x, weight, bias):
    return x @ weight.T - bias


@linear_by_hand.mistake("This works for a batch of vectors and stops at anything with fewer or more axes.")
def batches_only(x, weight, bias):
    return torch.einsum("bi,oi->bo", x, weight) + bias


@linear_by_hand.mistake("The bias is added before the product: there it is weighted, too.")
def bias_before_the_product(x, weight, bias):
    return (x.unsqueeze(-2) @ weight.T + bias).sum(dim=-1)


@linear_by_hand.mistake("A linear layer has no activation: negative results are results.")
def negatives_cut_off(x, weight, bias):
    return torch.relu(x @ weight.T + bias)


@linear_by_hand.mistake("All inputs of the batch count, each on its own.")
def first_of_the_batch(x, weight, bias):
    return weight @ x.reshape(-1, x.shape[-1])[0] + bias


@linear_by_hand.mistake("Only a matrix is turned round here; a batch may have more than one axis.", costs=["general"])
def two_axes_at_most(x, weight, bias):
    return (weight @ x.T).T + bias if x.ndim < 3 else (weight @ x.permute(2, 1, 0)).permute(2, 1, 0) + bias


# --- 5 softmax --------------------------------------------------------------------------------------------------


def softmax(x, dim):
    return torch.softmax(x, dim)


softmax_along = Exercise(
    "softmax-along",
    softmax,
    values=[
        Case("a matrix, along axis 0", numbers(501, 3, 4), 0),
        Case("a matrix, along axis 1", numbers(502, 3, 4), 1),
        Case("a matrix, along axis -1", numbers(503, 3, 4), -1),
    ],
    general=[
        Case("three axes, along the middle one", numbers(504, 2, 3, 4), 1),
        Case("three axes, along the first", numbers(505, 2, 3, 4), 0),
        Case("a square matrix, along axis 1", numbers(506, 3, 3), 1),
        Case("a vector", numbers(507, 5), 0),
        Case("numbers in the thousands", 1000 * numbers(508, 3, 4), 1),
    ],
    **FLOAT32,
)


@softmax_along.mistake("The axis is an argument: along which one do you add up?")
def always_along_the_last(x, dim):
    powers = torch.exp(x - x.max())
    return powers / powers.sum(dim=-1, keepdim=True)


@softmax_along.mistake("All numbers together sum to one: each row (or column) should, on its own.")
def all_together(x, dim):
    powers = torch.exp(x - x.max())
    return powers / powers.sum()


@softmax_along.mistake("The sums have lost their axis, so they are not divided along the one they belong to.")
def the_sums_lose_their_axis(x, dim):
    powers = torch.exp(x - x.max())
    return powers / powers.sum(dim=dim)


@softmax_along.mistake("All numbers are positive, but they do not sum to one yet.")
def not_divided(x, dim):
    return torch.exp(x - x.max(dim=dim, keepdim=True).values)


@softmax_along.mistake("Adding and dividing is there, but what makes every number positive first?")
def no_exponential(x, dim):
    return x / x.sum(dim=dim, keepdim=True)


@softmax_along.mistake("The other axis: `dim` is the one along which the results sum to one.")
def along_the_other_axis(x, dim):
    powers = torch.exp(x - x.max())
    return powers / powers.sum(dim=(dim + 1) % x.ndim, keepdim=True)


@softmax_along.mistake("That is the logarithm of the softmax.")
def logarithm(x, dim):
    return torch.log_softmax(x, dim)


@softmax_along.mistake(
    "The exponential of a large number is infinite. What may you take off all numbers without a change?",
    costs=["general"],
)
def large_numbers_overflow(x, dim):
    powers = torch.exp(x)
    return powers / powers.sum(dim=dim, keepdim=True)


# --- 6 autograd -------------------------------------------------------------------------------------------------


def slopes(a, b):
    """e = (a + b)(b + 1) by the product rule."""
    return b + 1.0, (b + 1.0) + (a + b)


def ask_slopes(gradients, a, b):
    answer = gradients(a, b)
    return tuple(float(slope) for slope in answer) if isinstance(answer, (list, tuple)) else answer


gradients = Exercise(
    "gradients",
    slopes,
    values=[Case("positive numbers", 3.0, 2.0), Case("a small and a large number", 0.5, 4.0), Case("zeros", 0.0, 0.0)],
    general=[
        Case("negative numbers", -3.0, -2.0),
        Case("a = -b, where one factor is zero", 2.5, -2.5),
        Case("b = -1, where the other factor is zero", 4.0, -1.0),
        Case("large numbers", 300.0, -200.0),
    ],
    ask=ask_slopes,
    **FLOAT32,
)


@gradients.mistake("That is only the path through d: b also reaches e through c.")
def the_path_through_d(a, b):
    a = torch.tensor(a, requires_grad=True)
    b = torch.tensor(b, requires_grad=True)
    e = (a + b.detach()) * (b + 1)
    e.backward()
    return a.grad, b.grad


@gradients.mistake("That is only the path through c: b also reaches e through d.")
def the_path_through_c(a, b):
    a = torch.tensor(a, requires_grad=True)
    b = torch.tensor(b, requires_grad=True)
    e = (a + b) * (b.detach() + 1)
    e.backward()
    return a.grad, b.grad


@gradients.mistake("The two have changed places: first the derivative by a, then the one by b.")
def b_comes_first(a, b):
    a = torch.tensor(a, requires_grad=True)
    b = torch.tensor(b, requires_grad=True)
    e = (a + b) * (b + 1)
    e.backward()
    return b.grad, a.grad


@gradients.mistake("Gradients add up from one backward to the next; one is enough.")
def backward_twice(a, b):
    a = torch.tensor(a, requires_grad=True)
    b = torch.tensor(b, requires_grad=True)
    e = (a + b) * (b + 1)
    e.backward(retain_graph=True)
    e.backward()
    return a.grad, b.grad


@gradients.mistake("Those are the derivatives of c. Where do they belong to e?")
def backward_from_c(a, b):
    a = torch.tensor(a, requires_grad=True)
    b = torch.tensor(b, requires_grad=True)
    c = a + b
    c.backward()
    return a.grad, b.grad


@gradients.mistake("Those are the values of c and d, not derivatives.")
def values_of_c_and_d(a, b):
    return a + b, b + 1


@gradients.mistake("A difference over a whole step is not the slope; autograd gives the slope itself.")
def a_difference(a, b):
    e = (a + b) * (b + 1)
    return (a + 1 + b) * (b + 1) - e, (a + b + 1) * (b + 2) - e


@gradients.mistake("In the graph c and d are multiplied, not added.")
def c_plus_d(a, b):
    a = torch.tensor(a, requires_grad=True)
    b = torch.tensor(b, requires_grad=True)
    e = (a + b) + (b + 1)
    e.backward()
    return a.grad, b.grad


# --- how weights get into modules -------------------------------------------------------------------------------


def load(module, wanted):
    """Put tensors into a module by name, wherever it keeps them. A name that is missing is said to be."""
    state = dict(module.state_dict())
    for name, tensor in wanted.items():
        if name in state:
            fits = state[name].numel() == tensor.numel()
            state[name] = tensor.reshape(state[name].shape) if fits else tensor
        elif "." in name:
            raise AttributeError(f"there is no {name}: are all attributes named as in the exercise?")
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
    for layers, heads in zip((attention.queries, attention.keys, attention.values), kinds, strict=True):
        for head, parameters in enumerate(heads):
            load(layers[head], parameters)
    load(attention.output, output)
    return attention(x)


multi_head_self_attention = Exercise(
    "multi-head-self-attention",
    attention_truth,
    values=[
        Case("two heads, B = 3, N = 5, D = 4", numbers(701, 3, 5, 4), 2, 711),
        Case("two heads, B = 2, N = 3, D = 4", numbers(702, 2, 3, 4), 2, 712),
        Case("two heads, B = 4, N = 4, D = 4", numbers(703, 4, 4, 4), 2, 713),
    ],
    general=[
        Case("three heads, D = 5", numbers(704, 2, 4, 5), 3, 714),
        Case("a batch of 5, N = 3, four heads, D = 6", numbers(705, 5, 3, 6), 4, 715),
        Case("numbers that an optimizer finds", numbers(706, 1, 2, 4), 3, 716, count=True),
    ],
    ask=ask_attention,
    **FLOAT32,
)


@multi_head_self_attention.mistake(
    "A plain Python list hides its layers from the module: `parameters()` finds none of them, so they would "
    "never be trained.",
    costs=["general"],
)
class PlainLists(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = [nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)]
        self.keys = [nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)]
        self.values = [nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)]
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake(
    "Only the last image of the batch is left: the others are overwritten one after the other."
)
class LastElementOnly(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        for element in x:
            heads = []
            for query, key, value in zip(self.queries, self.keys, self.values):
                scores = query(element) @ key(element).T / x.shape[-1] ** 0.5
                heads.append(torch.softmax(scores, dim=-1) @ value(element))
            result = self.output(torch.cat(heads, dim=-1))
        return result


@multi_head_self_attention.mistake("The scores are not scaled before the softmax.")
class NotScaled(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1)
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake("Dot products grow with the root of the length: scale by that.")
class ScaledWithoutRoot(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1]
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake(
    "Each head has queries of the full size here, and they are what the scale depends on."
)
class ScaledByAShareOfTheSize(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / (x.shape[-1] / len(self.queries)) ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake("The scale depends on how long a query is, not on how many tokens there are.")
class ScaledByTheNumberOfTokens(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-2] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake(
    "It is the attention of each query that sums to one: along which axis do the keys lie?"
)
class SoftmaxOverTheQueries(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-2) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake("Images of a batch know nothing of each other; here they share one softmax.")
class SoftmaxOverTheBatch(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=0) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake(
    "Rows of the scores belong to queries, columns to keys; here it is the other way round."
)
class KeysAskQueries(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = key(x) @ query(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake("What is averaged are the values, not the inputs themselves.")
class NoValues(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ x)
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake("All heads are the same one: each needs layers of its own.")
class OneHeadForAll(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim)] * num_heads)
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim)] * num_heads)
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim)] * num_heads)
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake(
    "The heads lie side by side, but what mixes them and brings them back to the hidden size?"
)
class NotMixed(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return torch.cat(heads, dim=-1)


@multi_head_self_attention.mistake("Nothing came back from `forward`: does it end with a return?")
class NothingReturned(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        result = self.output(torch.cat(heads, dim=-1))


@multi_head_self_attention.mistake(
    "The heads are to lie side by side before the output layer, not on top of each other."
)
class HeadsAdded(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(sum(heads))


class MultiHeadSelfAttention(nn.Module):
    """A right one, for the blocks below."""

    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.queries = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.keys = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.values = nn.ModuleList([nn.Linear(hidden_dim, hidden_dim) for _ in range(num_heads)])
        self.output = nn.Linear(num_heads * hidden_dim, hidden_dim)

    def forward(self, x):
        heads = []
        for query, key, value in zip(self.queries, self.keys, self.values):
            scores = query(x) @ key(x).transpose(-2, -1) / x.shape[-1] ** 0.5
            heads.append(torch.softmax(scores, dim=-1) @ value(x))
        return self.output(torch.cat(heads, dim=-1))


# --- 8 patchify -------------------------------------------------------------------------------------------------


def unfolded(images, patch_dims):
    """torch's own: columns of (channel, row, column), brought into the order of (row, column, channel)."""
    columns = F.unfold(images, patch_dims, stride=patch_dims)
    return columns.unflatten(1, (images.shape[1], -1)).permute(0, 3, 2, 1).flatten(2)


patches = Exercise(
    "patchify",
    unfolded,
    values=[
        Case("images (2, 2, 4, 6), patches 2 x 3", numbers(801, 2, 2, 4, 6), (2, 3)),
        Case("images (2, 2, 4, 6), patches 2 x 2", numbers(802, 2, 2, 4, 6), (2, 2)),
        Case("images (3, 2, 6, 8), patches 3 x 2", numbers(803, 3, 2, 6, 8), (3, 2)),
    ],
    general=[
        Case("an image (1, 3, 32, 48), patches 16 x 16", numbers(804, 1, 3, 32, 48), (16, 16)),
        Case("images (2, 1, 6, 4), patches 3 x 4", numbers(805, 2, 1, 6, 4), (3, 4)),
        Case("images (4, 3, 6, 6), patches 2 x 3", numbers(806, 4, 3, 6, 6), (2, 3)),
        Case("images (2, 2, 3, 3), patches of one pixel", numbers(807, 2, 2, 3, 3), (1, 1)),
    ],
    **FLOAT32,
)


@patches.mistake(
    "That is the right shape with the wrong pixels: a reshape alone cuts the image into strips, not into squares."
)
def bare_reshape(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    return images.reshape(batch, rows * columns, patch_height * patch_width * channels)


@patches.mistake("The squares are right; inside a patch the numbers of one pixel, its channels, should stand together.")
def channels_first(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 1, 3, 5)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


@patches.mistake("The squares are right but come column by column: go through them as you read.")
def down_the_columns_first(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 4, 2, 3, 5, 1)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


@patches.mistake("Each patch is transposed: its pixels should come row by row, too.")
def patches_transposed(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 5, 3, 1)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


@patches.mistake(
    "The channels stand together, but rows of the grid and of the patch are still mixed up: which axes have to meet?"
)
def only_the_channels_moved(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 3, 4, 5, 1)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


@patches.mistake("A patch holds all channels of its pixels; here each channel makes patches of its own.")
def channels_are_patches(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 1, 2, 4, 3, 5)
    return grid.reshape(batch, channels * rows * columns, patch_height * patch_width)


@patches.mistake("Every image of the batch has patches, not the first one alone.")
def first_image_only(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 3, 5, 1)
    return grid[:1].reshape(1, rows * columns, patch_height * patch_width * channels)


@patches.mistake("`patch_dims` is (height, width); here they have changed places.")
def width_before_height(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_width, patch_height = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 3, 5, 1)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


@patches.mistake("The images of the batch lost their axis: the result has three axes, one for images.")
def batch_and_patches_together(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows, columns = height // patch_height, width // patch_width
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 3, 5, 1)
    return grid.reshape(batch * rows * columns, patch_height * patch_width * channels)


@patches.mistake("Count the rows and the columns of patches each from their own side of the image.")
def square_images_only(images, patch_dims):
    batch, channels, height, width = images.shape
    patch_height, patch_width = patch_dims
    rows = columns = int((height * width // (patch_height * patch_width)) ** 0.5)
    grid = images.reshape(batch, channels, rows, patch_height, columns, patch_width)
    grid = grid.permute(0, 2, 4, 3, 5, 1)
    return grid.reshape(batch, rows * columns, patch_height * patch_width * channels)


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


embedding = Exercise(
    "patch-embedding",
    embedding_truth,
    values=[
        Case("2 images of 4 patches, 12 numbers each, hidden_dim 3", numbers(901, 2, 4, 12), 3, 911),
        Case("3 images of 4 patches, 12 numbers each, hidden_dim 3", numbers(902, 3, 4, 12), 3, 912),
    ],
    general=[
        Case("one image of 9 patches", numbers(903, 1, 9, 4), 6, 913),
        Case("5 images of one patch", numbers(904, 5, 1, 8), 4, 914),
        Case("as many patches as images", numbers(905, 3, 3, 3), 3, 915),
        Case("numbers that an optimizer finds", numbers(906, 2, 4, 6), 5, 916, count=True),
    ],
    ask=ask_embedding,
    **FLOAT32,
)


@embedding.mistake("One token is missing: the class token, which belongs to no patch.")
class no_class_token(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        tokens = self.linear(patches)
        return tokens + self.positions[1:]


@embedding.mistake("The class token should come first; here it is the last one.")
class class_token_last(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = torch.cat([self.linear(patches), class_tokens], dim=1)
        return tokens + self.positions


@embedding.mistake("Nothing says where a patch was: the positional embedding is missing.")
class no_positions(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens


@embedding.mistake("The class token also has a position of its own, the first one.")
class class_token_without_position(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = self.linear(patches) + self.positions[1:]
        return torch.cat([class_tokens, tokens], dim=1)


@embedding.mistake("Every token has the same position: that tells none from another.")
class one_position_for_all(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens + self.positions[0]


@embedding.mistake("Positions are added to the tokens, not multiplied with them.")
class positions_multiplied(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens * self.positions


@embedding.mistake("There is a token in front, but it holds zeros: where is the learned one?")
class zeros_in_front(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = torch.zeros(len(patches), 1, self.class_token.shape[-1])
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens + self.positions


@embedding.mistake("There is one class token and a batch of images: every image needs a copy to begin with.")
class no_batch_for_the_class_token(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = nn.Parameter(torch.randn(1, hidden_dim))
        self.positions = nn.Parameter(torch.randn(num_patches + 1, hidden_dim))

    def forward(self, patches):
        class_tokens = self.class_token.reshape(1, 1, -1)
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens + self.positions


@embedding.mistake(
    "The class token and the positions are plain tensors: only an `nn.Parameter` is found by `parameters()` and "
    "trained.",
    costs=["general"],
)
class not_learned(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.linear = nn.Linear(patch_len, hidden_dim)
        self.class_token = torch.randn(1, hidden_dim)
        self.positions = torch.randn(num_patches + 1, hidden_dim)

    def forward(self, patches):
        class_tokens = self.class_token.repeat(len(patches), 1, 1)
        tokens = torch.cat([class_tokens, self.linear(patches)], dim=1)
        return tokens + self.positions


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


block = Exercise(
    "encoder-block",
    block_truth,
    values=[
        Case("B = 2, N = 5, D = 4, two heads", numbers(1001, 2, 5, 4), 2, 1011),
        Case("B = 3, N = 4, D = 4, two heads", numbers(1002, 3, 4, 4), 2, 1012),
    ],
    general=[
        Case("B = 1, N = 3, D = 6, three heads", numbers(1003, 1, 3, 6), 3, 1013),
        Case("B = 4, N = 2, D = 8, one head", numbers(1004, 4, 2, 8), 1, 1014),
    ],
    ask=ask_block,
    **FLOAT32,
)


@block.mistake("Attention should add to the tokens, not take their place.")
class attention_without_residual(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        tokens = self.attention(self.norm_1(tokens))
        return tokens + self.mlp(self.norm_2(tokens))


@block.mistake("The MLP should add to the tokens, not take their place.")
class mlp_without_residual(nn.Module):
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
        return self.mlp(self.norm_2(tokens))


@block.mistake("Neither of the two residual connections is there.")
class no_residuals(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        tokens = self.attention(self.norm_1(tokens))
        return self.mlp(self.norm_2(tokens))


@block.mistake("The norms come before attention and MLP here, so that a straight path leads from input to output.")
class norm_afterwards(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        tokens = self.norm_1(tokens + self.attention(tokens))
        return self.norm_2(tokens + self.mlp(tokens))


@block.mistake("The tokens go into attention and MLP as they are: where are the norms?")
class no_norms(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        tokens = tokens + self.attention(tokens)
        return tokens + self.mlp(tokens)


@block.mistake("Attention and MLP each have a norm of their own.")
class one_norm_for_both(nn.Module):
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
        return tokens + self.mlp(self.norm_1(tokens))


@block.mistake("What goes round attention are the tokens before the norm, not those after it.")
class normed_tokens_go_on(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        normed = self.norm_1(tokens)
        tokens = normed + self.attention(normed)
        return tokens + self.mlp(self.norm_2(tokens))


@block.mistake("The MLP works on what attention has made, one after the other.")
class both_at_once(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        attended = self.attention(self.norm_1(tokens))
        return tokens + attended + self.mlp(self.norm_2(tokens))


@block.mistake("Nearly: the function between the two linear layers is a GELU.")
class relu(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(hidden_dim)
        self.attention = MultiHeadSelfAttention(hidden_dim, num_heads)
        self.norm_2 = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.ReLU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )

    def forward(self, tokens):
        tokens = tokens + self.attention(self.norm_1(tokens))
        return tokens + self.mlp(self.norm_2(tokens))


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


head = Exercise(
    "mlp-head",
    head_truth,
    values=[
        Case("3 images, 5 tokens, hidden_dim 4, 2 classes", numbers(1101, 3, 5, 4), 2, 1111),
        Case("2 images, 5 tokens, hidden_dim 4, 3 classes", numbers(1102, 2, 5, 4), 3, 1112),
    ],
    general=[
        Case("one image, 4 classes", numbers(1103, 1, 3, 6), 4, 1113),
        Case("10 classes", numbers(1104, 4, 2, 3), 10, 1114),
    ],
    ask=ask_head,
    **FLOAT32,
)


@head.mistake("The answer is read off the class token alone, not off the average.")
class mean_of_the_tokens(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens.mean(dim=1)))


@head.mistake("The class token is the first one.")
class last_token(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens[:, -1]))


@head.mistake("There should be one answer for each image, not for each token.")
class all_tokens(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens))


@head.mistake("The first axis is the batch: those are all tokens of one image.")
class first_image(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens[0]))


@head.mistake("The norm before the MLP is missing.")
class no_norm(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(tokens[:, 0])


@head.mistake("Nearly: between the linear layers stands a GELU.")
class relu_in_the_head(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens[:, 0]))


@head.mistake("The results are scores; the softmax is part of the loss later on.")
class probabilities(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return torch.softmax(self.mlp(self.norm(tokens[:, 0])), dim=-1)


@head.mistake("Scores may be of any size: nothing should come after the last linear layer.")
class squashed(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return torch.tanh(self.mlp(self.norm(tokens[:, 0])))


@head.mistake("The axis of the tokens is still there, with size 1.")
class an_axis_too_many(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens[:, :1]))


# --- 12 the Vision Transformer ----------------------------------------------------------------------------------
# Right parts, for the transformers below; in the notebook they are the student's, or stand-ins.

patchify = unfolded


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


class MLPHead(nn.Module):
    def __init__(self, hidden_dim, out_dim):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(nn.Linear(hidden_dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, out_dim))

    def forward(self, tokens):
        return self.mlp(self.norm(tokens[:, 0]))


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
        raise ValueError(f"the embedding is made for {weights.shape[-1]} numbers in a patch, not {wanted.shape[-1]}")
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
transformer = Exercise(
    "vision-transformer",
    transformer_truth,
    values=[
        Case(
            "images (2, 1, 4, 6), patches 2 x 3, two blocks",
            numbers(1201, 2, 1, 4, 6), (2, 3), 4, 2, 3, {"num_encoder_blocks": 2}, 1211,
        ),
        Case(
            "images (3, 1, 4, 6), patches 2 x 2, two blocks",
            numbers(1202, 3, 1, 4, 6), (2, 2), 4, 2, 3, {"num_encoder_blocks": 2}, 1212,
        ),
    ],
    general=[
        Case("no number of blocks given", numbers(1203, 1, 1, 4, 4), (2, 2), 4, 1, 5, {}, 1213),
        Case(
            "images (2, 1, 6, 9), patches 3 x 3, three blocks",
            numbers(1204, 2, 1, 6, 9), (3, 3), 6, 3, 2, {"num_encoder_blocks": 3}, 1214,
        ),
        Case(
            "blocks that an optimizer finds",
            numbers(1205, 1, 1, 4, 4), (2, 2), 4, 1, 2, {"num_encoder_blocks": 3}, 1215, count=True,
        ),
        Case(
            "images (2, 3, 4, 4), each of one grey, patches 2 x 2, one block",
            numbers(1206, 2, 1, 1, 1).repeat(1, 3, 4, 4), (2, 2), 4, 1, 2, {"num_encoder_blocks": 1}, 1216,
        ),
    ],
    ask=ask_transformer,
    **FLOAT32,
)  # fmt: skip


@transformer.mistake("All blocks are one and the same: each should have weights of its own.")
class one_block_again_and_again(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads)] * num_encoder_blocks)
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens)


@transformer.mistake(
    "The blocks stand in a plain Python list, where the module cannot find their parameters.",
    costs=["general"],
)
class blocks_in_a_plain_list(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = [EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)]
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens)


@transformer.mistake(
    "The embedding does not fit the patches of a colour image: how many numbers are in one?", costs=["general"]
)
class channels_forgotten(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        _, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens)


@transformer.mistake("The number of blocks is an argument; 6 is only what it is if nobody says otherwise.")
class always_six_blocks(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(6)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens)


@transformer.mistake("The blocks are called, but the tokens stay what they were.")
class results_thrown_away(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            block(tokens)
        return self.head(tokens)


@transformer.mistake("Each block should go on with what the one before has made.")
class every_block_gets_the_same(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            result = block(tokens)
        return self.head(result)


@transformer.mistake("The residual connections are inside the blocks already.")
class one_more_residual(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = tokens + block(tokens)
        return self.head(tokens)


@transformer.mistake("Only the first block is used: the return comes too early.")
class first_block_only(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
            return self.head(tokens)


@transformer.mistake("A bare reshape cuts the images into strips; `patchify` cuts squares.")
class strips_for_patches(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        patch_len = images.shape[1] * self.patch_dims[0] * self.patch_dims[1]
        tokens = self.embedding(images.reshape(len(images), -1, patch_len))
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens)


@transformer.mistake("The head gives scores, and so does the transformer: no softmax at the end.")
class softmax_at_the_end(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
        return torch.softmax(self.head(tokens), dim=-1)


@transformer.mistake("The head picks the class token by itself; give it all the tokens.")
class head_without_class_token(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        channels, height, width = img_shape
        patch_height, patch_width = patch_dims
        num_patches = (height // patch_height) * (width // patch_width)
        self.patch_dims = patch_dims
        self.embedding = PatchEmbedding(num_patches, patch_height * patch_width * channels, hidden_dim)
        self.blocks = nn.ModuleList([EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)])
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        tokens = self.embedding(patchify(images, self.patch_dims))
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens[:, 1:])


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


training = Exercise(
    "train",
    trained,
    values=[
        Case("130 images of 4 classes, 2 epochs", labels(1301, 130, 4), 4, 2, {}),
        Case("64 images of 3 classes, 3 epochs", labels(1302, 200, 3), 3, 3, {"rate": 0.1}),
    ],
    general=[
        Case("batches of 10, the last one smaller", labels(1303, 25, 5), 5, 2, {"batch_size": 10, "rate": 0.02}),
        Case("batches of one", labels(1304, 6, 2), 2, 1, {"batch_size": 1, "rate": 0.05}),
    ],
    ask=ask_training,
    **FLOAT32,
)


@training.mistake("The gradients of all batches so far add up: clear them before each new one.")
def gradients_pile_up(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            loss = F.cross_entropy(model(batch), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("The loss is computed, but the model stays what it was: who takes the step?")
def nothing_changes(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), targets)
            loss.backward()
            losses.append(loss.item())
    return losses


@training.mistake("Cross entropy has a softmax of its own and wants scores.")
def softmax_twice(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(torch.softmax(model(batch), dim=-1), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("The loss grows: its sign is turned round.")
def uphill(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            loss = -F.cross_entropy(model(batch), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("Every step should take the next images, not the first ones again.")
def the_same_batch_again(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[:batch_size], labels[:batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("Adam remembers earlier gradients; an optimizer made anew for every batch forgets them.")
def a_new_optimizer_each_time(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer = torch.optim.Adam(model.parameters(), lr=rate)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("The loss of a batch is the average over its images, or it depends on their number.")
def losses_added_up(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), targets, reduction="sum")
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("That is the mean squared difference: for classes the loss is the cross entropy.")
def squared_differences(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            loss = ((model(batch) - F.one_hot(targets, model(batch).shape[-1])) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@training.mistake("Every batch has a loss of its own for the list, not the last one of an epoch alone.")
def one_loss_for_an_epoch(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for epoch in range(epochs):
        for first in range(0, len(images), batch_size):
            batch, targets = images[first : first + batch_size], labels[first : first + batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), targets)
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses
