"""One chart in the program's colors: lines over epochs, a legend, a crosshair."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from time import thread_time

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QGraphicsItem, QVBoxLayout, QWidget

from app import theme
from app.plots.legend import Entry, Legend
from app.plots.ranges import length_range, round_step, value_range
from engine.arrays import Array

NOTHING: Array = np.empty(0)
FAINT_ALPHA = 80
AXIS_WIDTH = 44
TICK_DENSITY = 2.5
MARK_ROOM, LABEL_ROOM = 6, 8
"""How far, in pixels, axes go beyond their ends: half a mark, half the height of a number."""

LEAST_SIDE = 40
TICK_GAP = 14
"""The least room, in pixels, between the numbers of two epochs."""

LABEL_OVERHANG = 12
"""How far, in pixels, the number at the last epoch may stand out over its axis."""

# Smooth 2-pixel lines are beautiful and cost by the point: only where points are few.
SMOOTH_POINTS = 400
DOTTED_POINTS = 40


@dataclass(eq=False)
class Line:
    """One line of a chart.

    Attributes:
        tone: a color's name in :class:`app.theme.Colors`.
        faint: drawn pale, for what is in the background.
        dots: whether each point is marked while there are few.
        named: whether the legend shows it.
    """

    name: str
    tone: str
    faint: bool = False
    dots: bool = False
    named: bool = True
    x: Array = field(default_factory=lambda: NOTHING)
    y: Array = field(default_factory=lambda: NOTHING)
    item: pg.PlotDataItem = field(default_factory=pg.PlotDataItem)

    def color(self) -> QColor:
        color = QColor(theme.color(self.tone))
        color.setAlpha(FAINT_ALPHA if self.faint else 255)
        return color

    def at(self, x: float) -> float | None:
        """The value of the point nearest to ``x``."""
        if not len(self.x):
            return None
        right = int(np.searchsorted(self.x, x).clip(1, max(1, len(self.x) - 1)))
        near = (
            right
            if right < len(self.x) and self.x[right] - x < x - self.x[right - 1]
            else right - 1
        )
        value = float(self.y[near])
        return value if isfinite(value) else None


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot that knows what it costs.

    Attributes:
        paint_seconds: how long the last painting took.
    """

    paint_seconds = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        began = thread_time()
        super().paintEvent(event)
        self.paint_seconds = thread_time() - began


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis on which no number runs into the next, however long the run."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return one level of ticks: their distance, in epochs, and an offset of 0."""
        widest = QFontMetricsF(QApplication.font()).horizontalAdvance(f"{high:.0f}")
        most = max(1.0, size / (widest + TICK_GAP))
        return [(round_step((high - low) / most), 0.0)]


