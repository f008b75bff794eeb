"""Pooling of windows of 2 × 2 that lie side by side."""

from __future__ import annotations

from engine.arrays import Array
from engine.compiled.jit import exact


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
                    is_1 = first[c] == best[c]
                    is_2 = not is_1 and second[c] == best[c]
                    is_3 = not (is_1 or is_2) and third[c] == best[c]
                    is_4 = not (is_1 or is_2 or is_3) and fourth[c] == best[c]
                    d1[c] = grad[c] * (one if is_1 else zero)
                    d2[c] = grad[c] * (one if is_2 else zero)
                    d3[c] = grad[c] * (one if is_3 else zero)
                    d4[c] = grad[c] * (one if is_4 else zero)
