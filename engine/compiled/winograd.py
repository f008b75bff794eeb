"""Convolution by Winograd's tiles, a few pictures at a time, without Python in between.

The products are BLAS': 36 small ones for each piece, which would cost more in Python's calls
than in numbers.
"""

from __future__ import annotations

from typing import Any

from numba import carray

from engine.arrays import Array
from engine.compiled.atomics import geometry_at, integers_at
from engine.compiled.blas import address, multiply
from engine.compiled.jit import Work, fused
from engine.compiled.programs import ENDLESS, array_of, program_at, tasks_of
from engine.compiled.register_tiles import multiply_tiles, suits
from engine.compiled.rooms import NUMBERS, lines, parts_of
from engine.compiled.tasks import (
    CORRELATE,
    GEOMETRY,
    KERNEL_GRADIENT,
    KERNEL_NUMBERS,
    SGEMM,
    SIZES,
    TURNED_KERNEL_NUMBERS,
)
from engine.compiled.tiles import (
    Factors,
    Layout,
    read_answers,
    read_pixels,
    write_answers,
    write_pixels,
)

POINTS, MATRIX = 14, 16
"""Where the numbers begin that the transform of answers multiplies by, after those of pixels,
and the matrix that turns a kernel."""

AFTER_GEOMETRY = GEOMETRY.itemsize


@Work
def tiles_work(program_address: int, index: int, room: int) -> None:
    """Do one task."""
    program = program_at(program_address)
    task = tasks_of(program)[index]
    g = carray(geometry_at(program[SIZES]), (1,))[0]
    pieces = carray(integers_at(program[SIZES] + AFTER_GEOMETRY), (ENDLESS, 4))
    first, second = array_of(program, 0), array_of(program, 1)
    third, fourth = array_of(program, 2), array_of(program, 3)
    fifth, sixth = array_of(program, 4), array_of(program, 5)
    seventh, eighth = array_of(program, 6), array_of(program, 7)
    tiles_task(task, program[SGEMM], g, pieces, room,
               first, second, third, fourth, fifth, sixth, seventh, eighth)  # fmt: skip


@fused
def tiles_task(
    task: Any, sgemm: int, g: Any, pieces: Array, room: int, rooms: Array, turn: Array, x: Array,
    kernel: Array, fifth: Array, sixth: Array, seventh: Array, eighth: Array,
) -> None:  # fmt: skip
    """Do a task.

    Args:
        g: of :data:`engine.compiled.tasks.GEOMETRY`.
        pieces: (N, 4) the first picture, the one after the last, and so for rows of tiles.
        room: which room is this thread's.
        rooms: of :mod:`engine.compiled.rooms`.
        turn: what the transforms multiply by.
        x: (B * H * W * C,).
        kernel: (side * side * C * F,).
        fifth, ..., eighth: bias and answers; or gradients of the answers, what bias and kernel get
            from each part (the bias first), what the pictures get, and what the kernel gets.
    """
    if task.kind == KERNEL_NUMBERS:
        _kernel_numbers(task, sgemm, g, rooms, turn, kernel)
    elif task.kind == TURNED_KERNEL_NUMBERS:
        _turned_kernel_numbers(task, sgemm, g, rooms, turn, kernel)
    elif task.kind == CORRELATE:
        _correlate(task, sgemm, g, pieces, room, rooms, turn,
                   _pixels(g, x), fifth, _answers(g, sixth))  # fmt: skip
    elif task.kind == KERNEL_GRADIENT:
        _kernel_gradient(task, sgemm, g, turn, sixth, eighth)
    else:
        _gradients(task, sgemm, g, pieces, room, rooms, turn,
                   _pixels(g, x), _answers(g, fifth), sixth, seventh)  # fmt: skip


@fused
def _pixels(g: Any, flat: Array) -> Array:
    """Pictures, with a row's pixels and their channels in one axis."""
    width = g.wide * g.channels
    return flat[: g.batch * g.high * width].reshape(g.batch, g.high, width)


@fused
def _answers(g: Any, flat: Array) -> Array:
    width = g.over * g.filters
    return flat[: g.batch * g.down * width].reshape(g.batch, g.down, width)


@fused
def _kernel_numbers(
    task: Any, sgemm: int, g: Any, rooms: Array, turn: Array, kernel: Array
) -> None:
    """The numbers of a kernel's columns from ``left`` to ``right``, into (36, C, F)."""
    cells, width = g.side * g.side, g.channels * g.filters
    multiply(sgemm, address(turn, MATRIX), cells, 0, address(kernel, task.left), width, 0,
             0, address(rooms, task.left), width,
             NUMBERS, task.right - task.left, cells)  # fmt: skip


