"""The drawing as kept pieces of picture, so that a frame copies instead of painting.

A piece is painted anew where something in it changed. While the zoom of a large drawing
goes on, pieces of another zoom are stretched; when it rests they are painted sharply, a
little in each turn of the event loop, and then those just out of sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap

from app.canvas.tile_grid import SIDE, Grid, Key, Source

_BYTES = 4 * SIDE * SIDE
_LEAST_KEPT = 64 * 1024 * 1024
"""Pieces of a zoom are forgotten, those seen longest ago first, beyond so many bytes or ..."""
_SCREENS_KEPT = 3
"""... so many times what is in sight, whichever is more; those of two zooms are kept at most."""
_REST_MS = 140
_TURN_MS, _TURN_S, _CALM_TURN_S = 8, 0.003, 0.010
"""How often pieces are painted while some are due, and for how long at a time while the view
is moved, and while it is not."""
_CALM_S = 0.1
"""A view that was not moved for so long is not being moved."""
_QUIET_S, _NEWS_S = 0.025, 0.3
"""What may wait is painted once nothing came for so long, and at the latest after so long: news
of a run come node by node, and would be painted several times."""
_LEAST_RATIO, _MOST_RATIO = 0.6, 1.7
"""Stretched further than this, pieces are painted anew, roughly."""
_MOST_TOLD = 40
"""Of so many changes all is shown anew: to put their places together would take longer."""


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
        self._news_since = self._news_at = 0.0
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
        if self._waits:
            now = perf_counter()
            if now - self._news_at > _QUIET_S:
                self._news_since = now
            self._news_at = now
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
        if not self.is_zooming and not self._work.isActive() and self._has_work(grid):
            self._work.start()

    def _on_rest(self) -> None:
        self._work.start()

    def _paint_some(self) -> None:
        clock, grid = perf_counter(), self._grid
        most = _CALM_TURN_S if clock - self._moved_at > _CALM_S else _TURN_S
        if grid is None:
            self._work.stop()
            return
        for key in grid.draw(self._due(grid), self._source, rough=False, at_once=1):
            self.renewed.emit(grid.place_of(key))
            if perf_counter() - clock > most:
                break
        if not self._has_work(grid):
            self._work.stop()
        self._drop_hidden(grid)

    def _drop_hidden(self, grid: Grid) -> None:
        """Stretch nothing any more once all that is in sight is sharp."""
        if all(key in grid.tiles for key in grid.keys_in(self._seen)):
            self._behind = None

    def _has_work(self, grid: Grid) -> bool:
        return self._has_news or any(True for _ in self._due(grid))

    @property
    def _has_news(self) -> bool:
        """Whether more that may wait is likely to come at once."""
        now = perf_counter()
        return now - self._news_at < _QUIET_S and now - self._news_since < _NEWS_S

    def _due(self, grid: Grid) -> Iterator[Key]:
        """The pieces still to be painted: those in sight, then those around."""
        has_news = self._has_news
        for key in grid.keys_in(self._seen):
            if grid.is_urgent(key) or (not has_news and grid.is_due(key)):
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
