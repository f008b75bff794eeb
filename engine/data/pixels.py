"""What white is: the largest value that a pixel can have, given or judged by the pixels."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.data.targets import LARGEST

BYTE = 255.0
_DEPTHS = (1023.0, 4095.0, 16383.0, 65535.0)
"""White at 10, 12, 14 and 16 bits."""
_DIM = 128.0
"""Pictures of bytes none of whose pixels is half as bright as white are hardly bytes."""

WHITE_HELP = "The value of a white pixel, which the network sees as 1; 0 judges by the pixels."

Range = tuple[float, float] | None


def pixel_range(x: Array, white: float = 0.0) -> tuple[Range, tuple[str, ...]]:
    """Return the least and largest value a pixel can have, and notes on what was guessed.

    The range is None where the pixels are scaled already: 0 to 1, or around 0.

    Args:
        x: pictures (N, height, width, channels) of any real type.
        white: what the user says it is; 0 for nothing.
    """
    if white:
        return (0.0, white), ()
    if x.dtype.kind == "b":
        return (0.0, 1.0), ()
    least, most = _extremes(x)
    if least < 0:
        note = f"Pixels go from {least:g} to {most:g}, so they are taken as scaled already."
        return None, (note,)
    if x.dtype.kind == "f" and most <= 1:
        return None, ()
    guess = _white(most, whole=x.dtype.kind != "f" or bool((x == np.rint(x)).all()))
    if guess == BYTE:
        return (0.0, BYTE), ()
    note = f"The brightest pixel is {most:g}, so {guess:g} is taken for white; White changes that."
    return (0.0, guess), (note,)


def in_range(picture: Array, value_range: Range) -> Array:
    """Return one picture of bytes, or a deep one of its file's values, on the scale of others.

    Args:
        value_range: the least and largest pixel of these; None for 0 to 1.
    """
    white = value_range[1] if value_range else 1.0
    if picture.dtype == np.uint8:
        return picture if white == BYTE else picture.astype(np.float32) * np.float32(white / BYTE)
    least, most = _extremes(picture)
    if least < 0 or most <= (white if white != BYTE else 0.0):
        return picture
    whole = bool((picture == np.rint(picture)).all())
    own = 1.0 if most <= 1 else next((d for d in (BYTE, *_DEPTHS) if whole and most <= d), most)
    return picture * np.float32(white / own)


def _extremes(x: Array) -> tuple[float, float]:
    """The least and the largest pixel that is a finite number; 0 and 0 where none is."""
    least, most = float(x.min()), float(x.max())
    if least > -LARGEST and most < LARGEST:
        return least, most
    good = x[np.abs(x) < LARGEST]
    return (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)


def _white(most: float, *, whole: bool) -> float:
    if most <= 0:
        return BYTE
    if most < _DIM:
        return most
    if most <= BYTE:
        return BYTE
    return next((depth for depth in _DEPTHS if whole and most <= depth), most)
