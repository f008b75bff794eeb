"""The gesture that moves all wires of an output to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.gesture import Gesture, Pointer
from app.canvas.hits import PortHit, card_at, nearest_port
from app.canvas.measures import MAGNET
from app.canvas.wire_item import DRAFT_LAYER, Look, WireItem
from app.document import edits
from engine.diagnosis import why_not_connect
from engine.graph import Edge
from engine.project import Project

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class RewireGesture(Gesture):
    """Takes every wire off an output; dropped on nothing they are cut."""

    def __init__(self, canvas: CanvasView, node: str) -> None:
        super().__init__(canvas)
        project = self.document.project
        self._source = node
        self._edges = project.graph.out_of[node]
        self._without = edits.disconnect(project, self._edges)
        count = len(self._edges)
        self._wires = "wire" if count == 1 else f"{count} wires"
        self.words = (
            f"Drop on another output · drop on empty canvas to cut the {self._wires} · Esc cancels"
        )
        self._target: str | None = None
        self._moved: Project | None = None
        self._reason: str | None = None
        self._drafts = {edge: WireItem(None, DRAFT_LAYER) for edge in self._edges}
        for edge, draft in self._drafts.items():
            self.scene.wires[edge].setVisible(False)
            self.scene.addItem(draft)

    def move(self, to: Pointer) -> None:
        self._aim(self._output_at(to.scene))
        start = to.scene if self._target is None else self.scene.nodes[self._target].output
        look = Look.BAD if self._reason else Look.GOOD if self._target else Look.HOVERED
        for edge, draft in self._drafts.items():
            draft.lay(start, self.scene.nodes[edge.target].input(edge.port))
            draft.show_look(look)
        if self._reason:
            self.canvas.tip.show_at(to.view.toPoint(), self._reason)
        else:
            self.canvas.tip.hide()

    def finish(self, at: Pointer) -> None:
        self.move(at)
        target, moved, reason = self._target, self._moved, self._reason
        self.cancel()
        if target is None:
            self.document.do(f"Cut {self._wires}", self._without)
        elif reason is not None:
            self.canvas.message.emit(reason)
        elif target != self._source and moved is not None:
            self.document.do(f"Move {self._wires}", moved)

    def cancel(self) -> None:
        self._light(None)
        self.canvas.tip.hide()
        for edge, draft in self._drafts.items():
            self.scene.removeItem(draft)
            if edge in self.scene.wires:
                self.scene.wires[edge].setVisible(True)

    def _output_at(self, at: QPointF) -> str | None:
        reach = MAGNET / self.canvas.zoom
        port = nearest_port(self.scene, at, reach, inputs=False)
        return card_at(self.scene, at) if port is None else port.node

    def _aim(self, node: str | None) -> None:
        if node == self._target:
            return
        self._light(node)
        self._target, self._reason, self._moved = node, None, None
        if node is None or node == self._source:
            return
        moved = self._without
        for edge in self._edges:
            wanted = Edge(node, edge.target, edge.port)
            self._reason = why_not_connect(moved.graph, wanted)
            if self._reason is not None:
                return
            moved = edits.connect(moved, wanted)
        self._moved = moved

    def _light(self, node: str | None) -> None:
        for each, lit in ((self._target, False), (node, True)):
            if each is not None and each in self.scene.nodes:
                self.scene.nodes[each].show_hovered(lit, frozenset([None] if lit else []))


def takes_all(grabbed: PortHit, canvas: CanvasView) -> bool:
    """Whether a port is an output that has wires to move."""
    return grabbed.port is None and bool(canvas.document.project.graph.out_of[grabbed.node])
