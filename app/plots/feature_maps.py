"""What a layer puts out for one picture: its feature maps, side by side."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme
from app.plots.pictures import MAX_MAPS, grid_columns, map_image
from engine.arrays import Array

GAP = 3


class FeatureMaps(QWidget):
    """A grid of maps, each from its own least value (dark) to its greatest (bright)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Array = np.empty((0, 0, 0))
        self._images: list[QImage] = []
        self.setMinimumSize(80, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Feature maps")

    @property
    def count(self) -> int:
        """How many maps are drawn."""
        return len(self._images)

    def show_maps(self, values: Array) -> None:
        """Show (height, width, maps); of more than ``MAX_MAPS`` the first."""
        self._values = values[..., :MAX_MAPS]
        self._images = [map_image(self._values[..., i]) for i in range(self._values.shape[2])]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 220)

    def places(self) -> list[QRect]:
        """Where each map is drawn."""
        if not self._images:
            return []
        count = len(self._images)
        rows_of_map, columns_of_map = self._values.shape[:2]
        aspect = columns_of_map / rows_of_map
        columns = grid_columns(count, self.width(), self.height(), aspect)
        rows = ceil(count / columns)
        height = min(
            (self.width() / columns - GAP) / aspect,
            self.height() / rows - GAP,
        )
        # Whole pixels per value look sharp; tiny maps of huge layers cannot have them.
        if height >= rows_of_map:
            height = height // rows_of_map * rows_of_map
        width = max(1.0, height * aspect)
        left = (self.width() - columns * (width + GAP) + GAP) / 2
        return [
            QRectF(
                left + i % columns * (width + GAP),
                i // columns * (height + GAP),
                width,
                max(1.0, height),
            ).toRect()
            for i in range(count)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, image in zip(self.places(), self._images, strict=True):
            painter.drawImage(place, image)
        painter.setPen(theme.color("border"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in self.places():
            painter.drawRect(place.adjusted(-1, -1, 0, 0))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._explain(event)
            return True
        return super().event(event)

    def _explain(self, event: QHelpEvent) -> None:
        for i, place in enumerate(self.places()):
            if place.contains(event.pos()):
                values = self._values[..., i]
                text = f"Map {i + 1}: {values.min():.4g} to {values.max():.4g}"
                QToolTip.showText(event.globalPos(), text, self, place)
                return
        QToolTip.hideText()
