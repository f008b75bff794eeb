"""The last loss and metrics on each part of the data."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from engine.training.history import History

COLUMNS = ("Training", "Validation", "Test")
NOTHING = "–"
GAP = 14


class ScoreTable(QWidget):
    """One row for the loss and one for each metric.

    Painted: each new text of a label would lay out the whole panel again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, tuple[str, ...]] = {}
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
        if rows == self._rows:
            return
        if rows.keys() != self._rows.keys():
            self.updateGeometry()
        self._rows = rows
        self.setAccessibleDescription("; ".join(f"{m} {', '.join(t)}" for m, t in rows.items()))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self._line() * (1 + max(1, len(self._rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _line(self) -> int:
        return self.fontMetrics().height() + 3

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics, line = painter.fontMetrics(), self._line()
        # Room for the widest number, so that the columns stand still.
        room = max(metrics.horizontalAdvance(text) for text in (*COLUMNS, "0.00e+00")) + GAP
        first = max((metrics.horizontalAdvance(name) for name in self._rows), default=0) + 4
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        room = min(room, max(1, (self.width() - first) // len(COLUMNS)))
        painter.setPen(theme.color("muted"))
        for i, name in enumerate(COLUMNS):
            painter.drawText(QRectF(first + i * room, 0, room, line), right, name)
        for row, (measure, texts) in enumerate(self._rows.items(), start=1):
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(0, row * line, first, line), left, measure)
            painter.setPen(theme.color("text"))
            for i, text in enumerate(texts):
                painter.drawText(QRectF(first + i * room, row * line, room, line), right, text)


def score_text(value: float) -> str:
    """A loss or metric in a few characters."""
    if value and not 1e-3 <= abs(value) < 1e4:
        return f"{value:.2e}"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"
