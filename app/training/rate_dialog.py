"""The dialog of the learning-rate range test: loss over rate, and a rate to take."""

from __future__ import annotations

from collections.abc import Generator
from math import isfinite

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget

from app.widgets.line_plot import Curve, LinePlot
from app.widgets.work_dialog import WorkDialog
from engine.arrays import Array
from engine.data import Dataset
from engine.network import Network
from engine.progress import Progress
from engine.training import Plan
from engine.training.range_test import (
    HIGHEST,
    LOWEST,
    STEPS,
    RatePoint,
    find_rate,
    suggested_rate,
)

SIZE = QSize(600, 430)
ABOUT = (
    "Trains a copy of the network while the rate grows from batch to batch. "
    "A good rate lies well below the one at which the loss rises again."
)


class RateDialog(WorkDialog):
    """Tries learning rates in a thread, draws the loss, and offers a rate for the plan.

    Signals:
        chosen(rate): put this rate into the plan.
    """

    chosen = Signal(float)

    def __init__(
        self, network: Network, data: Dataset, plan: Plan, parent: QWidget | None = None
    ) -> None:
        super().__init__("Find a learning rate", "Trying rates…", parent)
        self._network, self._data, self._plan = network, data, plan
        self.points: list[RatePoint] = []
        self.rate: float | None = None
        self.plot = LinePlot("learning rate", log=True, choosable=True)
        self.plot.setAccessibleName("Loss over learning rate")
        self.plot.chosen.connect(self._choose)
        # The outcome takes two lines; the plot must not jump then.
        self.outcome.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._add_button()
        self._lay_out(ABOUT, self.plot, SIZE)
        self._draw()

    def _add_button(self) -> None:
        self.use_button = QPushButton("Use it")
        self.use_button.setEnabled(False)
        self.use_button.clicked.connect(self._use)
        self.buttons.addButton(self.use_button, QDialogButtonBox.ButtonRole.ActionRole)
        for button in self.buttons.buttons():
            assert isinstance(button, QPushButton)
            button.setAutoDefault(False)

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        yield from find_rate(self._network, self._data, self._plan)

    def _add(self, points: list[RatePoint]) -> None:
        self.points += points
        self._progressed(len(self.points), STEPS)
        self._draw()

    def _draw(self) -> None:
        rates = np.array([each.rate for each in self.points])
        losses = np.array([each.loss for each in self.points])
        smoothed = np.array([each.smoothed for each in self.points])
        curves = (
            Curve("each batch", rates, losses, "train", faint=True),
            Curve("smoothed loss", rates, smoothed, "train"),
        )
        self.plot.show_curves(curves, (LOWEST, HIGHEST), _height(losses, smoothed))

    def _finish(self) -> None:
        self._offer(suggested_rate(self.points))

    def _offer(self, rate: float | None) -> None:
        now = f"The plan uses {self._plan.optimizer.learning_rate:g}."
        if rate is None:
            self.outcome.setText(
                f"The loss never fell, so no rate can be suggested. {now} "
                "Click the plot to choose one yourself."
            )
            self.outcome.set_tone("warning")
            if self.rate is not None:
                self._choose(self.rate)
            return
        self.plot.set_marker(rate)
        self._choose(rate)
        self.outcome.setText(
            f"Suggested: {rate:g}, a tenth of the rate with the lowest loss. {now} "
            "Click the plot to choose another."
        )
        self.outcome.set_tone("text")

    def _choose(self, rate: float) -> None:
        # Two digits are all that such a test can tell.
        self.rate = float(f"{rate:.1e}")
        self.use_button.setText(f"Use {self.rate:g}")
        self.use_button.setEnabled(not self.background.is_working)
        self.use_button.setDefault(True)

    def _use(self) -> None:
        if self.rate is not None:
            self.chosen.emit(self.rate)
            self.accept()


def _height(losses: Array, smoothed: Array) -> tuple[float, float]:
    """The ends of the axis upward; where the loss runs away it is cut."""
    finite = smoothed[np.isfinite(smoothed)]
    if not len(finite):
        return 0.0, 1.0
    low, start = float(losses[np.isfinite(losses)].min()), float(finite[0])
    high = min(float(finite.max()), start + 1.5 * max(start - low, 0.1 * abs(start), 1e-9))
    room = 0.08 * (high - low) if isfinite(high) and high > low else 0.5
    return low - room, high + room
