"""A confusion matrix: how often samples of each class were taken for each class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme
from app.plots.pictures import to_image
from engine.arrays import Array
from engine.metrics import ConfusionMatrix

LEAST_CELL = 16
WIDEST_CELL = 72
NAMES_SHARE = 0.3
PAD = 4

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class MatrixView(QWidget):
    """Paints a :class:`ConfusionMatrix`: a row for each true class, a column for each predicted.

    A cell is the darker the larger its share of the row; what is right lies on the diagonal. The
    arrow keys and the pointer choose a cell, which is then put into words.

    Signals:
        chosen(): another cell, or another matrix.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix: ConfusionMatrix | None = None
        self._cell: tuple[int, int] | None = None
        self._image: QImage | None = None
        self._widest = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setAccessibleName("Confusion matrix")

    @property
    def matrix(self) -> ConfusionMatrix | None:
        """What is shown."""
        return self._matrix

    @property
    def words(self) -> str:
        """The chosen cell in words, or the whole matrix where none is chosen."""
        if self._matrix is None:
            return ""
        return _whole_words(self._matrix) if self._cell is None else self._words_of(*self._cell)

    def show_matrix(self, matrix: ConfusionMatrix | None) -> None:
        """Show a matrix, or none."""
        self._matrix, self._image, self._widest = matrix, None, 0
        if matrix is None or (self._cell and max(self._cell) >= len(matrix.classes)):
            self._cell = None
        self._tell()

    # Choosing a cell

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self._matrix is None:
            super().keyPressEvent(event)
            return
        count = len(self._matrix.classes)
        row, column = self._cell or (0, 0)
        if self._cell is not None:
            row, column = row + step[0], column + step[1]
        self._choose((min(max(row, 0), count - 1), min(max(column, 0), count - 1)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._choose(cell)
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            if cell is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._words_of(*cell), self)
            return True
        return super().event(event)

    def _choose(self, cell: tuple[int, int]) -> None:
        self._cell = cell
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleDescription(self.words)
        self.update()
        self.chosen.emit()

    def _words_of(self, row: int, column: int) -> str:
        assert self._matrix is not None
        counts, names = self._matrix.counts, self._matrix.classes
        count, total = int(counts[row, column]), int(counts[row].sum())
        share = f" ({count / total:.1%})" if total else ""
        return f"True {names[row]}, predicted {names[column]}: {count:,} of {total:,}{share}"

    # Painting

    def cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """The row and column of a place, if it is in the matrix."""
        if self._matrix is None:
            return None
        area, side, count = self._area(), self._side(), len(self._matrix.classes)
        row, column = int((at.y() - area.top()) // side), int((at.x() - area.left()) // side)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell lies."""
        area, side = self._area(), self._side()
        return QRectF(area.left() + column * side, area.top() + row * side, side, side)

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def _names_width(self) -> float:
        if not self._widest and self._matrix is not None:
            metrics = self.fontMetrics()
            self._widest = max(metrics.horizontalAdvance(name) for name in self._matrix.classes)
        return min(self._widest + 2 * PAD, NAMES_SHARE * self.width())

    def _side(self) -> float:
        """The side of a cell; so small for many classes that only colors are left."""
        assert self._matrix is not None
        count = len(self._matrix.classes)
        line = self.fontMetrics().height()
        room = min(self.width() - self._names_width() - line - PAD, self.height() - 2 * line - PAD)
        return max(0.1, min(WIDEST_CELL, room / count))

    def _area(self) -> QRectF:
        assert self._matrix is not None
        line, side = self.fontMetrics().height(), self._side() * len(self._matrix.classes)
        return QRectF(self._names_width() + line, 2 * line, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._matrix is None:
            return
        painter, area, side = QPainter(self), self._area(), self._side()
        if self._image is None:
            self._image = to_image(_colors(self._matrix.counts))
        painter.drawImage(area, self._image)
        if side >= LEAST_CELL:
            self._paint_counts(painter)
        self._paint_names(painter, side)
        if self._cell is not None:
            painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell_rect(*self._cell).adjusted(1, 1, -1, -1))

    def _paint_counts(self, painter: QPainter) -> None:
        """Lines between the cells, and the counts that have room."""
        assert self._matrix is not None
        metrics, area = painter.fontMetrics(), self._area()
        painter.setPen(QPen(theme.color("field"), 1))
        for i in range(1, len(self._matrix.classes)):
            corner = self.cell_rect(i, i).topLeft()
            painter.drawLine(QPointF(corner.x(), area.top()), QPointF(corner.x(), area.bottom()))
            painter.drawLine(QPointF(area.left(), corner.y()), QPointF(area.right(), corner.y()))
        for row, counts in enumerate(self._matrix.counts.tolist()):
            for column, count in enumerate(counts):
                text, rect = f"{count:,}", self.cell_rect(row, column)
                if metrics.horizontalAdvance(text) <= rect.width() - 3:
                    painter.setPen(theme.color("text" if count else "muted"))
                    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._image = None  # its colors are the theme's
        elif event.type() == QEvent.Type.FontChange:
            self._widest = 0
        super().changeEvent(event)

    def _paint_names(self, painter: QPainter, side: float) -> None:
        assert self._matrix is not None
        metrics, area = painter.fontMetrics(), self._area()
        line, flags, elide = metrics.height(), Qt.AlignmentFlag, Qt.TextElideMode.ElideRight
        painter.setPen(theme.color("muted"))
        painter.drawText(QRectF(area.left(), 0, area.width(), line), flags.AlignCenter, "predicted")
        painter.save()
        painter.translate(0, area.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, area.height(), line), flags.AlignCenter, "true")
        painter.restore()
        every = max(1, int(-(-line // side)))
        for i, name in enumerate(self._matrix.classes):
            if i % every == 0:
                place = QRectF(line, area.top() + i * side, self._names_width() - PAD, every * side)
                short = metrics.elidedText(name, elide, int(place.width()))
                painter.drawText(place, flags.AlignVCenter | flags.AlignRight, short)
            if side >= LEAST_CELL:
                head = QRectF(area.left() + i * side, line, side, line)
                short = metrics.elidedText(name, elide, int(side - 2))
                painter.drawText(head, flags.AlignCenter, short)


def _colors(counts: Array) -> Array:
    """The color of each cell, uint8 (classes, classes, 3), by its share of the row."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    strength = np.where(counts > 0, 0.08 + 0.72 * shares, 0.03)[..., None]
    tones_of = (theme.color(name) for name in ("field", "good", "bad"))
    paper, good, bad = (np.array([c.red(), c.green(), c.blue()], np.float64) for c in tones_of)
    tones = np.where(np.eye(len(counts), dtype=bool)[..., None], good, bad)
    mixed: Array = (paper + strength * (tones - paper)).astype(np.uint8)
    return mixed


def _whole_words(matrix: ConfusionMatrix) -> str:
    share = f" ({matrix.right / matrix.total:.1%})" if matrix.total else ""
    return f"{matrix.right:,} of {matrix.total:,} right{share}"
