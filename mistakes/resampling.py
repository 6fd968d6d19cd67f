"""10.4 down- and upsampling."""

from typing import ClassVar

import numpy as np

from gradebox.checks import Case, Exercise, slip_in
from mistakes import operators


def size(case):
    return np.shape(case.args[0])


class Image(Case):
    traits: ClassVar = {
        "square images": lambda case: size(case)[0] == size(case)[1],
        "images of even height and width": lambda case: not size(case)[0] % 2 and not size(case)[1] % 2,
        "images that are at least as wide as high": lambda case: size(case)[0] <= size(case)[1],
        "images that are at least as high as wide": lambda case: size(case)[0] >= size(case)[1],
        "images of even height": lambda case: not size(case)[0] % 2,
        "images of even width": lambda case: not size(case)[1] % 2,
        "whole numbers": lambda case: case.args[0].dtype.kind in "iu",
        "fractions": lambda case: case.args[0].dtype.kind == "f",
        "images without negative numbers": lambda case: bool(np.all(case.args[0] >= 0)),
        "images of one row": lambda case: size(case)[0] == 1,
    }


class Unpooling(Image):
    traits: ClassVar = Image.traits | {
        "high resolution images without negative numbers": lambda case: bool(np.all(case.args[1] >= 0)),
    }


class Pooling(Image):
    traits: ClassVar = {
        "images that give a square result": lambda case: size(case)[0] // case.n == size(case)[1] // case.n,
    } | Image.traits

    @property
    def n(self):
        return self.kwargs.get("n", 2)


class PoolingByN(Pooling):
    traits: ClassVar = {
        "the maximum": lambda case: case.kwargs.get("mode") != "mean",
        "blocks of 2 × 2": lambda case: case.n == 2,
        "images that n divides": lambda case: not size(case)[0] % case.n and not size(case)[1] % case.n,
        "calls that say n and mode": lambda case: bool(case.kwargs),
    } | Pooling.traits


def case(seed, height, width, low=0, high=10, kind=float, of=Image, **options):
    """An image of random numbers, from low to high (without it)."""
    x_in = np.random.RandomState(seed).uniform(low, high, (height, width)).astype(kind)
    numbers = "random numbers" if kind is float else f"{np.dtype(kind)} numbers"
    asked = "".join(f", {name}={value}" for name, value in options.items())
    return of(f"a {height} × {width} image{asked}, {numbers} {seed % 10}", x_in, **options)


# Said of several exercises.
SQUARE = "Your result is square, whatever the image: height and width can differ."
HEIGHT_TWICE = "Both of your loops end with the height: how many columns are there?"
WIDTH_TWICE = "Both of your loops end with the width: how many rows are there?"
OVERLAP = "Your blocks overlap: the next block begins where the last one ended."
TOO_LARGE = "Your blocks have a row and a column too many: a slice ends before the number after the colon."
INCOMPLETE = "With an odd size the last block is incomplete, and left out: pooling rounds down."
FROM_ZERO = "Your search for the maximum begins at 0: what if all pixels of a block are negative?"
FRACTIONS = "Averages of whole numbers need not be whole: keep the fractions."
ROUNDED = "You rounded: averages keep their halves and quarters."
OVERFLOW = "Sums of `uint8` pixels start again at 0 after 255: what type are yours added in?"
TOO_LATE = "Your blocks begin one pixel too late, and end where they should."
FIRST_PIXEL = {"i + 2,": "i + 1,", "j + 2]": "j + 1]"}
LAST_PIXEL = {"2 * i :": "2 * i + 1 :", "2 * j :": "2 * j + 1 :"}
SIZE_ROUNDED_UP = {"x_in.shape[0]": "(x_in.shape[0] + 1)", "x_in.shape[1]": "(x_in.shape[1] + 1)"}


# --- subsampling ------------------------------------------------------------------------------------------------------


def first_of_each_block(x_in):
    height = (x_in.shape[0] + 1) // 2
    width = (x_in.shape[1] + 1) // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = x_in[2 * i, 2 * j]
    return x_out


