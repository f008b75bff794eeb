"""Loss and metrics while they come in."""

from __future__ import annotations

from pathlib import Path
from time import thread_time
from typing import Literal

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.plots.chart import NOTHING, Chart, Line
from app.plots.smoothing import smoothed
from app.plots.switch import switch
from app.widgets.icons import MenuButton
from app.widgets.labels import EmptyHint, ToneLabel
from app.widgets.scroll import VerticalScroll
from engine.arrays import Array
from engine.training.history import History
from engine.training.record import Comparability, comparability

REDRAW_MS = 50
SHARE = 0.01
"""The share of time that drawing may take; a slow machine draws less often instead."""

LEAST_NOTES, NOTES_SHARE = 40, 4
"""How much of the height notes may take: pixels at least, and one part of so many."""

STACK_BELOW = 560
"""Narrower than this, in pixels, the charts stand on top of each other."""


class Curves(QWidget):
    """Draws a :class:`History` that somebody else fills.

    Call :meth:`refresh` whenever it grew; it is drawn when there is time, and
    only while it can be seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = History()
        self.previous: History | None = None
        self._common = Comparability()
        self._rest_ms = REDRAW_MS
        self._stale = 0  # how many charts have yet to be drawn
        self._loss_is_next = True
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._redraw_one)
        last = (
            Line("last run", "muted", faint=True),
            Line("last run, validation", "validation", faint=True, named=False),
        )
        self.loss_chart = Chart(
            "Loss",
            (
                Line("each batch", "wire", faint=True, named=False),
                *last,
                Line("batch", "wire"),
                Line("train", "train", dots=True),
                Line("validation", "validation", dots=True),
            ),
            self,
        )
        self.metric_chart = Chart(
            "Metric",
            (
                Line("last run", "muted", faint=True),
                Line("last run, validation", "validation", faint=True, named=False),
                Line("train", "train", dots=True),
                Line("validation", "validation", dots=True),
            ),
            self,
        )
        self._build_controls()
        self._lay_out()
        self._show_page()

    # What is shown

    def begin(self, history: History, goes_on: bool = False) -> None:
        """Show the history of a run that starts, or was read from a file.

        Args:
            goes_on: whether it is that of the run that is shown, going on.
        """
        if goes_on:
            self.history = history
        elif history is not self.history:
            had = None if self.history.is_empty else self.history
            self.previous = had if self.keep.isChecked() else None
            self.history = history
            self.loss_chart.show_all()
            self.metric_chart.show_all()
        self._compare()
        self._show_notes()
        self._show_page()
        self.refresh()

    def refresh(self) -> None:
        """The history grew: draw it when it is time."""
        self._stale = 2
        if self.isVisible() and not self._due.isActive():
            self._due.start(self._rest_ms)

    def clear(self) -> None:
        """Show nothing until the next run."""
        self.history, self.previous = History(), None
        self._compare()
        self._show_notes()
        self._show_page()

    def _compare(self) -> None:
        """Find out what of the last run can be drawn over the axes of this one, and say it."""
        if self.previous is None:
            self._common = Comparability()
        else:
            self._common = comparability(self.history.record, self.previous.record)
        self.compared.setText(_about_last_run(self._common))
        self.compared.setVisible(bool(self._common.differences))

    def _show_notes(self) -> None:
        """Say what was wrong with the run that is shown, and what comes of it."""
        self.notes.setText("\n".join(self.history.notes))
        self.notes.setToolTip(self.notes.text())
        self.notes_area.setVisible(bool(self.history.notes))

    def set_outdated(self, words: str) -> None:
        """Say whose run it is where it is not that of what is drawn now; empty if it is."""
        self.outdated.setText(words)
        self.outdated.setVisible(bool(words))

    def write_csv(self, path: Path) -> None:
        """Write one row per epoch.

        Raises:
            OSError: the file cannot be written.
        """
        path.write_text(self.history.csv(), encoding="utf-8")

    # Drawing

    def redraw(self) -> None:
        """Draw everything now."""
        self._stale = 0
        self._show_page()
        self._draw_loss()
        self._draw_metric()

    def _redraw_one(self) -> None:
        """Draw one chart; the other has a turn of the event loop for itself."""
        if not self.isVisible() or not self._stale:
            return
        began = thread_time()
        self._show_page()
        if self._loss_is_next:
            self._draw_loss()
        else:
            self._draw_metric()
        self._loss_is_next = not self._loss_is_next
        self._stale -= 1
        painting = max(self.loss_chart.plot.paint_seconds, self.metric_chart.plot.paint_seconds)
        cost = thread_time() - began + painting
        self._rest_ms = max(REDRAW_MS, round(1000 * cost / SHARE))
        if self._stale:
            self._due.start(self._rest_ms)

    def _draw_loss(self) -> None:
        history, old = self.history, self._previous_for("losses")
        batches, losses = self._batch_epochs(history), history.trail.losses
        amount = self.smoothing.value() / 100
        self.loss_chart.show_lines(
            (batches, losses) if amount else (NOTHING, NOTHING),
            self._epoch_line(old, "train/loss"),
            self._epoch_line(old, "validation/loss"),
            (batches, smoothed(losses, amount)),
            self._epoch_line(history, "train/loss"),
            self._epoch_line(history, "validation/loss"),
            end=self._end,
        )
        self.metric_chart.reach(self._end)

    def _draw_metric(self) -> None:
        measure = self.measure.currentText()
        self.metric_chart.show_lines(
            *(
                self._epoch_line(run, f"{part}/{measure}")
                for run in (self._previous_for("metrics"), self.history)
                for part in ("train", "validation")
            ),
            end=self._end,
        )
        self.loss_chart.reach(self._end)

    def _previous_for(self, axis: Literal["losses", "metrics"]) -> History:
        """The last run where its numbers can stand on this axis; else nothing."""
        if self.previous is None or not getattr(self._common, axis):
            return History()
        return self.previous

    def _show_page(self) -> None:
        self._pages.setCurrentIndex(0 if self.history.is_empty else 1)
        names = [name for name in self.history.measures if name != "loss"]
        shown = [self.measure.itemText(i) for i in range(self.measure.count())]
        if names and names != shown:
            self.measure.clear()
            self.measure.addItems(names)
        self.measure.setVisible(len(names) > 1)
        self.metric_chart.setVisible(bool(names) or not len(self.history))
        self.metric_chart.set_title(_titled(self.measure.currentText()) or "Metric")
        # On top of each other they share the axis of epochs.
        stacked = self._charts.direction() is QBoxLayout.Direction.TopToBottom
        self.loss_chart.show_epochs(not stacked or self.metric_chart.isHidden())

    @property
    def _end(self) -> float:
        """How far the run is, and the one before that it is compared with, in epochs."""
        batches = self._batch_epochs(self.history)
        old = (self._previous_for("losses"), self._previous_for("metrics"))
        ends = [run.column("epoch") for run in (self.history, *old)]
        return max((float(each[-1]) for each in (batches, *ends) if len(each)), default=0.0)

    @staticmethod
    def _epoch_line(history: History, column: str) -> tuple[Array, Array]:
        values = history.column(column)
        return (history.column("epoch"), values) if len(values) else (NOTHING, NOTHING)

    @staticmethod
    def _batch_epochs(history: History) -> Array:
        """Where batches lie on the axis of epochs: 2.5 is halfway through the third."""
        steps, ends, epochs = history.trail.steps, history.column("step"), history.column("epoch")
        x = np.interp(steps, [0.0, *ends], [0.0, *epochs])
        last_step, last_epoch = (ends[-1], epochs[-1]) if len(ends) else (0.0, 0.0)
        beyond = steps > last_step
        x[beyond] = last_epoch + (steps[beyond] - last_step) / max(1, history.batches_per_epoch)
        return np.asarray(x)

    # Widgets

    def _build_controls(self) -> None:
        self.log = switch("Log", self)
        self.log.setToolTip("Draw the loss on a logarithmic scale.")
        self.log.toggled.connect(self.loss_chart.set_log)
        self.keep = switch("Compare", self)
        self.keep.setToolTip("Keep the last run behind the next one, drawn pale where units agree.")
        self.smoothing = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(90)
        self.smoothing.setFixedWidth(90)
        self.smoothing.setToolTip("How much the batch loss is smoothed.")
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.valueChanged.connect(self.redraw)
        self.measure = QComboBox(self)
        self.measure.setAccessibleName("Metric")
        self.measure.activated.connect(self.redraw)
        menu = QMenu(self)
        menu.addAction("Show everything", self._show_all)
        menu.addAction("Save as CSV…", self._ask_for_csv)
        menu.addSeparator()
        menu.addAction("Clear", self.clear)
        self.more = MenuButton("fa6s.ellipsis", "More", menu, self)

    def _lay_out(self) -> None:
        self.outdated = ToneLabel("", "warning")
        self.outdated.hide()
        self.notes = ToneLabel("", "warning")
        self.notes.setAccessibleName("What is wrong with this run")
        self.notes_area = VerticalScroll(self.notes, self)
        self.notes_area.hide()
        self.compared = ToneLabel("", "warning")
        self.compared.hide()
        charts = QWidget(self)
        self._charts = QBoxLayout(QBoxLayout.Direction.LeftToRight, charts)
        self._charts.setContentsMargins(0, 0, 0, 0)
        self._charts.setSpacing(12)
        self._charts.addWidget(self.loss_chart, 1)
        self._charts.addWidget(self.metric_chart, 1)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(2)
        bar = QHBoxLayout()
        column.addLayout(bar)
        bar.setSpacing(6)
        bar.addWidget(self.log)
        bar.addWidget(self.keep)
        bar.addWidget(QLabel("Smooth", self))
        bar.addWidget(self.smoothing)
        bar.addStretch(1)
        bar.addWidget(self.measure)
        bar.addWidget(self.more)
        column.addWidget(self.outdated)
        column.addWidget(self.notes_area)
        column.addWidget(self.compared)
        column.addWidget(charts, 1)
        hint = EmptyHint("fa6s.chart-line", "No run yet", "Press Start to see the loss here.", self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(hint)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def resizeEvent(self, event: QResizeEvent) -> None:
        direction = QBoxLayout.Direction
        narrow = self.width() < STACK_BELOW
        self._charts.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        self._charts.setSpacing(2 if narrow else 12)
        self.notes_area.setMaximumHeight(max(LEAST_NOTES, self.height() // NOTES_SHARE))
        self._show_page()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def _show_all(self) -> None:
        self.loss_chart.show_all()
        self.metric_chart.show_all()

    def _ask_for_csv(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the curves", "run.csv", "CSV (*.csv)")
        if not name:
            return
        try:
            self.write_csv(Path(name))
        except OSError as error:
            QMessageBox.warning(
                self,
                "Not saved",
                f"{name} cannot be written: {error.strerror}. Choose another place.",
            )


def _titled(measure: str) -> str:
    """A measure as a title: "accuracy" is "Accuracy", "MAE" stays."""
    return measure[:1].upper() + measure[1:]


def _about_last_run(common: Comparability) -> str:
    """What tells the last run apart, and what of it is not drawn; empty for nothing."""
    if not common.differences:
        return ""
    missing = [name for name in ("losses", "metrics") if not getattr(common, name)]
    left_out = {
        (): "",
        ("losses",): " Its loss is not drawn.",
        ("metrics",): " Its metrics are not drawn.",
        ("losses", "metrics"): " It is not drawn.",
    }[tuple(missing)]
    return f"The last run: {'; '.join(common.differences)}.{left_out}"
