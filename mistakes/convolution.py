"""10.3 2D convolution.

Many slips can be made in any of the exercises, so one function stands for them in all: `mistake_in` adds it to several.
"""

from collections.abc import Iterable

import numpy as np

from gradebox.checks import PARTS, Case, Exercise
from mistakes import operators


def truth(image, weights, stride=1, pad=1):
    """Equation 10.3 in two directions: (B, C_in, H, W), (C_out, C_in, K_h, K_w) -> (B, C_out, H', W')"""
    return operators.conv2d(image, weights, stride=stride, padding=pad)


def case(seed, image, weights, **options):
    random = np.random.RandomState(seed)
    asked = ", ".join(f"{name}={value}" for name, value in options.items()) or "stride and pad left out"
    label = f"image {image}, weights {weights}, {asked}, random numbers {seed % 10}"
    return Case(label, random.normal(size=image), random.normal(size=weights), **options)


conv_numpy_1 = Exercise(
    "conv-numpy-1",
    truth,
    values=[case(seed, (1, 1, 4, 6), (1, 1, 3, 3), pad=1) for seed in (330, 331)],
    general=[
        case(430, (1, 1, 5, 7), (1, 1, 3, 3)),
        case(431, (1, 1, 7, 5), (1, 1, 3, 3), pad=0),
        case(432, (1, 1, 8, 9), (1, 1, 5, 3), pad=2),
        case(433, (1, 1, 4, 5), (1, 1, 1, 1), pad=2),
        case(434, (1, 1, 6, 9), (1, 1, 2, 4), pad=0),
        case(435, (1, 1, 5, 5), (1, 1, 5, 5), pad=0),
        case(436, (1, 1, 2, 3), (1, 1, 5, 5), pad=2),
    ],
    atol=1e-5,
)
conv_numpy_2 = Exercise(
    "conv-numpy-2",
    truth,
    values=[case(seed, (1, 1, 12, 10), (1, 1, 3, 3), stride=2, pad=1) for seed in (350, 351)],
    general=[
        case(450, (1, 1, 5, 8), (1, 1, 3, 3)),
        case(451, (1, 1, 9, 14), (1, 1, 5, 3), stride=3, pad=2),
        case(452, (1, 1, 7, 5), (1, 1, 1, 1), stride=2, pad=0),
        case(453, (1, 1, 8, 11), (1, 1, 3, 3), stride=3, pad=0),
        case(454, (1, 1, 6, 7), (1, 1, 2, 4), stride=1, pad=2),
        case(455, (1, 1, 9, 7), (1, 1, 5, 5), stride=2, pad=1),
    ],
    atol=1e-5,
)
conv_numpy_3 = Exercise(
    "conv-numpy-3",
    truth,
    values=[case(370, (1, 4, 7, 10), (2, 4, 3, 3), stride=2, pad=1)],
    general=[
        case(470, (1, 2, 3, 4), (5, 2, 3, 3)),
        case(471, (1, 3, 7, 8), (4, 3, 5, 3), stride=3, pad=2),
        case(472, (1, 4, 5, 7), (3, 4, 1, 1), stride=2, pad=0),
        case(473, (1, 1, 6, 5), (3, 1, 3, 3), stride=1, pad=0),
        case(474, (1, 6, 6, 7), (1, 6, 5, 5), stride=2, pad=1),
    ],
    atol=1e-5,
)
conv_numpy_4 = Exercise(
    "conv-numpy-4",
    truth,
    values=[case(390, (2, 5, 9, 6), (4, 5, 3, 3), stride=2, pad=1)],
    general=[
        case(490, (3, 2, 3, 4), (4, 2, 3, 3)),
        case(491, (2, 3, 7, 8), (4, 3, 5, 3), stride=3, pad=2),
        case(492, (5, 4, 3, 5), (3, 4, 1, 1), stride=2, pad=0),
        case(493, (4, 1, 5, 4), (7, 1, 3, 3), stride=1, pad=0),
        case(494, (1, 3, 6, 7), (2, 3, 5, 5), stride=2, pad=1),
    ],
    atol=1e-5,
)


