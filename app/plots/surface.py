"""What a network with one or two inputs says everywhere: a curve, or a colored plane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.plots.pictures import to_image, unit_range, viridis
from engine.arrays import Array
from engine.data import Dataset
from engine.training.answers import Answer

SIDE = 72
"""Points along each side of a plane; Qt smooths between them."""

MOST_POINTS = 800
MARGIN = 0.08
LABEL_GAP = 6
ELIDE = Qt.TextElideMode.ElideRight


@dataclass(frozen=True, eq=False)
class Ground:
    """The part of the input space that is looked at, and the data in it.

    Attributes:
        lows, highs: its ends, (1 or 2,), as the network sees them.
        points: (N, 1 or 2) samples; targets: what belongs to them, numbers in their own unit.
        names: of the axes; unscale: turns a value on an axis into the raw one.
        classes: how many classes; 0 for regression.
    """

    lows: Array
    highs: Array
    points: Array
    targets: Array
    names: tuple[str, ...]
    offsets: tuple[float, ...]
    scales: tuple[float, ...]
    classes: int

    @classmethod
    def of(cls, dataset: Dataset) -> Ground | None:
        """The ground of a data set with one input and a number, or with two inputs."""
        regression = dataset.targets.task == "regression"
        if dataset.input_shape not in ((1,), (2,)) or (
            dataset.input_shape == (1,) and not regression
        ):
            return None
        if dataset.input_shape == (2,) and regression and dataset.output_size != 1:
            return None
        x, y = dataset.train.x, dataset.train.y
        if not len(x):
            return None
        spread = np.maximum(x.max(axis=0) - x.min(axis=0), 1e-6)
        every = max(1, -(-len(x) // MOST_POINTS))
        names, offsets, scales = _axes(dataset)
        return cls(
            x.min(axis=0) - MARGIN * spread,
            x.max(axis=0) + MARGIN * spread,
            x[::every],
            dataset.targets.in_units(y[::every]),
            names,
            offsets,
            scales,
            0 if regression else dataset.output_size,
        )

    def grid(self) -> Array:
        """The points at which the network is asked, float32 (N, 1 or 2)."""
        if len(self.lows) == 1:
            return np.linspace(self.lows, self.highs, 4 * SIDE, dtype=np.float32)
        along, down = (
            np.linspace(low, high, SIDE, dtype=np.float32)
            for low, high in zip(self.lows, self.highs, strict=True)
        )
        # The first row is the top of the picture.
        return np.stack([np.tile(along, SIDE), np.repeat(down[::-1], SIDE)], axis=1)

    def raw(self, axis: int, value: float) -> float:
        """A value on an axis in the data's own unit."""
        return value / self.scales[axis] + self.offsets[axis]


