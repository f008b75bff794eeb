"""The whole drawing on any paint device: a vector file, a printed page, a picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from app import theme
from app.canvas.live_pictures import LiveItem
from app.canvas.scene import CanvasScene

BORDER = 24.0


def drawn_area(scene: CanvasScene) -> QRectF:
    """What a drawing of everything covers, in scene coordinates; empty without nodes."""
    area = scene.itemsBoundingRect() if scene.nodes else QRectF()
    return area.adjusted(-BORDER, -BORDER, BORDER, BORDER) if not area.isEmpty() else area


def paint_drawing(scene: CanvasScene, painter: QPainter) -> None:
    """Paint every item as it looks unselected from near, in scene coordinates.

    What a run shows on layers and wires is left out. Item by item rather than by the
    scene, which would paint the pictures that it keeps for the screen.
    """
    painter.fillRect(drawn_area(scene), theme.color("canvas"))
    option = QStyleOptionGraphicsItem()
    for wire in scene.wires.values():
        wire.show_selected(False)
        wire.show_health(None)
    for node in scene.nodes.values():
        node.show_selected(False)
    lasting = (item for item in scene.items() if not isinstance(item, LiveItem))
    for item in sorted(lasting, key=lambda each: each.zValue()):
        option.exposedRect = item.boundingRect()
        painter.save()
        painter.translate(item.scenePos())
        item.paint(painter, option, None)
        painter.restore()
    scene.show_selection()
    if scene.live.graph is not None:
        scene.live.sync()
