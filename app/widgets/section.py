"""A titled part of a panel."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets.labels import Heading


class Section(QWidget):
    """A heading with widgets below it."""

    def __init__(self, title: str, *contents: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = Heading(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(5)
        self.column.addWidget(self.heading)
        for widget in contents:
            self.column.addWidget(widget)
