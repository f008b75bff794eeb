"""Where Winograd's tiles are worked on in NumPy, a few pictures at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array
from engine.layers.pieces import Piece, copy_from, copy_to
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.tiles import NUMBERS, SIDE, Tiles, Transforms


class Bench:
    """What a thread works with, in NumPy."""

    def __init__(self, tiles: Tiles, turn: Transforms, kernel: Array) -> None:
        self._given = tiles, turn, kernel
        self._rooms: dict[tuple[int, int], _Room] = {}

    def correlate(
        self, x: Array, pieces: list[Piece], factors: Array, bias: Array | None, y: Array
    ) -> None:
        """Write what a convolution gives for these pieces.

        Args:
            x: (B, H, W, C), of which the pieces are.
            factors: the kernel's numbers, (36, C, filters).
            y: (B, *places, filters).
        """
        for piece in pieces:
            room = self._room(piece)
            room.read_pixels(x, piece)
            np.matmul(room.numbers, factors, out=room.products)
            room.write_answers(y, piece, bias)

    def gradients(
        self, x: Array, dy: Array, pieces: list[Piece], turned: Array, dx: Array | None,
        total: Array, bias_sum: Array,
    ) -> None:  # fmt: skip
        """Write what the pictures get, where ``dx`` is not None, and what the kernel gets.

        Args:
            turned: the kernel's numbers, (36, filters, C).
            total: for what the kernel's numbers get from these pieces, (36, C, filters).
            bias_sum: (filters,), to which is added what the bias gets.
        """
        share, goes_on = total, False
        for piece in pieces:
            room = self._room(piece)
            room.read_answers(dy, piece, bias_sum)
            room.read_pixels(x, piece)
            np.matmul(room.numbers.swapaxes(1, 2), room.products, out=share)
            if goes_on:
                total += share
            elif len(pieces) > 1:
                share, goes_on = np.empty_like(total), True
            if dx is not None:
                np.matmul(room.products, turned, out=room.numbers)
                room.write_pixels(dx, piece)

    def _room(self, piece: Piece) -> _Room:
        pictures, rows = (part.stop - part.start for part in piece)
        if (pictures, rows) not in self._rooms:
            self._rooms[pictures, rows] = _Room(*self._given, pictures, rows)
        return self._rooms[pictures, rows]


class _Room:
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
