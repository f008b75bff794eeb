"""Arithmetic on matrices of many short rows, done on fewer long ones.

NumPy works along the last axis and pays for every row anew. Where rows are the
pixels of pictures with a few channels, several rows side by side make one.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Array

# How many numbers make a row long enough.
LONG_ROW = 2048


def widening(count: int, width: int) -> int:
    """How many of ``count`` rows are laid side by side: a power of two that divides it."""
    times = 1
    while count and count % (2 * times) == 0 and 2 * times * width <= LONG_ROW:
        times *= 2
    return times


def column_sums(rows: Array) -> Array:
    """The sum of each column, (F,), of rows (N, F) that lie in one piece of memory."""
    count, width = rows.shape
    times = widening(count, width)
    wide = rows.reshape(count // times, times * width)
    sums: Array = wide.sum(axis=0).reshape(times, width).sum(axis=0)
    return sums


def add_to_rows(rows: Array, vector: Array) -> None:
    """Add ``vector`` (F,) to each of the rows (N, F), in place; they lie in one piece."""
    count, width = rows.shape
    times = widening(count, width)
    wide = rows.reshape(count // times, times * width)
    wide += np.tile(vector, times)
