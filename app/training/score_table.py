"""The last loss and metrics on each part of the data."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from engine.training.history import History

COLUMNS = ("Training", "Validation", "Test")
SHORT_COLUMNS = ("Train", "Val.", "Test")
"""Where the others would run into each other."""
USUAL, WIDEST = "0.00e-0", "0.00e+00"
NOTHING = "–"
GAP = 14


class ScoreTable(QWidget):
    """One row for the loss and one for each metric.

    Painted: each new text of a label would lay out the whole panel again.

    Attributes:
        epoch: after which epoch the scores were measured, as it is written: "epoch 6".
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, tuple[str, ...]] = {}
        self.epoch = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Scores")

    def text(self, measure: str) -> tuple[str, ...]:
        """What a row says; empty without such a row."""
        return self._rows.get(measure, ())

    def show_scores(self, history: History) -> None:
        """Show the newest epoch, and the test part once it was measured."""
        rows = {}
        for measure in history.measures or ("loss",):
            last = (history.last(f"{part}/{measure}") for part in ("train", "validation"))
            values = (*last, history.test.get(measure))
            rows[measure] = tuple(NOTHING if v is None else score_text(v) for v in values)
        epochs = history.column("epoch")
        epoch = f"epoch {epochs[-1]:,.0f}" if len(epochs) else ""
        if (rows, epoch) == (self._rows, self.epoch):
            return
        if rows.keys() != self._rows.keys():
            self.updateGeometry()
        self._rows, self.epoch = rows, epoch
        spoken = [f"After {epoch}"] * bool(epoch)
        spoken += [f"{measure} {', '.join(texts)}" for measure, texts in rows.items()]
        self.setAccessibleDescription("; ".join(spoken))
        self.setToolTip("\n".join(spoken))  # long names are shortened
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self._line() * (1 + max(1, len(self._rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _least_room(self) -> int:
        """What a column needs at least."""
        widths = (self.fontMetrics().horizontalAdvance(text) for text in (*SHORT_COLUMNS, USUAL))
        return max(widths) + 6

    def _line(self) -> int:
        return self.fontMetrics().height() + 3

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics, line = painter.fontMetrics(), self._line()
        # Room for the widest number, so that the columns stand still.
        wanted = max(metrics.horizontalAdvance(text) for text in (*COLUMNS, WIDEST)) + GAP
        names = (self.epoch, *self._rows)
        first = max(metrics.horizontalAdvance(name) for name in names) + 4
        first = min(first, max(0, self.width() - len(COLUMNS) * self._least_room()))
        room = max(1, min(wanted, (self.width() - first) // len(COLUMNS)))
        widest = max(metrics.horizontalAdvance(text) for text in COLUMNS)
        heads = COLUMNS if room >= widest + 6 else SHORT_COLUMNS
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.color("muted"))
        painter.drawText(QRectF(0, 0, first, line), left, self.epoch)
        for i, name in enumerate(heads):
            painter.drawText(QRectF(first + i * room, 0, room, line), right, name)
        for row, (measure, texts) in enumerate(self._rows.items(), start=1):
            painter.setPen(theme.color("muted"))
            name = metrics.elidedText(measure, Qt.TextElideMode.ElideRight, first)
            painter.drawText(QRectF(0, row * line, first, line), left, name)
            painter.setPen(theme.color("text"))
            for i, text in enumerate(texts):
                painter.drawText(QRectF(first + i * room, row * line, room, line), right, text)


def score_text(value: float) -> str:
    """A loss or metric in a few characters."""
    if value and not 1e-3 <= abs(value) < 1e4:
        return re.sub(r"e([+-])0", r"e\1", f"{value:.2e}")
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"