subsample = Exercise(
    "subsample",
    lambda x_in: operators.max_pool2d(x_in, kernel_size=1, stride=2),
    values=[case(410, 4, 4), case(411, 4, 4), case(412, 8, 8)],
    general=[case(seed, *size, -20, 20) for seed, size in enumerate([(5, 4), (4, 5), (7, 5), (6, 10), (1, 3)], 510)],
    reference=first_of_each_block,
)
slip = subsample.slip
# fmt: off
slip("mean-of-the-block", "That is the mean of each block; subsampling ignores three of its pixels.",
     {"x_in[2 * i, 2 * j]": "np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])"})
slip("maximum-of-the-block", "That is the maximum of each block; subsampling does not compare pixels.",
     {"x_in[2 * i, 2 * j]": "np.max(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])"})
slip("last-pixel-of-the-block", "You picked another pixel of each block; the one to keep is its first.",
     {"2 * i, 2 * j": "2 * i + 1, 2 * j + 1"})
slip("corner-of-the-image", "That is a corner of the patch; the pixels you keep should be two apart.",
     {"2 * i, 2 * j": "i, j"})
slip("rows-only", "Every second row is left, but every column: both directions are halved.",
     {"(x_in.shape[1] + 1) // 2": "x_in.shape[1]", "2 * j": "j"})
slip("zeros-in-between",
     "The pixels you keep stand where they were, with zeros between: in the equation they move together.",
     {"(height, width)": "x_in.shape", "x_out[i, j]": "x_out[2 * i, 2 * j]"})
slip("whole-numbers", "Your result holds whole numbers only: a pixel that is kept keeps its fraction.",
     {"width))": "width), dtype=int)"})
slip("odd-size-rounded-down", "With an odd size the last pixel is kept as well: subsampling rounds up.",
     {" + 1": ""}, costs=["general"], times=2)
slip("last-row-and-column-zero", "With an odd size the last row and column stay zero: your loops end too early.",
     {"range(height)": "range(x_in.shape[0] // 2)", "range(width)": "range(x_in.shape[1] // 2)"}, costs=["general"])
slip("square-image", SQUARE, {"(x_in.shape[1] + 1) // 2": "height"}, costs=["general"])
# fmt: on

# --- max pooling ------------------------------------------------------------------------------------------------------


def largest_of_each_block(x_in):
    height = x_in.shape[0] // 2
    width = x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            x_out[i, j] = np.max(block)
    return x_out


maxpool = Exercise(
    "maxpool",
    lambda x_in: operators.max_pool2d(x_in, kernel_size=2),
    values=[case(420, 4, 4, of=Pooling), case(421, 4, 4, of=Pooling), case(422, 8, 8, of=Pooling)],
    general=[
        *(case(seed, *size, -10, -1, of=Pooling) for seed, size in enumerate([(5, 4), (4, 5), (7, 5), (6, 10)], 520)),
        case(524, 3, 8, -10, 10, of=Pooling),
        case(525, 4, 6, -2e6, -1e6, of=Pooling),
    ],
    reference=largest_of_each_block,
)
slip = maxpool.slip
# fmt: off
slip("first-pixel-of-the-block", "That is the first pixel of each block, not its largest.", FIRST_PIXEL)
slip("last-pixel-of-the-block", TOO_LATE, LAST_PIXEL)
slip("mean-instead-of-maximum", "That is the mean of each block, not its maximum.", {"np.max": "np.mean"})
slip("overlapping-blocks", OVERLAP, {"2 * i": "i", "2 * j": "j"}, times=2)
slip("minimum-instead-of-maximum", "That is the smallest pixel of each block, not its largest.", {"np.max": "np.min"})
slip("upper-row-of-the-block", "That looks along rows only; a block has two rows.",
     {"np.max(block)": "np.max(block[0])"})
slip("diagonal-of-the-block", "Only two pixels of a block, on its diagonal, are compared: all four count.",
     {"np.max(block)": "max(block[0, 0], block[1, 1])"})
slip("maximum-as-a-whole-number",
     "Your result holds whole numbers only: a maximum is one of the pixels, fraction and all.",
     {"width))": "width), dtype=int)"})
