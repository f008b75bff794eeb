"""The array and shape types of the engine.

A ``Shape`` is that of one sample: it has no batch axis.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


def shape_text(shape: Shape) -> str:
    """A shape as people write it: ``28 × 28 × 1``, or ``one number`` for ()."""
    return " × ".join(str(size) for size in shape) if shape else "one number"