class Surface(QWidget):
    """Paints a :class:`Ground` and what the network says on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ground: Ground | None = None
        self._answer: Answer | None = None
        self._image: QImage | None = None
        self._curve: Array | None = None
        self.setMinimumSize(100, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Decision surface")

    @property
    def has_answer(self) -> bool:
        """Whether what the network says is shown, not only the data."""
        return self._image is not None or self._curve is not None

    def set_ground(self, ground: Ground | None) -> None:
        self._ground, self._answer = ground, None
        self._image, self._curve = None, None
        self.update()

    def show_answer(self, answer: Answer) -> None:
        """Show what the network says at :meth:`Ground.grid`."""
        ground, prediction = self._ground, answer.values
        if ground is None or len(prediction) != len(ground.grid()) or prediction.ndim != 2:
            return
        self._answer = answer
        if len(ground.lows) == 1:
            self._curve = prediction[:, 0]
        elif ground.classes:
            self._image = to_image(
                _class_colors(answer.meaning.shares(prediction)).reshape(SIDE, SIDE, 3)
            )
        else:
            low, high = float(ground.targets.min()), float(ground.targets.max())
            shades = (255 * unit_range(prediction[:, 0], low, high)).astype(np.uint8)
            self._image = to_image(viridis()[shades].reshape(SIDE, SIDE, 3))
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self._answer is not None:
            self.show_answer(self._answer)  # its colors are the theme's
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(300, 240)

    def area(self) -> QRectF:
        """Where the plane is drawn: as wide as there is room, but not stretched tall."""
        metrics = self.fontMetrics()
        left, height = metrics.horizontalAdvance("-00.00"), metrics.height()
        area = QRectF(self.rect()).adjusted(left, height / 2, -4, -2 * height)
        area.setHeight(min(area.height(), area.width()))
        return area

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ground is None:
            return
        painter, area = QPainter(self), self.area()
        if area.width() < 20 or area.height() < 20:
            return
        painter.fillRect(area, theme.color("field"))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self._ground.lows) == 1:
            ends = self._paint_curve(painter, area, self._ground)
        else:
            self._paint_points(painter, area, self._ground)
            ends = (float(self._ground.lows[1]), float(self._ground.highs[1]))
            ends = (self._ground.raw(1, ends[0]), self._ground.raw(1, ends[1]))
        self._paint_axes(painter, area, self._ground, ends)

    def _paint_points(self, painter: QPainter, area: QRectF, ground: Ground) -> None:
        places = (ground.points - ground.lows) / (ground.highs - ground.lows)
        shades = unit_range(
            ground.targets.reshape(len(places), -1)[:, 0],
            float(ground.targets.min()),
            float(ground.targets.max()),
        )
        painter.setPen(QPen(theme.color("field"), 1))
        for (x, y), target, shade in zip(places.tolist(), ground.targets, shades, strict=True):
            color = (
                theme.colors().of_class(int(target))
                if ground.classes
                else QColor(*(int(part) for part in viridis()[int(255 * shade)]))
            )
            painter.setBrush(color)
            at = QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())
            painter.drawEllipse(at, 3.2, 3.2)

    def _paint_curve(self, painter: QPainter, area: QRectF, ground: Ground) -> tuple[float, float]:
        """The data and the curve; returns the ends of the upright axis."""
        targets = ground.targets.reshape(len(ground.points), -1)[:, 0]
        low, high = float(targets.min()), float(targets.max())
        low, high = low - MARGIN * (high - low or 1), high + MARGIN * (high - low or 1)
        across = (ground.points[:, 0] - ground.lows[0]) / (ground.highs[0] - ground.lows[0])
        color = QColor(theme.color("muted"))
        color.setAlpha(150)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in zip(across.tolist(), ((targets - low) / (high - low)).tolist(), strict=True):
            at = QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())
            painter.drawEllipse(at, 2.5, 2.5)
        if self._curve is not None:
            heights = np.clip((np.nan_to_num(self._curve) - low) / (high - low), -1, 2)
            line = QPolygonF(
                [
                    QPointF(
                        area.left() + i * area.width() / (len(heights) - 1),
                        area.bottom() - y * area.height(),
                    )
                    for i, y in enumerate(heights.tolist())
                ]
            )
            painter.save()
            painter.setClipRect(area)
            painter.setPen(QPen(theme.color("train"), 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(line)
            painter.restore()
        return low, high

    def _paint_axes(
        self, painter: QPainter, area: QRectF, ground: Ground, ends: tuple[float, float]
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.color("border"))
        painter.drawRect(area)
        painter.setPen(theme.color("muted"))
        height = painter.fontMetrics().height()
        flags = Qt.AlignmentFlag
        below = QRectF(area.left(), area.bottom() + 2, area.width(), height)
        across = (ground.raw(0, float(each[0])) for each in (ground.lows, ground.highs))
        metrics = painter.fontMetrics()
        for words, at, width in labels_below(metrics, across, ground.names[0], area.width()):
            painter.drawText(QRectF(below.left() + at, below.top(), width, height), words)
        aside = QRectF(0, area.top(), area.left() - 5, area.height())
        painter.drawText(aside, flags.AlignRight | flags.AlignTop, f"{ends[1]:.3g}")
        painter.drawText(aside, flags.AlignRight | flags.AlignBottom, f"{ends[0]:.3g}")
        if area.height() >= 3 * height:
            name = metrics.elidedText(ground.names[-1], ELIDE, int(aside.width()))
            painter.drawText(aside, flags.AlignRight | flags.AlignVCenter, name)


def labels_below(
    metrics: QFontMetrics, ends: Iterable[float], name: str, room: float
) -> list[tuple[str, float, float]]:
    """What stands below an axis, where it begins and how wide it is; nothing overlaps.

    Where there is little room the name is shortened, then left out, then the
    end at the right.
    """
    low, high = (f"{value:.3g}" for value in ends)
    left, right = (metrics.horizontalAdvance(words) + 1 for words in (low, high))
    labels = [(low, 0.0, float(left))]
    between = room - left - right - 2 * LABEL_GAP
    if between < -LABEL_GAP:
        return labels
    labels.append((high, room - right, float(right)))
    short = metrics.elidedText(name, ELIDE, int(between))
    wide = metrics.horizontalAdvance(short) + 1
    if short and short != "…" and wide <= between:
        first, last = left + LABEL_GAP, room - right - LABEL_GAP
        middle = min(max(room / 2, first + wide / 2), last - wide / 2)
        labels.append((short, middle - wide / 2, float(wide)))
    return labels


def _class_colors(shares: Array) -> Array:
    """For each point its class' color, the paler the less certain: uint8 (N, 3).

    Args:
        shares: (N, classes), 0 to 1; where they do not add up to 1, they are mixed in proportion.
    """
    known = np.nan_to_num(shares)
    tones = (theme.colors().of_class(i) for i in range(known.shape[1]))
    colors = np.array([_rgb(each) for each in tones], np.float64)
    paper = np.array(_rgb(theme.color("field")), np.float64)
    mixed: Array = known @ colors / np.maximum(known.sum(axis=1, keepdims=True), 1e-9)
    shown: Array = (0.45 * paper + 0.55 * mixed).astype(np.uint8)
    return shown


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def _axes(dataset: Dataset) -> tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...]]:
    """Name, offset and scale of each axis; regression adds the target's name as the last."""
    width = dataset.input_shape[0]
    chain = dataset.preprocessing
    if chain.kind == "table":
        names = chain.output_names
        offsets = (*(each.offset for each in chain.numbers), *[0.0] * width)[:width]
        scales = (*(each.scale for each in chain.numbers), *[1.0] * width)[:width]
    else:
        names = dataset.samples.feature_names or tuple(f"x{i + 1}" for i in range(width))
        offsets = tuple(chain.offset[i % len(chain.offset)] for i in range(width))
        scales = tuple(chain.scale[i % len(chain.scale)] for i in range(width))
    if width == 1:
        names = (*names, dataset.targets.names[0])
    return names, offsets, tuple(scale or 1.0 for scale in scales)
