"""All nodes at once, while they are painted roughly."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas.measures import LIMIT
from app.canvas.node_item import BOUNDS, NODE_LAYER, NodeItem
from app.canvas.pictures import Pictures
from app.canvas.wire_item import WIRE_LAYER

_EVERYWHERE = QRectF(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)


class RoughLayer(QGraphicsItem):
    """Draws the nodes whose pictures are stretched while the zoom goes on.

    Were they to paint themselves, Qt would call Python for each of them, which takes half of a
    frame with hundreds of nodes.

    Args:
        nodes: says which there are.
    """

    def __init__(self, nodes: Callable[[], Iterable[NodeItem]], pictures: Pictures) -> None:
        super().__init__()
        self._nodes, self._pictures = nodes, pictures
        self.setZValue((WIRE_LAYER + NODE_LAYER) / 2)  # what hangs on nodes lies above them
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setVisible(False)

    def boundingRect(self) -> QRectF:
        return _EVERYWHERE

    def shape(self) -> QPainterPath:
        return QPainterPath()  # nobody points at it

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        scale = self._pictures.scale_of(painter)
        seen = option.exposedRect
        rough = [node for node in self._nodes() if node.is_rough]
        for node in sorted(rough, key=NodeItem.zValue):
            place = node.sceneBoundingRect()
            if not place.intersects(seen):
                continue
            shows, paint = node.shown(zoom)
            picture, size = self._pictures.any_size(shows, BOUNDS, scale, paint)
            painter.drawPixmap(place, picture, size)
            if node.flashes:
                painter.save()
                painter.translate(node.pos())
                node.paint_flash(painter)
                painter.restore()
