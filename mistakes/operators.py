"""The operators that say what is right, in numpy, so that grading needs torch only where a notebook does.

They have the names and axes of torch's, which the tests hold them against.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def linear(x, weight, bias):
    """One input per row: (N, D), (E, D), (E,) -> (N, E)"""
    return x @ weight.T + bias


def softmax(x, dim):
    powers = np.exp(x - np.max(x, axis=dim, keepdims=True))
    return powers / powers.sum(axis=dim, keepdims=True)


def scaled_dot_product_attention(query, key, value, scale=None):
    """One input per row: (N, D) each -> (N, D)"""
    return softmax(query @ key.T * (1 / np.sqrt(query.shape[1]) if scale is None else scale), dim=1) @ value


def windows(x, size, stride):
    """(..., H, W) -> (..., H', W', size[0], size[1])"""
    return sliding_window_view(x, size, axis=(-2, -1))[..., ::stride, ::stride, :, :]


def conv2d(image, weights, stride=1, padding=0):
    """(B, C_in, H, W), (C_out, C_in, K_h, K_w) -> (B, C_out, H', W')"""
    padded = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return np.einsum("bcijmn,ocmn->boij", windows(padded, weights.shape[2:], stride), weights)


def max_pool2d(x, kernel_size, stride=None):
    """(H, W) -> (H', W')"""
    return windows(np.asarray(x, float), (kernel_size, kernel_size), stride or kernel_size).max(axis=(-2, -1))


def avg_pool2d(x, kernel_size):
    """(H, W) -> (H', W')"""
    return windows(np.asarray(x, float), (kernel_size, kernel_size), kernel_size).mean(axis=(-2, -1))


def nearest(x):
    """(H, W) -> (2H, 2W)"""
    return np.kron(x, np.ones((2, 2)))


def max_unpool2d(x, high_res):
    """(H, W), (2H, 2W) -> (2H, 2W): each number to where the block of high_res has its maximum."""
    row, column = np.divmod(windows(high_res, (2, 2), 2).reshape(*x.shape, 4).argmax(axis=2), 2)
    i, j = np.indices(x.shape)
    out = np.zeros(high_res.shape)
    out[2 * i + row, 2 * j + column] = x
    return out


def bilinear(x):
    """Every pixel spread over a tent of 3 × 3, zeros beyond the edge. (H, W) -> (2H, 2W)"""
    rows, columns = (np.maximum(0, 1 - abs(np.arange(2 * n)[:, None] / 2 - np.arange(n))) for n in x.shape)
    return rows @ x @ columns.T
