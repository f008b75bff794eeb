"""From node to node by keyboard, along the wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from app.canvas.hits import PortHit
from app.canvas.key_wiring import KeyWireGesture
from app.canvas.neighbors import nearest_first, next_node
from engine.diagnosis import why_not_connect
from engine.graph import Edge

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Walking(QObject):
    """Moves the selection, and starts wires whose end the arrows choose."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._at = ""

    def step(self, arrow: Qt.Key, adding: bool) -> None:
        """Select the next node in a direction; ``adding`` keeps what is selected."""
        document = self._canvas.document
        graph, selection = document.project.graph, document.selection
        if self._at not in selection.nodes:
            self._at = next((id for id in graph.order if id in selection.nodes), "")
        if not self._at:
            found = next(iter(graph.order), None)
        else:
            found = next_node(self._canvas.canvas_scene, self._at, arrow)
        if found is None:
            return
        self._at = found
        selection.set(selection.nodes | {found} if adding else [found])
        self._canvas.show_node(found)

    def start_wire(self) -> None:
        """Draw a wire from the selected node; arrows choose where it goes, Enter connects."""
        document = self._canvas.document
        node = document.selection.node
        assert node is not None
        graph, scene = document.project.graph, self._canvas.canvas_scene
        others = nearest_first(scene, node, (id for id in graph.nodes if id != node))
        if not others:
            self._canvas.message.emit("There is no other layer to connect to.")
            return
        known = {edge.target for edge in graph.out_of[node]}
        fitting = (
            id
            for id in others
            if id not in known
            and why_not_connect(graph, Edge(node, id, graph.free_port(id))) is None
        )
        gesture = KeyWireGesture(self._canvas, PortHit(node, None))
        self._canvas.begin_gesture(gesture)
        gesture.aim_at(next(fitting, others[0]))
