"""Where things stand on the canvas: free places, edges to align to, even gaps; no Qt.

A place is the top left corner of a node, in pixels at 100 % zoom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, floor

import numpy as np

from engine.project.project import Point

GRID = 10.0
COLUMN_WIDTH = 240.0
ROW_HEIGHT = 110.0
NODE_WIDTH = 190.0
NODE_HEIGHT = 76.0
GAP = 20.0
"""How far apart nodes are put, at least."""

Size = tuple[float, float]
_NODE: Size = (NODE_WIDTH, NODE_HEIGHT)


def snapped(value: float) -> float:
    """The nearest line of the grid."""
    return round(value / GRID) * GRID


def free_place(at: Point, taken: Iterable[Point], size: Size = _NODE) -> Point:
    """The place on the grid nearest to ``at`` where something covers no node.

    Of places equally near, the one below is taken, then the one to the right.

    Args:
        taken: the places of nodes.
        size: of what is to be put there.
    """
    x, y = snapped(at[0]), snapped(at[1])
    others = list(taken)
    # Each node keeps the corner of what is put out of the rectangle around it.
    rects = [
        (
            floor((a - size[0] - GAP) / GRID) * GRID,
            ceil((a + NODE_WIDTH + GAP) / GRID) * GRID,
            floor((b - size[1] - GAP) / GRID) * GRID,
            ceil((b + NODE_HEIGHT + GAP) / GRID) * GRID,
        )
        for a, b in others
    ]
    if not any(left < x < right and top < y < bottom for left, right, top, bottom in rects):
        return x, y
    # The nearest free place has each coordinate of ``at`` or of some rectangle's edge.
    xs = np.unique([x, *(edge for rect in rects for edge in rect[:2])])
    ys = np.unique([y, *(edge for rect in rects for edge in rect[2:])])
    free = np.ones((len(ys), len(xs)), dtype=bool)
    for left, right, top, bottom in rects:
        inside = slice(*np.searchsorted(xs, (left + GRID / 2, right)))
        free[slice(*np.searchsorted(ys, (top + GRID / 2, bottom))), inside] = False
    rows, columns = np.nonzero(free)
    across, down = xs[columns] - x, ys[rows] - y
    best = np.lexsort((across < 0, down < 0, across**2 + down**2))[0]
    return float(xs[columns[best]]), float(ys[rows[best]])


def bounds(places: Iterable[Point]) -> tuple[Point, Size]:
    """The top left corner of the rectangle around nodes at these places, and its size."""
    some = list(places)
    left, top = min(x for x, _ in some), min(y for _, y in some)
    right, bottom = max(x for x, _ in some), max(y for _, y in some)
    return (left, top), (right - left + NODE_WIDTH, bottom - top + NODE_HEIGHT)


Rect = tuple[float, float, float, float]
"""Left, top, width, height."""


def aligned(rects: Mapping[str, Rect], axis: int, share: float) -> dict[str, Point]:
    """Where things go so that they are in line.

    Args:
        axis: 0 moves across, 1 down.
        share: which line of each: 0 its near edge, 0.5 its center, 1 its far edge.
    """
    low = min(rect[axis] for rect in rects.values())
    high = max(rect[axis] + rect[axis + 2] for rect in rects.values())
    line = low + share * (high - low)
    return {id: _at(rect, axis, line - share * rect[axis + 2]) for id, rect in rects.items()}


def distributed(rects: Mapping[str, Rect], axis: int) -> dict[str, Point]:
    """Where things go so that the gaps between them are equal; the outermost stay."""
    inner = sorted(rects, key=lambda id: (rects[id][axis] + rects[id][axis + 2] / 2, id))
    last = max(rect[axis] + rect[axis + 2] for rect in rects.values())
    at = rects[inner[0]][axis]
    gap = (last - at - sum(rect[axis + 2] for rect in rects.values())) / max(len(inner) - 1, 1)
    placed = {}
    for id in inner:
        placed[id] = _at(rects[id], axis, at)
        at += rects[id][axis + 2] + gap
    return placed


def _at(rect: Rect, axis: int, value: float) -> Point:
    return (value, rect[1]) if axis == 0 else (rect[0], value)
