"""Numbers as bars: a vector with many places, or a few classes with their names."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme
from engine.arrays import Array

ROW = 20
NAMED_MOST = 100
NAME_ROOM = 18


class VectorBars(QWidget):
    """One upright bar for each number, from zero; names below where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Array = np.empty(0)
        self._names: tuple[str, ...] = ()
        self.setMinimumSize(80, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Values")

    @property
    def values(self) -> Array:
        return self._values

    def show_values(self, values: Array, names: tuple[str, ...] = ()) -> None:
        """Show (N,) numbers, perhaps with their names."""
        self._values = np.nan_to_num(values.astype(np.float64))
        self._names = names if len(names) == len(values) <= NAMED_MOST else ()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self._values):
            return
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        low, high = self._ends()
        scale_width = max(metrics.horizontalAdvance(f"{end:.3g}") for end in (low, high)) + 6
        below = metrics.height() + 2 if self._names else 4
        area = QRectF(scale_width, metrics.height() / 2, 0, 0)
        area.setRight(self.width() - 2)
        area.setBottom(max(area.top() + 10, self.height() - below))
        zero = area.bottom() + (area.height() * low / (high - low))
        self._paint_scale(painter, area, zero, low, high)
        slot = area.width() / len(self._values)
        gap = min(4.0, 0.2 * slot)
        for i, value in enumerate(self._values.tolist()):
            height = area.height() * value / (high - low)
            bar = QRectF(area.left() + i * slot + gap / 2, zero - height, slot - gap, height)
            painter.fillRect(bar.normalized(), theme.color("train" if value >= 0 else "validation"))
        if self._names:
            painter.setPen(theme.color("muted"))
            # Where bars are too narrow for their names, only some are named.
            every = max(1, ceil(NAME_ROOM / slot))
            for i, name in enumerate(self._names[::every]):
                room = every * slot - 4
                middle = area.left() + (i * every + 0.5) * slot
                place = QRectF(middle - room / 2, area.bottom(), room, below)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _ends(self) -> tuple[float, float]:
        low, high = min(0.0, float(self._values.min())), max(0.0, float(self._values.max()))
        return (low, high) if high > low else (0.0, 1.0)

    def _paint_scale(
        self, painter: QPainter, area: QRectF, zero: float, low: float, high: float
    ) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        half = painter.fontMetrics().height() / 2
        for value, y in ((low, area.bottom()), (0.0, zero), (high, area.top())):
            near_end = value == 0.0 and min(area.bottom() - zero, zero - area.top()) < 2 * half
            if near_end and low < 0 < high:
                continue
            painter.setPen(theme.color("muted"))
            place = QRectF(0, y - half, area.left() - 6, 2 * half)
            painter.drawText(place, right, f"{value:.3g}")
        painter.setPen(theme.color("border"))
        painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._explain(event)
            return True
        return super().event(event)

    def _explain(self, event: QHelpEvent) -> None:
        low, high = self._ends()
        metrics = self.fontMetrics()
        left = max(metrics.horizontalAdvance(f"{end:.3g}") for end in (low, high)) + 6
        slot = (self.width() - 2 - left) / max(1, len(self._values))
        i = int((event.pos().x() - left) / slot) if slot > 0 else -1
        if 0 <= i < len(self._values) and event.pos().x() >= left:
            name = self._names[i] if self._names else f"Number {i + 1}"
            QToolTip.showText(event.globalPos(), f"{name}: {self._values[i]:.5g}", self)
        else:
            QToolTip.hideText()


class ScoreBars(QWidget):
    """The likeliest classes as level bars, the right one marked."""

    def __init__(self, most: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._rows: list[tuple[str, float, str, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Prediction")

    @property
    def names(self) -> list[str]:
        """What is shown, from the top."""
        return [name for name, *_ in self._rows]

    @property
    def texts(self) -> list[str]:
        """The numbers shown, from the top."""
        return [text for _, _, text, _ in self._rows]

    @property
    def rights(self) -> list[bool]:
        """Which rows are the true class, from the top."""
        return [is_right for *_, is_right in self._rows]

    def clear(self) -> None:
        self._rows = []
        self.updateGeometry()
        self.update()

    def show_shares(self, shares: Array, names: tuple[str, ...], right: int | None) -> None:
        """Show the highest of (classes,) probabilities.

        Args:
            right: which class is the true one.
        """
        self._show(shares, shares, [f"{100 * each:.1f} %" for each in shares], names, right)

    def show_scores(self, scores: Array, names: tuple[str, ...], right: int | None) -> None:
        """Show the highest of (classes,) scores that are no probabilities."""
        finite = np.nan_to_num(scores.astype(np.float64))
        spread = float(finite.max() - finite.min()) or 1.0
        lengths = (finite - finite.min()) / spread
        self._show(scores, lengths, [f"{each:.3g}" for each in scores], names, right)

    def show_choice(self, name: str, score: float, is_right: bool) -> None:
        """Show the class that a single score stands for."""
        self._put([(name, 1.0, f"{score:.3g}", is_right)])

    def _show(
        self,
        values: Array,
        lengths: Array,
        texts: list[str],
        names: tuple[str, ...],
        right: int | None,
    ) -> None:
        order = np.argsort(-values, kind="stable")[: self._most].tolist()
        self._put([(names[i], float(lengths[i]), texts[i], i == right) for i in order])

    def _put(self, rows: list[tuple[str, float, str, bool]]) -> None:
        if len(rows) != len(self._rows):
            self.updateGeometry()
        self._rows = rows
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, ROW * max(1, len(self._rows) or self._most))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        names_width = max(metrics.horizontalAdvance(name) for name, *_ in self._rows) + 8
        names_width = min(names_width, self.width() // 2)
        value_width = metrics.horizontalAdvance("100.0 %") + 4
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for i, (name, share, text, is_right) in enumerate(self._rows):
            row = QRectF(0, i * ROW, self.width(), ROW)
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names_width - 6)
            painter.setPen(theme.color("good" if is_right else "text"))
            painter.drawText(QRectF(0, row.top(), names_width, ROW), left, name)
            track = QRectF(
                names_width, row.top() + 5, self.width() - names_width - value_width, ROW - 10
            )
            back = QColor(theme.color("border"))
            back.setAlpha(110)
            painter.fillRect(track, back)
            filled = QRectF(track)
            filled.setWidth(max(1.0, track.width() * min(1.0, max(0.0, share))))
            painter.fillRect(filled, theme.color("good" if is_right else "train"))
            painter.setPen(theme.color("muted"))
            place = QRectF(self.width() - value_width, row.top(), value_width, ROW)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
