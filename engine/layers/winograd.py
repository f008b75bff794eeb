"""Convolution with small kernels by fewer products: Winograd's minimal filtering.

A tile of 6 × 6 pixels is turned into 36 numbers per channel, a kernel into as
many. They are multiplied, summed over the channels, and turned back into the
answers at 4 × 4 places (2 × 2 for a kernel of 5 × 5). This takes 36 products per
pair of channel and filter instead of 144 (100). Lavin & Gray 2015.

Each transform is one matrix product, a few pictures at a time, so that all of it
stays in the cache. The backward pass is the forward pass read from right to left.

All functions take pictures (B, H, W, C) *without* padding, and kernels in Keras'
layout (height, width, C, filters).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import local
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array
from engine.layers.pieces import Piece, copy_from, copy_to, pieces
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.windows import Windows
from engine.parallel import SHARDS, for_each_shard, shards

# A tile's side, and how many numbers it has.
SIDE = 6
NUMBERS = SIDE * SIDE

# Where the polynomials behind the transforms are evaluated, besides infinity. With
# the paper's 0, ±1, ±2, rounding in single precision does two to four times the harm.
POINTS = (0.0, 0.75, -0.75, 1.5, -1.5)

# Bytes of transformed tiles that are worked on together. With a quarter of it, two
# threads were no quicker than one: both waited for Python's lock.
PIECE_BYTES = 1 << 21

# What comes on top of the products of a tile, counted in products: for each channel
# and each place and filter; and for each number of a window that is gathered instead.
PER_CHANNEL, PER_PLACE, PER_WINDOW = 67, 2, 12


@dataclass(frozen=True, slots=True)
class Tiles:
    """How pictures are covered with tiles.

    Attributes:
        step: how many answers a tile gives per side, so how far apart tiles begin.
        before: padding at the top and left, in pixels.
        down, across: how many tiles lie below and beside each other.
    """

    step: int
    before: tuple[int, int]
    down: int
    across: int


@dataclass(frozen=True, slots=True)
class Transforms:
    """The matrices that turn flattened squares into 36 numbers and back.

    Attributes:
        pixels: (36, 36).
        kernel: (36, kernel size squared).
        answers: (step squared, 36).
    """

    pixels: Array
    kernel: Array
    answers: Array


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
    tiles, turn = _tiles_on(windows), _transforms(windows.size[0], x.dtype)
    factors = _factors(turn, kernel)
    y = np.empty((len(x), *windows.places, kernel.shape[-1]), x.dtype)
    work_list = [piece for group in _pieces(len(x), tiles, kernel) for piece in group]
    parts = shards(len(work_list))
    benches = _Benches(tiles, turn, kernel)

    def work(part: int) -> None:
        for piece in work_list[parts[part]]:
            bench = benches.bench(piece)
            bench.read_pixels(x, piece)
            np.matmul(bench.numbers, factors, out=bench.products)
            np.matmul(turn.answers, bench.products_by_row, out=bench.answers_by_row)
            if bias is not None:
                add_to_rows(bench.answers, bias)
            bench.write_answers(y, piece)

    for_each_shard(work, len(parts))
    return y


def tile_gradients(
    x: Array, dy: Array, kernel: Array, windows: Windows, passes_back: bool
) -> tuple[Array | None, Array, Array]:
    """The gradients for the pictures, where they are passed back, the kernel and the bias."""
    channels, filters = kernel.shape[2:]
    tiles, turn = _tiles_on(windows), _transforms(windows.size[0], x.dtype)
    # In one piece: BLAS takes twice as long with small matrices that are transposed.
    factors = np.ascontiguousarray(_factors(turn, kernel).swapaxes(1, 2))
    groups = _pieces(len(x), tiles, kernel)
    # Each part has sums of its own, which must not take longer than what is summed up.
    tile_count = len(x) * tiles.down * tiles.across
    worth = tile_count * (channels + filters) // (channels * filters)
    parts = shards(len(groups), max(1, min(SHARDS, worth)))
    sums = np.zeros((len(parts), NUMBERS, channels, filters), x.dtype)
    bias_sums = np.zeros((len(parts), filters), x.dtype)
    dx = np.empty_like(x) if passes_back else None
    benches = _Benches(tiles, turn, kernel)

    def work(part: int) -> None:
        share = np.empty_like(sums[0])
        for group in groups[parts[part]]:
            for piece in group:
                bench = benches.bench(piece)
                bench.read_answers(dy, piece)
                bias_sums[part] += column_sums(bench.answers)
                np.matmul(turn.answers.T, bench.answers_by_row, out=bench.products_by_row)
                bench.read_pixels(x, piece)
                np.matmul(bench.numbers.swapaxes(1, 2), bench.products, out=share)
                sums[part] += share
                if dx is not None:
                    np.matmul(bench.products, factors, out=bench.numbers)
                    bench.write_pixels(dx, piece)

    for_each_shard(work, len(parts))
    total = sums.sum(axis=0).reshape(NUMBERS, -1)
    return dx, (turn.kernel.T @ total).reshape(kernel.shape), bias_sums.sum(axis=0)


def _tiles_on(windows: Windows) -> Tiles:
    step = SIDE + 1 - windows.size[0]
    down, across = (-(-places // step) for places in windows.places)
    return Tiles(step, windows.before, down, across)


def _pieces(batch: int, tiles: Tiles, kernel: Array) -> list[list[Piece]]:
    """The batch in pieces by rows of tiles."""
    of_tile = NUMBERS * sum(kernel.shape[2:]) * kernel.itemsize
    return pieces(batch, tiles.down, tiles.across * of_tile, PIECE_BYTES)


@cache
def _transforms(size: int, dtype: Any) -> Transforms:
    """The transforms for a kernel of ``size`` × ``size``, from Toom and Cook.

    One side's transforms evaluate polynomials at the points, or solve for them;
    in two directions they are applied one after the other, which is one matrix.
    """
    step = SIDE + 1 - size

    def evaluated(count: int) -> Array:
        rows = [[point**power for power in range(count)] for point in POINTS]
        return np.array([*rows, [0.0] * (count - 1) + [1.0]])

    answers, kernel = evaluated(step).T, evaluated(size)
    pixels = np.linalg.inv(evaluated(SIDE)).T
    # Numbers of like size on both sides of the products.
    scale = np.abs(kernel).sum(axis=1, keepdims=True)
    both = (np.kron(each, each).astype(dtype) for each in (pixels * scale, kernel / scale, answers))
    return Transforms(*both)


def _factors(turn: Transforms, kernel: Array) -> Array:
    """The kernel's numbers, (36, C, filters)."""
    flat = kernel.reshape(-1, kernel[0, 0].size)
    return (turn.kernel @ flat).reshape(NUMBERS, *kernel.shape[2:])


