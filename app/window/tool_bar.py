"""The window's tool bar, painted in the theme's colors."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolBar, QWidget

from app import theme

ICON = QSize(18, 18)
GAP, LINE_INSET = 4, 6


class ToolBar(QToolBar):
    """Icons with thin lines between groups and one below.

    Fusion's own lines are nearly white in the dark, and those of a style sheet
    keep the colors that it was made with.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Main", parent)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(ICON)
        self.setContentsMargins(GAP, 2, GAP, 2)

    def add_line(self) -> None:
        """Part what comes next from what is there."""
        self.addWidget(_Line(self))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("window"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border"))


class _Line(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(2 * GAP + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        height = self.height() - 2 * LINE_INSET
        QPainter(self).fillRect(GAP, LINE_INSET, 1, height, theme.color("border"))
