"""The whole drawing in a corner: where one is, where errors are, whether training goes on."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsView, QWidget

from app import theme
from app.canvas.mark_item import color_of
from app.canvas.navigation import Navigation
from app.canvas.scene import CanvasScene

_SIZE = QSize(200, 132)
_PAD = 8.0
_EDGE = 12


class Shown(Enum):
    """When the minimap is there."""

    WHERE_USEFUL = "where a part of the drawing is out of sight"
    ALWAYS = "always"
    NEVER = "never"


class Minimap(QWidget):
    """Draws nodes as colored boxes; a click or drag brings that part into sight.

    The boxes are painted once for each state of the drawing; panning moves the
    frame alone.
    """

    def __init__(self, view: QGraphicsView, scene: CanvasScene, navigation: Navigation) -> None:
        super().__init__(view)
        self._view, self._scene, self._navigation = view, scene, navigation
        self._shown = Shown.WHERE_USEFUL
        self._running = False
        self._picture: QPixmap | None = None
        self._known: QRectF | None = None
        self.resize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Minimap")
        self.hide()

    def toggle(self) -> None:
        """Show it for good, or not at all."""
        self._shown = Shown.NEVER if self.isVisible() else Shown.ALWAYS
        self.follow()

    def set_running(self, running: bool) -> None:
        """Show whether training goes on."""
        self._running = running
        self.update()

    def forget(self) -> None:
        """The drawing or the colors changed."""
        self._picture = self._known = None
        self.follow()

    @property
    def _whole(self) -> QRectF:
        """The rectangle around all that is drawn; worked out once for each state of it."""
        if self._known is None:
            self._known = self._scene.everything
        return self._known

    def follow(self) -> None:
        """The view was moved, zoomed or resized."""
        self.move(
            self._view.width() - self.width() - _EDGE, self._view.height() - self.height() - _EDGE
        )
        self.setVisible(self.is_useful(self._seen()))
        self.update()

    def is_useful(self, seen: QRectF) -> bool:
        """Whether it is shown while this part of the scene is seen."""
        if self._shown is Shown.NEVER or not self._scene.nodes:
            return False
        return self._shown is Shown.ALWAYS or not seen.contains(self._whole)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatio():
            self._picture = self._painted()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colors()
        seen = self._from_scene(self._seen())
        painter.setPen(QPen(QColor(c.accent), 1.5))
        ground = QColor(c.accent)
        ground.setAlphaF(0.10)
        painter.setBrush(ground)
        inside = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.drawRect(seen.intersected(inside))
        if self._running:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.good), 2))
            painter.drawRoundedRect(inside, 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._look_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _look_at(self, at: QPointF) -> None:
        scale, corner = self._scale()
        self._view.centerOn(corner + at / scale)
        self.follow()

    def _seen(self) -> QRectF:
        port = QRectF(self._view.viewport().rect())
        to_scene = self._navigation.to_scene
        return QRectF(to_scene(port.topLeft()), to_scene(port.bottomRight()))

    def _scale(self) -> tuple[float, QPointF]:
        """Pixels here per pixel of the scene, and the scene's point at the corner."""
        whole = self._whole
        across = (self.width() - 2 * _PAD) / max(whole.width(), 1)
        scale = min(across, (self.height() - 2 * _PAD) / max(whole.height(), 1), 0.2)
        return scale, whole.center() - QPointF(self.width(), self.height()) / (2 * scale)

    def _from_scene(self, rect: QRectF) -> QRectF:
        scale, corner = self._scale()
        return QRectF((rect.topLeft() - corner) * scale, rect.size() * scale)

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatio()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        c = theme.colors()
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.border), 1))
        ground = QColor(c.panel)
        ground.setAlphaF(0.93)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        for mark in self._scene.marks.values():
            tint = color_of(mark.mark)
            tint.setAlphaF(0.22)
            painter.fillRect(self._from_scene(mark.rect), tint)
        boxes: dict[str, list[QRectF]] = defaultdict(list)
        problems = []
        for node in self._scene.nodes.values():
            box = self._from_scene(node.card)
            if node.face.problem:
                problems.append(_at_least(box, 5.0))
            else:
                boxes[node.face.category].append(_at_least(box, 2.0))
        for category, some in boxes.items():
            painter.setBrush(c.category(category))
            painter.drawRects(some)
        painter.setBrush(QColor(c.bad))  # on top, and never too small to be seen
        painter.drawRects(problems)
        painter.end()
        return picture


def _at_least(box: QRectF, size: float) -> QRectF:
    more = max(0.0, size - box.width()) / 2, max(0.0, size - box.height()) / 2
    return box.adjusted(-more[0], -more[1], more[0], more[1])
