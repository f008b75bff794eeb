"""Arrays as pictures."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtGui import QImage

from engine.arrays import Array


def array_image(sample: Array, value_range: tuple[float, float] | None = None) -> QImage:
    """One sample (height, width) or (height, width, channels) as an image of its size.

    Three channels are red, green and blue; of other counts the first is shown in
    gray. Without a range, the least value is black and the largest white.
    """
    pixels = np.asarray(sample, np.float32)
    if pixels.ndim == 2:
        pixels = pixels[..., np.newaxis]
    low, high = value_range or (float(pixels.min()), float(pixels.max()))
    scaled = np.clip((pixels - low) * (255 / max(high - low, 1e-12)), 0, 255)
    scaled = np.nan_to_num(scaled).astype(np.uint8)
    colored = scaled.shape[-1] in (3, 4)
    shown = np.ascontiguousarray(scaled[..., :3] if colored else scaled[..., 0])
    height, width = shown.shape[:2]
    kind = QImage.Format.Format_RGB888 if colored else QImage.Format.Format_Grayscale8
    # The image would otherwise point into an array that is soon gone.
    return QImage(shown.data, width, height, shown.strides[0], kind).copy()


@cache
def viridis() -> Array:
    """Its 256 colors, uint8 (256, 3)."""
    import pyqtgraph as pg  # not needed before there is something to show

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


def map_image(values: Array) -> QImage:
    """One feature map (height, width) from its least value, dark, to its greatest, bright."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    shades = (255 * unit_range(values, low, high)).astype(np.uint8)
    return to_image(viridis()[shades])
