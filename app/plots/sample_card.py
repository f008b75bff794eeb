"""Choosing one sample, seeing it, and what the network says about it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.plots.output_card import OutputCard, Thumbnail
from app.plots.pictures import sample_image
from app.widgets.icons import IconButton
from app.widgets.labels import ToneLabel
from engine.arrays import Array
from engine.data import Dataset
from engine.data.samples import PartName
from engine.training.answers import Answer

PARTS: tuple[PartName, ...] = ("validation", "test", "train")
PART_WORDS = {"validation": "Validation", "test": "Test", "train": "Training"}
CELLS = 6


class SampleCard(QWidget):
    """A sample, and below it a card for each output of the network.

    Signals:
        chosen(): another sample.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._rng = np.random.default_rng()
        self.part = QComboBox(self)
        self.part.setAccessibleName("Part of the data")
        self.number = QSpinBox(self)
        self.number.setAccessibleName("Sample")
        self.number.setToolTip("Number of the sample")
        self.number.setWrapping(True)
        self.before = IconButton("fa6s.chevron-left", "Previous sample", self)
        self.after = IconButton("fa6s.chevron-right", "Next sample", self)
        self.any = IconButton("fa6s.shuffle", "Random sample", self)
        self.picture = Thumbnail(self)
        self.truth = ToneLabel("", "text", bold=True)
        self.cells = ToneLabel("")
        self.outputs = [OutputCard(self)]
        self._lay_out()
        self.part.activated.connect(self._part_chosen)
        self.number.valueChanged.connect(self._show_sample)
        self.before.clicked.connect(self.number.stepDown)
        self.after.clicked.connect(self.number.stepUp)
        self.any.clicked.connect(self._choose_any)

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Offer the samples of a data set; starts with one the network is not trained on."""
        self._dataset = dataset
        self.part.clear()
        if dataset is None:
            return
        for name in PARTS:
            count = len(dataset.part(name))
            if count:
                self.part.addItem(f"{PART_WORDS[name]} ({count:,})", name)
        self._part_chosen()

    @property
    def sample(self) -> Array | None:
        """The chosen sample as the network sees it, (1, ...)."""
        if self._dataset is None or self.part.currentData() is None:
            return None
        i = self.number.value() - 1
        return self._dataset.part(self.part.currentData()).x[i : i + 1]

    def show_answers(self, answers: Mapping[str, Answer], titles: Mapping[str, str]) -> None:
        """Show what each output says about the sample.

        Args:
            answers: about this one sample, by node.
            titles: what to call each output; shown where there are several.
        """
        dataset = self._dataset
        if dataset is None or self.part.currentData() is None:
            return
        target = dataset.part(self.part.currentData()).y[int(self.number.value() - 1)]
        right = int(target) if dataset.targets.classes else None
        self._make_cards(len(answers))
        for card, (node, answer) in zip(self.outputs, answers.items(), strict=False):
            title = titles.get(node, node) if len(answers) > 1 else ""
            card.show_answer(answer, title, right, dataset.samples.value_range)

    def _make_cards(self, count: int) -> None:
        """One card for each output."""
        while len(self.outputs) < count:
            card = OutputCard(self)
            self.outputs.append(card)
            self._cards.addWidget(card)
        for i, card in enumerate(self.outputs):
            card.setVisible(i < max(1, count))

    def _part_chosen(self) -> None:
        if self._dataset is None or self.part.currentData() is None:
            return
        count = len(self._dataset.part(self.part.currentData()))
        self.number.blockSignals(True)
        self.number.setRange(1, count)
        self.number.setValue(1)
        self.number.blockSignals(False)
        self._show_sample()

    def _choose_any(self) -> None:
        self.number.setValue(
            int(self._rng.integers(self.number.minimum(), self.number.maximum() + 1))
        )

    def _show_sample(self) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        i = int(dataset.indices[self.part.currentData()][self.number.value() - 1])
        samples, targets = dataset.samples, dataset.targets
        name = samples.target_name if targets.are_inputs else targets.names[0]
        self.truth.setText(f"{name}: {samples.target_text(i)}")
        raw = dataset.samples.sample(i)
        image = None
        if isinstance(raw, np.ndarray):
            low, high = dataset.samples.value_range or (float(raw.min()), float(raw.max()))
            image = sample_image(raw, low, high)
        self.picture.show_image(image)
        self.cells.setText("" if image else _cells(raw, dataset.samples.feature_names))
        self.cells.setVisible(image is None)
        for card in self.outputs:
            card.clear(bool(targets.classes))
        self.chosen.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.part)
        choice = QHBoxLayout()
        column.addLayout(choice)
        choice.setSpacing(2)
        choice.addWidget(self.number, 1)
        for button in (self.before, self.after, self.any):
            choice.addWidget(button)
        seen = QHBoxLayout()
        column.addLayout(seen)
        seen.setSpacing(8)
        seen.addWidget(self.picture)
        seen.addWidget(self.truth, 1)
        column.addWidget(self.cells)
        self._cards = QVBoxLayout()
        column.addLayout(self._cards)
        self._cards.setSpacing(8)
        self._cards.addWidget(self.outputs[0])
        column.addStretch(1)


def _cells(raw: object, names: tuple[str, ...]) -> str:
    """The first cells of a sample that is no picture, one a line."""
    if isinstance(raw, dict):
        pairs = [(str(name), value) for name, value in raw.items()]
    else:
        flat = np.asarray(raw).reshape(-1)
        pairs = [
            (names[i] if i < len(names) else f"x{i + 1}", value)
            for i, value in enumerate(flat[: CELLS + 1].tolist())
        ]
        pairs += [("", None)] * (flat.size - len(pairs))
    lines = [
        f"{name}: {value:.10g}"
        if isinstance(value, float)
        else f"{name}: {'–' if value is None else value}"
        for name, value in pairs[:CELLS]
    ]
    more = len(pairs) - CELLS
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
