"""Frames and notes on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app import theme
from app.canvas.kept import Kept
from app.canvas.node_face import font
from engine.project import Frame, Mark

TITLE = 26.0
"""How high the bar is that a frame is dragged by."""
EDGE = 7.0
"""How near its border, in screen pixels, a press takes a frame."""
GRIP = 16.0
"""The corner that changes the size."""

_FRAME_LAYER, _NOTE_LAYER = -10.0, 0.8
_PAD = 10.0
_CORNER = 8.0
_MARGIN = 4.0
_WRAP = Qt.TextFlag.TextWordWrap
# Frames and notes take the categories' colors: they are told apart by color-blind people.
_CATEGORY = {
    "blue": "Core",
    "orange": "Convolution",
    "green": "Pooling",
    "gray": "Shape",
    "purple": "Normalization",
    "pink": "Regularization",
    "yellow": "Merging",
    "teal": "Preprocessing",
}


def color_of(mark: Mark) -> QColor:
    """What a frame or note is drawn in."""
    return color_named(mark.color)


def color_named(name: str) -> QColor:
    """One of the colors of frames and notes."""
    return theme.colors().category(_CATEGORY[name])


class MarkItem(Kept, QGraphicsItem):
    """Shows a frame or a note; what it looks like is decided by the scene alone."""

    def __init__(self, name: str, mark: Mark) -> None:
        super().__init__()
        self.name = name
        self.mark = mark
        self.selected = False
        self.hovered = False
        self.keep()
        self._place()

    @property
    def is_frame(self) -> bool:
        return isinstance(self.mark, Frame)

    @property
    def rect(self) -> QRectF:
        """Its rectangle in the scene."""
        return QRectF(self.mark.x, self.mark.y, self.mark.width, self.mark.height)

    def show_mark(self, mark: Mark) -> None:
        """Show it as it is now."""
        if mark != self.mark:
            self.renew()
            self.prepareGeometryChange()
            self.mark = mark
            self._place()
            self.renew()

    def show_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.renew()

    def show_hovered(self, hovered: bool) -> None:
        if hovered != self.hovered:
            self.hovered = hovered
            self.renew()

    def is_grip(self, at: QPointF) -> bool:
        """Whether a point of the scene is in the corner that changes the size."""
        rect = self.rect
        grip = QRectF(rect.right() - GRIP, rect.bottom() - GRIP, GRIP, GRIP)
        return grip.contains(at)

    def is_held_at(self, at: QPointF, zoom: float) -> bool:
        """Whether a press at a point of the scene takes it: a frame only by title and border."""
        rect, edge = self.rect, EDGE / zoom
        if not rect.adjusted(-edge / 2, -edge / 2, edge / 2, edge / 2).contains(at):
            return False
        if not self.is_frame or self.is_grip(at) or at.y() < rect.top() + self._title(zoom):
            return True
        return not rect.adjusted(edge, edge, -edge, -edge).contains(at)

    def boundingRect(self) -> QRectF:
        margin = _MARGIN
        return QRectF(0, 0, self.mark.width, self.mark.height).adjusted(
            -margin, -margin, margin, margin
        )

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self.mark.width, self.mark.height))
        return path

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self._paint(painter, option.levelOfDetailFromTransform(painter.worldTransform()))

    def paint_kept(self, painter: QPainter, zoom: float, rough: bool) -> None:
        painter.save()
        painter.translate(self.pos())
        self._paint(painter, zoom)
        painter.restore()

    def _paint(self, painter: QPainter, zoom: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_frame:
            self._paint_frame(painter, zoom)
        else:
            self._paint_note(painter)
        if self.selected or self.hovered:
            self._paint_grip(painter)

    def _paint_frame(self, painter: QPainter, zoom: float) -> None:
        c, color = theme.colors(), color_of(self.mark)
        rect = QRectF(0, 0, self.mark.width, self.mark.height)
        ground, bar, line = QColor(color), QColor(color), QColor(color)
        ground.setAlphaF(0.08)
        bar.setAlphaF(0.22)
        line.setAlphaF(1.0 if self.hovered else 0.6)
        painter.setPen(self._pen(line))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, _CORNER, _CORNER)
        high = self._title(zoom)
        whole, top = QPainterPath(), QPainterPath()
        whole.addRoundedRect(rect, _CORNER, _CORNER)
        top.addRect(QRectF(0, 0, rect.width(), high))
        painter.fillPath(whole.intersected(top), bar)
        painter.setPen(QColor(c.text))
        painter.setFont(font(high / 2, bold=True))
        room = QRectF(_PAD, 0, rect.width() - 2 * _PAD, high)
        title = QFontMetricsF(painter.font()).elidedText(
            self.mark.text, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_note(self, painter: QPainter) -> None:
        c, color = theme.colors(), color_of(self.mark)
        rect = QRectF(0, 0, self.mark.width, self.mark.height)
        painter.setPen(self._pen(color))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(rect, 5, 5)
        tint = QColor(color)
        tint.setAlphaF(0.16)
        painter.setBrush(tint)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, 5, 5)
        painter.setPen(QColor(c.text))
        painter.setFont(font(13))
        room = rect.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 2)
        painter.save()
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        painter.drawText(room, int(_WRAP), self.mark.text)
        painter.restore()

    def _paint_grip(self, painter: QPainter) -> None:
        painter.setPen(QPen(color_of(self.mark), 1.5))
        right, bottom = self.mark.width - 4, self.mark.height - 4
        for size in (5.0, 10.0):
            painter.drawLine(QPointF(right - size, bottom), QPointF(right, bottom - size))

    def _pen(self, color: QColor) -> QPen:
        pen = QPen(theme.color("accent") if self.selected else color, 2 if self.selected else 1.2)
        pen.setCosmetic(True)
        return pen

    def _title(self, zoom: float) -> float:
        """How high the title's bar is: from afar it stays large enough to read."""
        return min(max(TITLE, 22 / max(zoom, 0.05)), 0.4 * self.mark.height)

    def _place(self) -> None:
        self.setPos(self.mark.x, self.mark.y)
        # A smaller frame lies on a larger one.
        size = self.mark.width * self.mark.height
        self.setZValue(_FRAME_LAYER - size * 1e-9 if self.is_frame else _NOTE_LAYER)
