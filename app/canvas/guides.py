"""Lines that show when a dragged node is in line with its neighbors, and hold it there."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from app import theme
from app.canvas.node_item import GHOST_LAYER
from app.canvas.scene import CanvasScene
from app.document.places import snapped
from engine.project.project import Point

_REACH = 6.0
"""How near, in screen pixels, an edge must be to a neighbor's to snap to it."""
_BEYOND = 14.0
"""How far a line goes on past the nodes that it joins."""


class Guides:
    """Knows where the edges and centers of the nodes are that stay where they are."""

    def __init__(self, scene: CanvasScene, moving: Iterable[str]) -> None:
        self._scene = scene
        still = scene.nodes.keys() - set(moving)
        rects = [scene.nodes[id].card.getRect() for id in sorted(still)]
        x, y, width, height = np.array(rects, dtype=float).reshape(-1, 4).T
        # Near edge, center and far edge; first across, then down.
        self._lines = (
            np.stack([x, x + width / 2, x + width]),
            np.stack([y, y + height / 2, y + height]),
        )
        self._item = QGraphicsPathItem()
        pen = QPen(theme.color("accent"), 1)
        pen.setCosmetic(True)
        self._item.setPen(pen)
        self._item.setZValue(GHOST_LAYER)
        scene.addItem(self._item)

    def snap(self, at: Point, size: Point, seen: QRectF, zoom: float) -> Point:
        """Where something is put that is wanted at ``at``: in line with a node in sight, or
        on the grid. Shows the lines."""
        place = (
            self._snapped(0, at[0], size[0], seen, zoom),
            self._snapped(1, at[1], size[1], seen, zoom),
        )
        self._show(QRectF(QPointF(*place), QPointF(place[0] + size[0], place[1] + size[1])), seen)
        return place

    def hide(self) -> None:
        """Show no lines."""
        self._item.setPath(QPainterPath())

    def remove(self) -> None:
        """Take the lines out of the scene."""
        self._scene.removeItem(self._item)

    def _snapped(self, axis: int, at: float, size: float, seen: QRectF, zoom: float) -> float:
        mine = at + np.array([[0.0], [size / 2], [size]])
        away = (self._lines[axis] - mine)[:, self._in(seen)]
        if away.size:
            nearest = away.flat[np.abs(away).argmin()]
            if abs(nearest) <= _REACH / zoom:
                return float(at + nearest)
        return snapped(at)

    def _in(self, seen: QRectF) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        across, down = self._lines
        return np.asarray(
            (across[2] > seen.left())
            & (across[0] < seen.right())
            & (down[2] > seen.top())
            & (down[0] < seen.bottom())
        )

    def _show(self, card: QRectF, seen: QRectF) -> None:
        path = QPainterPath()
        inside = self._in(seen)
        for axis in (0, 1):
            along = self._lines[1 - axis]
            start, length = (card.left(), card.width()), (card.top(), card.height())
            (first, size), (low, deep) = (start, length) if axis == 0 else (length, start)
            for rank, mine in enumerate((first, first + size / 2, first + size)):
                same = inside & (np.abs(self._lines[axis][rank] - mine) < 0.5)
                if not same.any():
                    continue
                # To the nearest of those in line, or lines would cross the whole canvas.
                middles = np.where(same, np.abs(along[1] - (low + deep / 2)), np.inf)
                other = int(middles.argmin())
                begin = min(low, along[0][other]) - _BEYOND
                end = max(low + deep, along[2][other]) + _BEYOND
                ends = ((mine, begin), (mine, end)) if axis == 0 else ((begin, mine), (end, mine))
                path.moveTo(*ends[0])
                path.lineTo(*ends[1])
        self._item.setPath(path)
