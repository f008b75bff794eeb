"""The status line: quick tips on the left, on the right data, size of the network, problems."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from app.widgets.labels import ToneButton, ToneLabel
from engine.data import Dataset
from engine.diagnosis import Diagnosis, Problem

MESSAGE_MS = 8000


class StatusFacts(QWidget):
    """What one wants to know at a glance, always in sight.

    Signals:
        problemsWanted(): the user clicked on the count of problems.
    """

    problemsWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data, self._size = ToneLabel("", "muted"), ToneLabel("", "muted")
        self._data.setWordWrap(False)
        self._size.setWordWrap(False)
        self._preparing = ToneLabel("Preparing fast loops…", "muted")
        self._preparing.setWordWrap(False)
        self._preparing.setToolTip(
            "Training gets faster once they are ready, in about a minute. "
            "Until then, runs use plain loops. This happens only once."
        )
        self._preparing.hide()
        self.problems = ToneButton()
        self.problems.clicked.connect(self.problemsWanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(16)
        for each in (self._preparing, self._data, self._size, self.problems):
            row.addWidget(each)

    def show_preparing(self, preparing: bool) -> None:
        """Say whether the compiled loops are being prepared."""
        self._preparing.setVisible(preparing)

    def show_data(self, dataset: Dataset | None, loading: bool) -> None:
        """Say how many samples there are."""
        if loading:
            self._data.setText("Loading data…")
        elif dataset is None:
            self._data.setText("No data")
        else:
            count = len(dataset.train) + len(dataset.validation) + len(dataset.test)
            self._data.setText(f"{count:,} samples")

    def show_size(self, diagnosis: Diagnosis) -> None:
        """Say how many parameters the network has."""
        count = diagnosis.total_parameters
        self._size.setText(f"{count:,} parameter{'s'[: count != 1]}")

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Say how many problems there are; what is only not there yet is none."""
        count = sum(not problem.is_hint for problem in problems)
        if count:
            text = f"{count} problem{'s'[: count != 1]}"
        else:
            text = "Nothing drawn yet" if problems else "No problems"
        self.problems.setText(text)
        self.problems.setToolTip(problems[0].what if problems else "Ready to train.")
        self.problems.set_tone("bad" if count else "muted" if problems else "good")


class QuickTips(QObject):
    """The left end of the status line: what was said, what a gesture does, what can be done.

    A message stays its time; only another one or a gesture takes its place.
    """

    def __init__(self, bar: QStatusBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._said = ""

    def say(self, text: str) -> None:
        """A message; it stays a while."""
        self._said = text
        self._bar.showMessage(text, MESSAGE_MS)

    def follow(self, text: str) -> None:
        """What the gesture that is going on does; empty after it."""
        if text or self._bar.currentMessage() != self._said:
            self._bar.showMessage(text)

    def offer(self, text: str) -> None:
        """What can be done with what the cursor is over."""
        if not self._said or self._bar.currentMessage() != self._said:
            self._bar.showMessage(text)
