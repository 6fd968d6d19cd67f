"""Every kind of mistake that was counted in real solutions (../shared/MISTAKES.md) gets an apt sentence.

Written the way students write them, which is not the way the catalogue does.
"""

import importlib
import re
import textwrap

import numpy as np
import pytest
from sample_class import COURSE

from gradebox.checks import PARTS, WrongAnswer, made
from gradebox.exercises.mistakes import made_of

COUNTED = COURSE.parent / "shared" / "MISTAKES.md"
KINDS: list[tuple[str, str, str, str, str]] = []  # the line it is in, module, exercise, code, words of the sentence


def kind(line: str, exercise: str, says: str, code: str) -> None:
    module, name = exercise.split(".")
    KINDS.append((line, f"mistakes.{module}", name, textwrap.dedent(code).lstrip(), says))


CONVOLUTION = """
    def conv(image, weights, stride=1, pad=1):
        p = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        B, C, H, W = p.shape
        D, _, K, L = weights.shape
        out = np.zeros((B, D, (H - K) // stride + 1, (W - L) // stride + 1))
        for b in range(B):
            for d in range(D):
                for i in range(out.shape[2]):
                    for j in range(out.shape[3]):
                        for c in range(C):
                            for m in range(K):
                                for n in range(L):
                                    out[b, d, i, j] += p[b, c, i * stride + m, j * stride + n] * weights[d, c, m, n]
        return out
"""


def convolution(line: str, number: int, says: str, old: str, new: str) -> None:
    assert CONVOLUTION.count(old) == 1
    kind(line, f"convolution.conv_numpy_{number}", says, CONVOLUTION.replace(old, new))


STRIDE = "stride never used in the image index"
convolution(STRIDE, 2, "still one pixel apart", "i * stride + m, j * stride + n", "i + m, j + n")
CHANNELS = "output channel fixed at 0 in the weights"
convolution(CHANNELS, 3, "output channel", "weights[d, c", "weights[0, c")
convolution(CHANNELS, 4, "image", "weights[d, c", "weights[b, c")
convolution(CHANNELS, 3, "channel", "p[b, c, i", "p[b, d % C, i")
CENTRED = "window re-centred by half a kernel"
convolution(CENTRED, 2, "half a kernel", "p[b, c, i * stride + m, j * stride + n]",
            "p[b, c, i * stride + m - K // 2, j * stride + n - L // 2]")  # fmt: skip
LITERAL = "stride written as a literal 2"
convolution(LITERAL, 2, "two pixels apart", "i * stride + m, j * stride + n", "i * 2 + m, j * 2 + n")
convolution(LITERAL, 4, "first image", "p[b, c, i", "p[0, c, i")

UNPOOL = """
    def max_unpool(x_in, x_high_res):
        x_out = np.zeros((2 * x_in.shape[0], 2 * x_in.shape[1]))
        for i in range(x_in.shape[0]):
            for j in range(x_in.shape[1]):
                block = x_high_res[2 * i:2 * i + 2, 2 * j:2 * j + 2]
                a, b = np.unravel_index(np.argmax(block), (2, 2))
                x_out[2 * i + a, 2 * j + b] = x_in[i, j]
        return x_out
"""
UNPOOLED = "max_unpool looks for equality"


def unpool(says: str, old: str, new: str) -> None:
    assert UNPOOL.count(old) == 1
    kind(UNPOOLED, "resampling.max_unpool", says, UNPOOL.replace(old, new))


