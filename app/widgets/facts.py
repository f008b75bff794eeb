"""A small table of facts for reading: names at the left, values at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.widgets.labels import ToneLabel


class Facts(QWidget):
    """Rows of short texts in columns; the first column is a muted name.

    Args:
        columns: how many; those after the second stand at the right edge.
    """

    def __init__(self, columns: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._labels: list[list[QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What is shown."""
        return [tuple(label.text() for label in row) for row in self._labels]

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows; widgets of rows that stay are used again."""
        while len(self._labels) > len(rows):
            for label in self._labels.pop():
                label.hide()
                label.deleteLater()
        while len(self._labels) < len(rows):
            self._labels.append(self._new_row(len(self._labels)))
        for labels, texts in zip(self._labels, rows, strict=True):
            for label, text in zip(labels, texts, strict=True):
                if label.text() != text:
                    label.setText(text)
        self.setVisible(bool(rows))

    def _new_row(self, at: int) -> list[QLabel]:
        labels: list[QLabel] = []
        for column in range(self._columns):
            label = ToneLabel("", "muted" if column == 0 else "text")
            label.setWordWrap(column == 1)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            side = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
            label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label, at, column)
            labels.append(label)
        return labels
