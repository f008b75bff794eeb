"""What one output of a network says about one sample."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.plots.bars import ScoreBars
from app.plots.pictures import sample_image
from app.widgets.labels import ToneLabel
from engine.arrays import Array
from engine.training.answers import Answer

THUMBNAIL = 72
MOST_NUMBERS = 4


class OutputCard(QWidget):
    """The likeliest classes, the numbers, or the reconstruction; named where there are several."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ToneLabel("", "muted", bold=True)
        self.scores = ScoreBars(parent=self)
        self.reconstruction = Thumbnail(self)
        self.answer = ToneLabel("", "text")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.scores)
        row = QHBoxLayout()
        column.addLayout(row)
        row.setSpacing(8)
        row.addWidget(self.reconstruction)
        row.addWidget(self.answer, 1)
        self.clear(has_classes=False)

    def clear(self, has_classes: bool) -> None:
        """Show nothing yet."""
        self.title.hide()
        self.reconstruction.show_image(None)
        self.scores.clear()
        self.scores.setVisible(has_classes)
        self.answer.clear()
        self.answer.setVisible(not has_classes)

    def show_answer(
        self, answer: Answer, title: str, right: int | None, span: tuple[float, float] | None
    ) -> None:
        """Show the answer about a single sample.

        Args:
            title: what the output is called; empty where there is no other.
            right: the true class, if there are classes.
            span: the lowest and the highest value of a picture, for a reconstruction.
        """
        self.title.setText(title)
        self.title.setVisible(bool(title))
        if answer.meaning.targets.classes:
            self._show_classes(answer, right)
        elif answer.errors is not None:
            self.answer.setText(f"Reconstruction error {answer.errors[0]:.4g} (RMSE)")
            self._show_picture(answer.values[0], span)
        else:
            flat = answer.values[0].reshape(-1)
            numbers = ", ".join(f"{value:.4g}" for value in flat[:MOST_NUMBERS])
            rest = flat.size - MOST_NUMBERS
            more = f" and {rest:,} more" if rest > 0 else ""
            self.answer.setText(f"Predicted {numbers}{more}")

    def _show_classes(self, answer: Answer, right: int | None) -> None:
        meaning, values = answer.meaning, answer.values.reshape(1, -1)
        if meaning.has_probabilities:
            shares = meaning.shares(values)[0]
            self.scores.show_shares(shares, meaning.class_names(len(shares)), right)
        elif values.shape[1] == 1:
            chosen = int(meaning.choose(values)[0])
            name = meaning.class_names(2)[chosen]
            self.scores.show_choice(name, float(values[0, 0]), chosen == right)
        else:
            self.scores.show_scores(values[0], meaning.class_names(values.shape[1]), right)

    def _show_picture(self, drawn: Array, span: tuple[float, float] | None) -> None:
        if drawn.ndim == 3:
            low, high = span or (float(drawn.min()), float(drawn.max()))
            self.reconstruction.show_image(sample_image(np.asarray(drawn), low, high))


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