kind(UNPOOLED, "resampling.max_unpool", "place of the block's maximum", """
    def max_unpool(x_in, x_high_res):
        x_out = np.zeros(x_high_res.shape)
        for i in range(x_out.shape[0]):
            for j in range(x_out.shape[1]):
                if x_high_res[i, j] == x_in[i // 2, j // 2]:
                    x_out[i, j] = x_in[i // 2, j // 2]
        return x_out
""")  # fmt: skip
unpool("begins twice as far along", "x_high_res[2 * i:2 * i + 2, 2 * j:2 * j + 2]", "x_high_res[i:i + 2, j:j + 2]")
unpool("first corner", "a, b = np.unravel_index(np.argmax(block), (2, 2))", "a, b = 0, 0")
unpool("says what", "x_in[i, j]", "block[a, b]")
unpool("column", "2 * j + b]", "2 * j]")
unpool("zero", "x_out[2 * i + a, 2 * j + b]", "x_out[2 * i:2 * i + 2, 2 * j:2 * j + 2]")
kind(UNPOOLED, "resampling.max_unpool", "as large as x_high_res", """
    def max_unpool(x_in, x_high_res):
        x_out = np.zeros(x_in.shape)
        for i in range(x_in.shape[0]):
            for j in range(x_in.shape[1]):
                x_out[i, j] = np.max(x_high_res[2 * i:2 * i + 2, 2 * j:2 * j + 2])
        return x_out
""")  # fmt: skip

BILINEAR = """
    def bilinear(x_in):
        h, w = x_in.shape
        p = np.pad(x_in, ((0, 1), (0, 1))).astype(float)
        x_out = np.zeros((2 * h, 2 * w))
        for i in range(2 * h):
            for j in range(2 * w):
                y, x = i / 2, j / 2
                y0, x0 = int(y), int(x)
                y1, x1 = y0 + 1, x0 + 1
                dy, dx = y - y0, x - x0
                x_out[i, j] = ((1 - dy) * (1 - dx) * p[y0, x0] + (1 - dy) * dx * p[y0, x1]
                               + dy * (1 - dx) * p[y1, x0] + dy * dx * p[y1, x1])
        return x_out
"""
BETWEEN = "bilinear repeats the edge"


def bilinear(says: str, *changes: tuple[str, str]) -> None:
    text = BILINEAR
    for old, new in changes:
        assert text.count(old) >= 1
        text = text.replace(old, new)
    kind(BETWEEN, "resampling.bilinear", says, text)


bilinear("repeated the edge", ("np.pad(x_in, ((0, 1), (0, 1)))", "np.pad(x_in, ((0, 1), (0, 1)), mode='edge')"))
kind(BETWEEN, "resampling.bilinear", "all four of them", """
    def bilinear(x_in):
        h, w = x_in.shape
        p = np.pad(x_in, ((0, 1), (0, 1))).astype(float)
        x_out = np.zeros((2 * h, 2 * w))
        for i in range(h):
            for j in range(w):
                x_out[2 * i, 2 * j] = p[i, j]
                x_out[2 * i, 2 * j + 1] = (p[i, j] + p[i, j + 1]) / 2
                x_out[2 * i + 1, 2 * j] = (p[i, j] + p[i + 1, j]) / 2
                x_out[2 * i + 1, 2 * j + 1] = (p[i, j] + p[i + 1, j + 1]) / 2
        return x_out
""")  # fmt: skip
bilinear("ounded", ("return x_out", "return np.round(x_out)"))
bilinear("add up to", ("y1, x1 = y0 + 1, x0 + 1", "y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)"),
         ("((1 - dy) * (1 - dx) * p[y0, x0] + (1 - dy) * dx * p[y0, x1]",
          "((y1 - y) * (x1 - x) * p[y0, x0] + (y1 - y) * dx * p[y0, x1]"),
         ("dy * (1 - dx) * p[y1, x0]", "dy * (x1 - x) * p[y1, x0]"))  # fmt: skip
bilinear("off", ("y, x = i / 2, j / 2", "y, x = max(0, (i + 0.5) / 2 - 0.5), max(0, (j + 0.5) / 2 - 0.5)"))
bilinear("copies pixels", ("dy, dx = y - y0, x - x0", "dy, dx = 0, 0"))
bilinear(
    "the last row and column are still averages",
    ("return x_out", "x_out[-1] = 0\n        x_out[:, -1] = 0\n        return x_out"),
)
bilinear("means of four", ("dy, dx = y - y0, x - x0", "dy, dx = 0.5, 0.5"))
bilinear("weights must not all be zero", ("y1, x1 = y0 + 1, x0 + 1", "y1, x1 = int(np.ceil(y)), int(np.ceil(x))"),
         ("((1 - dy) * (1 - dx) * p[y0, x0] + (1 - dy) * dx * p[y0, x1]",
          "((y1 - y) * (x1 - x) * p[y0, x0] + (y1 - y) * dx * p[y0, x1]"),
         ("dy * (1 - dx) * p[y1, x0]", "dy * (x1 - x) * p[y1, x0]"))  # fmt: skip

