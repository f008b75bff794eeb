"""Where the canvas is looked at from: pan, zoom, fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsView

from app.canvas.measures import BOX_BELOW
from app.canvas.scene import CanvasScene

MIN_ZOOM, MAX_ZOOM = 0.05, 4.0
STEP = 1.2
_ROOM = 60.0
_EDGE = 24.0
_LEAST_SHARE = 0.6
"""How small a drawing may become, against all of the viewport, to lie beside overlays."""
READABLE = 1.04 * BOX_BELOW
"""A zoom at which nodes are cards for certain, whatever is lost in rounding."""

MOST = 0.6
"""So large a share of a drawing is most of it."""


class Navigation:
    """Moves the view over its scene; the point under the cursor stays under it."""

    def __init__(
        self, view: QGraphicsView, scene: CanvasScene, overlays: Callable[[], list[QRectF]]
    ) -> None:
        """``overlays`` tells where something lies over the viewport."""
        self._view, self._scene, self._overlays = view, scene, overlays

    @property
    def zoom(self) -> float:
        """Screen pixels per scene pixel."""
        return float(self._view.transform().m11())

    @property
    def middle(self) -> QPointF:
        """The middle of the viewport, in viewport coordinates."""
        return QRectF(self._view.viewport().rect()).center()

    def pan(self, dx: float, dy: float) -> None:
        """Move the drawing by so many screen pixels."""
        across, down = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        across.setValue(across.value() - round(dx))
        down.setValue(down.value() - round(dy))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom so that the point ``at`` of the viewport (its middle) stays in place."""
        self.zoom_to(self.zoom * factor, at)

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        zoom = max(MIN_ZOOM, min(MAX_ZOOM, zoom))
        if abs(zoom - 1.0) < 0.04:
            zoom = 1.0  # text is sharpest there
        at = self.middle if at is None else at
        fixed = self.to_scene(at)
        self._view.setTransform(QTransform.fromScale(zoom, zoom))
        self._scene.show_zoom(zoom)
        away = self.to_view(fixed) - at
        self.pan(-away.x(), -away.y())

    def fit(self, rect: QRectF) -> None:
        """Show a rectangle of the scene whole, at most at 100 %; no node beneath an overlay,
        where that can be had without making it much smaller."""
        if rect.isNull():
            return
        room = self._room_for(rect)
        self.zoom_to(_zoom_into(room, rect))
        self._view.centerOn(rect.center())
        away = self.to_view(rect.center()) - room.center()
        self.pan(-away.x(), -away.y())

    def _room_for(self, rect: QRectF) -> QRectF:
        """The part of the viewport in which a rectangle is shown."""
        whole, overlays = QRectF(self._view.viewport().rect()), self._overlays()
        cards = [item.card for item in self._scene.nodes.values() if item.card.intersects(rect)]
        least = _LEAST_SHARE * _zoom_into(whole, rect)
        free = [
            room
            for room in _rooms(whole, overlays)
            if _zoom_into(room, rect) >= least and _is_free(room, rect, cards, overlays)
        ]
        return max(free, key=lambda room: _zoom_into(room, rect), default=whole)

    def fit_readable(self, rect: QRectF) -> None:
        """Show a rectangle whole, or from its left end on where only so it can be read.

        Where the whole would need a zoom at which nodes are mere boxes, and most
        of it can be seen at one where they are not, the rest is left to scrolling.
        """
        self.fit(rect)
        room = self._view.viewport().rect()
        across = min(1.0, (room.width() - _EDGE) / max(rect.width() * READABLE, 1))
        down = min(1.0, (room.height() - _EDGE) / max(rect.height() * READABLE, 1))
        if rect.isNull() or self.zoom >= READABLE or across * down < MOST:
            return
        self.zoom_to(READABLE)
        corner, to_see = self.to_view(rect.topLeft()), self.to_view(rect.bottomRight())
        self.pan(
            _EDGE - corner.x() if across < 1 else 0.0,
            _EDGE - corner.y() if down < 1 and to_see.y() > room.height() else 0.0,
        )

    def center_on(self, rect: QRectF) -> None:
        """Bring a rectangle to the middle; zoom in where it could not be read."""
        if self.zoom < 0.7:
            self.zoom_to(1.0)
        self._view.centerOn(rect.center())

    def to_scene(self, at: QPointF) -> QPointF:
        """A point of the viewport, in the scene; finer than Qt's whole pixels."""
        inverse, _ = self._view.viewportTransform().inverted()
        return inverse.map(at)

    def to_view(self, at: QPointF) -> QPointF:
        """A point of the scene, in the viewport."""
        return self._view.viewportTransform().map(at)


def _zoom_into(room: QRectF, rect: QRectF) -> float:
    """The zoom at which a rectangle of the scene fits into a part of the viewport."""
    return min(
        max(room.width() - 2 * _ROOM, 50) / max(rect.width(), 1),
        max(room.height() - 2 * _ROOM, 50) / max(rect.height(), 1),
        1.0,
    )


def _rooms(whole: QRectF, overlays: list[QRectF]) -> Iterator[QRectF]:
    """The viewport, and what is left of it above, below or beside overlays."""
    yield whole
    left, top, right, bottom = whole.left(), whole.top(), whole.right(), whole.bottom()
    for over in overlays:
        if over.left() - left < right - over.right():
            yield QRectF(QPointF(over.right(), top), QPointF(right, bottom))
        else:
            yield QRectF(QPointF(left, top), QPointF(over.left(), bottom))
        if over.top() - top < bottom - over.bottom():
            yield QRectF(QPointF(left, over.bottom()), QPointF(right, bottom))
        else:
            yield QRectF(QPointF(left, top), QPointF(right, over.top()))


def _is_free(
    room: QRectF, rect: QRectF, cards: Iterable[QRectF], overlays: Iterable[QRectF]
) -> bool:
    """Whether no card lies beneath an overlay if the rectangle is shown there."""
    zoom = _zoom_into(room, rect)
    move = room.center() - rect.center() * zoom
    covered = [
        QRectF((over.topLeft() - move) / zoom, (over.bottomRight() - move) / zoom)
        for over in overlays
    ]
    return not any(over.intersects(card) for over in covered for card in cards)
