"""Convolution by Winograd's tiles, a run of pieces at a time, without Python in between.

The products are BLAS': 36 small ones for each piece, which would cost more in Python's calls
than in numbers.
"""

from __future__ import annotations

from engine.arrays import Array
from engine.compiled.atomics import unowned
from engine.compiled.blas import address, multiply
from engine.compiled.jit import fused
from engine.compiled.tiles import (
    Factors,
    Layout,
    read_answers,
    read_pixels,
    write_answers,
    write_pixels,
)

Rooms = tuple[Array, Array]
"""Rooms for one row of tiles: before and after the first of the two transforms."""


@fused
def correlate_tiles(
    sgemm: int, x: Array, pieces: Array, layout: Layout, k: Factors, points: tuple[float, float],
    factors: Array, bias: Array, numbers: Array, products: Array, pixels: Rooms, answers: Rooms,
    y: Array,
) -> None:  # fmt: skip
    """What a convolution gives.

    Args:
        sgemm: its address.
        x: (B, H, W * C).
        pieces: (N, 4) the first picture, the one after the last, and so for rows of tiles.
        factors: the kernel's numbers, (36, C, F).
        bias: (F,).
        numbers, products: room for a piece, (36, tiles * C and more), (36, tiles * F and more).
        y: (B, places down, places across * F).
    """
    x, numbers, products, y = unowned(x), unowned(numbers), unowned(products), unowned(y)
    pixels, answers = _unowned(pixels), _unowned(answers)
    for i in range(len(pieces)):
        first, end, top, bottom = pieces[i, 0], pieces[i, 1], pieces[i, 2], pieces[i, 3]
        tiles = (end - first) * (bottom - top) * layout[4]
        here = (layout[0], layout[1], layout[2], bottom - top, layout[4], layout[5])
        read_pixels(x[first:end], top, here, k, *pixels, numbers)
        for n in range(len(factors)):
            _multiply(sgemm, numbers, n, factors, products, tiles)
        write_answers(products, top, bottom - top, bias, *points, *answers, y[first:end])


@fused
def tile_gradients(
    sgemm: int, x: Array, dy: Array, pieces: Array, layout: Layout, k: Factors,
    points: tuple[float, float], turned: Array, numbers: Array, products: Array,
    pixels: Rooms, answers: Rooms, spare: Rooms, total: Array, bias_sum: Array,
    passes_back: bool, dx: Array,
) -> None:  # fmt: skip
    """The gradients of :func:`correlate_tiles`.

    Args:
        dy: (B, places down, places across * F).
        turned: the kernel's numbers, (36, F, C).
        spare: room for one row of tiles, (6, across * C), and zeros (C,).
        total: the gradients of the kernel's numbers, (36, C, F).
        bias_sum: (F,), to which is added what the bias gets.
        passes_back: whether ``dx``, as ``x``, is wanted.
    """
    count, filters, channels = turned.shape
    x, dy, dx, numbers, products = (
        unowned(x), unowned(dy), unowned(dx), unowned(numbers), unowned(products)
    )  # fmt: skip
    pixels, answers, bias_sum = _unowned(pixels), _unowned(answers), unowned(bias_sum)
    line, nothing = unowned(spare[0]), unowned(spare[1])
    for i in range(len(pieces)):
        first, end, top, bottom = pieces[i, 0], pieces[i, 1], pieces[i, 2], pieces[i, 3]
        tiles = (end - first) * (bottom - top) * layout[4]
        here = (layout[0], layout[1], layout[2], bottom - top, layout[4], layout[5])
        read_answers(dy[first:end], top, bottom - top, *points, *answers, products, bias_sum)
        read_pixels(x[first:end], top, here, k, *pixels, numbers)
        for n in range(count):
            multiply(sgemm, address(numbers, n * numbers.shape[1]), channels, 1,
                     address(products, n * products.shape[1]), filters, 0,
                     int(i > 0), address(total, n * channels * filters), filters,
                     channels, filters, tiles)  # fmt: skip
            if passes_back:
                _multiply(sgemm, products, n, turned, numbers, tiles)
        if passes_back:
            write_pixels(numbers, top, here, k, *pixels, line, nothing, dx[first:end])


@fused
def _unowned(rooms: Rooms) -> Rooms:
    return unowned(rooms[0]), unowned(rooms[1])


@fused
def _multiply(
    sgemm: int, from_each: Array, n: int, factors: Array, to_each: Array, tiles: int
) -> None:
    """The product for one of a tile's numbers."""
    inner, columns = factors.shape[1:]
    multiply(sgemm, address(from_each, n * from_each.shape[1]), inner, 0,
             address(factors, n * inner * columns), columns, 0,
             0, address(to_each, n * to_each.shape[1]), columns, tiles, columns, inner)  # fmt: skip