POOL = """
    def pooled(x_in):
        x_out = np.zeros((x_in.shape[0] // 2, x_in.shape[1] // 2))
        for i in range(x_out.shape[0]):
            for j in range(x_out.shape[1]):
                x_out[i, j] = np.OPERATION(x_in[2 * i:2 * i + 2, 2 * j:2 * j + 2])
        return x_out
"""
WHOLE = "results cast to int"
kind(
    WHOLE,
    "resampling.meanpool",
    "whole",
    POOL.replace("OPERATION", "mean").replace("return x_out", "return x_out.astype(int)"),
)
kind(WHOLE, "resampling.maxpool", "height", POOL.replace("OPERATION", "max").replace("range(x_out.shape[1])",
                                                                                  "range(x_out.shape[0])"))  # fmt: skip
UP = POOL.replace("shape[0] // 2", "shape[0] // 2 + x_in.shape[0] % 2").replace(
    "shape[1] // 2", "shape[1] // 2 + x_in.shape[1] % 2"
)
kind("subsample averages the block", "resampling.subsample", "That is the mean", UP.replace("OPERATION", "mean"))
kind("subsample averages the block", "resampling.subsample", "That is the maximum", UP.replace("OPERATION", "max"))
ODD = "right in the middle, wrong at the edges"
kind(ODD, "resampling.maxpool", "odd size", UP.replace("OPERATION", "max"))
kind(ODD, "resampling.meanpool", "odd size", UP.replace("OPERATION", "mean"))
kind(
    ODD,
    "resampling.meanpool",
    "uint8",
    POOL.replace(
        "np.OPERATION(x_in[2 * i:2 * i + 2, 2 * j:2 * j + 2])",
        "((x_in[2 * i, 2 * j] + x_in[2 * i, 2 * j + 1]) + (x_in[2 * i + 1, 2 * j] + x_in[2 * i + 1, 2 * j + 1])) / 4",
    ),
)
kind(ODD, "resampling.maxpool", "begins at 0", POOL.replace(
    "np.OPERATION(x_in[2 * i:2 * i + 2, 2 * j:2 * j + 2])",
    "max(0, *x_in[2 * i, 2 * j:2 * j + 2], *x_in[2 * i + 1, 2 * j:2 * j + 2])"))  # fmt: skip

ATTENTION = """
    def attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
        Q = np.dot(omega_q, X) + beta_q
        K = np.dot(omega_k, X) + beta_k
        V = np.dot(omega_v, X) + beta_v
        A = softmax_cols(np.dot(K.T, Q) / np.sqrt(X.shape[0]))
        X_prime = np.dot(V, A)
        return X_prime
"""


def attention(line: str, says: str, *changes: tuple[str, str], of: str = "scaled_dot_product_self_attention") -> None:
    text = ATTENTION if of.startswith("scaled") else ATTENTION.replace(" / np.sqrt(X.shape[0])", "")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    kind(line, f"self_attention.{of}", says, text)


