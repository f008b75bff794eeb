"""What a layer shows under and over its card while it learns: painted once per news."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from app import theme
from app.canvas.health import Pace
from app.canvas.measures import GLANCE_HEIGHT, GLANCE_WIDTH
from app.canvas.node_face import font
from app.widgets.pictures import unit_range, viridis
from engine.arrays import Array

_DETAIL = 2
"""Pixels per unit, so that they are sharp on dense screens and when zoomed in a little."""
_PAD = 2.0
_GAP = 1
_CHIP_HEIGHT = 15.0


class LiveItem(QGraphicsPixmapItem):
    """A kept picture at a node; Qt draws it, so that panning hundreds calls no Python."""

    def __init__(self, node: QGraphicsItem) -> None:
        super().__init__(node)
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)


def glance_picture(values: Array) -> QPixmap:
    """(height, width, maps) as maps side by side, (numbers,) as bars; on a strip."""
    strip, painter = _begun(GLANCE_WIDTH, GLANCE_HEIGHT)
    c = theme.colors()
    inside = QRectF(_PAD, _PAD, GLANCE_WIDTH - 2 * _PAD, GLANCE_HEIGHT - 2 * _PAD)
    painter.setPen(QPen(QColor(c.node_border), 1))
    painter.setBrush(QColor(c.canvas))
    painter.drawRoundedRect(QRectF(0.5, 0.5, GLANCE_WIDTH - 1, GLANCE_HEIGHT - 1), 4, 4)
    if values.ndim == 3:
        _paint_maps(painter, inside, values)
    elif len(values):
        wide, high = round(inside.width() * _DETAIL), round(inside.height() * _DETAIL)
        painter.drawImage(inside, _image(_bars(np.nan_to_num(values), wide, high)))
    painter.end()
    return strip


def chip_picture(text: str, pace: Pace | None) -> QPixmap:
    """A short text in a pill whose edge has the color of the pace."""
    shown = font(9.5, bold=True)
    width = QFontMetricsF(shown).horizontalAdvance(text) + 12
    pill, painter = _begun(width, _CHIP_HEIGHT)
    c = theme.colors()
    color = theme.color(pace.value if pace else "wire")
    painter.setPen(QPen(color, 1.2))
    painter.setBrush(QColor(c.node))
    card = QRectF(0.6, 0.6, width - 1.2, _CHIP_HEIGHT - 1.2)
    painter.drawRoundedRect(card, _CHIP_HEIGHT / 2 - 1, _CHIP_HEIGHT / 2 - 1)
    painter.setFont(shown)
    painter.setPen(QColor(c.text))
    painter.drawText(card, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pill


def _begun(width: float, height: float) -> tuple[QPixmap, QPainter]:
    picture = QPixmap(round(width * _DETAIL), round(height * _DETAIL))
    picture.setDevicePixelRatio(_DETAIL)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return picture, painter


def _paint_maps(painter: QPainter, inside: QRectF, values: Array) -> None:
    rows, columns, count = values.shape
    # As large as fits in the height and, side by side, in the width.
    side = min(inside.height() / rows, (inside.width() - _GAP * (count - 1)) / (columns * count))
    width, height = side * columns, side * rows
    left = inside.center().x() - (count * (width + _GAP) - _GAP) / 2
    top = inside.center().y() - height / 2
    for index in range(count):
        place = QRectF(left + index * (width + _GAP), top, width, height)
        painter.drawImage(place, _image(_shaded(values[..., index])))


def _shaded(values: Array) -> Array:
    """One map from its least value, dark, to its greatest, bright; (height, width, 4)."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    shades = (255 * unit_range(values, low, high)).astype(np.uint8)
    rgb = viridis()[shades]
    return np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)


def _bars(values: Array, width: int, height: int) -> Array:
    """Upright bars from zero, those below it in another color; (height, width, 4)."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    spread = (high - low) or 1.0
    zero = height * high / spread
    slot = np.arange(width) * len(values) // width
    ends = zero - height * values[slot] / spread
    rows = np.arange(height)[:, None] + 0.5
    up, down = (rows >= ends) & (rows < zero), (rows >= zero) & (rows < ends)
    # A pixel between bars, where there is room for one.
    if width >= 3 * len(values):
        first = np.diff(slot, prepend=-1) > 0
        up, down = up & ~first, down & ~first
    picture = np.zeros((height, width, 4), np.uint8)
    picture[up], picture[down] = _rgba("train"), _rgba("validation")
    return picture


def _rgba(name: str) -> tuple[int, int, int, int]:
    return _parsed(getattr(theme.colors(), name))


@lru_cache(maxsize=32)
def _parsed(color: str) -> tuple[int, int, int, int]:
    made = QColor(color)
    return made.red(), made.green(), made.blue(), made.alpha()


def _image(rgba: Array) -> QImage:
    pixels = np.ascontiguousarray(rgba)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
