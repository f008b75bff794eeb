"""Where the canvas is looked at from: pan, zoom, fit."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsView

from app.canvas.fitting import Covers, fitted
from app.canvas.measures import BOX_BELOW
from app.canvas.scene import CanvasScene

MIN_ZOOM, MAX_ZOOM = 0.05, 4.0
STEP = 1.2
_EDGE = 24.0
READABLE = 1.04 * BOX_BELOW
"""A zoom at which nodes are cards for certain, whatever is lost in rounding."""

MOST = 0.6
"""So large a share of a drawing is most of it."""


class Navigation:
    """Moves the view over its scene; the point under the cursor stays under it."""

    def __init__(self, view: QGraphicsView, scene: CanvasScene, covers: Covers) -> None:
        """Look at a scene.

        Args:
            covers: what lies over it.
        """
        self._view, self._scene, self._covers = view, scene, covers

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
        zoom = _allowed(zoom)
        at = self.middle if at is None else at
        fixed = self.to_scene(at)
        self._view.setTransform(QTransform.fromScale(zoom, zoom))
        self._scene.show_zoom(zoom)
        away = self.to_view(fixed) - at
        self.pan(-away.x(), -away.y())

    def fit(self, rect: QRectF) -> None:
        """Show a rectangle of the scene whole, at most at 100 %, and its nodes uncovered."""
        if rect.isNull():
            return
        port = QSizeF(self._view.viewport().size())
        found = fitted(rect, port, self._covers, self._is_empty, _allowed)
        self.zoom_to(found.zoom)
        self._view.centerOn(found.middle)

    def _is_empty(self, rect: QRectF) -> bool:
        return not self._scene.nodes_in(rect)

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


def _allowed(zoom: float) -> float:
    zoom = max(MIN_ZOOM, min(MAX_ZOOM, zoom))
    return 1.0 if abs(zoom - 1.0) < 0.04 else zoom  # text is sharpest there
