"""The line above a chart: its title, what its lines are, and their values."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme

SWATCH = 12
GAP = 6


@dataclass(frozen=True)
class Entry:
    """One line of a chart.

    Attributes:
        tone: a color's name in :class:`app.theme.Colors`.
        value: its value where the reader looks, as text; empty without one.
        faint: whether the line is drawn faint.
    """

    name: str
    tone: str
    value: str = ""
    faint: bool = False


class Legend(QWidget):
    """Painted, not laid out: it is new several times a second while training.

    Where there is no room, values are left out, then entries, the last first.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._place = ""
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(80)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    @property
    def place(self) -> str:
        """Where the values are from: "epoch 3"."""
        return self._place

    def set_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            self.update()

    def show_entries(self, entries: tuple[Entry, ...], place: str = "") -> None:
        if (entries, place) != (self._entries, self._place):
            self._entries, self._place = entries, place
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(theme.color("text"))
        title_width = painter.fontMetrics().horizontalAdvance(self._title)
        self._text(painter, 0, title_width, self._title)
        painter.setFont(self.font())
        x = title_width + 2 * GAP
        with_values = x + sum(self._width(entry, True) for entry in self._entries) <= self.width()
        for entry in self._entries:
            width = self._width(entry, with_values)
            if x + width > self.width():
                return
            self._paint_entry(painter, x, entry, with_values)
            x += width
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._place)
        if self._place and x + width <= self.width():
            painter.setPen(theme.color("muted"))
            self._text(painter, self.width() - width, width, self._place)

    def _width(self, entry: Entry, with_value: bool) -> int:
        metrics = self.fontMetrics()
        width = SWATCH + GAP + metrics.horizontalAdvance(entry.name) + 2 * GAP
        if entry.value and with_value:
            # Room for any value, so that entries do not dance while values change.
            width += max(metrics.horizontalAdvance(t) for t in ("0.0000", entry.value)) + GAP
        return width

    def _paint_entry(self, painter: QPainter, x: int, entry: Entry, with_value: bool) -> None:
        metrics = self.fontMetrics()
        color = QColor(theme.color(entry.tone))
        color.setAlpha(110 if entry.faint else 255)
        painter.setPen(QPen(color, 2))
        middle = self.height() / 2
        painter.drawLine(QPointF(x, middle), QPointF(x + SWATCH, middle))
        painter.setPen(theme.color("muted"))
        name_width = metrics.horizontalAdvance(entry.name)
        self._text(painter, x + SWATCH + GAP, name_width, entry.name)
        if with_value:
            painter.setPen(theme.color("text"))
            value_width = metrics.horizontalAdvance(entry.value)
            self._text(painter, x + SWATCH + 2 * GAP + name_width, value_width, entry.value)

    def _text(self, painter: QPainter, x: int, width: int, text: str) -> None:
        place = QRect(x, 0, width + 2, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
