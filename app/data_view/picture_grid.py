"""Some pictures of the data, each with its label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app import theme
from app.widgets.pictures import array_image
from engine.data.samples import Samples

SIDE = 48
GAP = 6
MOST = 24
MOST_ROWS = 3
"""What lies below the pictures should be seen without scrolling."""


def spread_over_classes(samples: Samples, most: int) -> list[int]:
    """Samples to show: of each class in turn, the first, then the second, …"""
    if samples.task != "classification":
        return list(range(min(most, len(samples))))
    y = np.asarray(samples.y)
    # Where each sample stands among those of its class.
    order = np.argsort(y, kind="stable")
    starts = np.searchsorted(y[order], y[order])
    turn = np.empty(len(y), np.int64)
    turn[order] = np.arange(len(y)) - starts
    return [int(i) for i in np.lexsort((y, turn))[:most]]


class PictureGrid(QWidget):
    """Thumbnails in as many columns as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._labels: list[str] = []

    @property
    def labels(self) -> Sequence[str]:
        """The label of each picture that is shown."""
        return tuple(self._labels)

    def show_samples(self, samples: Samples) -> None:
        """Show some pictures (height, width[, channels]) of each class."""
        chosen = spread_over_classes(samples, MOST)
        self._images = [array_image(samples.array[i], samples.value_range) for i in chosen]
        self._labels = [samples.target_text(i) for i in chosen]
        self.setAccessibleName(f"{len(chosen)} pictures: {', '.join(self._labels)}")
        self._fit_height()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def sizeHint(self) -> QSize:
        return QSize(4 * (SIDE + GAP), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * SIDE, SIDE)

    def _fit_height(self) -> None:
        rows = min(MOST_ROWS, -(-len(self._images) // self._columns(self.width())))
        self.setFixedHeight(max(0, rows * self._cell_height - GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        metrics = self.fontMetrics()
        for index, (image, label) in enumerate(zip(self._images, self._labels, strict=True)):
            cell = self._cell(index)
            if not cell.intersects(event.rect()):
                continue
            size = image.size().scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio)
            box = QRect(cell.left() + (SIDE - size.width()) // 2, cell.top(), *size.toTuple())
            # Small pictures show their pixels; large ones are made small smoothly.
            shrinks = image.width() > size.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(box, image)
            painter.setPen(theme.color("muted"))
            at = QRect(cell.left() - GAP // 2, cell.top() + SIDE, SIDE + GAP, metrics.height())
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, at.width())
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, text)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            for index, label in enumerate(self._labels):
                if self._cell(index).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), label, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    @property
    def _cell_height(self) -> int:
        return SIDE + self.fontMetrics().height() + GAP

    def _columns(self, width: int) -> int:
        return max(1, (width + GAP) // (SIDE + GAP))

    def _cell(self, index: int) -> QRect:
        columns = self._columns(self.width())
        row, column = divmod(index, columns)
        # What is left over goes between the columns, so that both edges align.
        step = (self.width() - SIDE) / (columns - 1) if columns > 1 else 0
        return QRect(round(column * step), row * self._cell_height, SIDE, self._cell_height - GAP)
