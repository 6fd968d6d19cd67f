"""10.3 2D convolution.

Many slips can be made in any of the exercises, so one line stands for them in all: `slip_in` adds it to several.
"""

from typing import ClassVar

import numpy as np

from gradebox.checks import Case, Exercise, slip_in
from mistakes import operators


def truth(image, weights, stride=1, pad=1):
    """Equation 10.3 in two directions: (B, C_in, H, W), (C_out, C_in, K_h, K_w) -> (B, C_out, H', W')"""
    return operators.conv2d(image, weights, stride=stride, padding=pad)


class Convolution(Case):
    @property
    def image(self):
        return np.shape(self.args[0])

    @property
    def weights(self):
        return np.shape(self.args[1])

    @property
    def stride(self):
        return self.kwargs.get("stride", 1)

    @property
    def pad(self):
        return self.kwargs.get("pad", 1)

    traits: ClassVar = {
        "a stride of 2": lambda case: case.stride == 2,
        "a stride of 1": lambda case: case.stride == 1,
        "3 × 3 kernels": lambda case: case.weights[2:] == (3, 3),
        "square kernels": lambda case: case.weights[2] == case.weights[3],
        "square images": lambda case: case.image[2] == case.image[3],
        "images that are at least as wide as high": lambda case: case.image[2] <= case.image[3],
        "images that are at least as high as wide": lambda case: case.image[2] >= case.image[3],
        "a pad of 1": lambda case: case.pad == 1,
        "a pad of 0": lambda case: case.pad == 0,
        "a pad of half a kernel": lambda case: {case.weights[2] // 2, case.weights[3] // 2} == {case.pad},
        "kernels of odd height and width": lambda case: case.weights[2] % 2 == case.weights[3] % 2 == 1,
        "images whose last row and column a window reaches": lambda case: (
            not any(
                (size + 2 * case.pad - kernel) % case.stride
                for size, kernel in zip(case.image[2:], case.weights[2:], strict=True)
            )
        ),
        "one input channel": lambda case: case.weights[1] == 1,
        "one output channel": lambda case: case.weights[0] == 1,
        "as many output channels as input channels": lambda case: case.weights[0] == case.weights[1],
        "no more output channels than input channels": lambda case: case.weights[0] <= case.weights[1],
        "one image": lambda case: case.image[0] == 1,
        "two images": lambda case: case.image[0] == 2,
        "no more images than output channels": lambda case: case.image[0] <= case.weights[0],
        "calls that leave no option out": lambda case: "pad" in case.kwargs,
    }


def case(seed, image, weights, **options):
    random = np.random.RandomState(seed)
    asked = ", ".join(f"{name}={value}" for name, value in options.items()) or "stride and pad left out"
    label = f"image {image}, weights {weights}, {asked}, random numbers {seed % 10}"
    return Convolution(label, random.normal(size=image), random.normal(size=weights), **options)


def in_steps_of_one(image, weights, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kernel_h, kernel_w = weights.shape[2:]
    height = padded.shape[2] - kernel_h + 1
    width = padded.shape[3] - kernel_w + 1
    output = np.zeros((1, 1, height, width))
    for i in range(height):
        for j in range(width):
            for m in range(kernel_h):
                for n in range(kernel_w):
                    row, column = i + m, j + n
                    output[0, 0, i, j] += padded[0, 0, row, column] * weights[0, 0, m, n]
    return output


def in_steps(image, weights, stride=1, pad=1):
    padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    batch = image.shape[0]
    channels_out, channels_in = weights.shape[:2]
    kernel_h, kernel_w = weights.shape[2:]
    height = (padded.shape[2] - kernel_h) // stride + 1
    width = (padded.shape[3] - kernel_w) // stride + 1
    output = np.zeros((batch, channels_out, height, width))
    for b in range(batch):
        for d in range(channels_out):
            for c in range(channels_in):
                for i in range(height):
                    for j in range(width):
                        top, left = i * stride, j * stride
                        for m in range(kernel_h):
                            for n in range(kernel_w):
                                row, column = top + m, left + n
                                output[b, d, i, j] += padded[b, c, row, column] * weights[d, c, m, n]
    return output


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
    reference=in_steps_of_one,
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
    reference=in_steps,
    atol=1e-5,
)
conv_numpy_3 = Exercise(
    "conv-numpy-3",
    truth,
    values=[case(370, (1, 4, 7, 10), (2, 4, 3, 3), stride=2, pad=1)],
    general=[
        case(472, (1, 4, 5, 7), (3, 4, 1, 1), stride=2, pad=0),
        case(470, (1, 2, 3, 4), (5, 2, 3, 3)),
        case(471, (1, 3, 7, 8), (4, 3, 5, 3), stride=3, pad=2),
        case(473, (1, 1, 6, 5), (3, 1, 3, 3), stride=1, pad=0),
        case(474, (1, 6, 6, 7), (1, 6, 5, 5), stride=2, pad=1),
    ],
    reference=in_steps,
    atol=1e-5,
)
conv_numpy_4 = Exercise(
    "conv-numpy-4",
    truth,
    values=[case(390, (2, 5, 9, 6), (4, 5, 3, 3), stride=2, pad=1)],
    general=[
        case(492, (5, 4, 3, 5), (3, 4, 1, 1), stride=2, pad=0),
        case(490, (3, 2, 3, 4), (4, 2, 3, 3)),
        case(491, (2, 3, 7, 8), (4, 3, 5, 3), stride=3, pad=2),
        case(493, (4, 1, 5, 4), (7, 1, 3, 3), stride=1, pad=0),
        case(494, (1, 3, 6, 7), (2, 3, 5, 5), stride=2, pad=1),
    ],
    reference=in_steps,
    atol=1e-5,
)
EVERY = (conv_numpy_1, conv_numpy_2, conv_numpy_3, conv_numpy_4)
ONE_KERNEL = (conv_numpy_1, conv_numpy_2)
WITH_STRIDE = (conv_numpy_2, conv_numpy_3, conv_numpy_4)
WITH_CHANNELS = (conv_numpy_3, conv_numpy_4)


# --- one image, one kernel --------------------------------------------------------------------------------------------

# fmt: off
slip = conv_numpy_1.slip
slip("same-window-everywhere", "Every output pixel sees the same window: where does the window of pixel (i, j) begin?",
     {"i + m, j + n": "m, n"})
slip_in(EVERY, "last-product-only", "Only the last product of each window is left: equation 10.3 adds all of them up.",
        {"+=": "="})
slip_in(EVERY, "no-place-in-the-kernel",
        "All weights of a kernel meet the same pixel: where in its window does weight (m, n) belong?",
        {" + m, ": ", ", " + n\n": "\n"})
slip_in(EVERY, "pixels-alone", "You add up pixels: in equation 10.3 each is multiplied by a weight first.",
        {"m, n]": "m, n] ** 0"})
slip_in(EVERY, "weights-alone", "You add up weights: in equation 10.3 each is multiplied by a pixel first.",
        {"row, column]": "row, column] ** 0"})
slip_in(EVERY, "added-to-the-weight",
        "Pixel and weight are added: equation 10.3 multiplies them, and adds the products.",
        {"column] * ": "column] + "})
slip("average-of-the-products", "That is the average of the products in a window: equation 10.3 has their sum.",
     {"return output": "return output / weights.size"})
slip_in(ONE_KERNEL, "kernel-turned-round", "Your kernel is turned round: here it slides over the image as it is.",
        {"m, n]": "-1 - m, -1 - n]"})
slip_in(ONE_KERNEL, "rows-and-columns-of-the-kernel-swapped",
        "Rows and columns of the kernel are swapped: the first index of ω runs down, the second across.",
        {"m, n]": "n, m]"})
slip("zeros-around-the-image-unused",
     "Your windows lie on the bare image: in the equation they lie on p, the padded one.",
     {"np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))": "image"})
slip_in(ONE_KERNEL, "padded-twice",
        "The image is padded twice: the zeros around it are there already when your part begins.",
        {"(pad, pad)": "(2 * pad, 2 * pad)"}, times=2)
slip("last-row-and-column-missing", "A row and a column are missing: in how many places do 3 rows fit into 6?",
     {"kernel_h + 1": "kernel_h", "kernel_w + 1": "kernel_w"})
slip_in(ONE_KERNEL, "last-row-and-column-zero",
        "The last row and column stay zero: your loops end one output pixel too early.",
        {"range(height)": "range(height - 1)", "range(width)": "range(width - 1)"})
slip_in(EVERY, "first-row-and-column-zero",
        "The first row and column stay zero: your loops begin one output pixel too late.",
        {"range(height)": "range(1, height)", "range(width)": "range(1, width)"})
SQUARE = "Your output is square: its height and its width are worked out apart."
conv_numpy_1.slip("square-output", SQUARE, {"padded.shape[3] - kernel_w + 1": "height"})
slip_in(WITH_STRIDE, "square-output", SQUARE, {"(padded.shape[3] - kernel_w) // stride + 1": "height"})
slip_in(EVERY, "height-twice", "Both loops over the output end with its height: how many columns does it have?",
        {"range(width)": "range(height)"})
slip_in(EVERY, "width-twice", "Both loops over the output end with its width: how many rows does it have?",
        {"range(height)": "range(width)"})
BACK_BY_HALF = {" + m": " + m - kernel_h // 2", " + n": " + n - kernel_w // 2"}
TOO_EARLY = "Your windows begin half a kernel too early: the padding has already made up for that."
conv_numpy_1.slip("window-half-a-kernel-too-early", TOO_EARLY, BACK_BY_HALF)
slip_in(WITH_STRIDE, "window-half-a-kernel-too-early-in-steps", TOO_EARLY, BACK_BY_HALF)
slip_in(EVERY, "zeros-returned", "Only zeros came back: is what you return what you computed?",
        {"return output": "return np.zeros_like(output)"})
slip("as-large-as-the-image", "Your output is as large as the image, which is right only for some kernels and pads.",
     {"(1, 1, height, width)": "image.shape"}, costs=["general"])
slip("size-for-pad-1", "You count on one ring of zeros: the size of the output depends on pad.",
     {"padded.shape[2]": "image.shape[2] + 2", "padded.shape[3]": "image.shape[3] + 2"}, costs=["general"])
KERNEL_OF_3 = "You count on a 3 × 3 kernel: other kernels have other sizes.", {"weights.shape[2:]": "3, 3"}, ["general"]
conv_numpy_1.slip("kernel-of-3-rows-and-columns", *KERNEL_OF_3)
slip_in(WITH_STRIDE, "kernel-of-3-rows-and-columns-in-steps", *KERNEL_OF_3)
slip_in(ONE_KERNEL, "square-kernel", "You count on a square kernel: its height and its width can differ.",
        {"kernel_h, kernel_w = weights.shape[2:]": "kernel_h = kernel_w = weights.shape[2]"}, costs=["general"])
ROUND_ITS_MIDDLE = (
    "You centre the window on (i, j), which is right only where pad is half a kernel: it begins there.",
    {" + m": " + m + pad - kernel_h // 2", " + n": " + n + pad - kernel_w // 2"},
    ["general"],
)
conv_numpy_1.slip("window-round-its-middle", *ROUND_ITS_MIDDLE)
slip_in(WITH_STRIDE, "window-round-its-middle-in-steps", *ROUND_ITS_MIDDLE)
slip_in(EVERY, "window-round-the-middle-of-3",
        "You move the window by half a kernel and back by 1, the half of 3: it begins at (i, j) whatever the kernel.",
        {" + m": " + m + 1 - kernel_h // 2", " + n": " + n + 1 - kernel_w // 2"}, costs=["general"])
slip_in(EVERY, "window-round-its-middle-cut-off",
        "You centre the window on (i, j) and leave out what lies beyond: right only where pad is half a kernel.",
        ROUND_ITS_MIDDLE[1] | {"output[": "if 0 <= row < padded.shape[2] and 0 <= column < padded.shape[3]: output["},
        costs=["general"])

# --- strides, whatever the number of channels and images --------------------------------------------------------------

slip_in(WITH_STRIDE, "stride-in-the-size-only",
        "The size is right, but neighbouring windows are still one pixel apart.",
        {" * stride": ""}, times=2)
slip_in(WITH_STRIDE, "stride-ignored", "That is the result for stride 1: what should the stride change?",
        {" // stride": "", " * stride": ""}, times=2)
slip_in(WITH_STRIDE, "all-windows-one-step-away",
        "All windows begin one step away from the corner: how many steps is window (i, j) away from it?",
        {"i * stride": "stride", "j * stride": "stride"})
slip_in(WITH_STRIDE, "stride-always-2", "A stride of 2 is written into your function: it has to work for any S.",
        {" // stride": " // 2", " * stride": " * 2"}, costs=["general"], times=2)
slip_in(WITH_STRIDE, "windows-always-2-apart",
        "Your windows are always two pixels apart: how far apart they are is for the stride to say.",
        {" * stride": " * 2"}, costs=["general"], times=2)
slip_in(WITH_STRIDE, "first-window-not-counted",
        "A row and a column are missing: the first window counts too, before any step.",
        {" // stride + 1": " // stride"}, times=2)
ADDED_BEFORE = (
    "one-added-before-dividing",
    "One is added before you divide by the stride: count the steps first, then the start.",
    {"_h) // stride + 1": "_h + 1) // stride", "_w) // stride + 1": "_w + 1) // stride"},
)
conv_numpy_2.slip(*ADDED_BEFORE, costs=["general"])
slip_in(WITH_CHANNELS, *ADDED_BEFORE)
slip_in(WITH_STRIDE, "size-without-the-padding",
        "You counted the windows that fit into the image itself: they lie on the padded one.",
        {"(padded.": "(image."}, times=2)
SIZE_WITHOUT_THE_KERNEL = (
    "size-from-image-and-stride-alone",
    "Count the windows: how many there are depends on the kernel and the padding too.",
    {"(padded.shape[2] - kernel_h) // stride + 1": "image.shape[2] // stride",
     "(padded.shape[3] - kernel_w) // stride + 1": "image.shape[3] // stride"},
)
conv_numpy_2.slip(*SIZE_WITHOUT_THE_KERNEL, costs=["general"])
slip_in(WITH_CHANNELS, *SIZE_WITHOUT_THE_KERNEL)
slip = conv_numpy_2.slip
slip("stride-for-rows-only", "The stride counts in both directions; here only the rows follow it.", {"j * stride": "j"})
slip("stride-for-columns-only", "The stride counts in both directions; here only the columns follow it.",
     {"i * stride": "i"})
slip("stride-inside-the-window", "The stride moves the whole window; the pixels inside it stay next to each other.",
     {"top + m": "i + m * stride", "left + n": "j + n * stride"})
slip("holes-in-the-output",
     "Steps are skipped in the output as well: its pixels lie side by side, only windows are S apart.",
     {"(height)": "(0, height, stride)", "(width)": "(0, width, stride)", "i * stride": "i", "j * stride": "j"})

# --- channels ---------------------------------------------------------------------------------------------------------

slip_in(WITH_CHANNELS, "kernels-of-the-first-output-channel",
        "All output channels are the same: each has kernels of its own, so ω depends on d.",
        {"weights[d": "weights[0"})
slip_in(WITH_CHANNELS, "all-in-the-first-output-channel",
        "Everything ended up in the first output channel: each has a place of its own.",
        {"d, i, j]": "0, i, j]"})
slip_in(WITH_CHANNELS, "first-output-channel-only", "Only the first output channel is filled: how many are there?",
        {"range(channels_out)": "range(1)"})
slip_in(WITH_CHANNELS, "first-output-channel-zero",
        "The first output channel stays zero: channels are counted from 0.",
        {"range(channels_out)": "range(1, channels_out)"})
slip_in(WITH_CHANNELS, "last-input-channel-left-out",
        "The last input channel is left out: the sum runs over all of them.",
        {"range(channels_in)": "range(channels_in - 1)"})
slip_in(WITH_CHANNELS, "first-input-channel-left-out",
        "The first input channel is left out: channels are counted from 0.",
        {"range(channels_in)": "range(1, channels_in)"})
slip_in(WITH_CHANNELS, "image-channel-by-output-channel",
        "The image is indexed by the output channel; the sum runs over its input channels.",
        {"c, row": "d, row"})
slip_in(WITH_CHANNELS, "last-input-channel-only", "Only the last input channel is left: the sum runs over all of them.",
        {"for c in range(channels_in):": "for c in range(channels_in):\n                output[b, d] = 0"})
slip = conv_numpy_3.slip
slip("own-input-channel-only",
     "An output channel looks at all input channels, not only at the one with its own number.",
     {"range(channels_in)": "[d]"})
slip("first-input-channel-only", "Only the first input channel counts so far: the sum runs over all of them.",
     {"range(channels_in)": "range(1)"})
slip("all-kernels-on-the-first-input-channel",
     "All kernels look at the first input channel: each belongs to a channel of its own.",
     {"c, row": "0, row"})
slip("same-kernel-for-all-input-channels", "All input channels meet the same kernel: each has one of its own.",
     {"c, m, n]": "0, m, n]"})
slip("average-over-input-channels", "That is the average over the input channels, not the sum.",
     {"return output": "return output / channels_in"})

# --- batches ----------------------------------------------------------------------------------------------------------

slip = conv_numpy_4.slip
slip("first-image-for-all", "All outputs show the first image: each image has a place b in the batch.",
     {"padded[b": "padded[0"})
slip("first-image-only", "Only the first image has been convolved so far: what of the others in the batch?",
     {"range(batch)": "range(1)"})
slip("first-image-left-out", "The first image is left out: images of a batch are counted from 0.",
     {"range(batch)": "range(1, batch)"})
slip("one-image-back", "One image came back: how many are there in the batch?", {"batch = image.shape[0]": "batch = 1"})
slip("all-images-in-the-first-output", "All images ended up in the first output: images of a batch are never added up.",
     {"output[b": "output[0"})
slip("first-image-again-and-again", "You go through the batch, and add up the first image each time: what is b for?",
     {"padded[b": "padded[0", "output[b": "output[0"})
slip("kernels-by-image", "Your kernels change with the image: the weights know nothing of the batch.",
     {"weights[d": "weights[b"})
slip("always-two-images", "You count on two images: a batch can hold any number of them.",
     {"batch = image.shape[0]": "batch = 2"}, costs=["general"])
# fmt: on
