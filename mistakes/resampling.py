"""10.4 down- and upsampling."""

from typing import ClassVar

import numpy as np

from gradebox.checks import Case, Exercise
from mistakes import operators


def size(case):
    return np.shape(case.args[0])


class Image(Case):
    traits: ClassVar = {
        "square images": lambda case: size(case)[0] == size(case)[1],
        "images of even height and width": lambda case: not size(case)[0] % 2 and not size(case)[1] % 2,
        "images that are at least as wide as high": lambda case: size(case)[0] <= size(case)[1],
        "images at least as high as wide": lambda case: size(case)[0] >= size(case)[1],
        "whole numbers": lambda case: case.args[0].dtype.kind in "iu",
        "images without negative numbers": lambda case: bool(np.all(case.args[0] >= 0)),
    }


def case(seed, height, width, low=0, high=10, kind=float, **options):
    """An image of random numbers, from low to high (without it)."""
    x_in = np.random.RandomState(seed).uniform(low, high, (height, width)).astype(kind)
    numbers = "random numbers" if kind is float else f"{np.dtype(kind)} numbers"
    asked = "".join(f", {name}={value}" for name, value in options.items())
    return Image(f"a {height} × {width} image{asked}, {numbers} {seed % 10}", x_in, **options)


# --- subsampling ------------------------------------------------------------------------------------------------------

subsample = Exercise(
    "subsample",
    lambda x_in: operators.max_pool2d(x_in, kernel_size=1, stride=2),
    values=[case(410, 4, 4), case(411, 4, 4), case(412, 8, 8)],
    general=[case(seed, *size, -20, 20) for seed, size in enumerate([(5, 4), (4, 5), (7, 5), (6, 10), (1, 3)], 510)],
)


@subsample.mistake("That is the mean of each block; subsampling ignores three of its pixels.")
def mean_of_the_block(x_in):
    height, width = (x_in.shape[0] + 1) // 2, (x_in.shape[1] + 1) // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@subsample.mistake("That is the maximum of each block; subsampling does not compare pixels.")
def maximum_of_the_block(x_in):
    height, width = (x_in.shape[0] + 1) // 2, (x_in.shape[1] + 1) // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.max(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@subsample.mistake("You picked another pixel of each block; the one to keep is its first.")
def last_pixel_of_the_block(x_in):
    return x_in[1::2, 1::2]


@subsample.mistake("That is a corner of the patch; the pixels you keep should be two apart.")
def corner_of_the_image(x_in):
    height, width = (x_in.shape[0] + 1) // 2, (x_in.shape[1] + 1) // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = x_in[i, j]
    return x_out


@subsample.mistake("Every second row is left, but every column: both directions are halved.")
def rows_only(x_in):
    return x_in[::2]


@subsample.mistake("The pixels you keep stand where they were, with zeros between: in the equation they move together.")
def zeros_in_between(x_in):
    x_out = np.zeros(x_in.shape)
    for i in range(0, x_in.shape[0], 2):
        for j in range(0, x_in.shape[1], 2):
            x_out[i, j] = x_in[i, j]
    return x_out


@subsample.mistake("Your result holds whole numbers only: a pixel that is kept keeps its fraction.")
def whole_numbers(x_in):
    return x_in[::2, ::2].astype(int)