slip("maximum-from-zero", FROM_ZERO, {"np.max(block)": "max(0, np.max(block))"}, costs=["general"])
slip("incomplete-blocks-pooled", INCOMPLETE, SIZE_ROUNDED_UP, costs=["general"])
slip("square-image-pooled", SQUARE, {"x_in.shape[1] // 2": "height"}, costs=["general"])
# fmt: on

# --- mean pooling -----------------------------------------------------------------------------------------------------


def mean_of_each_block(x_in):
    height = x_in.shape[0] // 2
    width = x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            x_out[i, j] = np.mean(block)
    return x_out


meanpool = Exercise(
    "meanpool",
    lambda x_in: operators.avg_pool2d(x_in, kernel_size=2),
    values=[case(430, 4, 4, of=Pooling), case(431, 4, 4, of=Pooling), case(432, 8, 8, of=Pooling)],
    general=[
        case(530, 5, 4, 100, 256, of=Pooling),
        case(531, 4, 5, 100, 256, of=Pooling),
        case(532, 7, 5, -10, 10, of=Pooling),
        case(533, 6, 10, 100, 256, np.uint8, of=Pooling),
        case(534, 4, 6, -10, 10, of=Pooling),
    ],
    reference=mean_of_each_block,
)
slip = meanpool.slip
# fmt: off
slip("fractions-dropped", FRACTIONS, {"width))": "width), dtype=int)"})
slip("average-rounded", ROUNDED, {"return x_out": "return np.round(x_out)"})
slip("average-rounded-up", "You rounded up: averages keep their fractions.", {"return x_out": "return np.ceil(x_out)"})
slip("first-pixel-instead-of-mean", "That is the first pixel of each block, not the mean of all four.", FIRST_PIXEL)
slip("last-pixel-instead-of-mean", TOO_LATE, LAST_PIXEL)
slip("sum-of-the-block", "The sum of four pixels has to be shared out among four.", {"np.mean": "np.sum"})
slip("maximum-instead-of-mean", "That is the maximum of each block, not its mean.", {"np.mean": "np.max"})
slip("overlapping-blocks-averaged", OVERLAP, {"2 * i": "i", "2 * j": "j"}, times=2)
slip("upper-row-averaged", "Only the upper two pixels of each block are averaged: the sum runs over a as well.",
     {"np.mean(block)": "np.mean(block[0])"})
slip("uint8-overflow", OVERFLOW,
     {"np.mean(block)": "(block[0, 0] + block[0, 1] + block[1, 0] + block[1, 1]) / 4"}, costs=["general"])
slip("type-of-the-image", "Your result has the type of the image, and `uint8` holds no fractions.",
     {"width))": "width), dtype=x_in.dtype)"}, costs=["general"])
slip("incomplete-blocks-averaged", INCOMPLETE, SIZE_ROUNDED_UP, costs=["general"])
slip("square-image-averaged", SQUARE, {"x_in.shape[1] // 2": "height"}, costs=["general"])
# fmt: on

# --- duplication ------------------------------------------------------------------------------------------------------


def copied_to_each_block(x_in):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = x_in[i, j]
    return x_out


duplicate = Exercise(
    "duplicate",
    lambda x_in: operators.nearest(x_in),
    values=[case(440, 2, 2), case(441, 2, 2), case(442, 8, 8)],
    general=[case(seed, *size, -20, 20) for seed, size in enumerate([(2, 5), (5, 3), (3, 3), (1, 4)], 540)],
    reference=copied_to_each_block,
)
slip = duplicate.slip
# fmt: off
slip("image-repeated", "You repeated the patch as a whole; every pixel should be repeated beside itself.",
     {"2 * i : 2 * i + 2, 2 * j : 2 * j + 2": "i::height, j::width"})
slip("one-pixel-of-the-block", "One pixel of each block is filled, the three around it are still zero.",
     {"2 * i : 2 * i + 2, 2 * j : 2 * j + 2": "2 * i, 2 * j"})
slip("three-pixels-of-the-block", "Three pixels of each block are filled; the one on the diagonal is still zero.",
     {"return x_out": "x_out[1::2, 1::2] = 0\n    return x_out"})