def mistake_in(exercises: Iterable[Exercise], diagnosis: str, costs: Iterable[str] = PARTS):
    """Decorator: this function is a mistake in each of several exercises."""

    def add(code):
        for exercise in exercises:
            exercise.mistake(diagnosis, costs)(code)
        return code

    return add


WITH_STRIDE = (conv_numpy_2, conv_numpy_3, conv_numpy_4)
WITH_CHANNELS = (conv_numpy_3, conv_numpy_4)


# --- one image, one kernel --------------------------------------------------------------------------------------------


@conv_numpy_1.mistake("Every output pixel sees the same window: where does the window of pixel (i, j) begin?")
def same_window_everywhere(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    output[0, 0, i, j] += padded[0, 0, m, n] * weights[0, 0, m, n]
    return output


@conv_numpy_1.mistake("Only the last product of each window is left: equation 10.3 adds all of them up.")
def last_product_only(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    output[0, 0, i, j] = padded[0, 0, i + m, j + n] * weights[0, 0, m, n]
    return output


@conv_numpy_1.mistake("That is the average of the products in a window: equation 10.3 has their sum.")
def average_of_the_products(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            output[0, 0, i, j] = np.mean(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("Your kernel is turned round: here it slides over the image as it is.")
def kernel_turned_round(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel = np.flip(weights[0, 0])
    output = np.zeros((1, 1, padded.shape[2] - kernel.shape[0] + 1, padded.shape[3] - kernel.shape[1] + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
    return output


@conv_numpy_1.mistake("Rows and columns of the kernel are swapped: the first index of ω runs down, the second across.")
def rows_and_columns_of_the_kernel_swapped(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel = weights[0, 0].T
    output = np.zeros((1, 1, padded.shape[2] - kernel.shape[0] + 1, padded.shape[3] - kernel.shape[1] + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
    return output


@conv_numpy_1.mistake("Your windows lie on the bare image: in the equation they lie on p, the padded one.")
def zeros_around_the_image_unused(image, weights, pad=1):
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, image.shape[2] - kernel_h + 1, image.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            output[0, 0, i, j] = np.sum(image[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("The image is padded twice: the zeros around it are there already when your part begins.")
def padded_twice(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    padded = np.pad(padded, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("A row and a column are missing: in how many places do 3 rows fit into 6?")
def last_row_and_column_missing(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h, padded.shape[3] - kernel_w))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("The last row and column stay zero: your loops end one output pixel too early.")
def last_row_and_column_zero(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2] - 1):
        for j in range(output.shape[3] - 1):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("Your output is square: its height and its width are worked out apart.")
def square_output(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    size = padded.shape[2] - kernel_h + 1
    output = np.zeros((1, 1, size, size))
    for i in range(size):
        for j in range(min(size, padded.shape[3] - kernel_w + 1)):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("Your windows begin half a kernel too early: the padding has already made up for that.")
def window_half_a_kernel_too_early(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    row, column = i + m - kernel_h // 2, j + n - kernel_w // 2
                    output[0, 0, i, j] += padded[0, 0, row, column] * weights[0, 0, m, n]
    return output


@conv_numpy_1.mistake("Only zeros came back: is what you return what you computed?")
def zeros_returned(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            pixel = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake(
    "Your output is as large as the image, which is right only for some kernels and pads.", costs=["general"]
)
def as_large_as_the_image(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros(image.shape)
    for i in range(min(image.shape[2], padded.shape[2] - kernel_h + 1)):
        for j in range(min(image.shape[3], padded.shape[3] - kernel_w + 1)):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("You count on one ring of zeros: the size of the output depends on pad.", costs=["general"])
def size_for_pad_1(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, image.shape[2] - kernel_h + 3, image.shape[3] - kernel_w + 3))
    for i in range(min(output.shape[2], padded.shape[2] - kernel_h + 1)):
        for j in range(min(output.shape[3], padded.shape[3] - kernel_w + 1)):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@conv_numpy_1.mistake("You count on a 3 × 3 kernel: other kernels have other sizes.", costs=["general"])
def kernel_of_3_rows_and_columns(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    output = np.zeros((1, 1, padded.shape[2] - 2, padded.shape[3] - 2))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            for m in range(3):
                for n in range(3):
                    output[0, 0, i, j] += padded[0, 0, i + m, j + n] * weights[0, 0, m, n]
    return output


@conv_numpy_1.mistake("You count on a square kernel: its height and its width can differ.", costs=["general"])
def square_kernel(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    size = weights.shape[2]
    output = np.zeros((1, 1, padded.shape[2] - size + 1, padded.shape[3] - size + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            for m in range(size):
                for n in range(min(size, weights.shape[3])):
                    output[0, 0, i, j] += padded[0, 0, i + m, j + n] * weights[0, 0, m, n]
    return output


@conv_numpy_1.mistake(
    "You centre the window on (i, j), which is right only where pad is half a kernel: it begins there.",
    costs=["general"],
)
def window_round_its_middle(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    output = np.zeros((1, 1, padded.shape[2] - kernel_h + 1, padded.shape[3] - kernel_w + 1))
    for i in range(output.shape[2]):
        for j in range(output.shape[3]):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    row = (i + pad + m - kernel_h // 2) % padded.shape[2]
                    column = (j + pad + n - kernel_w // 2) % padded.shape[3]
                    output[0, 0, i, j] += padded[0, 0, row, column] * weights[0, 0, m, n]
    return output


# --- strides, whatever the number of channels and images --------------------------------------------------------------


@mistake_in(WITH_STRIDE, "The size is right, but neighbouring windows are still one pixel apart.")
def stride_in_the_size_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i : i + kernel_h, j : j + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@mistake_in(WITH_STRIDE, "That is the result for stride 1: what should the stride change?")
def stride_ignored(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = padded.shape[2] - kernel_h + 1
    width = padded.shape[3] - kernel_w + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i : i + kernel_h, j : j + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@mistake_in(WITH_STRIDE, "A stride of 2 is written into your function: it has to work for any S.", costs=["general"])
def stride_always_2(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // 2 + 1
    width = (padded.shape[3] - kernel_w) // 2 + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, 2 * i : 2 * i + kernel_h, 2 * j : 2 * j + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@conv_numpy_2.mistake("The stride counts in both directions; here only the rows follow it.")
def stride_for_rows_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, 1, height, width))
    for i in range(height):
        for j in range(width):
            window = padded[0, 0, i * stride : i * stride + kernel_h, j : j + kernel_w]
            output[0, 0, i, j] = np.sum(window * weights[0, 0])
    return output


@conv_numpy_2.mistake("The stride counts in both directions; here only the columns follow it.")
def stride_for_columns_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, 1, height, width))
    for i in range(height):
        for j in range(width):
            window = padded[0, 0, i : i + kernel_h, j * stride : j * stride + kernel_w]
            output[0, 0, i, j] = np.sum(window * weights[0, 0])
    return output


@conv_numpy_2.mistake("The stride moves the whole window; the pixels inside it stay next to each other.")
def stride_inside_the_window(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, 1, height, width))
    for i in range(height):
        for j in range(width):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    row = min(i + m * stride, padded.shape[2] - 1)
                    column = min(j + n * stride, padded.shape[3] - 1)
                    output[0, 0, i, j] += padded[0, 0, row, column] * weights[0, 0, m, n]
    return output


@mistake_in(WITH_STRIDE, "A row and a column are missing: the first window counts too, before any step.")
def first_window_not_counted(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride
    width = (padded.shape[3] - kernel_w) // stride
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i * stride : i * stride + kernel_h, j * stride : j * stride + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@conv_numpy_2.mistake(
    "One is added before you divide by the stride: count the steps first, then the start.", costs=["general"]
)
@mistake_in(WITH_CHANNELS, "One is added before you divide by the stride: count the steps first, then the start.")
def one_added_before_dividing(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h + 1) // stride
    width = (padded.shape[3] - kernel_w + 1) // stride
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i * stride : i * stride + kernel_h, j * stride : j * stride + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@mistake_in(WITH_STRIDE, "You counted the windows that fit into the image itself: they lie on the padded one.")
def size_without_the_padding(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (image.shape[2] - kernel_h) // stride + 1
    width = (image.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i * stride : i * stride + kernel_h, j * stride : j * stride + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@conv_numpy_2.mistake(
    "Count the windows: how many there are depends on the kernel and the padding too.", costs=["general"]
)
@mistake_in(WITH_CHANNELS, "Count the windows: how many there are depends on the kernel and the padding too.")
def size_from_image_and_stride_alone(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = image.shape[2] // stride
    width = image.shape[3] // stride
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i * stride : i * stride + kernel_h, j * stride : j * stride + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output


@conv_numpy_2.mistake("Steps are skipped in the output as well: its pixels lie side by side, only windows are S apart.")
def holes_in_the_output(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, 1, height, width))
    for i in range(0, height, stride):
        for j in range(0, width, stride):
            output[0, 0, i, j] = np.sum(padded[0, 0, i : i + kernel_h, j : j + kernel_w] * weights[0, 0])
    return output


@mistake_in(WITH_STRIDE, "Your windows begin half a kernel too early: the padding has already made up for that.")
def window_half_a_kernel_too_early_in_steps(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    pixels = padded[:, :, i * stride + m - kernel_h // 2, j * stride + n - kernel_w // 2]
                    output[:, :, i, j] += pixels @ weights[:, :, m, n].T
    return output


@mistake_in(
    WITH_STRIDE,
    "You centre the window on (i, j), which is right only where pad is half a kernel: it begins there.",
    costs=["general"],
)
def window_round_its_middle_in_steps(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    row = (i * stride + pad + m - kernel_h // 2) % padded.shape[2]
                    column = (j * stride + pad + n - kernel_w // 2) % padded.shape[3]
                    output[:, :, i, j] += padded[:, :, row, column] @ weights[:, :, m, n].T
    return output


@mistake_in(WITH_STRIDE, "You count on a 3 × 3 kernel: other kernels have other sizes.", costs=["general"])
def kernel_of_3_rows_and_columns_in_steps(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    height = (padded.shape[2] - 3) // stride + 1
    width = (padded.shape[3] - 3) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            for m in range(3):
                for n in range(3):
                    output[:, :, i, j] += padded[:, :, i * stride + m, j * stride + n] @ weights[:, :, m, n].T
    return output


# --- channels ---------------------------------------------------------------------------------------------------------


@mistake_in(WITH_CHANNELS, "All output channels are the same: each has kernels of its own, so ω depends on d.")
def kernels_of_the_first_output_channel(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, _, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], channels_out, height, width))
    for b in range(image.shape[0]):
        for d in range(channels_out):
            for i in range(height):
                for j in range(width):
                    top, left = i * stride, j * stride
                    window = padded[b, :, top : top + kernel_h, left : left + kernel_w]
                    output[b, d, i, j] = np.sum(window * weights[0])
    return output


@mistake_in(WITH_CHANNELS, "Everything ended up in the first output channel: each has a place of its own.")
def all_in_the_first_output_channel(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, _, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], channels_out, height, width))
    for b in range(image.shape[0]):
        for d in range(channels_out):
            for i in range(height):
                for j in range(width):
                    top, left = i * stride, j * stride
                    window = padded[b, :, top : top + kernel_h, left : left + kernel_w]
                    output[b, 0, i, j] += np.sum(window * weights[d])
    return output


@mistake_in(
    WITH_CHANNELS,
    "The image is indexed by the output channel; the sum runs over its input channels.",
)
def image_channel_by_output_channel(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, channels_in, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], channels_out, height, width))
    for b in range(image.shape[0]):
        for d in range(channels_out):
            for c in range(channels_in):
                for i in range(height):
                    for j in range(width):
                        top, left = i * stride, j * stride
                        window = padded[b, d, top : top + kernel_h, left : left + kernel_w]
                        output[b, d, i, j] += np.sum(window * weights[d, c])
    return output


@mistake_in(WITH_CHANNELS, "Only the last input channel is left: the sum runs over all of them.")
def last_input_channel_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, channels_in, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], channels_out, height, width))
    for b in range(image.shape[0]):
        for d in range(channels_out):
            for c in range(channels_in):
                for i in range(height):
                    for j in range(width):
                        top, left = i * stride, j * stride
                        window = padded[b, c, top : top + kernel_h, left : left + kernel_w]
                        output[b, d, i, j] = np.sum(window * weights[d, c])
    return output


@conv_numpy_3.mistake("An output channel looks at all input channels, not only at the one with its own number.")
def own_input_channel_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, channels_in, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, channels_out, height, width))
    for d in range(min(channels_out, channels_in)):
        for i in range(height):
            for j in range(width):
                top, left = i * stride, j * stride
                output[0, d, i, j] = np.sum(padded[0, d, top : top + kernel_h, left : left + kernel_w] * weights[d, d])
    return output


@conv_numpy_3.mistake("Only the first input channel counts so far: the sum runs over all of them.")
def first_input_channel_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, _, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, channels_out, height, width))
    for d in range(channels_out):
        for i in range(height):
            for j in range(width):
                top, left = i * stride, j * stride
                output[0, d, i, j] = np.sum(padded[0, 0, top : top + kernel_h, left : left + kernel_w] * weights[d, 0])
    return output


@conv_numpy_3.mistake("All kernels look at the first input channel: each belongs to a channel of its own.")
def all_kernels_on_the_first_input_channel(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, _, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, channels_out, height, width))
    for d in range(channels_out):
        for i in range(height):
            for j in range(width):
                top, left = i * stride, j * stride
                output[0, d, i, j] = np.sum(padded[0, 0, top : top + kernel_h, left : left + kernel_w] * weights[d])
    return output


@conv_numpy_3.mistake("All input channels meet the same kernel: each has one of its own.")
def same_kernel_for_all_input_channels(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, _, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, channels_out, height, width))
    for d in range(channels_out):
        for i in range(height):
            for j in range(width):
                top, left = i * stride, j * stride
                output[0, d, i, j] = np.sum(padded[0, :, top : top + kernel_h, left : left + kernel_w] * weights[d, 0])
    return output


@conv_numpy_3.mistake("That is the average over the input channels, not the sum.")
def average_over_input_channels(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channels_out, _, kernel_h, kernel_w = weights.shape
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((1, channels_out, height, width))
    for d in range(channels_out):
        for i in range(height):
            for j in range(width):
                top, left = i * stride, j * stride
                products = padded[0, :, top : top + kernel_h, left : left + kernel_w] * weights[d]
                output[0, d, i, j] = products.sum(axis=(1, 2)).mean()
    return output


# --- batches ----------------------------------------------------------------------------------------------------------


@conv_numpy_4.mistake("All outputs show the first image: each image has a place b in the batch.")
def first_image_for_all(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for b in range(image.shape[0]):
        for d in range(weights.shape[0]):
            for i in range(height):
                for j in range(width):
                    top, left = i * stride, j * stride
                    window = padded[0, :, top : top + kernel_h, left : left + kernel_w]
                    output[b, d, i, j] = np.sum(window * weights[d])
    return output


@conv_numpy_4.mistake("Only the first image has been convolved so far: what of the others in the batch?")
def first_image_only(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for d in range(weights.shape[0]):
        for i in range(height):
            for j in range(width):
                top, left = i * stride, j * stride
                window = padded[0, :, top : top + kernel_h, left : left + kernel_w]
                output[0, d, i, j] = np.sum(window * weights[d])
    return output


@conv_numpy_4.mistake("All images ended up in the first output: images of a batch are never added up.")
def all_images_in_the_first_output(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for b in range(image.shape[0]):
        for d in range(weights.shape[0]):
            for i in range(height):
                for j in range(width):
                    top, left = i * stride, j * stride
                    window = padded[b, :, top : top + kernel_h, left : left + kernel_w]
                    output[0, d, i, j] += np.sum(window * weights[d])
    return output


@conv_numpy_4.mistake("Your kernels change with the image: the weights know nothing of the batch.")
def kernels_by_image(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((image.shape[0], weights.shape[0], height, width))
    for b in range(image.shape[0]):
        for d in range(weights.shape[0]):
            for i in range(height):
                for j in range(width):
                    top, left = i * stride, j * stride
                    window = padded[b, :, top : top + kernel_h, left : left + kernel_w]
                    output[b, d, i, j] = np.sum(window * weights[b])
    return output


@conv_numpy_4.mistake("You count on two images: a batch can hold any number of them.", costs=["general"])
def always_two_images(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((2, weights.shape[0], height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:2, :, i * stride : i * stride + kernel_h, j * stride : j * stride + kernel_w]
            output[:, :, i, j] = np.einsum("bcmn,dcmn->bd", window, weights)
    return output
