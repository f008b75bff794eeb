"""How a layer type looks wherever it appears: its icon and its one-line summary."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import theme
from app.widgets.offers import block_in
from engine.blocks import block_named
from engine.layers import Layer

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons" / "layers"

# Families of kinds that share a picture; all others have their own or their category's.
_SHARED = (
    ("Global", "GlobalPooling"),
    ("Pooling", "Pooling"),
    ("Conv", "Convolution"),
    ("LSTM", "Recurrent"),
    ("GRU", "Recurrent"),
    ("RNN", "Recurrent"),
    ("Normalization", "Normalization"),
    ("Dropout", "Regularization"),
)


def category_of(kind: str) -> str:
    """The palette category of a layer type; empty for a type that is not known."""
    if block_in(kind) is not None:
        return "Structure"
    known = Layer.kinds.get(kind)
    return str(known.category) if known else ""


def summary(kind: str) -> str:
    """The first line of the layer's documentation, as plain text; what a block does."""
    name = block_in(kind)
    if name is not None:
        block = block_named(name)
        return "A block of your own." if block is None else block.about
    known = Layer.kinds.get(kind)
    lines = (known.__doc__ or "").strip().splitlines() if known else []
    return lines[0].replace("``", "").replace("`", "") if lines else ""


def paint_layer_icon(painter: QPainter, where: QRectF, kind: str, color: QColor) -> None:
    """Draw the icon of a layer type in one color."""
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        _renderer(_picture_of(kind), color.name()).render(painter, where)  # vectors stay vectors
        return
    scale = painter.worldTransform().m11() * painter.device().devicePixelRatio()
    pixels = max(1, round(where.width() * scale))
    picture = _icon(_picture_of(kind), color.name(), pixels)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(where, picture, QRectF(0, 0, pixels, pixels))


def paint_layer_tile(painter: QPainter, where: QRectF, kind: str) -> None:
    """Draw the tinted tile with the icon of a layer type."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = theme.colors().category(category_of(kind))
    tint = QColor(color)
    tint.setAlphaF(0.16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawRoundedRect(where, where.width() / 5, where.width() / 5)
    inset = where.width() * 0.16
    paint_layer_icon(painter, where.adjusted(inset, inset, -inset, -inset), kind, color)


@lru_cache(maxsize=256)
def _picture_of(kind: str) -> str:
    if block_in(kind) is not None:
        return "Group"
    if kind not in Layer.kinds:
        return "Unknown"
    shared = (picture for part, picture in _SHARED if part in kind)
    for name in (kind, *shared, category_of(kind)):
        if (ICONS / f"{name}.svg").is_file():
            return name
    return "Core"


@lru_cache(maxsize=1024)
def _icon(picture: str, color: str, pixels: int) -> QPixmap:
    """A picture of a size; rendering a drawing costs a hundred times as much as copying it."""
    made = QPixmap(pixels, pixels)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _renderer(picture, color).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return made


@lru_cache(maxsize=256)
def _renderer(picture: str, color: str) -> QSvgRenderer:
    text = (ICONS / f"{picture}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", color).encode()))
