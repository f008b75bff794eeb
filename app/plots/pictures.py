"""Arrays as pictures."""

from __future__ import annotations

from math import ceil, sqrt

from PySide6.QtGui import QImage

from app.widgets.pictures import array_image, map_image, to_image, unit_range, viridis
from engine.arrays import Array

__all__ = [
    "MAX_MAPS",
    "grid_columns",
    "map_image",
    "sample_image",
    "to_image",
    "unit_range",
    "viridis",
]

MAX_MAPS = 256


def sample_image(sample: Array, low: float, high: float) -> QImage | None:
    """A sample (height, width, 1 or 3) as a picture; None if it is no picture."""
    is_picture = sample.ndim == 2 or (sample.ndim == 3 and sample.shape[2] in (1, 3, 4))
    return array_image(sample, (low, high)) if is_picture and sample.size else None


def grid_columns(count: int, width: float, height: float, aspect: float) -> int:
    """In how many columns ``count`` tiles become largest in ``width`` by ``height``.

    Args:
        aspect: a tile's width by its height.
    """
    if count <= 0 or width <= 0 or height <= 0:
        return 1
    ideal = sqrt(count * width / height / aspect)
    around = {max(1, min(count, round(ideal) + shift)) for shift in (-1, 0, 1, 2)}
    return max(around, key=lambda n: (min(width / n / aspect, height / ceil(count / n)), -n))
