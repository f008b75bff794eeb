"""Convolution as matrix products: every window becomes one row of a matrix.

The rows of a whole batch would fill the memory, so they are gathered for a few
pictures at a time, which stay in the cache, and gathered again for the backward
pass: that costs about a tenth of the product that they feed.

All functions take pictures (B, H, W, C) without padding, and kernels in Keras'
layout (height, width, C / groups, filters).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array
from engine.layers.pieces import Piece, copy_from, pieces
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.windows import Windows
from engine.parallel import SHARDS, for_each_shard, shards

# Bytes of gathered rows at a time, and of gradients that are added up at a time.
PIECE_BYTES, ADDED_BYTES = 1 << 21, 1 << 19

# Shorter runs of neighboring numbers are gathered as columns instead: NumPy
# copies run by run, and rows of a picture are longer.
LONG_RUN = 16


def correlate_columns(
    x: Array, kernel: Array, bias: Array | None, windows: Windows, groups: int
) -> Array:
    """The sum of window times kernel at every place, (B, *places, filters)."""
    filters = kernel.shape[-1]
    matrices = _by_group(kernel, groups)
    y = np.empty((len(x), *windows.places, filters), x.dtype)
    parts = _pieces(x, kernel, windows)

    def work(index: int) -> None:
        pictures, rows = parts[index]
        out = y[pictures, rows].reshape(-1, filters)
        gathered = _gather(x, parts[index], windows, groups)
        if groups == 1:
            np.matmul(gathered[0], matrices[0], out=out)
        else:
            out.reshape(len(out), groups, -1)[...] = (gathered @ matrices).swapaxes(0, 1)
        if bias is not None:
            add_to_rows(out, bias)

    for_each_shard(work, len(parts))
    return y


def kernel_gradient(
    x: Array, dy: Array, kernel: Array, windows: Windows, groups: int
) -> tuple[Array, Array]:
    """The gradients for the kernel and for the bias."""
    filters = kernel.shape[-1]
    all_pieces = _pieces(x, kernel, windows)
    parts = shards(len(all_pieces))
    sums = np.zeros((len(parts), *_by_group(kernel, groups).shape), kernel.dtype)
    bias_sums = np.zeros((len(parts), filters), kernel.dtype)

    def work(part: int) -> None:
        for piece in all_pieces[parts[part]]:
            gathered = _gather(x, piece, windows, groups)
            grad = dy[piece].reshape(-1, filters)
            per_group = grad.reshape(len(grad), groups, -1).swapaxes(0, 1)
            sums[part] += gathered.swapaxes(1, 2) @ per_group
            bias_sums[part] += column_sums(grad)

    for_each_shard(work, len(parts))
    return sums.sum(axis=0).swapaxes(0, 1).reshape(kernel.shape), bias_sums.sum(axis=0)


def input_gradient(
    shape: tuple[int, ...], dy: Array, kernel: Array, windows: Windows, groups: int
) -> Array:
    """The gradient for the pictures, of ``shape``.

    Each offset of the kernel gives every window's share of one pixel, added
    where that pixel lies: products with whole matrices for any stride.
    """
    filters, channels = kernel.shape[-1], shape[-1]
    by_offset = np.ascontiguousarray(
        kernel.reshape(*kernel.shape[:3], groups, -1).transpose(0, 1, 3, 4, 2)
    )
    dx = np.zeros(shape, dy.dtype)
    touched = dy.nbytes + dy.nbytes // filters * channels
    parts = shards(len(dy), max(SHARDS, touched // ADDED_BYTES))

    def work(part: int) -> None:
        target, grad = dx[parts[part]], dy[parts[part]].reshape(-1, filters)
        padded = windows.pad(target)
        per_group = grad.reshape(len(grad), groups, -1).swapaxes(0, 1)
        share = np.empty((len(grad), channels), dy.dtype)
        for row, column in windows.offsets:
            if groups == 1:
                np.matmul(grad, by_offset[row, column, 0], out=share)
            else:
                product = per_group @ by_offset[row, column]
                share.reshape(len(grad), groups, -1)[...] = product.swapaxes(0, 1)
            into = windows.at(padded, row, column)
            into += share.reshape(into.shape)
        if windows.pads:
            target[...] = windows.inner(padded)

    for_each_shard(work, len(parts))
    return dx


def _by_group(kernel: Array, groups: int) -> Array:
    """The kernel as one matrix (numbers in a window, filters) for each group."""
    filters = kernel.shape[-1]
    return kernel.reshape(-1, groups, filters // groups).swapaxes(0, 1)


def _pieces(x: Array, kernel: Array, windows: Windows) -> list[Piece]:
    """A batch in pieces by rows of windows."""
    down, across = windows.places
    row_bytes = across * kernel[..., 0].size * x.itemsize
    groups = pieces(len(x), down, row_bytes, PIECE_BYTES)
    return [piece for group in groups for piece in group]


def _gather(x: Array, piece: Piece, windows: Windows, groups: int) -> Array:
    """The windows of a piece as matrices (groups, windows, numbers in a window)."""
    under = _under(x, piece, windows)
    batch, _, _, channels = under.shape
    of_picture, of_row, of_column, of_channel = under.strides
    depth = channels // groups
    (down, across), (gap_down, gap_across) = windows.strides, windows.dilation
    view = as_strided(
        under,
        (groups, batch, piece[1].stop - piece[1].start, windows.places[1], *windows.size, depth),
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


def _under(x: Array, piece: Piece, windows: Windows) -> Array:
    """What lies under the windows of a piece, with zeros where that is padding."""
    pictures, rows = piece
    top = rows.start * windows.strides[0]
    if not windows.pads:
        return x[pictures, top:]
    high, wide = (
        (count - 1) * stride + (size - 1) * gap + 1
        for count, stride, size, gap in zip(
            (rows.stop - rows.start, windows.places[1]),
            windows.strides,
            windows.size,
            windows.dilation,
            strict=True,
        )
    )
    under = np.empty((pictures.stop - pictures.start, high, wide, x.shape[-1]), x.dtype)
    copy_from(x[pictures], (top - windows.before[0], -windows.before[1]), under)
    return under
