"""Ends of an axis that stay where they are while a curve grows a little."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np

from engine.arrays import Array


def length_range(last: float) -> tuple[float, float]:
    """From 0 to a round number at or after ``last``."""
    if last <= 1:
        return 0.0, 1.0
    step = 10 ** floor(log10(last))
    for parts in (5, 2, 1):
        end = ceil(last * parts / step) * step / parts
        if end <= last * 1.25:
            return 0.0, end
    return 0.0, last * 1.25


def value_range(lines: list[Array], log: bool = False) -> tuple[float, float]:
    """Round ends around all finite values; on a logarithmic scale, of their logarithms."""
    values = np.concatenate(lines) if lines else np.empty(0)
    if log:
        values = np.log10(values[values > 0])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    spread = high - low or abs(high) or 1.0
    step = 10 ** floor(log10(spread))
    step = step / 5 if spread / step < 2 else step / 2
    return floor(low / step - 0.05) * step, ceil(high / step + 0.05) * step


def round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below ``least``."""
    if not least > 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least)
