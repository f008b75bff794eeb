"""The kept pieces of picture of one zoom: where they are, and what of them is outdated."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from math import floor
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

if TYPE_CHECKING:
    from app.canvas.kept import Kept

SIDE = 256
"""Of a piece, in pixels of the device."""
_AT_ONCE = 8
"""For so many pieces the scene is asked together what is in them."""
_REACH = 4.0
"""How far lines reach beyond what an item says it covers, on the screen and in the scene."""

Key = tuple[int, int]


class Source(Protocol):
    """What pieces are painted of."""

    @property
    def is_large(self) -> bool:
        """Whether to paint everything in sight takes longer than a frame."""

    def kept_in(self, rect: QRectF) -> Sequence[Kept]:
        """What touches a rectangle of the scene, the lowest first."""

    def paint_part(
        self, painter: QPainter, rect: QRectF, items: Iterable[Kept], rough: bool
    ) -> None:
        """Paint the ground of a rectangle of the scene and these items.

        Args:
            rough: paint fast, as the zoom goes on.
        """


class Tile:
    """One piece.

    Attributes:
        stale: the part to be painted anew, in its pixels.
        waits: whether that may wait for a turn of the event loop that has time for it.
    """

    __slots__ = ("picture", "stale", "waits")

    def __init__(self) -> None:
        self.picture = QPixmap(SIDE, SIDE)
        self.stale = QRect(0, 0, SIDE, SIDE)
        self.waits = False


class Grid:
    """The pieces of one zoom, on a screen of so many device pixels per pixel."""

    def __init__(self, zoom: float, ratio: float) -> None:
        self.zoom, self.ratio, self.scale = zoom, ratio, zoom * ratio
        self.tiles: OrderedDict[Key, Tile] = OrderedDict()

    def keys_in(self, rect: QRectF) -> list[Key]:
        """The pieces that a rectangle of the scene touches."""
        return self._keys(self._pixels(rect, 1.0))

    def place_of(self, key: Key) -> QRectF:
        """The rectangle of the scene that a piece shows."""
        size = SIDE / self.scale
        return QRectF(key[0] * size, key[1] * size, size, size)

    def renew(self, rect: QRectF, *, waits: bool) -> None:
        """What is kept of a rectangle of the scene is outdated; whether it may be for a while."""
        part = self._pixels(rect, _REACH * (1.0 + self.scale))
        many = part.width() * part.height() > len(self.tiles) * SIDE * SIDE
        for x, y in list(self.tiles) if many else self._keys(part):
            tile = self.tiles.get((x, y))
            if tile is not None:
                inside = part.translated(-x * SIDE, -y * SIDE) & QRect(0, 0, SIDE, SIDE)
                tile.waits = waits and (tile.waits or tile.stale.isEmpty())
                tile.stale = tile.stale.united(inside)

    def is_due(self, key: Key) -> bool:
        """Whether a piece is missing or outdated."""
        tile = self.tiles.get(key)
        return tile is None or not tile.stale.isEmpty()

    def is_urgent(self, key: Key) -> bool:
        """Whether a piece is missing or outdated, and cannot wait."""
        tile = self.tiles.get(key)
        return tile is None or not (tile.waits or tile.stale.isEmpty())

    def draw(
        self, keys: Iterable[Key], source: Source, *, rough: bool, at_once: int = _AT_ONCE
    ) -> Iterator[Key]:
        """Paint pieces as far as needed, one with each step.

        Args:
            at_once: the pieces for which the scene is asked together; 1 where the caller may
                stop after any.
        """
        due = [key for key in keys if self.is_due(key)]
        for first in range(0, len(due), at_once):
            for key, items in self._spread(due[first : first + at_once], source).items():
                self._draw(key, source, items, rough)
                yield key

    def _spread(self, keys: Sequence[Key], source: Source) -> dict[Key, list[Kept]]:
        """What touches each of some pieces; the scene is asked once, which takes long."""
        spread: dict[Key, list[Kept]] = {key: [] for key in keys}
        whole = QRectF()
        for key in keys:
            whole = whole.united(self._due_part(key))
        items = source.kept_in(whole)
        if len(keys) == 1:
            return {keys[0]: list(items)}
        scale, reach = self.scale, _REACH * (1.0 + self.scale)
        least_x, most_x = min(x for x, _ in keys), max(x for x, _ in keys)
        least_y, most_y = min(y for _, y in keys), max(y for _, y in keys)
        for item in items:
            # This is done for hundreds of items within a frame.
            rect = item.sceneBoundingRect()
            left, top = rect.x(), rect.y()
            x0 = max(least_x, floor((left * scale - reach) / SIDE))
            x1 = min(most_x, floor(((left + rect.width()) * scale + reach) / SIDE))
            y0 = max(least_y, floor((top * scale - reach) / SIDE))
            y1 = min(most_y, floor(((top + rect.height()) * scale + reach) / SIDE))
            for y in range(y0, y1 + 1):
                for x in range(x0, x1 + 1):
                    if (x, y) in spread:
                        spread[x, y].append(item)
        return spread

    def _due_part(self, key: Key) -> QRectF:
        """The rectangle of the scene that is to be painted for a piece."""
        tile = self.tiles.get(key)
        if tile is None:
            return self.place_of(key)
        left = (key[0] * SIDE + tile.stale.x()) / self.scale
        top = (key[1] * SIDE + tile.stale.y()) / self.scale
        return QRectF(left, top, tile.stale.width() / self.scale, tile.stale.height() / self.scale)

    def _draw(self, key: Key, source: Source, items: Iterable[Kept], rough: bool) -> None:
        tile = self.tiles.get(key)
        if tile is None:
            tile = self.tiles[key] = Tile()
        area, tile.stale = self._due_part(key), QRect()
        tile.picture.setDevicePixelRatio(self.ratio)
        painter = QPainter(tile.picture)
        painter.translate(-key[0] * SIDE / self.ratio, -key[1] * SIDE / self.ratio)
        painter.scale(self.zoom, self.zoom)
        painter.setClipRect(area)
        source.paint_part(painter, area, items, rough)
        painter.end()
        tile.picture.setDevicePixelRatio(1.0)

    def seen(self, key: Key) -> QPixmap:
        """A piece as it was painted last."""
        self.tiles.move_to_end(key)
        return self.tiles[key].picture

    def forget(self, most: int) -> None:
        """Keep only so many pieces, those seen last."""
        while len(self.tiles) > most:
            self.tiles.popitem(last=False)

    def _pixels(self, rect: QRectF, more: float) -> QRect:
        left, top = floor(rect.left() * self.scale - more), floor(rect.top() * self.scale - more)
        right, bottom = rect.right() * self.scale + more, rect.bottom() * self.scale + more
        return QRect(left, top, floor(right) - left + 1, floor(bottom) - top + 1)

    def _keys(self, part: QRect) -> list[Key]:
        across = range(part.left() // SIDE, part.right() // SIDE + 1)
        down = range(part.top() // SIDE, part.bottom() // SIDE + 1)
        return [(x, y) for y in down for x in across]