class Chart(QWidget):
    """Lines over epochs. Double-click shows everything again after zooming."""

    def __init__(self, title: str, lines: tuple[Line, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = lines
        self._looked_at: float | None = None
        self._log = False
        self._end = 0.0
        self._follows = True
        self.legend = Legend(title, self)
        self.plot = Plot(self, background=None, axisItems={"bottom": EpochAxis("bottom")})
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setMinimumSize(120, 80)
        self.plot.setAccessibleName(title)
        for line in lines:
            line.item.setDownsampling(auto=True, method="peak")
            line.item.setClipToView(True)
            self.plot.addItem(line.item)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)
        self.plot.setLabel("bottom", "epoch")
        for side in ("left", "bottom"):
            # Painting the numbers of an axis costs more than its curves.
            axis = self.plot.getAxis(side)
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            axis.setStyle(maxTickLevel=0, maxTextLevel=0, hideOverlappingLabels=LABEL_OVERHANG)
            axis.setTickDensity(TICK_DENSITY)
        # Numbers of any length, so that the plot stands still and two line up.
        self.plot.getAxis("left").setWidth(AXIS_WIDTH)
        item = self.plot.getPlotItem()
        item.setContentsMargins(0, 0, LABEL_OVERHANG, 0)
        view = item.getViewBox()
        view.disableAutoRange()
        view.sigRangeChangedManually.connect(self._stop_following)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)
        self.recolor()

    def show_lines(self, *points: tuple[Array, Array], end: float = 0.0) -> None:
        """Give each line its points x (N,), y (N,), in the order of :attr:`lines`.

        Args:
            end: the epoch that the axis reaches at least; lets charts agree.
        """
        self.reach(end)
        for line, (x, y) in zip(self.lines, points, strict=True):
            y = np.where(np.isfinite(y), y, np.nan)
            if np.array_equal(x, line.x) and np.array_equal(y, line.y, equal_nan=True):
                continue
            line.x, line.y = x, y
            line.item.setVisible(len(x) > 0)  # empty ones cost as much as full ones
            line.item.setData(
                x,
                y,
                pen=self._pen(line),
                antialias=len(x) <= SMOOTH_POINTS and not line.faint,
                connect="finite",
                symbol="o" if line.dots and len(x) <= DOTTED_POINTS else None,
                symbolSize=5,
                symbolPen=None,
                symbolBrush=line.color(),
            )
        if self._follows:
            self._fit()
        self._show_values()

    def reach(self, end: float) -> None:
        """Let the axis reach this epoch at least, so that charts above each other agree."""
        if end != self._end:
            self._end = end
            if self._follows:
                self._fit()

    def set_title(self, title: str) -> None:
        self.legend.set_title(title)
        self.plot.setAccessibleName(title)

    def show_epochs(self, shown: bool) -> None:
        """Whether the axis of epochs has numbers and a name."""
        axis = self.plot.getAxis("bottom")
        if axis.style["showValues"] == shown:
            return
        axis.setStyle(showValues=shown)
        axis.showLabel(shown)

    def set_log(self, log: bool) -> None:
        """Draw values on a logarithmic scale."""
        self._log = log
        self.plot.setLogMode(x=False, y=log)
        self.show_all()

    def show_all(self) -> None:
        """Fit the view to all lines, and keep it so while they grow."""
        self._follows = True
        self._fit()

    def _stop_following(self) -> None:
        """The user zoomed or moved the view: leave it there."""
        self._follows = False

    def _fit(self) -> None:
        filled = [line for line in self.lines if len(line.x)]
        last = max((self._end, *(float(line.x[-1]) for line in filled)))
        x, y = length_range(last), value_range([line.y for line in filled], self._log)
        view = self.plot.getPlotItem().getViewBox()
        across = MARK_ROOM * (x[1] - x[0]) / max(view.width(), LEAST_SIDE)
        up = LABEL_ROOM * (y[1] - y[0]) / max(view.height() - 2 * LABEL_ROOM, LEAST_SIDE)
        x, y = (x[0], x[1] + across), (y[0] - up, y[1] + up)
        if [list(x), list(y)] != view.state["targetRange"]:
            view.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def recolor(self) -> None:
        """Take the colors in force."""
        muted, border = theme.color("muted"), theme.color("border")
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(border)
            axis.setTextPen(muted)
        # Without a ground of its own, what was drawn before stays under the new colors.
        self.plot.setBackground(theme.color("window"))
        self._cross.setPen(QPen(theme.color("muted"), 0))
        self.plot.showGrid(x=False, y=True, alpha=0.25)
        for line in self.lines:
            line.item.setPen(self._pen(line))
            line.item.setSymbolBrush(line.color())
        self.legend.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.recolor()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._follows:
            self._fit()

    def leaveEvent(self, event: QEvent) -> None:
        self._look_at(None)
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event: object) -> None:
        self.show_all()

    def _pen(self, line: Line) -> QPen:
        wide = not line.faint and len(line.x) <= SMOOTH_POINTS
        pen = QPen(line.color(), 2 if wide else 1)
        pen.setCosmetic(True)
        return pen

    def _mouse_moved(self, at: QPointF) -> None:
        view = self.plot.getPlotItem().getViewBox()
        inside = view.sceneBoundingRect().contains(at)
        self._look_at(view.mapSceneToView(at).x() if inside else None)

    def _look_at(self, x: float | None) -> None:
        self._looked_at = x
        self._cross.setVisible(x is not None)
        if x is not None:
            self._cross.setPos(x)
        self._show_values()

    def _show_values(self) -> None:
        x = self._looked_at
        ends = [line.x[-1] for line in self.lines if line.named and len(line.x)]
        entries = []
        for line in self.lines:
            if line.named and len(line.x):
                value = line.at(float(line.x[-1]) if x is None else x)
                text = "" if value is None else value_text(value)
                entries.append(Entry(line.name, line.tone, text, line.faint))
        place = "" if not ends else f"epoch {max(ends) if x is None else x:.4g}"
        self.legend.show_entries(tuple(entries), place if x is not None else "")


def value_text(value: float) -> str:
    """A measured value in five to seven characters."""
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.5g}"
