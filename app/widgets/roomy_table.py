"""A table to read, whose numbers do not touch the words beside them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

ROOM = 6
"""Pixels on each side of a cell's text, besides the style's own."""


class RoomyCells(QStyledItemDelegate):
    """Leaves room at both sides of a cell. A style sheet would keep the scheme's first colors."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return super().sizeHint(option, index) + QSize(2 * ROOM, 0)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        # The ground has the whole cell, and is all that is drawn of it where text is empty.
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        ground.text = ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, option.widget)
        words = QStyleOptionViewItem(option)
        words.rect = option.rect.adjusted(ROOM, 0, -ROOM, 0)
        super().paint(painter, words, index)
