"""Passes over flat arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.jit import exact, reordered


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
