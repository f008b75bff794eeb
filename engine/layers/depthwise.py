"""Convolution of each channel by itself.

There is no sum over channels, so no matrix product either: each offset of the
window is one multiplication of long rows, and pictures with several filters per
channel are those with each channel repeated.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.layers.windows import Windows
from engine.parallel import SHARDS, for_each_shard, shards

# Bytes of pictures that are worked on together, so that they stay in the cache.
PIECE_BYTES = 1 << 19


def correlate_each(padded: Array, kernel: Array, windows: Windows) -> Array:
    """Each channel times its own windows, (B, *places, C * multiplier).

    Args:
        padded: (B, H, W, C) with padding.
        kernel: (height, width, C, multiplier).
    """
    times = kernel.shape[-1]
    y = np.empty((len(padded), *windows.places, kernel[0, 0].size), padded.dtype)
    parts = _parts(y)
    factors = _factors(kernel, windows)

    def work(part: int) -> None:
        pictures = _repeated(padded[parts[part]], times)
        total = _long(y[parts[part]])
        share = np.empty(total.shape, y.dtype)
        for index, (row, column) in enumerate(windows.offsets):
            np.multiply(
                _rows_at(pictures, windows, row, column),
                factors[row, column],
                out=share if index else total,
            )
            if index:
                total += share

    for_each_shard(work, len(parts))
    return y


def each_kernel_gradient(padded: Array, dy: Array, kernel: Array, windows: Windows) -> Array:
    """The gradient for the kernel of :func:`correlate_each`."""
    times = kernel.shape[-1]
    parts = _parts(dy)
    sums = np.zeros((len(parts), *kernel.shape), dy.dtype)

    def work(part: int) -> None:
        pictures, grad = _repeated(padded[parts[part]], times), _long(dy[parts[part]])
        share = np.empty(grad.shape, dy.dtype)
        for row, column in windows.offsets:
            np.multiply(_rows_at(pictures, windows, row, column), grad, out=share)
            columns = share.sum(axis=(0, 1)).reshape(-1, *kernel.shape[2:])
            sums[part, row, column] = columns.sum(axis=0)

    for_each_shard(work, len(parts))
    total: Array = sums.sum(axis=0)
    return total


def each_input_gradient(
    padded_shape: tuple[int, ...], dy: Array, kernel: Array, windows: Windows
) -> Array:
    """The gradient for the padded pictures of :func:`correlate_each`."""
    times = kernel.shape[-1]
    dx = np.zeros(padded_shape, dy.dtype)
    parts = _parts(dy)
    factors = _factors(kernel, windows)

    def work(part: int) -> None:
        grad, into = _long(dy[parts[part]]), dx[parts[part]]
        wide = into if times == 1 else np.zeros((*into.shape[:3], kernel[0, 0].size), dy.dtype)
        share = np.empty(grad.shape, dy.dtype)
        for row, column in windows.offsets:
            np.multiply(grad, factors[row, column], out=share)
            if windows.strides[1] == 1:
                rows = _rows_at(wide, windows, row, column)
                rows += share
            else:
                target = windows.at(wide, row, column)
                target += share.reshape(target.shape)
        if times > 1:
            wide.reshape(*into.shape, times).sum(axis=-1, out=into)

    for_each_shard(work, len(parts))
    return dx


def _parts(y: Array) -> list[slice]:
    return shards(len(y), max(SHARDS, y.nbytes // PIECE_BYTES))


def _factors(kernel: Array, windows: Windows) -> Array:
    """The kernel repeated for each place across: (height, width, places * C * multiplier)."""
    return np.tile(kernel.reshape(*kernel.shape[:2], -1), (1, 1, windows.places[1]))


def _repeated(pictures: Array, times: int) -> Array:
    """Each channel as often as it has filters; in one piece of memory."""
    return np.ascontiguousarray(pictures if times == 1 else np.repeat(pictures, times, axis=-1))


def _long(pictures: Array) -> Array:
    """Pictures as rows of all their numbers: (B, H, W * C)."""
    batch, height, width, channels = pictures.shape
    return pictures.reshape(batch, height, width * channels)


def _rows_at(pictures: Array, windows: Windows, row: int, column: int) -> Array:
    """What lies at one offset of every window, as rows; a view where windows touch."""
    batch, channels = len(pictures), pictures.shape[-1]
    down, across = windows.places
    if windows.strides[1] == 1:
        start = row * windows.dilation[0]
        rows = slice(start, start + (down - 1) * windows.strides[0] + 1, windows.strides[0])
        left = column * windows.dilation[1] * channels
        return _long(pictures)[:, rows, left : left + across * channels]
    return windows.at(pictures, row, column).reshape(batch, down, across * channels)
