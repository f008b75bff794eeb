"""Painted pictures of nodes, kept for all nodes that look the same and for the next time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

_LIMIT_BYTES = 64 * 1024 * 1024
"""A 4K screen full of nodes takes about 40 MB."""


class Pictures:
    """Pictures by what they show, each in the size it was last needed in.

    Nodes that look the same share one. The least recently drawn are forgotten.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, QPixmap]] = OrderedDict()
        self._bytes = 0

    def draw(
        self,
        painter: QPainter,
        shows: Hashable,
        at: QPointF,
        where: QRectF,
        paint: Callable[[QPainter], None],
        *,
        rough: bool = False,
    ) -> None:
        """Draw the picture of ``shows`` for an item at ``at``.

        Args:
            where: what it covers, in item coordinates.
            paint: paints it, in item coordinates; called when no picture fits.
            rough: a picture of another size, stretched, will do.
        """
        world, ratio = painter.worldTransform(), painter.device().devicePixelRatio()
        zoom = world.m11()
        scale = round(zoom * ratio, 6)
        found = self._kept.get(shows)
        if found is None or (found[0] != scale and not rough):
            self._forget(shows)
            found = self._keep(shows, scale, _painted(where, zoom, ratio, paint))
        else:
            self._kept.move_to_end(shows)
        made_at, picture = found
        if made_at != scale:
            # Not smoothly: that would take most of a frame, and lasts while the zoom goes on.
            inside = QRectF(0, 0, where.width() * made_at, where.height() * made_at)
            painter.drawPixmap(where.translated(at), picture, inside)
            return
        # On whole pixels, or every letter is smeared over two.
        corner = world.map(at + where.topLeft()) * ratio
        painter.resetTransform()
        picture.setDevicePixelRatio(ratio)
        painter.drawPixmap(QPointF(round(corner.x()) / ratio, round(corner.y()) / ratio), picture)
        picture.setDevicePixelRatio(1.0)
        painter.setWorldTransform(world)

    def has(self, shows: Hashable) -> bool:
        """Whether there is a picture of it, in any size."""
        return shows in self._kept

    def clear(self) -> None:
        """Forget all; the colors changed."""
        self._kept.clear()
        self._bytes = 0

    def _keep(self, shows: Hashable, scale: float, picture: QPixmap) -> tuple[float, QPixmap]:
        self._kept[shows] = scale, picture
        self._bytes += _size(picture)
        while self._bytes > _LIMIT_BYTES and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))
        return scale, picture

    def _forget(self, shows: Hashable) -> None:
        found = self._kept.pop(shows, None)
        if found is not None:
            self._bytes -= _size(found[1])


def _painted(
    where: QRectF, zoom: float, ratio: float, paint: Callable[[QPainter], None]
) -> QPixmap:
    picture = QPixmap(ceil(where.width() * zoom * ratio), ceil(where.height() * zoom * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.scale(zoom, zoom)
    painter.translate(-where.topLeft())
    paint(painter)
    painter.end()
    picture.setDevicePixelRatio(1.0)
    return picture


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
