"""The whole drawing on any paint device: a vector file, a printed page, a picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from app import theme
from app.canvas.scene import CanvasScene

BORDER = 24.0


def drawn_area(scene: CanvasScene) -> QRectF:
    """What a drawing of everything covers, in scene coordinates; empty without nodes."""
    area = scene.itemsBoundingRect() if scene.nodes else QRectF()
    return area.adjusted(-BORDER, -BORDER, BORDER, BORDER) if not area.isEmpty() else area


def paint_drawing(scene: CanvasScene, painter: QPainter) -> None:
    """Paint every item as it looks unselected from near, in scene coordinates.

    Item by item rather than by the scene, which would paint the pictures that it
    keeps for the screen.
    """
    painter.fillRect(drawn_area(scene), theme.color("canvas"))
    option = QStyleOptionGraphicsItem()
    for wire in scene.wires.values():
        wire.show_selected(False)
    for node in scene.nodes.values():
        node.show_selected(False)
    for item in sorted(scene.items(), key=lambda each: each.zValue()):
        option.exposedRect = item.boundingRect()
        painter.save()
        painter.translate(item.scenePos())
        item.paint(painter, option, None)
        painter.restore()
    scene.show_selection()
