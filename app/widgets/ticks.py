"""Where numbers stand along an axis."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most``; steps are 1, 2 or 5 × 10ⁿ."""
    if not (isfinite(low) and isfinite(high)) or high <= low or most < 1:
        return []
    power = 10.0 ** floor(log10((high - low) / most))
    step = next(
        (times * power for times in (1, 2, 5, 10) if (high - low) / (times * power) <= most),
        10 * power,
    )
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def powers(low: float, high: float, most: int) -> list[float]:
    """Powers of ten from ``low`` to ``high``, ``most`` of them at most."""
    if not 0 < low < high or not isfinite(high) or most < 1:
        return []
    first, last = ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9)
    every = max(1, ceil((last - first + 1) / most))
    return [10.0**power for power in range(first, last + 1, every)]


def tick_text(value: float) -> str:
    """A tick's number, short."""
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{round(value, 6):g}"
