"""Arrays as pictures."""

from __future__ import annotations

from functools import cache
from math import ceil, sqrt

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QImage

from app.widgets.pictures import array_image
from engine.arrays import Array

MAX_MAPS = 256


@cache
def viridis() -> Array:
    """Its 256 colors, uint8 (256, 3)."""
    return np.ascontiguousarray(pg.colormap.get("viridis").getLookupTable(nPts=256)[:, :3])


def to_image(rgb: Array) -> QImage:
    """uint8 (height, width, 3) as a picture that owns its memory."""
    pixels = np.ascontiguousarray(rgb, np.uint8)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def unit_range(values: Array, low: float, high: float) -> Array:
    """Values between ``low`` and ``high`` as 0 to 1; a constant becomes 0, NaN too."""
    spread = high - low
    if not spread or not np.isfinite(spread):
        return np.zeros(values.shape)
    return np.nan_to_num(np.clip((values - low) / spread, 0, 1))


def sample_image(sample: Array, low: float, high: float) -> QImage | None:
    """A sample (height, width, 1 or 3) as a picture; None if it is no picture."""
    is_picture = sample.ndim == 2 or (sample.ndim == 3 and sample.shape[2] in (1, 3, 4))
    return array_image(sample, (low, high)) if is_picture and sample.size else None


def map_image(values: Array) -> QImage:
    """One feature map (height, width) from its least value, dark, to its greatest, bright."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    shades = (255 * unit_range(values, low, high)).astype(np.uint8)
    return to_image(viridis()[shades])


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
