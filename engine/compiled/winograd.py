"""Convolution by Winograd's tiles, a few pictures at a time, without Python in between.

The products are BLAS': 36 small ones for each piece, which would cost more in Python's calls
than in numbers.
"""

from __future__ import annotations

from typing import Any

from engine.arrays import Array
from engine.compiled.atomics import count
from engine.compiled.blas import address, multiply
from engine.compiled.crew import array_of, claim, finish, program_at, sizes_of, tasks_of
from engine.compiled.jit import Work, fused
from engine.compiled.tasks import CORRELATE, ROOMS, SGEMM
from engine.compiled.tiles import (
    Factors,
    Layout,
    read_answers,
    read_pixels,
    write_answers,
    write_pixels,
)

SIDE, NUMBERS = 6, 36
"""A tile's side, and how many numbers it has."""

LINE = 16
"""How many numbers a line of the cache holds. Rooms begin with one: vectors would straddle two
else. And so many numbers lie between planes: those a power of two apart would share the same
few places in the cache."""

GEOMETRY = 12
"""How many sizes come before the pieces."""


@fused
def tiles_task(
    task: Any, sgemm: int, sizes: Array, room: int, first: Array, second: Array, third: Array,
    fourth: Array, fifth: Array, sixth: Array, seventh: Array, eighth: Array,
) -> None:  # fmt: skip
    """Do a task for the pieces from ``top`` to ``bottom``.

    Args:
        sizes: how far tiles step, padding at the top and left, tiles across, channels, filters,
            the pictures' number, height and width, rows and columns of answers, the most rows of
            tiles of a piece; then each piece's first picture, the one after the last, and so for
            rows of tiles.
        room: which room is this thread's.
        first, ..., eighth: the rooms, the transforms' factors, and what :func:`_correlate` or
            :func:`_gradients` take, flat.
    """
    channels, filters, batch = sizes[4], sizes[5], sizes[6]
    size = room_size(sizes)
    rooms = first[room * size : (room + 1) * size]
    x = third[: batch * sizes[7] * sizes[8] * channels]
    x = x.reshape(batch, sizes[7], sizes[8] * channels)
    if task.kind == CORRELATE:
        y = sixth[: batch * sizes[9] * sizes[10] * filters]
        _correlate(task, sgemm, sizes, rooms, second, x,
                   fourth[: NUMBERS * channels * filters].reshape(NUMBERS, channels, filters),
                   fifth[:filters], y.reshape(batch, sizes[9], sizes[10] * filters))  # fmt: skip
    else:
        dy = fourth[: batch * sizes[9] * sizes[10] * filters]
        total = seventh[task.y : task.y + NUMBERS * channels * filters]
        passes_back = task.dx >= 0
        dx = eighth[: x.size if passes_back else 0].reshape(
            batch if passes_back else 0, sizes[7], sizes[8] * channels
        )
        _gradients(task, sgemm, sizes, rooms, second, x,
                   dy.reshape(batch, sizes[9], sizes[10] * filters),
                   fifth[: NUMBERS * filters * channels].reshape(NUMBERS, filters, channels),
                   total, sixth[task.dy : task.dy + filters], passes_back, dx)  # fmt: skip


@fused
def _correlate(
    task: Any, sgemm: int, sizes: Array, room: Array, turn: Array, x: Array, factors: Array,
    bias: Array, y: Array,
) -> None:  # fmt: skip
    """What a convolution gives.

    Args:
        turn: the 14 numbers of the pixels' transform, and the two of the answers'.
        x: (B, H, W * C).
        factors: the kernel's numbers, (36, C, F).
        bias: (F,).
        y: (B, places down, places across * F).
    """
    numbers, products, under, half, _, under_answers, half_answers = _parts(sizes, room)
    k = _factors(turn)
    for i in range(task.top, task.bottom):
        first, end, top, rows = _piece(sizes, i)
        tiles = (end - first) * rows * sizes[3]
        read_pixels(x[first:end], top, _layout(sizes, rows), k, under, half, numbers)
        for n in range(NUMBERS):
            _multiply(sgemm, numbers, n, factors, products, tiles)
        write_answers(products, top, rows, bias, turn[14], turn[15],
                      under_answers, half_answers, y[first:end])  # fmt: skip


