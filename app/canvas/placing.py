"""The gesture that places a new layer, dragged in from the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas.aiming import Aim
from app.canvas.face import face_of_new
from app.canvas.gesture import Gesture, Pointer
from app.canvas.measures import WIRE_REACH
from app.canvas.node_item import GhostItem
from app.document import edits
from app.document.places import NODE_HEIGHT, NODE_WIDTH, snapped
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class PlaceGesture(Gesture):
    """A ghost of the layer follows the pointer; on a wire it would be inserted."""

    words = "Drop to place · drop on a wire to insert · Alt suspends that · Esc cancels"

    def __init__(self, canvas: CanvasView, kind: str) -> None:
        super().__init__(canvas)
        self._layer = self.document.new_layer(kind)
        self._aim = Aim(canvas, self._layer)
        self._ghost = GhostItem(face_of_new(self._layer))
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
        project, kind, corner = self.document.project, self._layer.kind, corner_at(at.scene)
        if edge is not None:
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
