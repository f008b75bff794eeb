"""Points on a plane: two features colored by class, or one feature against its target."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import theme
from engine.data.samples import Samples

MOST_POINTS = 2000
HEIGHT = 210


class Scatter(QWidget):
    """A plot that is looked at, not edited."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: Samples | None = None
        self.plot = pg.PlotWidget(self)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.setFixedHeight(HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)

    @staticmethod
    def can_show(samples: Samples) -> bool:
        """Whether these samples are points on a plane."""
        if samples.kind != "array" or samples.array.ndim != 2:
            return False
        features = samples.array.shape[1]
        return features == 2 or (features == 1 and samples.task == "regression")

    def show_samples(self, samples: Samples) -> None:
        """Draw them, a part of them where there are many."""
        self._samples = samples
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self._samples is not None:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        samples = self._samples
        assert samples is not None
        self.plot.clear()
        self.plot.setBackground(theme.color("field"))
        step = -(-len(samples) // MOST_POINTS)
        x, y = samples.array[::step], np.asarray(samples.y)[::step]
        if x.shape[1] == 1:
            self._points(x[:, 0], y.reshape(len(y), -1)[:, 0], theme.color("train"))
            names = (*samples.feature_names[:1], samples.target_name)
        else:
            for label in np.unique(y):
                chosen = x[y == label]
                self._points(chosen[:, 0], chosen[:, 1], theme.colors().of_class(int(label)))
            names = samples.feature_names[:2]
        for axis, name in zip(("bottom", "left"), (*names, "", ""), strict=False):
            item = self.plot.getAxis(axis)
            item.setPen(theme.color("border"))
            item.setTextPen(theme.color("muted"))
            self.plot.setLabel(axis, name, color=theme.color("muted").name())
        self.plot.setAspectLocked(x.shape[1] == 2)

    def _points(self, x: np.ndarray, y: np.ndarray, color: QColor) -> None:
        color.setAlphaF(0.75)
        self.plot.plot(x, y, pen=None, symbol="o", symbolSize=5, symbolPen=None, symbolBrush=color)
