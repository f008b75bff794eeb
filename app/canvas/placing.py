"""The gesture that places a new layer, dragged in from the palette."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas.aiming import Aim
from app.canvas.face import face_of_new
from app.canvas.gesture import Gesture, Pointer
from app.canvas.measures import WIRE_REACH
from app.canvas.node_item import GhostItem
from app.document import edits, grouping
from app.document.places import NODE_HEIGHT, NODE_WIDTH, snapped
from engine.arrays import Shape
from engine.errors import EngineError
from engine.layers import Layer
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class PlaceGesture(Gesture):
    """A ghost of the layer follows the pointer; on a wire it would be inserted."""

    words = "Drop to place · drop on a wire to insert · hold Alt to prevent that · Esc cancels"

    def __init__(self, canvas: CanvasView, kind: str) -> None:
        """Begin to place a layer or block.

        Raises:
            EngineError: there is no such block.
        """
        super().__init__(canvas)
        self._kind = kind
        made = canvas.make(kind)
        self._aim = Aim(canvas, made.layer, self._layer_for)
        self._ghost = GhostItem(replace(face_of_new(made.layer), name=made.name))
        self._ghost.setVisible(False)
        self.scene.addItem(self._ghost)

    def move(self, to: Pointer) -> None:
        self._ghost.setPos(*corner_at(to.scene))
        self._ghost.setVisible(True)
        if to.keys & Qt.KeyboardModifier.AltModifier:
            self._aim.clear()
        else:
            self._aim.at(to.scene, 2 * WIRE_REACH / self.canvas.zoom)
        if self._aim.reason:
            self.canvas.tip.show_at(to.view.toPoint(), self._aim.reason)
        else:
            self.canvas.tip.hide()

    def finish(self, at: Pointer) -> None:
        self.move(at)
        edge, reason = self._aim.takes, self._aim.reason
        self.cancel()
        project, corner = self.document.project, corner_at(at.scene)
        shape = None if edge is None else self.document.diagnosis.shapes.get(edge.source)
        made = self.canvas.make(self._kind, shape)
        if edge is not None:
            project, new = edits.insert_layer(project, made.layer, edge, corner)
        else:
            free = edits.free_spot(project, corner)
            project, new = edits.add_layer(project, made.layer, free)
        project = made.dressed(project, new)
        try:
            grouping.check_depth(project, len(self.document.level))
        except EngineError as error:
            self.canvas.message.emit(str(error))
            return
        if edge is not None:
            self.document.do(f"Insert {made.name}", project)
        else:
            self.document.do(f"Add {made.name}", project)
            if reason:
                self.canvas.message.emit(f"Placed without wires: {reason}")
        self.document.selection.set([new])

    def _layer_for(self, shape: Shape) -> Layer:
        return self.canvas.make(self._kind, shape).layer

    def cancel(self) -> None:
        self._aim.clear()
        self.scene.removeItem(self._ghost)
        self.canvas.tip.hide()


def corner_at(middle: QPointF) -> Point:
    """The top left corner of a node whose middle is here, on the grid."""
    return snapped(middle.x() - NODE_WIDTH / 2), snapped(middle.y() - NODE_HEIGHT / 2)


def corner_right_of(port: QPointF, forward: bool) -> Point:
    """The top left corner of a node whose input (or else output) is here, on the grid."""
    x = port.x() if forward else port.x() - NODE_WIDTH
    return snapped(x), snapped(port.y() - NODE_HEIGHT / 2)
