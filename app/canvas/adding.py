"""The search box on the canvas, and what happens to the layer chosen in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF

from app.canvas import suggestions
from app.canvas.hits import PortHit
from app.canvas.placing import corner_at, corner_right_of
from app.canvas.quick_add import QuickAdd
from app.document import edits, grouping
from app.document.places import COLUMN_WIDTH, NODE_WIDTH
from engine.errors import EngineError
from engine.graph import Edge
from engine.layers import Layer

if TYPE_CHECKING:
    from app.canvas.editing import Editing
    from app.canvas.view import CanvasView


@dataclass(frozen=True)
class Successor:
    """The purpose of putting another layer in a node's place."""

    node: str


Purpose = PortHit | Edge | Successor | None


class Adding(QObject):
    """Opens the box for a purpose, and carries the purpose out once a layer is chosen."""

    def __init__(self, canvas: CanvasView, editing: Editing) -> None:
        super().__init__(canvas)
        self._canvas, self._editing = canvas, editing
        self.box = QuickAdd(canvas)
        self._at = QPointF()
        self._purpose: Purpose = None
        self.box.chosen.connect(self._on_chosen)
        self.box.closed.connect(self._on_closed)

    def open(self, at: QPointF) -> None:
        """Offer every layer; it is wired to the selected node."""
        node = self._canvas.document.selection.node
        words = f"Enter adds after {node}" if node else "Enter adds · Esc closes"
        kinds = self._following(node) if node else [*Layer.palette(), *self._canvas.blocks.keys]
        rest = [kind for kind in Layer.palette() if kind not in kinds]
        self._open(at, None, [*kinds, *rest], words)

    def open_by_key(self, at: QPointF | None) -> None:
        """As :meth:`open`; right of the selected node, unless the cursor is farther there."""
        node = self._canvas.document.selection.node
        if node is not None:
            card = self._canvas.canvas_scene.nodes[node].card
            if at is None or at.x() < card.right() + NODE_WIDTH / 2:
                at = card.center() + QPointF(COLUMN_WIDTH, 0)
        navigation = self._canvas.navigation
        self.open(navigation.to_scene(navigation.middle) if at is None else at)

    def open_for_wire(self, at: QPointF, wire: PortHit) -> None:
        """Offer the layers that fit a wire dropped at a point of the scene."""
        forward, nodes = wire.port is None, self._canvas.document.project.graph.nodes
        before = suggestions.preceding(nodes[wire.node].layer.kind)
        kinds = self._following(wire.node) if forward else before
        words = f"Fits after {wire.node}" if forward else f"Feeds {wire.node}"
        self._open(at, wire, kinds, words)

    def open_on(self, edge: Edge) -> None:
        """Offer the layers that fit into a wire."""
        middle = self._canvas.canvas_scene.wires[edge].middle()
        words = f"Between {edge.source} and {edge.target}"
        self._open(middle, edge, self._following(edge.source), words)

    def insert_on_wire(self) -> None:
        """Offer the layers that fit into the selected wire."""
        self.open_on(next(iter(self._canvas.document.selection.edges)))

    def replace(self) -> None:
        """Offer the layers that can take the selected node's place."""
        node = self._canvas.document.selection.node
        assert node is not None
        kinds = suggestions.instead_of(self._canvas.document.project.graph, node)
        item = self._canvas.canvas_scene.nodes[node]
        self._open(item.card.bottomLeft(), Successor(node), kinds, f"Replace {node} with")

    def _open(self, at: QPointF, purpose: Purpose, kinds: Sequence[str], words: str) -> None:
        self._at, self._purpose = at, purpose
        self.box.open_at(self._canvas.navigation.to_view(at).toPoint(), kinds, words)

    def _following(self, node: str) -> list[str]:
        document = self._canvas.document
        kind = document.project.graph.nodes[node].layer.kind
        shape = document.diagnosis.shapes.get(node)
        return [*suggestions.following(kind, shape), *self._canvas.blocks.fitting(shape)]

    def _on_chosen(self, kind: str) -> None:
        graph = self._canvas.document.project.graph
        match self._purpose:
            case Edge() as edge if edge in graph.edges:
                self._insert(kind, edge)
            case Successor(node) if node in graph.nodes:
                self._replace(node, kind)
            case PortHit() as wire if wire.node in graph.nodes:
                # The wire's end was dropped where the new node's port is to be.
                self._editing.add(kind, corner_right_of(self._at, wire.port is None), wire)
            case _:
                self._editing.add(kind, corner_at(self._at))

    def _insert(self, kind: str, edge: Edge) -> None:
        document = self._canvas.document
        try:
            made = self._canvas.make(kind, document.diagnosis.shapes.get(edge.source))
            place = corner_at(self._at)
            project, new = edits.insert_layer(document.project, made.layer, edge, place)
            project = made.dressed(project, new)
            grouping.check_depth(project, len(document.level))
        except EngineError as error:
            self._canvas.message.emit(str(error))
            return
        document.do(f"Insert {made.name}", project)
        document.selection.set([new])

    def _replace(self, node: str, kind: str) -> None:
        document = self._canvas.document
        name = document.project.graph.nodes[node].name
        document.do(
            f"Replace {name} with {kind}", edits.replace_layer(document.project, node, kind)
        )
        for problem in document.problems_of(node):
            self._canvas.message.emit(f"{problem.what} {problem.todo}")

    def _on_closed(self) -> None:
        if self._canvas.isVisible():
            self._canvas.setFocus()
