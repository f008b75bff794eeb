"""The gesture that places a new layer, dragged in from the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.face import face_of_new
from app.canvas.gesture import Gesture, Pointer
from app.canvas.hits import card_at, wire_near
from app.canvas.measures import WIRE_REACH
from app.canvas.node_item import GhostItem
from app.canvas.wire_item import Look
from app.document import edits
from app.document.places import NODE_HEIGHT, NODE_WIDTH, snapped
from engine.errors import ShapeError
from engine.graph import Edge
from engine.layers import Layer
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class PlaceGesture(Gesture):
    """A ghost of the layer follows the pointer; on a wire it would be inserted."""

    words = "Drop to place · drop on a wire to insert · Esc cancels"

    def __init__(self, canvas: CanvasView, kind: str) -> None:
        super().__init__(canvas)
        self._layer: Layer = Layer.kind_named(kind)()
        self._edge: Edge | None = None
        self._reason: str | None = None
        self._ghost = GhostItem(face_of_new(self._layer))
        self._ghost.setVisible(False)
        self.scene.addItem(self._ghost)

    def move(self, to: Pointer) -> None:
        self._ghost.setPos(*corner_at(to.scene))
        self._ghost.setVisible(True)
        near = wire_near(self.scene, to.scene, 2 * WIRE_REACH / self.canvas.zoom)
        if card_at(self.scene, to.scene) is not None:
            near = None
        self._aim(near)
        if self._reason:
            self.canvas.tip.show_at(to.view.toPoint(), self._reason)
        else:
            self.canvas.tip.hide()

    def finish(self, at: Pointer) -> None:
        self.move(at)
        edge, reason = self._edge, self._reason
        self.cancel()
        project, kind, corner = self.document.project, self._layer.kind, corner_at(at.scene)
        if edge is not None and reason is None:
            project, new = edits.insert_layer(project, self._layer, edge, corner)
            self.document.do(f"Insert {kind}", project)
        else:
            free = edits.free_spot(project, corner)
            project, new = edits.add_layer(project, self._layer, free)
            self.document.do(f"Add {kind}", project)
            if reason:
                self.canvas.message.emit(f"Placed without wires: {reason}")
        self.document.selection.set([new])

    def cancel(self) -> None:
        self._aim(None)
        self.scene.removeItem(self._ghost)
        self.canvas.tip.hide()

    def _aim(self, edge: Edge | None) -> None:
        """Light up the wire that a drop would insert into."""
        if edge == self._edge:
            return
        if self._edge in self.scene.wires and self._edge is not None:
            self.scene.wires[self._edge].show_look(Look.PLAIN)
        self._edge = edge
        self._reason = None if edge is None else self._why_not_insert(edge)
        if edge is not None:
            self.scene.wires[edge].show_look(Look.BAD if self._reason else Look.GOOD)

    def _why_not_insert(self, edge: Edge) -> str | None:
        if self._layer.arity[1] == 0:
            return f"{self._layer.kind} is where data enters: it takes no input."
        shape = self.document.diagnosis.shapes.get(edge.source)
        if shape is None or self._layer.arity[0] > 1:
            return None
        try:
            self._layer.output_shape((shape,))
        except ShapeError as error:
            return str(error)
        return None


def corner_at(middle: QPointF) -> Point:
    """The top left corner of a node whose middle is here, on the grid."""
    return snapped(middle.x() - NODE_WIDTH / 2), snapped(middle.y() - NODE_HEIGHT / 2)


def corner_right_of(port: QPointF, forward: bool) -> Point:
    """The top left corner of a node whose input (or else output) is here, on the grid."""
    x = port.x() if forward else port.x() - NODE_WIDTH
    return snapped(x), snapped(port.y() - NODE_HEIGHT / 2)
