"""The drawing as kept pieces of picture, so that a frame copies instead of painting.

A piece is painted anew where something in it changed. While the zoom of a large drawing
goes on, pieces of another zoom are stretched; when it rests they are painted sharply, a
little in each turn of the event loop, and then those just out of sight.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import floor
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap

if TYPE_CHECKING:
    from app.canvas.kept import Kept

SIDE = 256
"""Of a piece, in pixels of the device."""
_BYTES = 4 * SIDE * SIDE
_LEAST_KEPT = 96 * 1024 * 1024
"""Pieces are forgotten, those seen longest ago first, beyond so many bytes or ..."""
_SCREENS_KEPT = 3
"""... so many times what is in sight, whichever is more."""
_REST_MS = 140
_TURN_MS, _TURN_S, _CALM_TURN_S = 8, 0.003, 0.010
"""How often pieces are painted while some are due, and for how long at a time while the view
is moved, and while it is not."""
_CALM_S = 0.1
"""A view that was not moved for so long is not being moved."""
_AT_ONCE = 8
"""For so many pieces the scene is asked together what is in them."""
_LEAST_RATIO, _MOST_RATIO = 0.6, 1.7
"""Stretched further than this, pieces are painted anew, roughly."""
_REACH = 4.0
"""How far lines reach beyond what an item says it covers, on the screen and in the scene."""
_MOST_TOLD = 40
"""Of so many changes all is shown anew: to put their places together would take longer."""

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

    def draw(self, keys: Iterable[Key], source: Source, *, rough: bool) -> Iterator[Key]:
        """Paint pieces as far as needed, one with each step."""
        due = [key for key in keys if self.is_due(key)]
        for first in range(0, len(due), _AT_ONCE):
            for key, items in self._spread(due[first : first + _AT_ONCE], source).items():
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


class Tiles(QObject):
    """Keeps the pieces of the zoom that is looked at, and while it goes on those of another.

    Signals:
        renewed(QRectF): a part of the scene is to be shown anew; all of it if empty.
    """

    renewed = Signal(QRectF)

    def __init__(self, parent: QObject, source: Source) -> None:
        super().__init__(parent)
        self._source = source
        self._grid: Grid | None = None
        self._behind: Grid | None = None
        self._seen = QRectF()
        self._origin = 0, 0
        self._moved_at = 0.0
        self._told = 0
        self._waits = False
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._on_rest)
        self._work = QTimer(self, interval=_TURN_MS)
        self._work.timeout.connect(self._paint_some)

    @property
    def is_stretched(self) -> bool:
        """Whether pieces of another zoom are seen."""
        return self._behind is not None

    @property
    def is_zooming(self) -> bool:
        """Whether the zoom has changed just now."""
        return self._rest.isActive()

    @property
    def is_at_rest(self) -> bool:
        """Whether everything in sight and around it is painted."""
        return not self.is_zooming and not self._work.isActive()

    def renew(self, rect: QRectF) -> None:
        """Something in a rectangle of the scene changed."""
        for grid in (self._grid, self._behind):
            if grid is not None:
                grid.renew(rect, waits=self._waits)
        self._told += 1
        if self._told <= _MOST_TOLD:
            self.renewed.emit(QRectF() if self._told == _MOST_TOLD else rect)

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """What changes meanwhile, for every node at once say, may be seen some turns later."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False

    def clear(self) -> None:
        """Everything looks different now."""
        self._grid = self._behind = None
        self._work.stop()
        self.renewed.emit(QRectF())

    def pause(self) -> None:
        """Nobody looks: paint nothing ahead until something is seen again."""
        self._work.stop()

    def zoomed(self) -> None:
        """The zoom goes on."""
        self._work.stop()
        self._rest.start()

    def paint(self, painter: QPainter, exposed: QRectF, seen: QRectF) -> None:
        """Paint a part of the view.

        Args:
            exposed: the part, in the scene.
            seen: all that is in sight.
        """
        world, ratio = painter.worldTransform(), painter.device().devicePixelRatio()
        grid = self._grid_at(world.m11(), ratio)
        self._seen, self._told = seen, 0
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        # Both grids begin at the scene's origin, which lies on a whole pixel.
        origin = round(world.dx() * ratio), round(world.dy() * ratio)
        if origin != self._origin:
            self._origin, self._moved_at = origin, perf_counter()
        keys = grid.keys_in(exposed)
        behind = self._behind
        if behind is not None and any(key not in grid.tiles for key in keys):
            some = behind.keys_in(exposed)
            self._paint_urgent(behind, some, rough=True)
            for key in some:
                stretch = grid.scale / behind.scale
                _copy(painter, key, behind.seen(key), stretch, origin, ratio)
            keys = [key for key in keys if key in grid.tiles]
        self._paint_urgent(grid, keys, rough=False)
        for key in keys:
            _copy(painter, key, grid.seen(key), 1.0, origin, ratio)
        painter.restore()
        self._tidy(grid)

    def _paint_urgent(self, grid: Grid, keys: Iterable[Key], *, rough: bool) -> None:
        urgent = [key for key in keys if grid.is_urgent(key)]
        for _ in grid.draw(urgent, self._source, rough=rough):
            pass

    def _grid_at(self, zoom: float, ratio: float) -> Grid:
        before = self._grid
        if before is not None and (before.zoom, before.ratio) == (zoom, ratio):
            return before
        grid = self._grid = Grid(zoom, ratio)
        if before is None or not self.is_zooming or not self._source.is_large:
            self._behind = None
            return grid
        for known in (self._behind, before):
            if known is not None and known.tiles and known.ratio == ratio:
                stretch = grid.scale / known.scale
                if _LEAST_RATIO <= stretch <= _MOST_RATIO:
                    self._behind = known
                    return grid
        self._behind = Grid(zoom, ratio)
        return grid

    def _tidy(self, grid: Grid) -> None:
        most = max(_LEAST_KEPT // _BYTES, _SCREENS_KEPT * len(grid.keys_in(self._seen)))
        grid.forget(most)
        if self._behind is not None:
            self._behind.forget(most)
        self._drop_hidden(grid)
        if not self.is_zooming and not self._work.isActive() and any(self._due(grid)):
            self._work.start()

    def _on_rest(self) -> None:
        self._work.start()

    def _paint_some(self) -> None:
        clock, grid = perf_counter(), self._grid
        most = _CALM_TURN_S if clock - self._moved_at > _CALM_S else _TURN_S
        if grid is None:
            self._work.stop()
            return
        for key in grid.draw(self._due(grid), self._source, rough=False):
            self.renewed.emit(grid.place_of(key))
            if perf_counter() - clock > most:
                break
        else:
            self._work.stop()
        self._drop_hidden(grid)

    def _drop_hidden(self, grid: Grid) -> None:
        """Stretch nothing any more once all that is in sight is sharp."""
        if all(key in grid.tiles for key in grid.keys_in(self._seen)):
            self._behind = None

    def _due(self, grid: Grid) -> Iterator[Key]:
        """The pieces still to be painted: those in sight, then those around."""
        for key in grid.keys_in(self._seen):
            if grid.is_due(key):
                yield key
        size = SIDE / grid.scale
        for key in grid.keys_in(self._seen.adjusted(-size, -size, size, size)):
            if key not in grid.tiles:
                yield key


def _copy(
    painter: QPainter,
    key: Key,
    picture: QPixmap,
    stretch: float,
    origin: tuple[int, int],
    ratio: float,
) -> None:
    """Paint a piece from whole pixel to whole pixel, so that none shows a seam."""
    left, top = (round(each * SIDE * stretch) + at for each, at in zip(key, origin, strict=True))
    right, bottom = (
        round((each + 1) * SIDE * stretch) + at for each, at in zip(key, origin, strict=True)
    )
    target = QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)
    painter.drawPixmap(target, picture, QRectF(0, 0, SIDE, SIDE))
