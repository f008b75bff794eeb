"""Losses and their slopes in one pass.

Each returns the sum of its terms, of single precision numbers added up in double, and writes
``share`` times the slope of each. What is small is added last, so that a sure prediction's
loss keeps its digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.curves import added_up, exponential, exponentials, largest
from engine.compiled.jit import fused, reordered

_ONE, _ZERO = np.float32(1), np.float32(0)


@fused
def sparse_crossentropy(logits: Array, labels: Array, share: Any, slopes: Array) -> float:
    """``-log softmax(logits)[label]`` for rows (N, C) and integer labels (N,)."""
    total = 0.0
    exponentials(logits, slopes)
    for i in range(len(logits)):
        row, label = slopes[i], labels[i]
        sum_of_row = added_up(row)
        if not 0 <= label < len(row):
            raise IndexError("a label is out of range")
        total += np.log(sum_of_row) + (largest(logits[i]) - logits[i, label])
        scale = share / sum_of_row
        for j in range(len(row)):
            row[j] *= scale
        row[label] -= share
    return total


@fused
def binary_crossentropy(logits: Array, y: Array, share: Any, slopes: Array) -> float:
    """``-y log p - (1 - y) log(1 - p)`` with ``p = sigmoid(logits)``, of flat arrays."""
    total = 0.0
    for i in range(len(logits)):
        x = logits[i]
        far = exponential(-abs(x))  # of the less likely one, so that nothing overflows
        total += np.log1p(far) + ((x if x > 0 else _ZERO) - y[i] * x)
        yes, no = (_ONE, far) if x >= 0 else (far, _ONE)
        slopes[i] = share * ((_ONE - y[i]) * yes - y[i] * no) / (_ONE + far)
    return total


@fused
def squared_error(y: Array, y_pred: Array, share: Any, slopes: Array) -> float:
    """``(y_pred - y) ** 2``, of flat arrays."""
    total = 0.0
    for begin in range(0, len(y), 4096):
        part = slice(begin, begin + 4096)
        total += _squares(y[part], y_pred[part], share + share, slopes[part])
    return total


@reordered
def _squares(y: Array, y_pred: Array, twice_share: Any, slopes: Array) -> Any:
    total = _ZERO
    for i in range(len(y)):
        off = y_pred[i] - y[i]
        slopes[i] = twice_share * off
        total += off * off
    return total