@subsample.mistake("With an odd size the last pixel is kept as well: subsampling rounds up.", costs=["general"])
def odd_size_rounded_down(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = x_in[2 * i, 2 * j]
    return x_out


@subsample.mistake("Your result is square, whatever the image: height and width can differ.", costs=["general"])
def square_image(x_in):
    size = (x_in.shape[0] + 1) // 2
    x_out = np.zeros((size, size))
    for i in range(size):
        for j in range(min(size, (x_in.shape[1] + 1) // 2)):
            x_out[i, j] = x_in[2 * i, 2 * j]
    return x_out


# --- max pooling ------------------------------------------------------------------------------------------------------

maxpool = Exercise(
    "maxpool",
    lambda x_in: operators.max_pool2d(x_in, kernel_size=2),
    values=[case(420, 4, 4), case(421, 4, 4), case(422, 8, 8)],
    general=[
        *(case(seed, *size, -10, -1) for seed, size in enumerate([(5, 4), (4, 5), (7, 5), (6, 10)], 520)),
        case(524, 3, 8, -10, 10),
        case(525, 4, 6, -2e6, -1e6),
    ],
)


@maxpool.mistake("That is the first pixel of each block, not its largest.")
def first_pixel_of_the_block(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = x_in[2 * i, 2 * j]
    return x_out


@maxpool.mistake("That is the mean of each block, not its maximum.")
def mean_instead_of_maximum(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@maxpool.mistake("Your blocks overlap: the next block begins where the last one ended.")
def overlapping_blocks(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.max(x_in[i : i + 2, j : j + 2])
    return x_out


@maxpool.mistake("That looks along rows only; a block has two rows.")
def upper_row_of_the_block(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = max(x_in[2 * i, 2 * j], x_in[2 * i, 2 * j + 1])
    return x_out


@maxpool.mistake("Only two pixels of a block, on its diagonal, are compared: all four count.")
def diagonal_of_the_block(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = max(x_in[2 * i, 2 * j], x_in[2 * i + 1, 2 * j + 1])
    return x_out


@maxpool.mistake("Your result holds whole numbers only: a maximum is one of the pixels, fraction and all.")
def maximum_as_a_whole_number(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width), dtype=int)
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.max(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@maxpool.mistake(
    "Your search for the maximum begins at 0: what if all pixels of a block are negative?", costs=["general"]
)
def maximum_from_zero(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            largest = 0
            for a in range(2):
                for b in range(2):
                    if x_in[2 * i + a, 2 * j + b] > largest:
                        largest = x_in[2 * i + a, 2 * j + b]
            x_out[i, j] = largest
    return x_out


@maxpool.mistake("With an odd size the last block is incomplete, and left out: pooling rounds down.", costs=["general"])
def incomplete_blocks_pooled(x_in):
    height, width = (x_in.shape[0] + 1) // 2, (x_in.shape[1] + 1) // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.max(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@maxpool.mistake("Your result is square, whatever the image: height and width can differ.", costs=["general"])
def square_image_pooled(x_in):
    size = x_in.shape[0] // 2
    x_out = np.zeros((size, size))
    for i in range(size):
        for j in range(min(size, x_in.shape[1] // 2)):
            x_out[i, j] = np.max(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


# --- mean pooling -----------------------------------------------------------------------------------------------------

meanpool = Exercise(
    "meanpool",
    lambda x_in: operators.avg_pool2d(x_in, kernel_size=2),
    values=[case(430, 4, 4), case(431, 4, 4), case(432, 8, 8)],
    general=[
        case(530, 5, 4, 100, 256),
        case(531, 4, 5, 100, 256),
        case(532, 7, 5, -10, 10),
        case(533, 6, 10, 100, 256, np.uint8),
    ],
)


@meanpool.mistake("Averages of whole numbers need not be whole: keep the fractions.")
def fractions_dropped(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width), dtype=int)
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@meanpool.mistake("You rounded: averages keep their halves and quarters.")
def average_rounded(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.round(np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]))
    return x_out


@meanpool.mistake("The sum of four pixels has to be shared out among four.")
def sum_of_the_block(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.sum(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@meanpool.mistake("That is the maximum of each block, not its mean.")
def maximum_instead_of_mean(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.max(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@meanpool.mistake("Your blocks overlap: the next block begins where the last one ended.")
def overlapping_blocks_averaged(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[i : i + 2, j : j + 2])
    return x_out


@meanpool.mistake("Only the upper two pixels of each block are averaged: the sum runs over a as well.")
def upper_row_averaged(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = (x_in[2 * i, 2 * j] + x_in[2 * i, 2 * j + 1]) / 2
    return x_out


@meanpool.mistake("Sums of `uint8` pixels start again at 0 after 255: what type are yours added in?", costs=["general"])
def uint8_overflow(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            upper = x_in[2 * i, 2 * j] + x_in[2 * i, 2 * j + 1]
            lower = x_in[2 * i + 1, 2 * j] + x_in[2 * i + 1, 2 * j + 1]
            x_out[i, j] = (upper + lower) / 4
    return x_out


@meanpool.mistake("Your result has the type of the image, and `uint8` holds no fractions.", costs=["general"])
def type_of_the_image(x_in):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width), dtype=x_in.dtype)
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@meanpool.mistake(
    "With an odd size the last block is incomplete, and left out: pooling rounds down.", costs=["general"]
)
def incomplete_blocks_averaged(x_in):
    height, width = (x_in.shape[0] + 1) // 2, (x_in.shape[1] + 1) // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


@meanpool.mistake("Your result is square, whatever the image: height and width can differ.", costs=["general"])
def square_image_averaged(x_in):
    size = x_in.shape[0] // 2
    x_out = np.zeros((size, size))
    for i in range(size):
        for j in range(min(size, x_in.shape[1] // 2)):
            x_out[i, j] = np.mean(x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return x_out


# --- duplication ------------------------------------------------------------------------------------------------------

duplicate = Exercise(
    "duplicate",
    lambda x_in: operators.nearest(x_in),
    values=[case(440, 2, 2), case(441, 2, 2), case(442, 8, 8)],
    general=[case(seed, *size, -20, 20) for seed, size in enumerate([(2, 5), (5, 3), (3, 3), (1, 4)], 540)],
)


@duplicate.mistake("You repeated the patch as a whole; every pixel should be repeated beside itself.")
def image_repeated(x_in):
    return np.tile(x_in, (2, 2))


@duplicate.mistake("One pixel of each block is filled, the three around it are still zero.")
def one_pixel_of_the_block(x_in):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[2 * i, 2 * j] = x_in[i, j]
    return x_out


@duplicate.mistake("Three pixels of each block are filled; the one on the diagonal is still zero.")
def three_pixels_of_the_block(x_in):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[2 * i, 2 * j] = x_in[i, j]
            x_out[2 * i + 1, 2 * j] = x_in[i, j]
            x_out[2 * i, 2 * j + 1] = x_in[i, j]
    return x_out


@duplicate.mistake("Only the columns are doubled; the height has to grow as well.")
def columns_doubled(x_in):
    return np.repeat(x_in, 2, axis=1)


@duplicate.mistake("Only the rows are doubled; the width has to grow as well.")
def rows_doubled(x_in):
    return np.repeat(x_in, 2, axis=0)


@duplicate.mistake("Blocks overlap, since yours begin one pixel apart: they are two pixels wide and high.")
def blocks_one_apart(x_in):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[i : i + 2, j : j + 2] = x_in[i, j]
    return x_out


@duplicate.mistake("Your result holds whole numbers only: a copy keeps its fraction.")
def copies_as_whole_numbers(x_in):
    return np.repeat(np.repeat(x_in, 2, axis=0), 2, axis=1).astype(int)


@duplicate.mistake("Your result is square, whatever the image: height and width can differ.", costs=["general"])
def square_image_doubled(x_in):
    size = x_in.shape[0]
    x_out = np.zeros((2 * size, 2 * size))
    for i in range(size):
        for j in range(min(size, x_in.shape[1])):
            x_out[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = x_in[i, j]
    return x_out


# --- max unpooling ----------------------------------------------------------------------------------------------------


def unpool_case(seed, height, width, x_range=(0, 10), high_range=(0, 10)):
    random = np.random.RandomState(seed)
    x_in = random.uniform(*x_range, (height, width))
    return Case(
        f"a {height} × {width} image, random numbers {seed % 10}",
        x_in,
        random.uniform(*high_range, (2 * height, 2 * width)),
    )


def smallest_of_each_block(seed, height, width):
    """x_in holds numbers that do occur in their blocks, but not where the maximum is."""
    x_high_res = np.random.RandomState(seed).uniform(0, 10, (2 * height, 2 * width))
    x_in = x_high_res.reshape(height, 2, width, 2).min(axis=(1, 3))
    return Image(f"a {height} × {width} image that holds the smallest number of each block", x_in, x_high_res)


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
)


@max_unpool.mistake("Look for the place of the block's maximum; a pixel that equals x_in's is not it.")
def where_the_values_are_equal(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            for a in range(2):
                for b in range(2):
                    if x_high_res[2 * i + a, 2 * j + b] == x_in[i, j]:
                        x_out[2 * i + a, 2 * j + b] = x_in[i, j]
    return x_out


@max_unpool.mistake("In x_high_res, which is twice as large, the block of a pixel begins twice as far along.")
def block_without_the_factor_2(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            row, column = divmod(np.argmax(x_high_res[i : i + 2, j : j + 2]), 2)
            x_out[2 * i + row, 2 * j + column] = x_in[i, j]
    return x_out


@max_unpool.mistake("You always use the block's first corner; the maximum can be in any of the four.")
def always_the_first_corner(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[2 * i, 2 * j] = x_in[i, j]
    return x_out


@max_unpool.mistake("The place is right, the value is not: x_high_res says where, x_in says what.")
def value_of_the_maximum(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            block = x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            row, column = divmod(np.argmax(block), 2)
            x_out[2 * i + row, 2 * j + column] = block.max()
    return x_out


@max_unpool.mistake("Right row, wrong column: block and place inside it both count.")
def column_inside_the_block_lost(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            row, _ = divmod(np.argmax(x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]), 2)
            x_out[2 * i + row, 2 * j] = x_in[i, j]
    return x_out


@max_unpool.mistake("Row and column inside the block are swapped: numpy counts along the rows.")
def row_and_column_inside_the_block_swapped(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            column, row = divmod(np.argmax(x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]), 2)
            x_out[2 * i + row, 2 * j + column] = x_in[i, j]
    return x_out


@max_unpool.mistake("Only one pixel of each block gets a value, the others stay zero.")
def whole_block_filled(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = x_in[i, j]
    return x_out


@max_unpool.mistake("The result should be as large as x_high_res.")
def as_small_as_the_input(x_in, x_high_res):
    x_out = np.zeros(x_in.shape)
    for i in range(x_in.shape[0]):
        for j in range(x_in.shape[1]):
            x_out[i, j] = x_in[i, j]
    return x_out


@max_unpool.mistake("You use the place of the block's smallest value: in the equation it is the argmax that counts.")
def place_of_the_minimum(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            row, column = divmod(np.argmin(x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]), 2)
            x_out[2 * i + row, 2 * j + column] = x_in[i, j]
    return x_out


@max_unpool.mistake("Only zeros came back: is what you return what you computed?")
def zeros_returned(x_in, x_high_res):
    x_out = np.zeros(x_high_res.shape)
    return x_out


@max_unpool.mistake("Your result holds whole numbers only: x_in's values keep their fractions.")
def placed_as_whole_numbers(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width), dtype=int)
    for i in range(height):
        for j in range(width):
            row, column = divmod(np.argmax(x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]), 2)
            x_out[2 * i + row, 2 * j + column] = x_in[i, j]
    return x_out


@max_unpool.mistake(
    "Your search for the maximum begins at 0: what if all pixels of a block are negative?", costs=["general"]
)
def place_of_the_maximum_from_zero(x_in, x_high_res):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            largest, row, column = 0, 2 * i, 2 * j
            for a in range(2 * i, 2 * i + 2):
                for b in range(2 * j, 2 * j + 2):
                    if x_high_res[a, b] > largest:
                        largest, row, column = x_high_res[a, b], a, b
            x_out[row, column] = x_in[i, j]
    return x_out


@max_unpool.mistake("Your result is square, whatever the image: height and width can differ.", costs=["general"])
def square_image_unpooled(x_in, x_high_res):
    size = x_in.shape[0]
    x_out = np.zeros((2 * size, 2 * size))
    for i in range(size):
        for j in range(min(size, x_in.shape[1])):
            row, column = divmod(np.argmax(x_high_res[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]), 2)
            x_out[2 * i + row, 2 * j + column] = x_in[i, j]
    return x_out


# --- bilinear interpolation -------------------------------------------------------------------------------------------


bilinear = Exercise(
    "bilinear",
    lambda x_in: operators.bilinear(x_in),
    values=[case(460, 2, 2), case(461, 2, 2), case(462, 8, 8)],
    general=[
        *(case(seed, *size, -20, 20) for seed, size in enumerate([(2, 5), (5, 3), (3, 3), (1, 4)], 560)),
        case(564, 3, 4, 0, 100, int),
    ],
)


@bilinear.mistake("You rounded: averages keep their halves and quarters.")
def averages_rounded(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width))
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:] + x[1:, :-1] + x[1:, 1:]) / 4
    return np.round(x_out)


@bilinear.mistake("Your result holds whole numbers only: averages of whole numbers need not be whole.")
def averages_as_whole_numbers(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width), dtype=int)
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:] + x[1:, :-1] + x[1:, 1:]) / 4
    return x_out


@bilinear.mistake("You repeated the edge; beyond it the image counts as zero.")
def edge_repeated(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)), mode="edge")
    x_out = np.zeros((2 * height, 2 * width))
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:] + x[1:, :-1] + x[1:, 1:]) / 4
    return x_out


@bilinear.mistake("The middle of four pixels depends on all four of them, not on two.")
def middle_from_two_on_the_diagonal(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width))
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, :-1] + x[1:, 1:]) / 2
    return x_out


@bilinear.mistake("The middle of four pixels depends on all four of them, not on the right and the lower one alone.")
def middle_from_right_and_lower(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width))
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, 1:] + x[1:, :-1]) / 2
    return x_out


@bilinear.mistake("Only the middle of a block is a mean of four; others lie between two.")
def mean_of_four_everywhere(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    mean = (x[:-1, :-1] + x[:-1, 1:] + x[1:, :-1] + x[1:, 1:]) / 4
    x_out = np.zeros((2 * height, 2 * width))
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = mean
    x_out[1::2, ::2] = mean
    x_out[1::2, 1::2] = mean
    return x_out


@bilinear.mistake("Only what lies beyond the edge is zero; the last row and column are still averages.")
def last_row_and_column_zero(x_in):
    height, width = x_in.shape
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(height):
        for j in range(width):
            x_out[2 * i, 2 * j] = x_in[i, j]
            if j + 1 < width:
                x_out[2 * i, 2 * j + 1] = (x_in[i, j] + x_in[i, j + 1]) / 2
            if i + 1 < height:
                x_out[2 * i + 1, 2 * j] = (x_in[i, j] + x_in[i + 1, j]) / 2
            if i + 1 < height and j + 1 < width:
                x_out[2 * i + 1, 2 * j + 1] = np.mean(x_in[i : i + 2, j : j + 2])
    return x_out


@bilinear.mistake("Pixels keep their values at even positions: your grid is shifted by half a pixel.")
def grid_shifted(x_in):
    height, width = x_in.shape
    rows = np.clip((np.arange(2 * height) + 0.5) / 2 - 0.5, 0, height - 1)
    columns = np.clip((np.arange(2 * width) + 0.5) / 2 - 0.5, 0, width - 1)
    wide = np.array([np.interp(columns, np.arange(width), row) for row in x_in])
    return np.array([np.interp(rows, np.arange(height), column) for column in wide.T]).T


@bilinear.mistake("Pixels keep their values at even positions: your grid is stretched until the corners meet.")
def grid_stretched(x_in):
    height, width = x_in.shape
    rows = np.linspace(0, height - 1, 2 * height)
    columns = np.linspace(0, width - 1, 2 * width)
    wide = np.array([np.interp(columns, np.arange(width), row) for row in x_in])
    return np.array([np.interp(rows, np.arange(height), column) for column in wide.T]).T


@bilinear.mistake("That copies pixels; in between there should be averages.")
def nearest_pixel_copied(x_in):
    return np.repeat(np.repeat(x_in, 2, axis=0), 2, axis=1)


@bilinear.mistake("Where a position falls on a pixel, the weights must not all be zero.")
def weights_zero_on_the_pixels(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width))
    for i in range(2 * height):
        for j in range(2 * width):
            top, left = int(np.floor(i / 2)), int(np.floor(j / 2))
            bottom, right = int(np.ceil(i / 2)), int(np.ceil(j / 2))
            upper = (right - j / 2) * x[top, left] + (j / 2 - left) * x[top, right]
            lower = (right - j / 2) * x[bottom, left] + (j / 2 - left) * x[bottom, right]
            x_out[i, j] = (bottom - i / 2) * upper + (i / 2 - top) * lower
    return x_out


@bilinear.mistake("Your result has the type of the image, and whole numbers hold no fractions.", costs=["general"])
def averages_of_the_type_of_the_image(x_in):
    height, width = x_in.shape
    x = np.pad(x_in, ((0, 1), (0, 1)))
    x_out = np.zeros((2 * height, 2 * width), dtype=x_in.dtype)
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:] + x[1:, :-1] + x[1:, 1:]) / 4
    return x_out


@bilinear.mistake("Your result is square, whatever the image: height and width can differ.", costs=["general"])
def square_image_interpolated(x_in):
    size = x_in.shape[0]
    x = np.zeros((size + 1, size + 1))
    x[:size, : x_in.shape[1]] = x_in[:, :size]
    x_out = np.zeros((2 * size, 2 * size))
    x_out[::2, ::2] = x[:-1, :-1]
    x_out[::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:]) / 2
    x_out[1::2, ::2] = (x[:-1, :-1] + x[1:, :-1]) / 2
    x_out[1::2, 1::2] = (x[:-1, :-1] + x[:-1, 1:] + x[1:, :-1] + x[1:, 1:]) / 4
    return x_out


# --- pooling with any mask --------------------------------------------------------------------------------------------


def summarise(x_in, n=2, mode="max"):
    """(H, W) -> (H // n, W // n)"""
    return {"max": operators.max_pool2d, "mean": operators.avg_pool2d}[mode](x_in, kernel_size=n)


pool = Exercise(
    "pool",
    summarise,
    values=[
        *(case(470, 6, 9, n=3, mode=mode) for mode in ("max", "mean")),
        *(case(471, 6, 9, n=3, mode=mode) for mode in ("max", "mean")),
        *(case(472, 4, 4, n=2, mode=mode) for mode in ("max", "mean")),
        case(473, 4, 4),
    ],
    general=[
        case(seed, height, width, *numbers, n=n, mode=mode)
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
)


@pool.mistake("The blocks are n × n, and n is not always 2.")
def blocks_of_two(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // 2, x_in.shape[1] // 2
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Your blocks begin n apart, but are still 2 × 2: a block has n rows and columns.")
def small_blocks_n_apart(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + 2, n * j : n * j + 2]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Your blocks overlap: the next block begins n further on.")
def blocks_one_pixel_apart(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[i : i + n, j : j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("This is the maximum, but mode is mean.")
def always_the_maximum(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.max(x_in[n * i : n * i + n, n * j : n * j + n])
    return x_out


@pool.mistake("This is the mean, but mode is max.")
def always_the_mean(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            x_out[i, j] = np.mean(x_in[n * i : n * i + n, n * j : n * j + n])
    return x_out


@pool.mistake("The sum is shared among four pixels, but a block has n × n.")
def sum_shared_among_four(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.sum(block) / 4
    return x_out


@pool.mistake("The sum is shared among n pixels, but a block has n × n.")
def sum_shared_among_n(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.sum(block) / n
    return x_out


@pool.mistake("Averages of whole numbers need not be whole: keep the fractions.")
def whole_number_results(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width), dtype=int)
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Your result is square, whatever the image: height and width can differ.")
def square_result(x_in, n=2, mode="max"):
    size = x_in.shape[0] // n
    x_out = np.zeros((size, size))
    for i in range(size):
        for j in range(min(size, x_in.shape[1] // n)):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Called with an image alone, `pool` takes the maximum of blocks of two.", costs=["values"])
def mean_unless_told(x_in, n=2, mode="mean"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Your search for the maximum begins at 0: what if all pixels of a block are negative?", costs=["general"])
def largest_from_zero(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            largest = 0
            for pixel in block.ravel():
                largest = max(largest, pixel)
            x_out[i, j] = largest if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Blocks at the edge that are incomplete are left out: pooling rounds down.", costs=["general"])
def incomplete_blocks_kept(x_in, n=2, mode="max"):
    height, width = -(-x_in.shape[0] // n), -(-x_in.shape[1] // n)
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            x_out[i, j] = np.max(block) if mode == "max" else np.mean(block)
    return x_out


@pool.mistake("Sums of `uint8` pixels start again at 0 after 255: what type are yours added in?", costs=["general"])
def sum_in_the_type_of_the_image(x_in, n=2, mode="max"):
    height, width = x_in.shape[0] // n, x_in.shape[1] // n
    x_out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            block = x_in[n * i : n * i + n, n * j : n * j + n]
            total = np.zeros((), dtype=x_in.dtype)
            for pixel in block.ravel():
                total += pixel
            x_out[i, j] = np.max(block) if mode == "max" else total / n**2
    return x_out