@fused
def _turned_kernel_numbers(
    task: Any, sgemm: int, g: Any, rooms: Array, turn: Array, kernel: Array
) -> None:
    """The numbers of a kernel's filters from ``left`` to ``right``, into (36, F, C).

    In one piece: BLAS takes twice as long with small matrices that are transposed.
    """
    cells, channels, filters = g.side * g.side, g.channels, g.filters
    width = channels * filters
    turned = lines(NUMBERS * width)
    for cell in range(cells):
        for f in range(task.left, task.right):
            into = rooms[turned + cell * width + f * channels :]
            for c in range(channels):
                into[c] = kernel[cell * width + c * filters + f]
    left = task.left * channels
    multiply(sgemm, address(turn, MATRIX), cells, 0, address(rooms, turned + left), width, 0,
             0, address(rooms, left), width,
             NUMBERS, task.right * channels - left, cells)  # fmt: skip


@fused
def _correlate(
    task: Any, sgemm: int, g: Any, pieces: Array, room: int, rooms: Array, turn: Array,
    x: Array, bias: Array, y: Array,
) -> None:  # fmt: skip
    """What a convolution gives for the pieces from ``top`` to ``bottom``."""
    numbers, products, under, half, _, under_answers, half_answers = parts_of(g, rooms, room)
    k, plus = _terms(turn), bias[: g.filters]
    for i in range(task.top, task.bottom):
        first, end, top, rows = _piece(pieces, i)
        tiles = (end - first) * rows * g.across
        read_pixels(x[first:end], top, _layout(g, rows), k, under, half, numbers)
        for n in range(NUMBERS):
            _multiply(sgemm, numbers, n, rooms, g.channels, g.filters, products, tiles)
        write_answers(products, top, rows, plus, turn[POINTS], turn[POINTS + 1],
                      under_answers, half_answers, y[first:end])  # fmt: skip


@fused
def _gradients(
    task: Any, sgemm: int, g: Any, pieces: Array, room: int, rooms: Array, turn: Array,
    x: Array, dy: Array, totals: Array, dxs: Array,
) -> None:  # fmt: skip
    """What pictures, kernel and bias get from the pieces from ``top`` to ``bottom``."""
    numbers, products, under, half, shares, under_answers, half_answers = parts_of(g, rooms, room)
    k, channels, filters, passes_back = _terms(turn), g.channels, g.filters, task.dx >= 0
    dx = _pixels(g, dxs) if passes_back else x
    bias_sum = totals[task.dy : task.dy + filters]
    bias_sum[:] = 0
    for i in range(task.top, task.bottom):
        first, end, top, rows = _piece(pieces, i)
        tiles, layout = (end - first) * rows * g.across, _layout(g, rows)
        read_answers(dy[first:end], top, rows, turn[POINTS], turn[POINTS + 1],
                     under_answers, half_answers, products, bias_sum)  # fmt: skip
        read_pixels(x[first:end], top, layout, k, under, half, numbers)
        for n in range(NUMBERS):
            multiply(sgemm, address(numbers, n * numbers.shape[1]), channels, 1,
                     address(products, n * products.shape[1]), filters, 0,
                     int(i > task.top), address(totals, task.y + n * channels * filters), filters,
                     channels, filters, tiles)  # fmt: skip
            if passes_back:
                _multiply(sgemm, products, n, rooms, filters, channels, numbers, tiles)
        if passes_back:
            write_pixels(numbers, top, layout, k, under, half, shares, dx[first:end])


@fused
def _kernel_gradient(
    task: Any, sgemm: int, g: Any, turn: Array, totals: Array, grad: Array
) -> None:
    """What the kernel's columns from ``left`` to ``right`` get from all parts together."""
    cells, width, left = g.side * g.side, g.channels * g.filters, task.left
    begin, columns = g.parts * g.filters, task.right - left
    for n in range(NUMBERS):
        total = totals[begin + n * width + left : begin + n * width + task.right]
        for part in range(1, g.parts):
            place = begin + (part * NUMBERS + n) * width
            share = totals[place + left : place + task.right]
            for i in range(columns):
                total[i] += share[i]
    multiply(sgemm, address(turn, MATRIX), cells, 1, address(totals, begin + left), width, 0,
             0, address(grad, left), width, cells, columns, NUMBERS)  # fmt: skip


@fused
def _multiply(
    sgemm: int, each: Array, n: int, factors: Array, inner: int, columns: int, into: Array,
    tiles: int,
) -> None:  # fmt: skip
    """The product for one of a tile's numbers, with the kernel's numbers."""
    left, right = address(each, n * each.shape[1]), address(factors, n * inner * columns)
    product = address(into, n * into.shape[1])
    if suits(columns, columns, tiles):
        multiply_tiles(left, inner, 1, right, columns, product, columns, tiles, columns, inner)
    else:
        multiply(sgemm, left, inner, 0, right, columns, 0, 0, product, columns,
                 tiles, columns, inner)  # fmt: skip


@fused
def _piece(pieces: Array, i: int) -> tuple[int, int, int, int]:
    """A piece's first picture, the one after its last, its first row of tiles, and how many."""
    return pieces[i, 0], pieces[i, 1], pieces[i, 2], pieces[i, 3] - pieces[i, 2]


@fused
def _layout(g: Any, rows: int) -> Layout:
    return g.step, g.top, g.left, rows, g.across, g.channels


@fused
def _terms(k: Array) -> Factors:
    return (
        k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13]
    )  # fmt: skip
