"""Convolution with small kernels by fewer products: Winograd's minimal filtering.

A tile of 6 × 6 pixels is turned into 36 numbers per channel, a kernel into as
many. They are multiplied, summed over the channels, and turned back into the
answers at 4 × 4 places (2 × 2 for a kernel of 5 × 5). This takes 36 products per
pair of channel and filter instead of 144 (100). Lavin & Gray 2015.

Pictures are worked on a few at a time, so that all of it stays in the cache. The
backward pass is the forward pass read from right to left.

All functions take pictures (B, H, W, C) *without* padding, and kernels in Keras'
layout (height, width, C, filters).
"""

from __future__ import annotations

from threading import local
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled import loops_for
from engine.layers.benches import Bench
from engine.layers.float_flags import true_warnings
from engine.layers.pieces import Piece, pieces
from engine.layers.tile_programs import Sizes, as_parts, correlate, gradients
from engine.layers.tiles import NUMBERS, SIDE, Tiles, Transforms, transforms
from engine.layers.windows import Windows
from engine.parallel import SHARDS, for_each_shard, shards

# Bytes of transformed tiles that are worked on together.
PIECE_BYTES = 5 << 18

# What comes on top of the products of a tile, counted in products: for each channel
# and each place and filter; and for each number of a window that is gathered instead.
PER_CHANNEL, PER_PLACE, PER_WINDOW = 67, 2, 12


def pays(windows: Windows, channels: int, filters: int, groups: int) -> bool:
    """Whether tiles are quicker than gathered windows here; by sizes alone."""
    if windows.size not in ((3, 3), (5, 5)) or groups != 1:
        return False
    if windows.strides != (1, 1) or windows.dilation != (1, 1):
        return False
    tiles = _tiles_on(windows)
    places = windows.places[0] * windows.places[1]
    by_windows = places * windows.size[0] ** 2 * channels * (filters + PER_WINDOW)
    each = channels * filters + PER_CHANNEL * channels + PER_PLACE * tiles.step**2 * filters
    return tiles.down * tiles.across * NUMBERS * each < by_windows


def correlate_tiles(x: Array, kernel: Array, bias: Array | None, windows: Windows) -> Array:
    """The sum of window times kernel at every place, (B, *places, filters)."""
    tiles, turn = _tiles_on(windows), transforms(windows.size[0], x.dtype)
    shape = len(x), *windows.places, kernel.shape[-1]
    parts = [[piece] for group in _pieces(len(x), tiles, kernel) for piece in group]
    loops = _loops_for(x, kernel)
    if loops is not None:
        return correlate(loops, Sizes(tiles, x.shape, shape, as_parts(parts)), x, kernel, bias)
    y, benches = np.empty(shape, x.dtype), _Benches(tiles, turn, kernel)
    with true_warnings(y):
        factors = _factors(turn, kernel)

        def work(part: int) -> None:
            benches.bench.correlate(x, parts[part], factors, bias, y)

        for_each_shard(work, len(parts))
    return y


def tile_gradients(
    x: Array, dy: Array, kernel: Array, windows: Windows, passes_back: bool
) -> tuple[Array | None, Array, Array]:
    """The gradients for the pictures, where they are passed back, the kernel and the bias."""
    channels, filters = kernel.shape[2:]
    tiles, turn = _tiles_on(windows), transforms(windows.size[0], x.dtype)
    groups = _pieces(len(x), tiles, kernel)
    # Each part has sums of its own, which must not take longer than what is summed up.
    tile_count = len(x) * tiles.down * tiles.across
    worth = tile_count * (channels + filters) // (channels * filters)
    parts = [
        [piece for group in groups[part] for piece in group]
        for part in shards(len(groups), max(1, min(SHARDS, worth)))
    ]
    loops = _loops_for(x, dy, kernel)
    if loops is not None:
        sizes = Sizes(tiles, x.shape, dy.shape, as_parts(parts))
        return gradients(loops, sizes, x, dy, kernel, passes_back)
    totals = np.empty((len(parts), NUMBERS, channels, filters), x.dtype)
    bias_sums = np.zeros((len(parts), filters), x.dtype)
    dx, benches = np.empty_like(x) if passes_back else None, _Benches(tiles, turn, kernel)
    dkernel = np.empty_like(kernel)
    with true_warnings(dkernel, *(() if dx is None else (dx,))):
        # In one piece: BLAS takes twice as long with small matrices that are transposed.
        turned = np.ascontiguousarray(_factors(turn, kernel).swapaxes(1, 2))

        def work(part: int) -> None:
            benches.bench.gradients(x, dy, parts[part], turned, dx, totals[part], bias_sums[part])

        for_each_shard(work, len(parts))
        total = totals.sum(axis=0).reshape(NUMBERS, -1)
        dkernel[...] = (turn.kernel.T @ total).reshape(kernel.shape)
    return dx, dkernel, bias_sums.sum(axis=0)


def _loops_for(*arrays: Array) -> Any:
    """Compiled loops; None where they, or the products that they need, are not to be had."""
    loops = loops_for(*arrays) if len(arrays[0]) else None
    return loops if loops is not None and loops.sgemm_address() else None


def _tiles_on(windows: Windows) -> Tiles:
    step = SIDE + 1 - windows.size[0]
    down, across = (-(-places // step) for places in windows.places)
    return Tiles(step, windows.before, down, across)


def _pieces(batch: int, tiles: Tiles, kernel: Array) -> list[list[Piece]]:
    """The batch in pieces by rows of tiles."""
    of_tile = NUMBERS * sum(kernel.shape[2:]) * kernel.itemsize
    return pieces(batch, tiles.down, tiles.across * of_tile, PIECE_BYTES)


def _factors(turn: Transforms, kernel: Array) -> Array:
    """The kernel's numbers, (36, C, filters)."""
    flat = kernel.reshape(-1, kernel[0, 0].size)
    return (turn.kernel @ flat).reshape(NUMBERS, *kernel.shape[2:])


class _Benches(local):
    """Each thread's bench."""

    def __init__(self, tiles: Tiles, turn: Transforms, kernel: Array) -> None:
        self.bench = Bench(tiles, turn, kernel)
