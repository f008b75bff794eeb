"""The array and shape types of the engine.

A ``Shape`` is that of one sample: it has no batch axis.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


LINE = 64
"""How many bytes of memory go into the cache together."""


def aligned(shape: Shape, dtype: Any = np.float32) -> Array:
    """An array of whatever numbers, which begins with one of the cache's lines.

    Where it does not, half of the vectors that are read straddle two of them.
    """
    size = prod(shape) * np.dtype(dtype).itemsize
    room = np.empty(size + LINE, np.uint8)
    start = -room.ctypes.data % LINE
    array: Array = room[start : start + size].view(dtype).reshape(shape)
    return array


def shape_text(shape: Shape) -> str:
    """A shape as people write it: ``28 × 28 × 1``, or ``one number`` for ()."""
    return " × ".join(str(size) for size in shape) if shape else "one number"
