"""The canvas behind the nodes: its color and a grid of dots."""

from __future__ import annotations

from math import ceil, floor

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app import theme

_GAP = 20.0
_LEAST = 16.0
"""Dots nearer on the screen than this are thinned out."""


def paint_backdrop(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """Fill ``rect`` (scene coordinates) and draw the dots in it."""
    c = theme.colors()
    painter.fillRect(rect, QColor(c.canvas))
    gap = _GAP
    while gap * zoom < _LEAST:
        gap *= 5
    size = max(1.6, min(2.4, 2.0 * zoom)) / zoom
    # A row of dots is one dashed line: far fewer calls than a dot each.
    pen = QPen(QColor(c.grid).darker(107) if not theme.is_dark() else QColor(c.grid).lighter(125))
    pen.setWidthF(size)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([1.0, gap / size - 1.0])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= 1)
    painter.setPen(pen)
    left = floor(rect.left() / gap) * gap - size / 2
    rows = range(floor(rect.top() / gap), ceil(rect.bottom() / gap) + 1)
    painter.drawLines([QLineF(left, row * gap, rect.right(), row * gap) for row in rows])