class _Bench:
    """Memory to work on one piece, and views of it, made once for many pieces.

    Two threads that make views for every piece wait for Python's lock half of the time.

    Attributes:
        numbers: of the pictures, (36, tiles, C).
        products: their sums over the channels, (36, tiles, filters).
        answers: (answers of a tile * tiles, filters).
        products_by_row, answers_by_row: cut into rows of tiles, (rows, 36 or
            answers of a tile, numbers in a row): matrices that BLAS need not copy.
    """

    def __init__(self, tiles: Tiles, turn: Transforms, kernel: Array, pictures: int, rows: int):
        self._turn, self._tiles, step = turn, tiles, tiles.step
        (channels, filters), dtype = kernel.shape[2:], kernel.dtype
        count, more = pictures * rows * tiles.across, SIDE - step
        high, wide = rows * step, tiles.across * step
        self._under = np.empty((pictures, high + more, wide + more, channels), dtype)
        self._under_tiles = _tiled(self._under, SIDE, step, rows, tiles.across)
        self._pixels = np.empty(self._under_tiles.shape, dtype)
        self.numbers = np.empty((NUMBERS, count, channels), dtype)
        self._pixels_by_row = _by_row(self._pixels, NUMBERS, pictures * rows)
        self._numbers_by_row = _by_row(self.numbers, NUMBERS, pictures * rows)
        self._squares = list(self._squares_of_pixels())
        self.products = np.empty((NUMBERS, count, filters), dtype)
        self._shown = np.empty((pictures, high, wide, filters), dtype)
        self._shown_tiles = _tiled(self._shown, step, step, rows, tiles.across)
        self._answers = np.empty(self._shown_tiles.shape, dtype)
        self.answers = self._answers.reshape(-1, filters)
        self.products_by_row = _by_row(self.products, NUMBERS, pictures * rows)
        self.answers_by_row = _by_row(self._answers, step**2, pictures * rows)

    def read_pixels(self, x: Array, piece: Piece) -> None:
        """Fill :attr:`numbers` from pictures."""
        copy_from(x[piece[0]], self._corner(piece), self._under)
        np.copyto(self._pixels, self._under_tiles)
        np.matmul(self._turn.pixels, self._pixels_by_row, out=self._numbers_by_row)

    def write_pixels(self, dx: Array, piece: Piece) -> None:
        """The reverse for gradients: tiles overlap, and what overlaps is added up."""
        np.matmul(self._turn.pixels.T, self._numbers_by_row, out=self._pixels_by_row)
        high, wide = self._shown.shape[1:3]
        self._under[:, high:] = 0
        self._under[:, :, wide:] = 0
        first, *others = self._squares
        np.copyto(*first)
        for into, square in others:
            into += square
        # A large picture's piece shares rows with the one above it.
        shared = SIDE - self._tiles.step if piece[1].start else 0
        copy_to(dx[piece[0]], self._corner(piece), self._under, shared)

    def read_answers(self, dy: Array, piece: Piece) -> None:
        """Fill :attr:`answers` from the gradient for what they became."""
        copy_from(dy[piece[0]], (piece[1].start * self._tiles.step, 0), self._shown)
        np.copyto(self._answers, self._shown_tiles)

    def write_answers(self, y: Array, piece: Piece) -> None:
        np.copyto(self._shown_tiles, self._answers)
        copy_to(y[piece[0]], (piece[1].start * self._tiles.step, 0), self._shown)

    def _corner(self, piece: Piece) -> tuple[int, int]:
        """Where the tiles of a piece begin in its pictures; below 0 is padding."""
        top, left = self._tiles.before
        return piece[1].start * self._tiles.step - top, -left

    def _squares_of_pixels(self) -> Any:
        """Pairs of the tiles' places in the picture and the tiles, one step at a time.

        Those of one pair do not overlap. The first covers all but the last rows and columns.
        """
        step = self._tiles.step
        for down in range(0, SIDE, step):
            for across in range(0, SIDE, step):
                square = self._pixels[down : down + step, across : across + step]
                yield self._under_tiles[down : down + step, across : across + step], square


class _Benches(local):
    """Each thread's benches, by the number of pictures and rows of a piece."""

    def __init__(self, tiles: Tiles, turn: Transforms, kernel: Array) -> None:
        self._given = tiles, turn, kernel
        self._made: dict[tuple[int, int], _Bench] = {}

    def bench(self, piece: Piece) -> _Bench:
        pictures, rows = (part.stop - part.start for part in piece)
        if (pictures, rows) not in self._made:
            self._made[pictures, rows] = _Bench(*self._given, pictures, rows)
        return self._made[pictures, rows]


def _tiled(pictures: Array, side: int, step: int, rows: int, across: int) -> Array:
    """A view as tiles of this side: (side, side, B, rows, across, C)."""
    of_picture, of_row, of_column, of_channel = pictures.strides
    return as_strided(
        pictures,
        (side, side, len(pictures), rows, across, pictures.shape[-1]),
        (of_row, of_column, of_picture, step * of_row, step * of_column, of_channel),
    )


def _by_row(numbers: Array, count: int, rows: int) -> Array:
    """A view of (count, ...) as (rows, count, numbers in a row)."""
    return numbers.reshape(count, rows, -1).swapaxes(0, 1)
