"""The gesture that draws a wire, or takes one over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.face import takes_many
from app.canvas.gesture import Gesture, Pointer
from app.canvas.hits import PortHit, card_at, nearest_port
from app.canvas.measures import MAGNET
from app.canvas.wire_item import DRAFT_LAYER, Look, WireItem
from app.document import edits
from engine.arrays import shape_text
from engine.diagnosis import Problem, refusal
from engine.graph import Edge

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class WireGesture(Gesture):
    """Draws a wire from a port to another, in either direction.

    Started at an input that has a wire, it takes that wire off and moves its end.
    """

    words = "Drop on a port to connect · drop on empty canvas to add a layer · Esc cancels"

    def __init__(self, canvas: CanvasView, grabbed: PortHit) -> None:
        super().__init__(canvas)
        project = self.document.project
        self._taken = _edge_at(project.graph.into[grabbed.node], grabbed.port)
        if self._taken is not None:
            self.words = "Drop on another input · drop on empty canvas to disconnect · Esc cancels"
            project = edits.disconnect(project, [self._taken])
            grabbed = PortHit(self._taken.source, None)
            self.scene.wires[self._taken].setVisible(False)
        self._without = project
        self._anchor = grabbed
        self._edge: Edge | None = None
        self._reason: Problem | None = None
        self._lit: str | None = None
        self._draft = WireItem(None, DRAFT_LAYER)
        self._draft.show_look(Look.HOVERED)
        self.scene.addItem(self._draft)

    def move(self, to: Pointer) -> None:
        target = self._target(to.scene)
        edge = self._edge_to(target)
        if edge != self._edge or edge is None:
            self._edge = edge
            self._reason = refusal(self._without.graph, edge) if edge else None
        self._show(to, target)

    def finish(self, at: Pointer) -> None:
        self.move(at)
        edge, reason, taken = self._edge, self._reason, self._taken
        self.cancel()
        if edge is None:
            self._drop_on_nothing(at)
        elif edge == taken or edge in self.document.project.graph.edges:
            return
        elif reason is not None:
            graph, place = self._without.graph, at.view.toPoint()
            if not self.canvas.mending.open_for_wire(graph, edge, place):
                self.canvas.message.emit(str(reason))
        else:
            label = "Connect" if taken is None else "Move wire"
            self.document.do(label, edits.connect(self._without, edge))
            self.document.selection.set(edges=[edge])

    def cancel(self) -> None:
        self.scene.removeItem(self._draft)
        self._light(None, None)
        self.canvas.tip.hide()
        if self._taken is not None and self._taken in self.scene.wires:
            self.scene.wires[self._taken].setVisible(True)

    def _drop_on_nothing(self, at: Pointer) -> None:
        if self._taken is not None:
            self.document.do("Cut wire", self._without)
        else:
            self.canvas.adding.open_for_wire(at.scene, self._anchor)

    @property
    def _forward(self) -> bool:
        return self._anchor.port is None

    def _target(self, at: QPointF) -> PortHit | None:
        """The port that a drop would take: one within the magnet, or of the card beneath."""
        reach = MAGNET / self.canvas.zoom
        found = nearest_port(self.scene, at, reach, outputs=not self._forward, inputs=self._forward)
        if found is not None and found.node != self._anchor.node:
            return self._on_free_place(found) if self._forward else found
        node = card_at(self.scene, at)
        if node is None or node == self._anchor.node:
            return None
        if not self._forward:
            return PortHit(node, None)
        return PortHit(node, self._without.graph.free_port(node))

    def _on_free_place(self, port: PortHit) -> PortHit:
        """A port that takes many wires takes one more, whichever was aimed at."""
        graph = self._without.graph
        if takes_many(graph.nodes[port.node].layer):
            return PortHit(port.node, graph.free_port(port.node))
        return port

    def _edge_to(self, target: PortHit | None) -> Edge | None:
        if target is None:
            return None
        if self._forward:
            graph = self._without.graph
            port = target.port or 0
            most = getattr(graph.nodes[target.node].layer, "arity", (0, None))[1]
            # A card whose only input is taken is aimed at as that input.
            port = 0 if most == 1 else port
            return Edge(self._anchor.node, target.node, port)
        return Edge(target.node, self._anchor.node, self._anchor.port or 0)

    def _show(self, to: Pointer, target: PortHit | None) -> None:
        end = to.scene
        if self._edge is not None and target is not None:
            item = self.scene.nodes[target.node]
            end = item.input(self._edge.port) if self._forward else item.output
        fixed_item = self.scene.nodes[self._anchor.node]
        if self._forward:
            self._draft.lay(fixed_item.output, end)
        else:
            self._draft.lay(end, fixed_item.input(self._anchor.port or 0))
        look = Look.HOVERED if self._edge is None else Look.BAD if self._reason else Look.GOOD
        self._draft.show_look(look)
        if self._reason:
            self.canvas.tip.show_at(to.view.toPoint(), _refused_words(self._reason))
        else:
            self.canvas.tip.hide()
        self._light(target.node if target else None, self._edge)

    def _light(self, node: str | None, edge: Edge | None) -> None:
        if self._lit is not None and self._lit != node and self._lit in self.scene.nodes:
            self.scene.nodes[self._lit].show_hovered(False)
        self._lit = node
        if node is not None and edge is not None:
            port = edge.port if self._forward else None
            self.scene.nodes[node].show_hovered(True, frozenset([port]))


def _refused_words(reason: Problem) -> str:
    """The reason; where shapes are the matter, what arrives and what is needed."""
    if not reason.inputs:
        return str(reason)
    arrives = " and ".join(map(shape_text, reason.inputs))
    needed = f"\nneeded: {reason.needs}" if reason.needs else ""
    return f"{reason.what}\narrives: {arrives}{needed}\nDrop it to see possible fixes."


def _edge_at(edges: tuple[Edge, ...], port: int | None) -> Edge | None:
    return next((edge for edge in edges if edge.port == port), None)