slip("columns-doubled", "Only the columns are doubled; the height has to grow as well.",
     {"2 * height": "height", "2 * i : 2 * i + 2": "i"})
slip("rows-doubled", "Only the rows are doubled; the width has to grow as well.",
     {"2 * width": "width", "2 * j : 2 * j + 2": "j"})
slip("blocks-one-apart", "Blocks overlap, since yours begin one pixel apart: they are two pixels wide and high.",
     {"2 * i": "i", "2 * j": "j"}, times=2)
slip("last-row-and-column-of-the-block",
     "Only the last pixel of each block is filled: a block begins at 2i and 2j, and is two rows and columns large.",
     LAST_PIXEL)
slip("copies-as-whole-numbers", "Your result holds whole numbers only: a copy keeps its fraction.",
     {"width))": "width), dtype=int)"})
slip("square-image-doubled", SQUARE, {"height, width = x_in.shape": "height = width = len(x_in)"}, costs=["general"])
# fmt: on

# --- max unpooling ----------------------------------------------------------------------------------------------------


def unpool_case(seed, height, width, x_range=(0, 10), high_range=(0, 10)):
    random = np.random.RandomState(seed)
    x_in = random.uniform(*x_range, (height, width))
    x_high_res = random.uniform(*high_range, (2 * height, 2 * width))
    return Unpooling(f"a {height} × {width} image, random numbers {seed % 10}", x_in, x_high_res)


def smallest_of_each_block(seed, height, width):
    """x_in holds numbers that do occur in their blocks, but not where the maximum is."""
    x_high_res = np.random.RandomState(seed).uniform(0, 10, (2 * height, 2 * width))
    x_in = x_high_res.reshape(height, 2, width, 2).min(axis=(1, 3))
    return Unpooling(f"a {height} × {width} image that holds the smallest number of each block", x_in, x_high_res)


