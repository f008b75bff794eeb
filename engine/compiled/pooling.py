"""Pooling of windows of 2 × 2 that lie side by side."""

from __future__ import annotations

from typing import Any

from numba import carray

from engine.arrays import Array
from engine.compiled.atomics import integers_at
from engine.compiled.jit import Work, exact
from engine.compiled.programs import array_of, program_at, tasks_of
from engine.compiled.tasks import POOL_PAIRS, SIZES


@exact
def pool_task(
    task: Any, sizes: Array, first: Array, second: Array, third: Array, fourth: Array
) -> None:
    """Do a task for the pictures from ``top`` to ``bottom``.

    Args:
        sizes: height, width and channels of a picture.
        first, ..., fourth: as the functions below take them, but flat.
    """
    high, wide, depth = sizes[0], sizes[1], sizes[2]
    large, small = (high, wide, depth), (high // 2, wide // 2, depth)
    if task.kind == POOL_PAIRS:
        pool_pairs(_pictures(first, task, large), _pictures(second, task, small))
    else:
        spread_pairs(_pictures(first, task, large), _pictures(second, task, small),
                     _pictures(third, task, small), _pictures(fourth, task, large))  # fmt: skip


@exact
def _pictures(flat: Array, task: Any, shape: tuple[int, int, int]) -> Array:
    size, count = shape[0] * shape[1] * shape[2], task.bottom - task.top
    part = flat[task.top * size : task.bottom * size]
    return part.reshape(count, shape[0], shape[1], shape[2])


@exact
def _larger(a: float, b: float) -> float:
    """As ``np.maximum``: what is no number wins."""
    return a if a >= b or a != a else b


@exact
def pool_pairs(x: Array, y: Array) -> None:
    """The largest of each window: ``x`` (B, H, W, C) to ``y`` (B, H // 2, W // 2, C)."""
    depth = x.shape[3]
    for b in range(y.shape[0]):
        for row in range(y.shape[1]):
            for column in range(y.shape[2]):
                above, below = x[b, 2 * row, 2 * column :], x[b, 2 * row + 1, 2 * column :]
                first, second, third, fourth = above[0], above[1], below[0], below[1]
                best = y[b, row, column]
                for c in range(depth):
                    upper = _larger(first[c], second[c])
                    best[c] = _larger(upper, _larger(third[c], fourth[c]))


@exact
def spread_pairs(x: Array, y: Array, dy: Array, dx: Array) -> None:
    """The gradient to the first place that holds its window's largest; zeros elsewhere.

    A row or column that no window covers is left as it is.
    """
    depth, one, zero = x.shape[3], dy.dtype.type(1), dy.dtype.type(0)
    for b in range(y.shape[0]):
        for row in range(y.shape[1]):
            for column in range(y.shape[2]):
                above, below = x[b, 2 * row, 2 * column :], x[b, 2 * row + 1, 2 * column :]
                first, second, third, fourth = above[0], above[1], below[0], below[1]
                above, below = dx[b, 2 * row, 2 * column :], dx[b, 2 * row + 1, 2 * column :]
                d1, d2, d3, d4 = above[0], above[1], below[0], below[1]
                best, grad = y[b, row, column], dy[b, row, column]
                for c in range(depth):
                    largest, slope = best[c], grad[c]
                    hit_1 = one if first[c] == largest else zero
                    left = one - hit_1
                    hit_2 = left if second[c] == largest else zero
                    left -= hit_2
                    hit_3 = left if third[c] == largest else zero
                    left -= hit_3
                    hit_4 = left if fourth[c] == largest else zero
                    d1[c], d2[c] = slope * hit_1, slope * hit_2
                    d3[c], d4[c] = slope * hit_3, slope * hit_4


@Work
def pool_work(address: int, index: int, room: int) -> None:
    """Do one task."""
    program = program_at(address)
    task = tasks_of(program)[index]
    sizes = carray(integers_at(program[SIZES]), (3,))
    first, second = array_of(program, 0), array_of(program, 1)
    third, fourth = array_of(program, 2), array_of(program, 3)
    pool_task(task, sizes, first, second, third, fourth)
