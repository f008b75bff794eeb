"""How a list shows a layer type: its tile and its name."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app import theme
from app.widgets.layer_look import paint_layer_tile

ROW_HEIGHT = 32
_TILE = 24.0
_LEFT = 8.0


class LayerRow(QStyledItemDelegate):
    """Paints rows of layer types and blocks; a chosen one keeps its tile's color."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c, text = theme.colors(), str(index.data())
        kind = str(index.data(Qt.ItemDataRole.UserRole) or text)
        row = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            ground = QColor(c.accent if chosen else c.muted)
            ground.setAlphaF(0.24 if chosen else 0.12)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 6, 6)
        top = row.top() + (row.height() - _TILE) / 2
        paint_layer_tile(painter, QRectF(row.left() + _LEFT, top, _TILE, _TILE), kind)
        room = row.adjusted(_LEFT + _TILE + 9, 0, -6, 0)
        painter.setFont(option.font)
        painter.setPen(QColor(c.text))
        shown = QFontMetricsF(option.font).elidedText(
            text, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()
