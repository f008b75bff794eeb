"""The gesture that draws a wire by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.canvas.gesture import Pointer
from app.canvas.hits import PortHit
from app.canvas.neighbors import DIRECTIONS, next_node
from app.canvas.wiring import WireGesture
from engine.diagnosis import mends_for_connection

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class KeyWireGesture(WireGesture):
    """A wire from an output whose end is chosen by keyboard; the pointer may take over."""

    words = "Arrows choose the target · Enter connects · Esc cancels"

    def __init__(self, canvas: CanvasView, grabbed: PortHit) -> None:
        super().__init__(canvas, grabbed)
        self._aimed = grabbed.node

    def aim_at(self, node: str) -> None:
        """Let the wire end at a node; the tip says why where it would be refused."""
        self._aimed = node
        self.canvas.show_node(node)
        self.move(self._pointer)
        name = self.document.project.graph.nodes[node].name
        refused = f"{name}: {self._reason}"
        self.canvas.speak(refused if self._reason else f"Enter connects to {name}.")

    def key(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._reason is None or self._can_be_mended:
                self.canvas.end_gesture(self._pointer)
            else:
                self.canvas.message.emit(str(self._reason))
            return True
        if key not in DIRECTIONS:
            return False
        found = next_node(self.scene, self._aimed, key)
        if found == self._anchor.node:
            found = next_node(self.scene, found, key)
        if found is not None:
            self.aim_at(found)
        return True

    @property
    def _can_be_mended(self) -> bool:
        edge = self._edge
        return edge is not None and bool(mends_for_connection(self._without.graph, edge))

    @property
    def _pointer(self) -> Pointer:
        middle = self.scene.nodes[self._aimed].card.center()
        return Pointer(middle, self.canvas.navigation.to_view(middle))
