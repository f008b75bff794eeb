"""The running mean that makes a noisy loss readable."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array

BLOCK = 64


def smoothed(values: Array, amount: float) -> Array:
    """An exponential running mean without the bias toward its beginning.

    ``s = amount * s + (1 - amount) * value``, divided by ``1 - amount^count``
    as Adam does (Kingma & Ba 2015). Values that are not finite are passed over.

    Args:
        values: (N,).
        amount: 0 leaves them as they are; near 1 is smoother.
    """
    finite = np.isfinite(values)
    count = int(finite.sum())
    if not amount or not count:
        return values
    # Block by block: inside one a product with a triangle of powers, between
    # blocks only their last sum is carried. A plain loop costs fifty times more.
    blocks = -(-count // BLOCK)
    rows = np.zeros(blocks * BLOCK)
    rows[:count] = values[finite]
    lags = np.arange(BLOCK)[:, None] - np.arange(BLOCK)
    weights = np.where(lags >= 0, (1 - amount) * amount ** np.abs(lags), 0.0)
    inside = rows.reshape(blocks, BLOCK) @ weights.T
    carry, carried = 0.0, np.zeros(blocks)
    for i, last in enumerate(inside[:-1, -1].tolist()):
        carry = last + carry * amount**BLOCK
        carried[i + 1] = carry
    inside += carried[:, None] * amount ** np.arange(1, BLOCK + 1)
    means = inside.reshape(-1)[:count] / (1 - amount ** np.arange(1, count + 1))
    result = np.full(len(values), np.nan)
    result[finite] = means
    return result
