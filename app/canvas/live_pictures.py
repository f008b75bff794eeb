"""What a layer shows under and over its card while it learns: painted once per news."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from app import theme
from app.canvas.health import Pace
from app.canvas.kept import Kept
from app.canvas.measures import GLANCE_HEIGHT, GLANCE_WIDTH
from app.canvas.node_face import font
from app.widgets.pictures import viridis
from engine.arrays import Array

_DETAIL = 2
"""Pixels per unit, so that they are sharp on dense screens and when zoomed in a little."""
_PAD, _GAP = 4, 3
"""Of a strip, in pixels."""
_CHIP_HEIGHT = 15.0


class LiveItem(Kept, QGraphicsPixmapItem):
    """A picture at a node.

    Attributes:
        shows: what the picture was made of.
    """

    def __init__(self, node: QGraphicsItem) -> None:
        super().__init__(node)
        self.shows: object = None
        self.keep()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_picture(self, picture: QPixmap) -> None:
        """Show another picture."""
        self.renew()
        self.setPixmap(picture)
        self.renew()

    def paint_kept(self, painter: QPainter, zoom: float, rough: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not rough)
        painter.drawPixmap(self.scenePos(), self.pixmap())


def glance_picture(values: Array) -> QPixmap:
    """(height, width, maps) as maps side by side, (numbers,) as bars; on a strip.

    Put together as an array: hundreds of them come at a time, and painting would take
    five times as long.
    """
    c = theme.colors()
    strip = _ground(c.canvas, c.node_border).copy()
    inside = strip[_PAD:-_PAD, _PAD:-_PAD]
    if values.ndim == 3:
        _put_maps(inside, values)
    elif len(values):
        known = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
        _put_bars(inside, known, _rgb(c.train), _rgb(c.validation))
    height, width = strip.shape
    image = QImage(strip.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(_DETAIL)
    return picture


@lru_cache(maxsize=4)
def _ground(color: str, edge: str) -> Array:
    """An empty strip with its edge; uint32 (height, width)."""
    shape = round(GLANCE_HEIGHT * _DETAIL), round(GLANCE_WIDTH * _DETAIL)
    strip = np.full(shape, _rgb(edge), np.uint32)
    strip[_DETAIL // 2 : -_DETAIL // 2, _DETAIL // 2 : -_DETAIL // 2] = _rgb(color)
    return strip


def _put_maps(into: Array, values: Array) -> None:
    """Each map from its least value, dark, to its greatest, bright."""
    rows, columns, count = values.shape
    finite = np.isfinite(values)
    known = np.where(finite, values, 0.0).astype(np.float64)
    low, high = known.min(axis=(0, 1)), known.max(axis=(0, 1))
    shades = ((known - low) * (255 / np.where(high > low, high - low, np.inf))).astype(np.uint8)
    colors = _viridis()[shades]
    height, width = into.shape
    # As large as fits in the height and, side by side, in the width; whole numbers of pixels.
    tall = min(height, int((width - _GAP * (count - 1)) / count * rows / columns))
    wide = max(1, min(int(tall * columns / rows), (width - _GAP * (count - 1)) // count))
    tall = max(1, tall)
    down = np.arange(tall) * rows // tall
    across = np.arange(wide) * columns // wide
    left = (width - count * (wide + _GAP) + _GAP) // 2
    top = (height - tall) // 2
    for index in range(count):
        start = left + index * (wide + _GAP)
        into[top : top + tall, start : start + wide] = colors[:, :, index][down[:, None], across]


def _put_bars(into: Array, values: Array, positive: int, negative: int) -> None:
    """Upright bars from zero, those below it in another color."""
    height, width = into.shape
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    spread = (high - low) or 1.0
    slot = np.arange(width) * len(values) // width
    zero = height * high / spread
    ends = zero - height * values[slot] / spread
    if width >= 3 * len(values):  # there is room for a gap between bars
        ends[np.diff(slot, prepend=-1) > 0] = zero
    rows = np.arange(height)[:, None] + 0.5
    into[(rows >= ends) & (rows < zero)] = positive
    into[(rows >= zero) & (rows < ends)] = negative


@lru_cache(maxsize=64)
def _rgb(color: str) -> int:
    return QColor(color).rgb()


@cache
def _viridis() -> Array:
    """As pixels, uint32 (256,)."""
    red, green, blue = viridis().astype(np.uint32).T
    return np.asarray(0xFF000000 | red << 16 | green << 8 | blue, np.uint32)


def chip_picture(text: str, pace: Pace | None) -> QPixmap:
    """A short text in a pill whose edge has the color of the pace."""
    c = theme.colors()
    edge = getattr(c, pace.value if pace else "wire")
    return _chip(text, edge, c.node, c.text, QGuiApplication.font().family())


@lru_cache(maxsize=2048)
def _chip(text: str, edge: str, ground: str, ink: str, family: str) -> QPixmap:
    """Texts repeat: ratios are told in one digit."""
    shown = font(9.5, bold=True)
    width = QFontMetricsF(shown).horizontalAdvance(text) + 12
    pill, painter = _begun(width, _CHIP_HEIGHT)
    painter.setPen(QPen(QColor(edge), 1.2))
    painter.setBrush(QColor(ground))
    card = QRectF(0.6, 0.6, width - 1.2, _CHIP_HEIGHT - 1.2)
    painter.drawRoundedRect(card, _CHIP_HEIGHT / 2 - 1, _CHIP_HEIGHT / 2 - 1)
    painter.setFont(shown)
    painter.setPen(QColor(ink))
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
