"""Predicted numbers over true ones."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from engine.metrics import Scatter

RADIUS = 2.5


class ScatterView(QWidget):
    """Paints a :class:`Scatter`: points on the line are predicted exactly."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scatter: Scatter | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setAccessibleName("Predicted and true numbers")

    @property
    def words(self) -> str:
        """How many points there are, and how far they lie from the line on average."""
        if self._scatter is None:
            return ""
        off = np.abs(self._scatter.predicted - self._scatter.true)
        shown = len(self._scatter.true)
        some = "" if shown >= self._scatter.total else f", {shown:,} of them shown"
        return f"{self._scatter.total:,} numbers{some}; off by {np.nanmean(off):.4g} on average"

    def show_scatter(self, scatter: Scatter | None) -> None:
        """Show points, or none."""
        self._scatter = scatter
        self.setAccessibleDescription(self.words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scatter is None or not len(self._scatter.true):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        both = np.stack([self._scatter.true.reshape(-1), self._scatter.predicted.reshape(-1)])
        both = both[:, np.isfinite(both).all(axis=0)]
        if not both.size:
            return
        low, high = float(both.min()), float(both.max())
        area = self._paint_axes(painter, low, high)
        places = (both - low) / ((high - low) or 1.0)
        tone = QColor(theme.color("train"))
        tone.setAlpha(150)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tone)
        for true, predicted in places.T.tolist():
            x, y = area.left() + true * area.width(), area.bottom() - predicted * area.height()
            painter.drawEllipse(QPointF(x, y), RADIUS, RADIUS)

    def _paint_axes(self, painter: QPainter, low: float, high: float) -> QRectF:
        metrics, flags = painter.fontMetrics(), Qt.AlignmentFlag
        line, left = metrics.height(), metrics.horizontalAdvance("-0.000e+00")
        side = max(20.0, min(self.width() - left - 8.0, self.height() - 2.0 * line - 8))
        area = QRectF(left, line / 2, side, side)
        painter.fillRect(area, theme.color("field"))
        painter.setPen(QPen(theme.color("muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(area.bottomLeft(), area.topRight())
        painter.setPen(theme.color("border"))
        painter.drawRect(area)
        painter.setPen(theme.color("muted"))
        aside = QRectF(0, area.top() - line / 2, left - 5, area.height() + line)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), line)
        painter.drawText(aside, flags.AlignRight | flags.AlignTop, f"{high:.4g}")
        painter.drawText(aside, flags.AlignRight | flags.AlignBottom, f"{low:.4g}")
        painter.drawText(aside, flags.AlignRight | flags.AlignVCenter, "predicted")
        painter.drawText(below, flags.AlignCenter, "true")
        painter.drawText(below, flags.AlignRight, f"{high:.4g}")
        return area
