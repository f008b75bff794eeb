"""A small plot of a few curves, painted in the theme's colors; the pointer reads it off."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log10

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.widgets.ticks import powers, tick_text, ticks
from engine.arrays import Array

SPACE = 6
TICK_SPACE = 34
"""Pixels that the numbers of an axis are apart at least, downward; across twice as many."""

KEY_STEPS = 60
"""So many presses of an arrow key lead from one end of the axis to the other."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve: x rising (N,), y (N,), where it is not finite with gaps.

    Attributes:
        tone: a color's name in :class:`app.theme.Colors`.
        dashed, faint: how its line looks.
    """

    name: str
    x: Array
    y: Array
    tone: str
    dashed: bool = False
    faint: bool = False

    def at(self, x: float) -> float | None:
        """Its value at the point nearest to ``x``; None where it has none."""
        if not len(self.x):
            return None
        value = float(self.y[int(np.abs(self.x - x).argmin())])
        return value if isfinite(value) else None


class LinePlot(QWidget):
    """Curves over one axis, with a legend that tells the values under the pointer.

    Args:
        log: whether the axis across is logarithmic.
        name: what stands along it.
        choosable: whether a click or the arrow keys choose a place on it.

    Signals:
        chosen(x): the user chose a place.
    """

    chosen = Signal(float)

    def __init__(
        self,
        name: str = "",
        *,
        log: bool = False,
        choosable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.curves: tuple[Curve, ...] = ()
        self.marker: float | None = None
        self._name, self._log, self._choosable = name, log, choosable
        self._across = self._up = (0.0, 1.0)
        self._pointed: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if choosable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.CrossCursor)

    def show_curves(
        self, curves: tuple[Curve, ...], across: tuple[float, float], up: tuple[float, float]
    ) -> None:
        """Draw these; ``across`` and ``up`` are the ends of the axes."""
        self.curves, self._across, self._up = curves, across, up
        self.update()

    def set_marker(self, x: float | None) -> None:
        """A line at ``x``, the place that is chosen."""
        self.marker = x
        self.update()

    @property
    def readout(self) -> tuple[str, ...]:
        """What the legend says: names, and the values under the pointer."""
        x = self._pointed
        place = () if x is None else (f"{self._name or 'x'} {x:.3g}",)
        return (*place, *(self._entry(curve) for curve in self.curves if not curve.faint))

    def sizeHint(self) -> QSize:
        return QSize(240, 170)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 110)

    # Pointing and choosing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(self._pointed)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._point(event.position())
            self._choose(self._pointed)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._choosable:
            super().keyPressEvent(event)
            return
        share = 0.5 if self.marker is None else self._share(self.marker) + step / KEY_STEPS
        self._choose(self._value(min(1.0, max(0.0, share))))

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def _choose(self, x: float | None) -> None:
        if self._choosable and x is not None:
            self.set_marker(x)
            self.chosen.emit(x)

    def _point(self, at: QPointF) -> None:
        area = self._area()
        inside = area.left() <= at.x() <= area.right() and area.width() > 0
        self._pointed = self._value((at.x() - area.left()) / area.width()) if inside else None
        self.update()

    # Places

    def _share(self, x: float) -> float:
        """Where ``x`` stands on the axis, from 0 to 1."""
        low, high = self._across
        if self._log:
            return (log10(x) - log10(low)) / (log10(high) - log10(low)) if x > 0 else -1.0
        return (x - low) / (high - low)

    def _value(self, share: float) -> float:
        low, high = self._across
        if self._log:
            return float(10 ** (log10(low) + share * (log10(high) - log10(low))))
        return low + share * (high - low)

    def _area(self) -> QRectF:
        """Where curves are drawn."""
        fonts = QFontMetricsF(self.font())
        left = max((fonts.horizontalAdvance(tick_text(y)) for y in self._rows()), default=0) + SPACE
        under = fonts.height() * (2 if self._name else 1) + SPACE
        top = fonts.height() + 2 * SPACE
        return QRectF(left, top, self.width() - left - SPACE, self.height() - top - under)

    def _rows(self) -> list[float]:
        return ticks(*self._up, max(2, int(self.height() / TICK_SPACE)))

    def _columns(self, width: float) -> list[float]:
        most = max(2, int(width / (2 * TICK_SPACE)))
        return powers(*self._across, most) if self._log else ticks(*self._across, most)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area()
        if area.width() < 1 or area.height() < 1:
            return
        self._paint_axes(painter, area)
        painter.save()
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        for curve in self.curves:
            self._paint_curve(painter, area, curve)
        for x, tone in ((self._pointed, "muted"), (self.marker, "accent")):
            if x is not None:
                at = area.left() + self._share(x) * area.width()
                painter.setPen(QPen(theme.color(tone), 1.5 if tone == "accent" else 1))
                painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
        painter.restore()
        self._paint_legend(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        fonts = QFontMetricsF(self.font())
        zero, border, text = theme.color("muted"), theme.color("border"), theme.color("muted")
        for y in self._rows():
            at = self._height_of(area, y)
            painter.setPen(QPen(zero if abs(y) < 1e-12 else border, 1))
            painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at))
            painter.setPen(text)
            box = QRectF(0, at - fonts.height() / 2, area.left() - SPACE / 2, fonts.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, tick_text(y))
        for x in self._columns(area.width()):
            at = area.left() + self._share(x) * area.width()
            painter.setPen(QPen(zero if abs(x) < 1e-12 else border, 1))
            painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
            painter.setPen(text)
            words = tick_text(x)
            wide = fonts.horizontalAdvance(words) + 2
            left = min(max(0.0, at - wide / 2), self.width() - wide)
            painter.drawText(QRectF(left, area.bottom() + 2, wide, fonts.height()), words)
        if self._name:
            box = QRectF(area.left(), area.bottom() + fonts.height(), area.width(), fonts.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, self._name)

    def _height_of(self, area: QRectF, y: float) -> float:
        low, high = self._up
        # Far outside is as good as at the edge, and what is drawn stays within Qt's numbers.
        share = min(4.0, max(-3.0, (y - low) / (high - low)))
        return area.bottom() - share * area.height()

    def _paint_curve(self, painter: QPainter, area: QRectF, curve: Curve) -> None:
        color = theme.color(curve.tone)
        color.setAlpha(90 if curve.faint else 255)
        pen = QPen(color, 1 if curve.faint else 2)
        if curve.dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        points: list[QPointF] = []
        for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True):
            if isfinite(y):
                at = area.left() + self._share(x) * area.width()
                points.append(QPointF(at, self._height_of(area, y)))
                continue
            painter.drawPolyline(QPolygonF(points))
            points = []
        painter.drawPolyline(QPolygonF(points))

    def _entry(self, curve: Curve) -> str:
        value = None if self._pointed is None else curve.at(self._pointed)
        return curve.name if value is None else f"{curve.name} {value:.3g}"

    def _paint_legend(self, painter: QPainter) -> None:
        fonts, at = QFontMetricsF(self.font()), float(SPACE)
        middle = SPACE + fonts.height() / 2
        for curve in self.curves:
            if curve.faint:
                continue
            pen = QPen(theme.color(curve.tone), 2)
            if curve.dashed:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(at, middle), QPointF(at + 14, middle))
            painter.setPen(theme.color("text"))
            words = self._entry(curve)
            wide = fonts.horizontalAdvance(words) + 2
            painter.drawText(QRectF(at + 18, SPACE, wide, fonts.height()), words)
            at += 18 + wide + 2 * SPACE
        if self._pointed is not None:
            words = f"at {self._pointed:.3g}"
            wide = fonts.horizontalAdvance(words) + 2
            painter.setPen(theme.color("muted"))
            if at + wide <= self.width():
                painter.drawText(
                    QRectF(self.width() - wide - SPACE, SPACE, wide, fonts.height()), words
                )
