"""Choosing one sample, seeing it, and what the network says about it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.plots.bars import ScoreBars
from app.plots.pictures import sample_image
from app.plots.surface import probabilities
from app.widgets.icons import IconButton
from app.widgets.labels import ToneLabel
from engine.arrays import Array
from engine.data import Dataset
from engine.data.samples import PartName

PARTS: tuple[PartName, ...] = ("validation", "test", "train")
PART_WORDS = {"validation": "Validation", "test": "Test", "train": "Training"}
CELLS = 6
THUMBNAIL = 72


class SampleCard(QWidget):
    """Signals: chosen(): another sample."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._rng = np.random.default_rng()
        self.part = QComboBox(self)
        self.part.setAccessibleName("Part of the data")
        self.number = QSpinBox(self)
        self.number.setAccessibleName("Sample")
        self.number.setToolTip("Which sample")
        self.number.setWrapping(True)
        self.before = IconButton("fa6s.chevron-left", "Previous sample", self)
        self.after = IconButton("fa6s.chevron-right", "Next sample", self)
        self.any = IconButton("fa6s.shuffle", "Any sample", self)
        self.picture = Thumbnail(self)
        self.again = Thumbnail(self)
        self.truth = ToneLabel("", "text", bold=True)
        self.cells = ToneLabel("")
        self.scores = ScoreBars(parent=self)
        self.answer = ToneLabel("", "text")
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

    def show_output(self, output: Array) -> None:
        """Show what the network says about the sample: (outputs,)."""
        dataset = self._dataset
        if dataset is None:
            return
        if dataset.targets.are_inputs and output.shape == dataset.input_shape:
            self._show_drawn_again(output, dataset)
            return
        if output.ndim != 1:
            return
        classes, raw = dataset.targets.classes, int(self.number.value() - 1)
        target = dataset.part(self.part.currentData()).y[raw]
        if not classes:
            numbers = ", ".join(f"{value:.4g}" for value in dataset.targets.in_units(output)[:4])
            self.answer.setText(f"Predicted {numbers}")
            return
        shares = probabilities(output[None])[0]
        if len(shares) != len(classes):
            return
        self.scores.show_scores(shares, classes, int(target))

    def _show_drawn_again(self, output: Array, dataset: Dataset) -> None:
        """A picture below that of the sample; of other inputs how far it is from them."""
        drawn = dataset.targets.in_units(output)
        i = self.number.value() - 1
        off = drawn - dataset.targets.in_units(dataset.part(self.part.currentData()).x[i])
        self.answer.setText(f"Drawn again, off by {np.sqrt(np.square(off).mean()):.4g} (RMSE)")
        low, high = dataset.samples.value_range or (float(drawn.min()), float(drawn.max()))
        if drawn.ndim == 3:
            self.again.show_image(sample_image(drawn, low, high))

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
        self.again.show_image(None)
        self.cells.setText("" if image else _cells(raw, dataset.samples.feature_names))
        self.cells.setVisible(image is None)
        self.scores.clear()
        self.scores.setVisible(bool(dataset.targets.classes))
        self.answer.clear()
        self.answer.setVisible(not dataset.targets.classes)
        self.chosen.emit()

    def _lay_out(self) -> None:
        choice = QHBoxLayout()
        choice.setSpacing(2)
        choice.addWidget(self.number, 1)
        for button in (self.before, self.after, self.any):
            choice.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.part)
        column.addLayout(choice)
        seen = QHBoxLayout()
        seen.setSpacing(8)
        seen.addWidget(self.picture)
        seen.addWidget(self.truth, 1)
        column.addLayout(seen)
        column.addWidget(self.cells)
        column.addWidget(self.scores)
        drawn = QHBoxLayout()
        drawn.setSpacing(8)
        drawn.addWidget(self.again)
        drawn.addWidget(self.answer, 1)
        column.addLayout(drawn)
        column.addStretch(1)


class Thumbnail(QWidget):
    """A small picture with sharp pixels; takes no room without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def image(self) -> QImage | None:
        return self._image

    def show_image(self, image: QImage | None) -> None:
        self._image = image
        self.setVisible(image is not None)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(THUMBNAIL, THUMBNAIL)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(
            (self.width() - size.width()) / 2,
            (self.height() - size.height()) / 2,
            size.width(),
            size.height(),
        )
        large = max(self._image.width(), self._image.height()) > THUMBNAIL
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, large)
        painter.drawImage(place, self._image)
        painter.setPen(theme.color("border"))
        painter.drawRect(place.toRect().adjusted(0, 0, -1, -1))


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
        f"{name}: {value:.4g}"
        if isinstance(value, float)
        else f"{name}: {'–' if value is None else value}"
        for name, value in pairs[:CELLS]
    ]
    more = len(pairs) - CELLS
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
