"""Where Winograd's tiles are worked on, a few pictures at a time: in NumPy, or compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array
from engine.layers.pieces import Piece, copy_from, copy_to
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.tiles import NUMBERS, POINTS, SIDE, Tiles, Transforms

# So many numbers more per plane: planes a power of two apart would share the same few
# places in the cache.
APART = 16

# Where the numbers that are not 0 stand in the transform of pixels along one side; those
# for a point and for its negative differ in signs alone.
TERMS = [0, 0, 0, 1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5], [0, 2, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 3, 5]


class Bench:
    """Memory to work on one piece, and views of it, made once for many pieces.

    Two threads that make views for every piece wait for Python's lock half of the time.
    Each transform is one matrix product, cut into rows of tiles: matrices that BLAS need
    not copy.

    Attributes:
        numbers: of the pictures, (36, tiles, C).
        products: their sums over the channels, (36, tiles, filters).
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
        self._answers_flat = self._answers.reshape(-1, filters)
        self._products_by_row = _by_row(self.products, NUMBERS, pictures * rows)
        self._answers_by_row = _by_row(self._answers, step**2, pictures * rows)

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

    def read_answers(self, dy: Array, piece: Piece, bias_sum: Array) -> None:
        """Fill :attr:`products` from the gradient for what they became; add what the bias gets."""
        copy_from(dy[piece[0]], (piece[1].start * self._tiles.step, 0), self._shown)
        np.copyto(self._answers, self._shown_tiles)
        bias_sum += column_sums(self._answers_flat)
        np.matmul(self._turn.answers.T, self._answers_by_row, out=self._products_by_row)

    def write_answers(self, y: Array, piece: Piece, bias: Array | None) -> None:
        """Write what :attr:`products` become."""
        np.matmul(self._turn.answers, self._products_by_row, out=self._answers_by_row)
        if bias is not None:
            add_to_rows(self._answers_flat, bias)
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


class CompiledBench:
    """The same with compiled loops, which need no pictures cut into tiles in between."""

    def __init__(
        self, tiles: Tiles, turn: Transforms, kernel: Array, pictures: int, rows: int, loops: Any
    ):
        (channels, filters), step = kernel.shape[2:], tiles.step
        more, across = (SIDE - 1) // step, tiles.across
        count, dtype = pictures * rows * across, kernel.dtype
        self._loops, self._step, self._rows = loops, step, rows
        self._layout = step, *tiles.before, rows, across, channels
        self._factors = tuple(turn.pixels_by_side[TERMS])
        self._points = tuple(np.asarray(POINTS[1::2], dtype))
        self._numbers = np.empty((NUMBERS, count * channels + APART), dtype)
        self._products = np.empty((NUMBERS, count * filters + APART), dtype)
        self.numbers = self._numbers[:, :-APART].reshape(NUMBERS, count, channels)
        self.products = self._products[:, :-APART].reshape(NUMBERS, count, filters)
        wide = (across + more) * channels
        self._pixels = np.empty((SIDE, step, wide), dtype), np.empty((SIDE, step, wide), dtype)
        self._spare = np.empty((SIDE, across * channels), dtype), np.zeros(channels, dtype)
        wide = across * filters
        self._answers = np.empty((step, step, wide), dtype), np.empty((SIDE, step, wide), dtype)
        self._no_bias = np.zeros(filters, dtype)

    def read_pixels(self, x: Array, piece: Piece) -> None:
        self._loops.read_pixels(
            _as_rows(x, piece), piece[1].start, self._layout, self._factors,
            *self._pixels, self._numbers,
        )  # fmt: skip

    def write_pixels(self, dx: Array, piece: Piece) -> None:
        self._loops.write_pixels(
            self._numbers, piece[1].start, self._layout, self._factors,
            *self._pixels, *self._spare, _as_rows(dx, piece),
        )  # fmt: skip

    def read_answers(self, dy: Array, piece: Piece, bias_sum: Array) -> None:
        self._loops.read_answers(
            _as_rows(dy, piece), piece[1].start, self._rows, *self._points,
            *self._answers, self._products, bias_sum,
        )  # fmt: skip

    def write_answers(self, y: Array, piece: Piece, bias: Array | None) -> None:
        self._loops.write_answers(
            self._products, piece[1].start, self._rows,
            self._no_bias if bias is None else bias, *self._points,
            *self._answers, _as_rows(y, piece),
        )  # fmt: skip


def _as_rows(pictures: Array, piece: Piece) -> Array:
    """A piece's pictures, with a row's pixels and their channels in one axis."""
    part = pictures[piece[0]]
    return part.reshape(*part.shape[:2], -1)


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
