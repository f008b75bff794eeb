"""Passes over flat arrays, a block at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.jit import Work, exact, reordered
from engine.compiled.programs import array_of, program_at, tasks_of
from engine.compiled.tasks import ADAM, ADD, RECTIFY, SQUARE


@exact
def flat_task(
    task: Any, first: Array, second: Array, third: Array, fourth: Array, fifth: Array
) -> None:
    """Do a task for the numbers from ``left`` to ``right``.

    Args:
        first, ..., fifth: of Adam weights, gradients, mean, square and its four numbers; of a sum
            of squares the summands and the sums; of a sum both and it; of a rectifier what comes
            in and out; of its slope the gradient, what came out, and what goes back.
    """
    part = slice(task.left, task.right)
    if task.kind == ADAM:
        adam(first[part], second[part], third[part], fourth[part],
             fifth[0], fifth[1], fifth[2], fifth[3])  # fmt: skip
    elif task.kind == SQUARE:
        second[task.y] = square(first[part])
    elif task.kind == ADD:
        add(first[part], second[part], third[part])
    elif task.kind == RECTIFY:
        rectify(first[part], second[part])
    else:
        rectified_slope(first[part], second[part], third[part])


@exact
def adam(
    w: Array, g: Array, mean: Array, square: Array,
    of_mean: float, of_square: float, epsilon: float, rate: float,
) -> None:  # fmt: skip
    """A step of Adam in place; of_mean and of_square are how fast the moments move."""
    for i in range(w.size):
        grad = g[i]
        first = mean[i] + (grad - mean[i]) * of_mean
        second = square[i] + (grad * grad - square[i]) * of_square
        mean[i], square[i] = first, second
        w[i] -= first / (np.sqrt(second) + epsilon) * rate


@exact
def add(x: Array, y: Array, out: Array) -> None:
    """``x + y``."""
    for i in range(out.size):
        out[i] = x[i] + y[i]


@exact
def rectify(x: Array, out: Array) -> None:
    """``x`` where it is positive or no number, else 0."""
    zero = x.dtype.type(0)
    for i in range(out.size):
        out[i] = zero if x[i] <= zero else x[i]


@exact
def rectified_slope(dy: Array, y: Array, out: Array) -> None:
    """``dy`` where ``y`` is positive, else ``dy * 0``."""
    one, zero = dy.dtype.type(1), dy.dtype.type(0)
    for i in range(out.size):
        out[i] = dy[i] * (one if y[i] > 0 else zero)


@reordered
def square(x: Array) -> Any:
    """The sum of squares of ``x`` (N,)."""
    total = x.dtype.type(0)
    for i in range(len(x)):
        total += x[i] * x[i]
    return total


@Work
def flat_work(address: int, index: int, room: int) -> None:
    """Do one task."""
    program = program_at(address)
    task = tasks_of(program)[index]
    first, second = array_of(program, 0), array_of(program, 1)
    third, fourth = array_of(program, 2), array_of(program, 3)
    fifth = array_of(program, 4)
    flat_task(task, first, second, third, fourth, fifth)
