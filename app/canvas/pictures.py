"""Painted pictures kept for the next frame, so that panning copies instead of painting."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPixmap

_LIMIT_BYTES = 64 * 1024 * 1024
"""A 4K screen full of nodes takes about 40 MB."""


class Pictures:
    """Pictures by what they show, each in the size it was last needed in.

    Nodes that look the same share one. The least recently drawn are forgotten.

    Attributes:
        rough: a picture of another size, stretched, will do for the moment.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, QPixmap]] = OrderedDict()
        self._bytes = 0
        self.rough = False

    def draw(
        self,
        painter: QPainter,
        shows: Hashable,
        where: QRectF,
        paint: Callable[[QPainter], None],
    ) -> None:
        """Draw the picture of ``shows`` into ``where`` (item coordinates).

        Args:
            paint: paints it, in item coordinates; called when no picture fits.
        """
        if painter.paintEngine().type() != QPaintEngine.Type.Raster:
            paint(painter)  # a vector file keeps its lines
            return
        ratio, scale = painter.device().devicePixelRatio(), self.scale_of(painter)
        found = self._kept.get(shows)
        if found is None or (found[0] != scale and not self.rough):
            self._forget(shows)
            found = self._keep(shows, scale, _painted(where, scale, paint))
        else:
            self._kept.move_to_end(shows)
        made_at, picture = found
        if made_at != scale:
            painter.drawPixmap(where, picture, _inside(where, made_at))
            return
        # On whole pixels, or every letter is smeared over two.
        world = painter.worldTransform()
        corner = world.map(where.topLeft())
        painter.resetTransform()
        picture.setDevicePixelRatio(ratio)
        at = QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)
        painter.drawPixmap(at, picture)
        picture.setDevicePixelRatio(1.0)
        painter.setWorldTransform(world)

    def any_size(
        self, shows: Hashable, where: QRectF, scale: float, paint: Callable[[QPainter], None]
    ) -> tuple[QPixmap, QRectF]:
        """A picture of any size, and how much of it is to be stretched to ``where``.

        Not smoothly: that would take most of a frame, and lasts while the zoom goes on.

        Args:
            scale: at which it is painted where there is none yet.
        """
        found = self._kept.get(shows)
        if found is None:
            found = self._keep(shows, scale, _painted(where, scale, paint))
        made_at, picture = found
        return picture, _inside(where, made_at)

    @staticmethod
    def scale_of(painter: QPainter) -> float:
        """Pixels of the device per unit of the scene."""
        ratio: float = painter.device().devicePixelRatio()
        return round(painter.worldTransform().m11() * ratio, 6)

    def prepare(
        self, shows: Hashable, where: QRectF, scale: float, paint: Callable[[QPainter], None]
    ) -> None:
        """Paint a picture before it is drawn, unless there is one in this size."""
        found = self._kept.get(shows)
        if found is None or found[0] != scale:
            self._forget(shows)
            self._keep(shows, scale, _painted(where, scale, paint))

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


def _painted(where: QRectF, scale: float, paint: Callable[[QPainter], None]) -> QPixmap:
    picture = QPixmap(ceil(where.width() * scale), ceil(where.height() * scale))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.scale(scale, scale)
    painter.translate(-where.topLeft())
    paint(painter)
    painter.end()
    return picture


def _inside(where: QRectF, scale: float) -> QRectF:
    """The part of a picture that ``where`` takes; the rest rounds up to whole pixels."""
    return QRectF(0, 0, where.width() * scale, where.height() * scale)


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
