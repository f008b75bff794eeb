"""Bars: how many samples each class has, and how they are shared out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme

MOST_CLASSES = 20
BAR_HEIGHT = 8


class ClassBars(QWidget):
    """One bar for each class, with its name and its number of samples."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[str, int] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def counts(self) -> Mapping[str, int]:
        """What is shown."""
        return self._counts

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show these classes in this order."""
        self._counts = dict(counts)
        words = ", ".join(f"{name}: {count:,}" for name, count in self._listed)
        self.setAccessibleName(f"Samples per class. {words}")
        self.setVisible(bool(counts))
        self.updateGeometry()
        self.update()

    @property
    def _listed(self) -> Sequence[tuple[str, int]]:
        return list(self._counts.items())[:MOST_CLASSES]

    @property
    def _row_height(self) -> int:
        return self.fontMetrics().height() + 3

    def sizeHint(self) -> QSize:
        more = len(self._counts) > MOST_CLASSES
        return QSize(200, self._row_height * (len(self._listed) + more))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, metrics = QPainter(self), self.fontMetrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        listed, row = self._listed, self._row_height
        names = max((metrics.horizontalAdvance(name) for name, _ in listed), default=0)
        names = min(names, self.width() * 2 // 5) + 10
        numbers = max((metrics.horizontalAdvance(f"{n:,}") for _, n in listed), default=0) + 8
        room = max(10, self.width() - names - numbers)
        most = max((count for _, count in listed), default=1) or 1
        for index, (name, count) in enumerate(listed):
            top = index * row
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names - 8)
            painter.setPen(theme.color("text"))
            painter.drawText(QRectF(0, top, names, row), Qt.AlignmentFlag.AlignVCenter, shown)
            box = QRectF(names, top + (row - BAR_HEIGHT) / 2, room * count / most, BAR_HEIGHT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(box, 2, 2)
            painter.setPen(theme.color("muted"))
            at = QRectF(names + room, top, numbers, row)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(at, right, f"{count:,}")
        rest = len(self._counts) - len(listed)
        if rest > 0:
            painter.setPen(theme.color("muted"))
            at = QRectF(0, len(listed) * row, self.width(), row)
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, f"… and {rest:,} more classes")


class SplitBar(QWidget):
    """The parts of the data as one bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes: tuple[int, int, int] = (0, 0, 0)
        self.setFixedHeight(BAR_HEIGHT + 4)

    @staticmethod
    def part_colors() -> tuple[QColor, QColor, QColor]:
        """Training, validation and test, as on the plots."""
        return theme.color("train"), theme.color("validation"), theme.color("muted")

    def show_sizes(self, train: int, validation: int, test: int) -> None:
        """Show how many samples each part has."""
        self._sizes = (train, validation, test)
        self.setAccessibleName(f"{train:,} for training, {validation:,}, {test:,} for test")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        total, left = sum(self._sizes) or 1, 0.0
        for size, color in zip(self._sizes, self.part_colors(), strict=True):
            width = self.width() * size / total
            # A line of background between the parts.
            painter.fillRect(QRectF(left, 2, max(0.0, width - 1), BAR_HEIGHT), color)
            left += width
