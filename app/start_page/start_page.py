"""What is seen first: examples that open ready to run, and recent projects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.start_page.example_card import ExampleCard
from app.widgets.icons import icon
from app.widgets.labels import ToneLabel
from engine.project.examples import Example

COLUMN = 280


class StartPage(QScrollArea):
    """Example cards, new and open, recent projects.

    Signals:
        exampleChosen(Example), fileChosen(Path), newChosen(), openChosen(), dataChosen().
        backChosen(): the user wants the open project again.
    """

    exampleChosen = Signal(object)
    fileChosen = Signal(object)
    newChosen = Signal()
    openChosen = Signal()
    dataChosen = Signal()
    backChosen = Signal()

    def __init__(self, examples: Sequence[Example], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self.setAccessibleName("Start page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(12)
        self._title = _heading("Draw a network, train it, watch it, take it away.", 18)
        self._lead = ToneLabel(
            "Open an example and press Start, or begin with your own data: "
            "drop a CSV file or a folder of pictures anywhere on this window."
        )
        column.addWidget(self._title)
        column.addWidget(self._lead)
        buttons = QHBoxLayout()
        column.addLayout(buttons)
        self._fill_buttons(buttons)
        self._recent: list[QWidget] = []
        self._recent_box = QVBoxLayout()
        self._recent_box.setSpacing(2)
        column.addLayout(self._recent_box)
        column.addWidget(_heading("Examples", 13))
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        column.addLayout(self._grid)
        column.addStretch(1)
        self._cards = [ExampleCard(example) for example in examples]
        for card in self._cards:
            card.chosen.connect(self.exampleChosen)
        self._columns = 0
        self.setWidget(page)

    def set_recent(self, paths: Sequence[Path]) -> None:
        """Show these files as recent projects, the newest first."""
        for widget in self._recent:
            self._recent_box.removeWidget(widget)
            widget.deleteLater()
        self._recent = [_heading("Recent", 13)] if paths else []
        for path in paths[:5]:
            row = _RecentRow(path)
            row.chosen.connect(self.fileChosen)
            self._recent.append(row)
        for widget in self._recent:
            self._recent_box.addWidget(widget)

    def set_back(self, title: str) -> None:
        """Offer the way back to the open project; no title where there is nothing to go to."""
        self.back.setText(f"Back to {title}".replace("&", "&&"))
        self.back.setVisible(bool(title))
        if title and self.isVisible():
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill_buttons(self, row: QHBoxLayout) -> None:
        self.back = QPushButton()
        self.back.setIcon(icon("fa6s.arrow-left"))
        self.back.setToolTip("Show the open project again (Esc).")
        self.back.hide()
        new, open_, data = (
            QPushButton("New project"),
            QPushButton("Open…"),
            QPushButton("Open data…"),
        )
        self.back.clicked.connect(self.backChosen)
        new.clicked.connect(self.newChosen)
        open_.clicked.connect(self.openChosen)
        data.clicked.connect(self.dataChosen)
        for button in (self.back, new, open_, data):
            button.setMinimumHeight(30)
            row.addWidget(button)
        row.addStretch(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.back.isHidden():
            self.backChosen.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        columns = max(1, (self.viewport().width() - 64) // COLUMN)
        if columns != self._columns:
            self._columns = columns
            for index, card in enumerate(self._cards):
                self._grid.addWidget(card, index // columns, index % columns)
            for column in range(self._grid.columnCount()):
                self._grid.setColumnStretch(column, int(column < columns))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "back"):
            self.back.setIcon(icon("fa6s.arrow-left"))


class _RecentRow(QPushButton):
    """One recent project, as a link with its folder beside it."""

    chosen = Signal(object)

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.stem}   —   {path.parent}")
        self._path = path
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self._path)


def _heading(text: str, points: int) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setPointSize(points)
    font.setWeight(font.Weight.DemiBold)
    label.setFont(font)
    label.setWordWrap(True)
    return label