attention("a notebook global", "notebook's dimension", ("np.sqrt(X.shape[0])", "np.sqrt(D)"))
AXIS = "softmax over the wrong axis"
attention(
    AXIS,
    "one query should sum to one",
    ("softmax_cols(np.dot(K.T, Q) / np.sqrt(X.shape[0]))", "softmax_cols((np.dot(K.T, Q) / np.sqrt(X.shape[0])).T).T"),
)
attention(AXIS, "changed places", ("np.dot(K.T, Q)", "np.dot(Q.T, K)"))
attention(AXIS, "N by N", ("np.dot(K.T, Q)", "np.dot(Q, K.T)"), ("np.dot(V, A)", "np.dot(A, V)"))
attention(
    AXIS,
    "whole matrix",
    (
        "A = softmax_cols(np.dot(K.T, Q) / np.sqrt(X.shape[0]))",
        "A = np.exp(np.dot(K.T, Q) / np.sqrt(X.shape[0]))\n        A = A / np.sum(A)",
    ),
)
TURNED = "result transposed"
attention(TURNED, "columns", ("return X_prime", "return X_prime.T"))
attention(
    TURNED, "scaled version already", ("np.dot(K.T, Q)", "np.dot(K.T, Q) / np.sqrt(X.shape[0])"), of="self_attention"
)
attention(TURNED, "unscaled", (" / np.sqrt(X.shape[0])", ""))
SIDES = "rows instead of columns"
attention(
    SIDES,
    "wrong side",
    ("np.dot(omega_q, X)", "np.dot(X, omega_q)"),
    ("np.dot(omega_k, X)", "np.dot(X, omega_k)"),
    ("np.dot(omega_v, X)", "np.dot(X, omega_v)"),
)
attention(
    SIDES,
    "not one of its columns",
    ("omega_q, X)", "omega_q.T, X)"),
    ("omega_k, X)", "omega_k.T, X)"),
    ("omega_v, X)", "omega_v.T, X)"),
)
attention(SIDES, "entry by entry", ("np.dot(omega_q, X)", "omega_q * X"), ("np.dot(omega_k, X)", "omega_k * X"),
          ("np.dot(omega_v, X)", "omega_v * X"))  # fmt: skip
attention("computed, then", "zeros", ("return X_prime", "X_prime = np.zeros_like(X)\n        return X_prime"))
attention("the given softmax_cols rewritten", "wrong columns", (
    "A = softmax_cols(np.dot(K.T, Q) / np.sqrt(X.shape[0]))",
    "A = np.exp(np.dot(K.T, Q) / np.sqrt(X.shape[0]))\n        A = A / A.sum(axis=1)"))  # fmt: skip

LOOPS = """
    def loops(all_queries, all_keys, all_values):
        all_x_prime = []
        for n in range(N):
            dots = []
            for m in range(N):
                dots.append(np.dot(all_keys[m].T, all_queries[n]))
            weights = softmax_cols(np.reshape(dots, (N, 1)))
            x_prime = np.zeros((D, 1))
            for m in range(N):
                x_prime += weights[m] * all_values[m]
            all_x_prime.append(x_prime)
        return all_x_prime
"""
LOOP = "loops: the leaked loop variable"


def loops(says: str, old: str, new: str) -> None:
    assert LOOPS.count(old) == 1
    kind(LOOP, "self_attention.x_prime", says, LOOPS.replace(old, new))


loops("query of its own", "all_queries[n]", "query")
loops("last value arrives", "x_prime += ", "x_prime = ")
loops("is one number", "np.dot(all_keys[m].T, all_queries[n])", "np.sum(np.dot(all_keys[m], all_queries[n].T))")
loops(
    "one weight and one column",
    "x_prime += weights[m] * all_values[m]",
    "x_prime = x_prime + weights.T * all_values[m]",
)


def hints(module: str, name: str, code: str) -> list[str]:
    """What the hidden tests say besides, of the parts that fail."""
    exercise = getattr(importlib.import_module(module), name)
    answer, said = made_of(code, module, "a student"), []
    for part in PARTS:
        cases = exercise.cases(part)
        try:
            with np.errstate(all="ignore"):
                exercise.check(part, answer(*cases[0].args) if exercise.ask is made else answer)
        except WrongAnswer as wrong:
            said.append(str(wrong))
    return said


@pytest.mark.parametrize(("line", "module", "name", "code", "says"), KINDS)
def test_it_gets_an_apt_sentence(line, module, name, code, says):
    said = hints(module, name, code)
    assert said, "it is not wrong"
    told = [message for message in said if "\nHint: " in message or "rows and columns are swapped" in message]
    assert any(says in message for message in told), said


def test_every_line_that_was_counted_is_here():
    if not COUNTED.exists():
        pytest.skip("../shared/MISTAKES.md is not here")
    text = COUNTED.read_text()
    text = text[text.index("## 10.3") : text.index("## What else")]
    for line in re.findall(r"^- (.*)", text, re.MULTILINE):
        assert any(line.startswith(begins) for begins, *_ in KINDS), line
