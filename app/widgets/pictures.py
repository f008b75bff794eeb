"""Arrays as pictures."""

from __future__ import annotations

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
