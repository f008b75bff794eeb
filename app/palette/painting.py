"""What the palette paints itself: category headings, and the picture under a drag."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from app import theme
from app.widgets.layer_look import paint_layer_tile
from app.widgets.offers import shown_name

TILE = 24


def paint_category(
    painter: QPainter, option: QStyleOptionViewItem, name: str, expanded: bool
) -> None:
    """A heading with an arrow and a dot in the category's color."""
    c = theme.colors()
    rect = QRectF(option.rect)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(c.muted), 1.6))
    middle = QPointF(rect.left() + 10, rect.center().y() + 2)
    points = ((-3, -1.5), (0, 1.5), (3, -1.5)) if expanded else ((-1.5, -3), (1.5, 0), (-1.5, 3))
    painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in points]))
    shown = QFont(option.font)
    shown.setWeight(QFont.Weight.DemiBold)
    painter.setFont(shown)
    text = QFontMetricsF(shown).elidedText(
        name, Qt.TextElideMode.ElideRight, max(rect.width() - 36, 10)
    )
    painter.setPen(QColor(c.muted))
    at = rect.adjusted(22, 4, 0, 0)
    painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.restore()


def drag_picture(widget: QWidget, kind: str) -> QPixmap:
    """The tile and name of a layer type on a small card."""
    c = theme.colors()
    metrics = QFontMetricsF(widget.font())
    name = shown_name(kind)
    width, height = metrics.horizontalAdvance(name) + TILE + 26, TILE + 10
    ratio = widget.devicePixelRatioF()
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(c.node_border), 1))
    painter.setBrush(QColor(c.node))
    painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), 6, 6)
    paint_layer_tile(painter, QRectF(5, 5, TILE, TILE), kind)
    painter.setPen(QColor(c.text))
    painter.setFont(widget.font())
    text = QRectF(TILE + 13, 0, width - TILE - 16, height)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
    painter.end()
    return picture
