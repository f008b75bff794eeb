"""Batch normalization's passes over rows of features."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.compiled.jit import exact, fused


@fused
def moments(rows: Array, center: Array) -> tuple[Array, Array]:
    """The sums over rows (N, F) of ``rows - center``, (F,), and of its square."""
    sums, squares = np.zeros(rows.shape[1], rows.dtype), np.zeros(rows.shape[1], rows.dtype)
    for i in range(rows.shape[0]):
        row = rows[i]
        for j in range(row.size):
            far = row[j] - center[j]
            sums[j] += far
            squares[j] += far * far
    return sums, squares


@fused
def both_sums(rows: Array, grad: Array, center: Array) -> tuple[Array, Array]:
    """The sums over rows (N, F) of ``grad``, (F,), and of ``(rows - center) * grad``."""
    sums, along = np.zeros(rows.shape[1], rows.dtype), np.zeros(rows.shape[1], rows.dtype)
    for i in range(rows.shape[0]):
        row, slope = rows[i], grad[i]
        for j in range(row.size):
            sums[j] += slope[j]
            along[j] += (row[j] - center[j]) * slope[j]
    return sums, along


@exact
def scaled(rows: Array, center: Array, factor: Array, shift: Array, out: Array) -> None:
    """``(rows - center) * factor + shift``."""
    for i in range(rows.shape[0]):
        row, into = rows[i], out[i]
        for j in range(row.size):
            into[j] = (row[j] - center[j]) * factor[j] + shift[j]


@exact
def pulled(
    rows: Array, grad: Array, center: Array, slope: Array, shift: Array, factor: Array, out: Array
) -> None:
    """``((rows - center) * slope + shift + grad) * factor``."""
    for i in range(rows.shape[0]):
        row, by, into = rows[i], grad[i], out[i]
        for j in range(row.size):
            into[j] = ((row[j] - center[j]) * slope[j] + shift[j] + by[j]) * factor[j]
