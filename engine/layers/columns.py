"""Convolution as matrix products: every window becomes one row of a matrix.

The rows of a whole batch would fill the memory, so they are gathered for a few
pictures at a time, which stay in the cache, and gathered again for the backward
pass: that costs about a tenth of the product that they feed.

All functions take pictures (B, H, W, C) *with* their padding, and kernels in
Keras' layout (height, width, C / groups, filters).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.windows import Windows
from engine.parallel import SHARDS, for_each_shard, shards

# Bytes of gathered rows at a time, and of gradients that are added up at a time.
PIECE_BYTES, ADDED_BYTES = 1 << 21, 1 << 19

# Shorter runs of neighboring numbers are gathered as columns instead: NumPy
# copies run by run, and rows of a picture are longer.
LONG_RUN = 16

Piece = tuple[slice, slice]
"""Some pictures of a batch, and some rows of windows in them."""


def correlate(
    padded: Array, kernel: Array, bias: Array | None, windows: Windows, groups: int
) -> Array:
    """The sum of window times kernel at every place, (B, *places, filters)."""
    filters = kernel.shape[-1]
    matrices = _by_group(kernel, groups)
    y = np.empty((len(padded), *windows.places, filters), padded.dtype)
    pieces = _pieces(padded, kernel, windows)

    def work(index: int) -> None:
        pictures, rows = pieces[index]
        out = y[pictures, rows].reshape(-1, filters)
        gathered = _gather(padded[pictures], windows, groups, rows)
        if groups == 1:
            np.matmul(gathered[0], matrices[0], out=out)
        else:
            out.reshape(len(out), groups, -1)[...] = (gathered @ matrices).swapaxes(0, 1)
        if bias is not None:
            add_to_rows(out, bias)

    for_each_shard(work, len(pieces))
    return y


def kernel_gradient(
    padded: Array, dy: Array, kernel: Array, windows: Windows, groups: int
) -> tuple[Array, Array]:
    """The gradients for the kernel and for the bias."""
    filters = kernel.shape[-1]
    pieces = _pieces(padded, kernel, windows)
    parts = shards(len(pieces))
    sums = np.zeros((len(parts), *_by_group(kernel, groups).shape), kernel.dtype)
    bias_sums = np.zeros((len(parts), filters), kernel.dtype)

    def work(part: int) -> None:
        for pictures, rows in pieces[parts[part]]:
            gathered = _gather(padded[pictures], windows, groups, rows)
            grad = dy[pictures, rows].reshape(-1, filters)
            per_group = grad.reshape(len(grad), groups, -1).swapaxes(0, 1)
            sums[part] += gathered.swapaxes(1, 2) @ per_group
            bias_sums[part] += column_sums(grad)

    for_each_shard(work, len(parts))
    return sums.sum(axis=0).swapaxes(0, 1).reshape(kernel.shape), bias_sums.sum(axis=0)


def input_gradient(
    padded_shape: tuple[int, ...], dy: Array, kernel: Array, windows: Windows, groups: int
) -> Array:
    """The gradient for the padded pictures.

    Each offset of the kernel gives every window's share of one pixel, added
    where that pixel lies: products with whole matrices for any stride.
    """
    filters = kernel.shape[-1]
    batch, channels = padded_shape[0], padded_shape[-1]
    by_offset = np.ascontiguousarray(
        kernel.reshape(*kernel.shape[:3], groups, -1).transpose(0, 1, 3, 4, 2)
    )
    dx = np.zeros(padded_shape, dy.dtype)
    touched = dy.nbytes + dy.nbytes // filters * channels
    parts = shards(batch, max(SHARDS, touched // ADDED_BYTES))

    def work(part: int) -> None:
        grad = dy[parts[part]].reshape(-1, filters)
        per_group = grad.reshape(len(grad), groups, -1).swapaxes(0, 1)
        share = np.empty((len(grad), channels), dy.dtype)
        for row, column in windows.offsets:
            if groups == 1:
                np.matmul(grad, by_offset[row, column, 0], out=share)
            else:
                product = per_group @ by_offset[row, column]
                share.reshape(len(grad), groups, -1)[...] = product.swapaxes(0, 1)
            into = windows.at(dx[parts[part]], row, column)
            into += share.reshape(into.shape)

    for_each_shard(work, len(parts))
    return dx


def _by_group(kernel: Array, groups: int) -> Array:
    """The kernel as one matrix (numbers in a window, filters) for each group."""
    filters = kernel.shape[-1]
    return kernel.reshape(-1, groups, filters // groups).swapaxes(0, 1)


def _pieces(padded: Array, kernel: Array, windows: Windows) -> list[Piece]:
    """A batch in pieces of about :data:`PIECE_BYTES`; a large picture is cut by rows."""
    batch, (down, across) = len(padded), windows.places
    row_bytes = across * kernel[..., 0].size * padded.itemsize
    most = max(1, PIECE_BYTES // row_bytes)
    if most >= down:
        count = -(-batch // (most // down))
        return [(pictures, slice(0, down)) for pictures in shards(batch, count)]
    bands = shards(down, -(-down // most))
    return [(slice(index, index + 1), rows) for index in range(batch) for rows in bands]


def _gather(padded: Array, windows: Windows, groups: int, rows: slice) -> Array:
    """The windows of some rows as matrices (groups, windows, numbers in a window)."""
    batch, _, _, channels = padded.shape
    of_picture, of_row, of_column, of_channel = padded.strides
    depth = channels // groups
    (down, across), (gap_down, gap_across) = windows.strides, windows.dilation
    view = as_strided(
        padded[:, rows.start * down :],
        (groups, batch, rows.stop - rows.start, windows.places[1], *windows.size, depth),
        (
            depth * of_channel,
            of_picture,
            down * of_row,
            across * of_column,
            gap_down * of_row,
            gap_across * of_column,
            of_channel,
        ),
        writeable=False,
    )
    numbers = windows.size[0] * windows.size[1] * depth
    run = depth * windows.size[1] if gap_across == 1 else depth
    if run >= LONG_RUN:
        return np.ascontiguousarray(view).reshape(groups, -1, numbers)
    columns = np.ascontiguousarray(view.transpose(0, 4, 5, 6, 1, 2, 3))
    return columns.reshape(groups, numbers, -1).swapaxes(1, 2)