def placed_by_the_maximum(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            block = x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            row, column = divmod(np.argmax(block), 2)
            x_out[2 * i + row, 2 * j + column] = x_in[i, j]
    return x_out


max_unpool = Exercise(
    "max-unpool",
    lambda x_in, x_high_res: operators.max_unpool2d(x_in, x_high_res),
    values=[
        unpool_case(450, 2, 2),
        unpool_case(451, 2, 2),
        unpool_case(452, 8, 8),
        smallest_of_each_block(453, 4, 4),
    ],
    general=[
        *(
            unpool_case(seed, *size, (-20, 20), (-10, -1))
            for seed, size in enumerate([(2, 5), (5, 3), (3, 3), (1, 4)], 550)
        ),
        unpool_case(554, 2, 3, (-20, 20), (-2e6, -1e6)),
    ],
    reference=placed_by_the_maximum,
)
slip = max_unpool.slip
# fmt: off
slip("where-the-values-are-equal", "Look for the place of the block's maximum; a pixel that equals x_in's is not it.",
     {"divmod(np.argmax(block), 2)": "np.where(block == x_in[i, j])"})
slip("block-without-the-factor-2",
     "In x_high_res, which is twice as large, the block of a pixel begins twice as far along.",
     {"2 * i : 2 * i + 2, 2 * j : 2 * j + 2": "i : i + 2, j : j + 2"})
slip("place-without-the-factor-2",
     "The place inside a block counts from where that block begins in the result, which is twice as large.",
     {"2 * i + row, 2 * j + column": "i + row, j + column"})
slip("place-inside-the-block-alone",
     "All values end up in the first block: its place in the result is the block's and that inside it.",
     {"2 * i + row, 2 * j + column": "row, column"})
slip("always-the-first-corner", "You always use the block's first corner; the maximum can be in any of the four.",
     {"2 * i + row, 2 * j + column": "2 * i, 2 * j"})
slip("value-of-the-maximum", "The place is right, the value is not: x_high_res says where, x_in says what.",
     {"= x_in[i, j]": "= np.max(block)"})
slip("column-inside-the-block-lost", "Right row, wrong column: block and place inside it both count.",
     {" + column": ""})
slip("row-inside-the-block-lost", "Right column, wrong row: block and place inside it both count.", {" + row": ""})
slip("row-and-column-inside-the-block-swapped",
     "Row and column inside the block are swapped: numpy counts along the rows.",
     {"row, column =": "column, row ="})
slip("whole-block-filled", "Only one pixel of each block gets a value, the others stay zero.",
     {"2 * i + row, 2 * j + column": "2 * i : 2 * i + 2, 2 * j : 2 * j + 2"})
slip("as-small-as-the-input", "The result should be as large as x_high_res.",
     {"2 * height, 2 * width": "height, width", "2 * i + row, 2 * j + column": "i, j"})
slip("place-of-the-minimum",
     "You use the place of the block's smallest value: in the equation it is the argmax that counts.",
     {"argmax": "argmin"})
slip("zeros-returned", "Only zeros came back: is what you return what you computed?",
     {"return x_out": "return np.zeros(x_high_res.shape)"})
slip("placed-as-whole-numbers", "Your result holds whole numbers only: x_in's values keep their fractions.",
     {"width))": "width), dtype=int)"})
slip("place-of-the-maximum-from-zero", FROM_ZERO, {"argmax(block)": "argmax(np.maximum(block, 0))"}, costs=["general"])
slip("square-image-unpooled", SQUARE, {"height, width = x_in.shape": "height = width = len(x_in)"}, costs=["general"])
# fmt: on

# --- bilinear interpolation -------------------------------------------------------------------------------------------


def weighted_by_distance(x_in):
    height, width = x_in.shape
    padded = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(2 * height):
        for j in range(2 * width):
            y, x = i / 2, j / 2
            top, left = int(y), int(x)
            bottom, right = top + 1, left + 1
            upper = (right - x) * padded[top, left] + (x - left) * padded[top, right]
            lower = (right - x) * padded[bottom, left] + (x - left) * padded[bottom, right]
            x_out[i, j] = (bottom - y) * upper + (y - top) * lower
    return x_out


bilinear = Exercise(
    "bilinear",
    lambda x_in: operators.bilinear(x_in),
    values=[case(460, 2, 2), case(461, 2, 2), case(462, 8, 8)],
    general=[
        *(case(seed, *size, -20, 20) for seed, size in enumerate([(2, 5), (5, 3), (3, 3), (1, 4)], 560)),
        case(564, 3, 4, 0, 100, int),
    ],
    reference=weighted_by_distance,
)
slip = bilinear.slip
# fmt: off
slip("averages-rounded", ROUNDED, {"return x_out": "return np.round(x_out)"})
slip("rounded-up", "You rounded up, pixels and averages alike: nothing here need be whole.",
     {"return x_out": "return np.ceil(x_out)"})
slip("rounded-up-in-between", "What lies between the pixels is rounded up: an average can have a fraction.",
     {"return x_out": "x_out = np.ceil(x_out)\n    x_out[::2, ::2] = x_in\n    return x_out"})
ROUNDED_UP_TWICE = {
    "x_out[i, j] =": "if j % 2: upper, lower = np.ceil(upper), np.ceil(lower)\n            x_out[i, j] =",
    "return x_out": "x_out[1::2] = np.ceil(x_out[1::2])\n    return x_out",
}
slip("rounded-up-along-rows-and-down-columns",
     "You rounded up twice, along the rows and then down the columns: keep all fractions.",
     ROUNDED_UP_TWICE)
slip("rounded-up-down-columns-and-along-rows",
     "You rounded up twice, down the columns and then along the rows: keep all fractions.",
     ROUNDED_UP_TWICE | {"x_in.shape": "x_in.T.shape", "np.pad(x_in": "np.pad(x_in.T",
                         "return x_out": ROUNDED_UP_TWICE["return x_out"] + ".T"})
slip("averages-as-whole-numbers", "Your result holds whole numbers only: averages of whole numbers need not be whole.",
     {"width))": "width), dtype=int)"})
slip("edge-repeated", "You repeated the edge; beyond it the image counts as zero.", {"1)))": '1)), mode="edge")'})
slip("middle-from-two-on-the-diagonal", "The middle of four pixels depends on all four of them, not on two.",
     {"* lower": "* lower if i % 2 + j % 2 < 2 else (padded[top, left] + padded[bottom, right]) / 2"})
slip("middle-from-right-and-lower",
     "The middle of four pixels depends on all four of them, not on the right and the lower one alone.",
     {"* lower": "* lower if i % 2 + j % 2 < 2 else (padded[top, right] + padded[bottom, left]) / 2"})
slip("mean-of-four-everywhere", "Only the middle of a block is a mean of four; others lie between two.",
     {"* lower": "* lower if i % 2 + j % 2 == 0 else np.mean(padded[top : top + 2, left : left + 2])"})
slip("last-row-and-column-zero", "Only what lies beyond the edge is zero; the last row and column are still averages.",
     {"range(2 * height)": "range(2 * height - 1)", "range(2 * width)": "range(2 * width - 1)"})
slip("grid-shifted", "Pixels keep their values at even positions: your grid is shifted by half a pixel.",
     {"i / 2, j / 2": "np.clip(i / 2 - 0.25, 0, height - 1), np.clip(j / 2 - 0.25, 0, width - 1)"})
slip("grid-shifted-and-zero-beyond", "At even positions lies a pixel itself: yours are a quarter of a pixel off.",
     {"i / 2, j / 2": "max(0, i / 2 - 0.25), max(0, j / 2 - 0.25)"})
slip("mean-of-four-on-the-pixels-too",
     "All numbers are means of four pixels: those at even positions stay as they are, and some lie between two.",
     {"(bottom - y) * upper + (y - top) * lower": "np.mean(padded[top : top + 2, left : left + 2])"})
slip("grid-stretched", "Pixels keep their values at even positions: your grid is stretched until the corners meet.",
     {"i / 2, j / 2": "i * (height - 1) / (2 * height - 1), j * (width - 1) / (2 * width - 1)"})
slip("nearest-pixel-copied", "That copies pixels; in between there should be averages.",
     {"i / 2, j / 2": "i // 2, j // 2"})
slip("weights-zero-on-the-pixels", "Where a position falls on a pixel, the weights must not all be zero.",
     {"top + 1, left + 1": "int(np.ceil(y)), int(np.ceil(x))"})
slip("weights-zero-at-the-edge",
     "At the edge your two neighbours are one and the same pixel: what do its weights add up to?",
     {"top + 1, left + 1": "min(top + 1, height - 1), min(left + 1, width - 1)"})
slip("averages-of-the-type-of-the-image", "Your result has the type of the image, and whole numbers hold no fractions.",
     {"width))": "width), dtype=x_in.dtype)"}, costs=["general"])
slip("square-image-interpolated", SQUARE,
     {"height, width = x_in.shape": "height = width = len(x_in)"}, costs=["general"])
# fmt: on

# --- pooling with any mask --------------------------------------------------------------------------------------------


def summarise(x_in, n=2, mode="max"):
    """(H, W) -> (H // n, W // n)"""
    return {"max": operators.max_pool2d, "mean": operators.avg_pool2d}[mode](x_in, kernel_size=n)


def one_number_of_each_block(x_in, n=2, mode="max"):
    height = x_in.shape[0] // n
    width = x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


pool = Exercise(
    "pool",
    summarise,
    values=[
        *(case(470, 6, 9, of=PoolingByN, n=3, mode=mode) for mode in ("max", "mean")),
        *(case(471, 6, 9, of=PoolingByN, n=3, mode=mode) for mode in ("max", "mean")),
        *(case(472, 4, 4, of=PoolingByN, n=2, mode=mode) for mode in ("max", "mean")),
        case(473, 4, 4, of=PoolingByN),
    ],
    general=[
        case(seed, height, width, *numbers, of=PoolingByN, n=n, mode=mode)
        for seed, (height, width, n, *numbers) in enumerate(
            [
                (8, 6, 3, -10, -1),
                (6, 8, 3, -10, -1),
                (9, 14, 4, -10, -1),
                (5, 3, 1, -2e6, -1e6),
                (10, 20, 5, 100, 256, np.uint8),
            ],
            570,
        )
        for mode in ("max", "mean")
    ],
    reference=one_number_of_each_block,
)
slip = pool.slip
# fmt: off
slip("blocks-of-two", "The blocks are n × n, and n is not always 2.", {"height = x_in": "n = 2\n    height = x_in"})
slip("blocks-of-n-plus-1", TOO_LARGE, {"i + n": "i + n + 1", "j + n": "j + n + 1"})
slip("small-blocks-n-apart", "Your blocks begin n apart, but are still 2 × 2: a block has n rows and columns.",
     {"i + n": "i + 2", "j + n": "j + 2"})
slip("blocks-one-pixel-apart", "Your blocks overlap: the next block begins n further on.",
     {"n * i": "i", "n * j": "j"}, times=2)
slip("always-the-maximum", "This is the maximum, but mode is mean.", {"np.mean": "np.max"})
slip("always-the-mean", "This is the mean, but mode is max.", {"np.max": "np.mean"})
slip("smallest-of-each-block", "In mode max the largest pixel of a block counts, not its smallest.",
     {"np.max": "np.min"})
slip("sum-not-shared-out", "The sum of a block has to be shared out among its pixels.", {"np.mean": "np.sum"})
slip("sum-shared-among-four", "The sum is shared among four pixels, but a block has n × n.",
     {"np.mean(block)": "np.sum(block) / 4"})
slip("sum-shared-among-n", "The sum is shared among n pixels, but a block has n × n.",
     {"np.mean(block)": "np.sum(block) / n"})
slip("whole-number-results", FRACTIONS, {"width))": "width), dtype=int)"})
slip("square-result", SQUARE, {"x_in.shape[1] // n": "height"})
slip("mean-unless-told", "Called with an image alone, `pool` takes the maximum of blocks of two.",
     {'mode="max"': 'mode="mean"'}, costs=["values"])
slip("largest-from-zero", FROM_ZERO, {"np.max(block)": "max(0, np.max(block))"}, costs=["general"])
slip("incomplete-blocks-kept", "Blocks at the edge that are incomplete are left out: pooling rounds down.",
     {"x_in.shape[0]": "(x_in.shape[0] + n - 1)", "x_in.shape[1]": "(x_in.shape[1] + n - 1)"}, costs=["general"])
slip("sum-in-the-type-of-the-image", OVERFLOW,
     {"np.mean(block)": "np.sum(block, dtype=x_in.dtype) / n**2"}, costs=["general"])

# --- in several exercises ---------------------------------------------------------------------------------------------

slip_in((maxpool, meanpool), "odd-size-filled-with-zeros",
        "Zeros complete the last block of an odd size: it should be left out, not filled up.",
        {"height =": "x_in = np.pad(x_in, ((0, len(x_in) % 2), (0, len(x_in[0]) % 2)))\n    height ="},
        costs=["general"])
slip_in((maxpool, meanpool), "zeros-after-an-odd-size",
        "After an odd size there are zeros at the end: pooling rounds the size of the result down.",
        {"(height, width)": "((x_in.shape[0] + 1) // 2, (x_in.shape[1] + 1) // 2)"}, costs=["general"])
slip_in((maxpool, meanpool, max_unpool), "blocks-of-three", TOO_LARGE, {"i + 2,": "i + 3,", "j + 2]": "j + 3]"})
FACTOR_2 = (subsample, maxpool, meanpool, duplicate, max_unpool)
slip_in(FACTOR_2, "height-twice", HEIGHT_TWICE, {"range(width)": "range(height)"}, costs=["general"])
slip_in(FACTOR_2, "width-twice", WIDTH_TWICE, {"range(height)": "range(width)"}, costs=["general"])
bilinear.slip("height-twice", HEIGHT_TWICE, {"range(2 * width)": "range(2 * height)"}, costs=["general"])
bilinear.slip("width-twice", WIDTH_TWICE, {"range(2 * height)": "range(2 * width)"}, costs=["general"])
pool.slip("height-twice", HEIGHT_TWICE, {"range(width)": "range(height)"})
pool.slip("width-twice", WIDTH_TWICE, {"range(height)": "range(width)"})
# fmt: on
