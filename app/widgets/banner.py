"""A strip above the window's contents that says what did not work, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import theme
from app.widgets.icons import IconButton
from app.widgets.labels import ToneLabel
from engine.errors import EngineError


class Banner(QWidget):
    """Shows one error until it is closed; it never takes the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = ToneLabel("", "bad", bold=True)
        self.todo = ToneLabel("", "text")
        self.close_button = IconButton("fa6s.xmark", "Close this message", self)
        self.close_button.clicked.connect(self.hide)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.what)
        texts.addWidget(self.todo)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.addLayout(texts, 1)
        row.addWidget(self.close_button)
        self.hide()

    def show_error(self, error: EngineError) -> None:
        """Show an error in place of the one before."""
        self.what.setText(error.what)
        self.todo.setText(error.fix)
        self.todo.setVisible(bool(error.fix))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(QRectF(0, 0, 4, self.height()), theme.color("bad"))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("border"))