@fused
def _gradients(
    task: Any, sgemm: int, sizes: Array, room: Array, turn: Array, x: Array, dy: Array,
    turned: Array, total: Array, bias_sum: Array, passes_back: bool, dx: Array,
) -> None:  # fmt: skip
    """The gradients of :func:`_correlate`.

    Args:
        dy: (B, places down, places across * F).
        turned: the kernel's numbers, (36, F, C).
        total: for the gradients of the kernel's numbers, (36 * C * F,).
        bias_sum: (F,) for what the bias gets.
        passes_back: whether ``dx``, as ``x``, is wanted.
    """
    numbers, products, under, half, line, under_answers, half_answers = _parts(sizes, room)
    k, filters, channels = _factors(turn), turned.shape[1], turned.shape[2]
    bias_sum[:] = 0
    for i in range(task.top, task.bottom):
        first, end, top, rows = _piece(sizes, i)
        tiles, layout = (end - first) * rows * sizes[3], _layout(sizes, rows)
        read_answers(dy[first:end], top, rows, turn[14], turn[15],
                     under_answers, half_answers, products, bias_sum)  # fmt: skip
        read_pixels(x[first:end], top, layout, k, under, half, numbers)
        for n in range(NUMBERS):
            multiply(sgemm, address(numbers, n * numbers.shape[1]), channels, 1,
                     address(products, n * products.shape[1]), filters, 0,
                     int(i > task.top), address(total, n * channels * filters), filters,
                     channels, filters, tiles)  # fmt: skip
            if passes_back:
                _multiply(sgemm, products, n, turned, numbers, tiles)
        if passes_back:
            write_pixels(numbers, top, layout, k, under, half, line, dx[first:end])


@fused
def _piece(sizes: Array, i: int) -> tuple[int, int, int, int]:
    """A piece's first picture, the one after its last, its first row of tiles, and how many."""
    at = GEOMETRY + 4 * i
    return sizes[at], sizes[at + 1], sizes[at + 2], sizes[at + 3] - sizes[at + 2]


@fused
def _layout(sizes: Array, rows: int) -> Layout:
    return sizes[0], sizes[1], sizes[2], rows, sizes[3], sizes[4]


@fused
def _factors(k: Array) -> Factors:
    return (
        k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13]
    )  # fmt: skip


@fused
def _multiply(
    sgemm: int, from_each: Array, n: int, factors: Array, to_each: Array, tiles: int
) -> None:
    """The product for one of a tile's numbers."""
    inner, columns = factors.shape[1:]
    multiply(sgemm, address(from_each, n * from_each.shape[1]), inner, 0,
             address(factors, n * inner * columns), columns, 0,
             0, address(to_each, n * to_each.shape[1]), columns, tiles, columns, inner)  # fmt: skip


# A thread's room


@fused
def room_size(sizes: Array) -> int:
    """How many numbers a thread's room holds."""
    end: int = _places(sizes)[7]
    return end


@fused
def _parts(sizes: Array, room: Array) -> tuple[Array, ...]:
    """What a thread works with: the tiles' numbers and products, and rooms for one row of tiles,
    before and after the first of the transforms, of pixels, their shares, and answers."""
    step, across, channels, filters = sizes[0], sizes[3], sizes[4], sizes[5]
    places, over = _places(sizes), across + (SIDE - 1) // step
    return (
        room[places[0] : places[1]].reshape(NUMBERS, -1),
        room[places[1] : places[2]].reshape(NUMBERS, -1),
        room[places[2] : places[2] + SIDE * step * over * channels].reshape(SIDE, step, -1),
        room[places[3] : places[3] + SIDE * step * over * channels].reshape(SIDE, step, -1),
        room[places[4] : places[4] + SIDE * across * channels].reshape(SIDE, -1),
        room[places[5] : places[5] + step * step * across * filters].reshape(step, step, -1),
        room[places[6] : places[6] + SIDE * step * across * filters].reshape(SIDE, step, -1),
    )


@fused
def _places(sizes: Array) -> tuple[int, int, int, int, int, int, int, int]:
    """Where each of these begins, and where the last one ends."""
    step, across, channels, filters, most = sizes[0], sizes[3], sizes[4], sizes[5], sizes[11]
    pixels = _lines(SIDE * step * (across + (SIDE - 1) // step) * channels)
    products = NUMBERS * (_lines(most * across * channels) + LINE)
    under_pixels = products + NUMBERS * (_lines(most * across * filters) + LINE)
    line = under_pixels + 2 * pixels
    under_answers = line + _lines(SIDE * across * channels)
    half_answers = under_answers + _lines(step * step * across * filters)
    end = half_answers + _lines(SIDE * step * across * filters)
    return (
        0, products, under_pixels, under_pixels + pixels, line, under_answers, half_answers, end
    )  # fmt: skip


@fused
def _lines(size: int) -> int:
    """So many numbers, rounded up to whole lines of the cache."""
    return -(-size // LINE) * LINE


@Work
def tiles_work(address: int) -> int:
    """Take tasks until there are none."""
    program, waited = program_at(address), 0
    tasks, sizes, room = tasks_of(program), sizes_of(program), -1
    first, second = array_of(program, 0), array_of(program, 1)
    third, fourth = array_of(program, 2), array_of(program, 3)
    fifth, sixth = array_of(program, 4), array_of(program, 5)
    seventh, eighth = array_of(program, 6), array_of(program, 7)
    while True:
        index, ns = claim(program, tasks)
        if index < 0:
            return waited
        waited += ns
        task = tasks[index]
        if room < 0:  # those that come too late for a task need none
            room = count(program, ROOMS, 1)
        tiles_task(task, program[SGEMM], sizes, room,
                   first, second, third, fourth, fifth, sixth, seventh, eighth)  # fmt: skip
        finish(program, task)
