"""Small pictures of what layers put out, small enough to be sent for every layer at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.training.meaning import Meaning

MAPS = 6
"""Of so many channels a picture is made at most."""
SIDE = 28
"""So many rows and columns a picture has at most."""
BARS = 58
"""So many numbers stand for a vector at most."""


def glances_of(outputs: Mapping[str, Array], meanings: Mapping[str, Meaning]) -> dict[str, Array]:
    """Return a small picture of each node's output (B, ...) for the first sample.

    Args:
        meanings: of the network's outputs; these show what they mean, probabilities for logits.
    """
    found = {}
    for node, y in outputs.items():
        shown = meanings[node].read(y) if node in meanings else y
        found[node] = glance(shown[0])
    return found


def glance(values: Array) -> Array:
    """A copy of one sample's output that shows what it looks like.

    Args:
        values: what a layer put out, without the batch axis.

    Returns:
        (height, width, maps) of a picture with at most ``MAPS`` maps of ``SIDE`` × ``SIDE``, or
        (numbers,) of a vector, where each of at most ``BARS`` is the one farthest from zero
        among its neighbors.
    """
    if values.ndim < 2:
        return _bars(values.reshape(-1))
    maps = values.reshape(*values.shape[:2], -1)
    rows, columns = (_places(size) for size in maps.shape[:2])
    return np.array(maps[rows][:, columns][..., :MAPS], np.float32)


def _places(size: int) -> Array:
    """Which rows or columns stand for all, evenly spread."""
    return ((np.arange(min(size, SIDE)) + 0.5) * size / min(size, SIDE)).astype(int)


def _bars(values: Array) -> Array:
    if len(values) <= BARS:
        return np.array(values, np.float32)
    parts = np.array_split(values, BARS)
    return np.array([part[np.abs(part).argmax()] for part in parts], np.float32)
