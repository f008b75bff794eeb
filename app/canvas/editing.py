"""What the canvas does to the document apart from gestures: add, delete, copy, nudge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.canvas import snippet
from app.canvas.hits import PortHit
from app.canvas.scene import places_of
from app.canvas.steps import counted
from app.document import edits, grouping
from app.document.places import COLUMN_WIDTH, NODE_HEIGHT, NODE_WIDTH, ROW_HEIGHT, bounds, snapped
from app.document.summary_text import summary_text
from engine.diagnosis import why_not_connect
from engine.errors import EngineError
from engine.graph import Edge
from engine.layers import Layer
from engine.project import Project
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Editing(QObject):
    """Carries out commands of the canvas; each is one undo step."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._document = canvas.document
        self._nudging: object | None = None
        self._pasted: tuple[str, Point | None] = "", None

    @property
    def _placed(self) -> Project:
        return edits.placed(self._document.project)

    def add(self, kind: str, at: Point | None = None, wire: PortHit | None = None) -> str:
        """Add a layer or block; wired to ``wire``, or else behind the selected node.

        Returns:
            Its id; empty where it could not be added, which is said.
        """
        project = self._placed
        if wire is None and self._document.selection.node is not None:
            wire = PortHit(self._document.selection.node, None)
        shape = None
        if wire is not None and wire.port is None:
            shape = self._document.diagnosis.shapes.get(wire.node)
        try:
            made = self._canvas.make(kind, shape)
            project, new = edits.add_layer(project, made.layer, self._place_for(project, at, wire))
            project = made.dressed(project, new)
            grouping.check_depth(project, len(self._document.level))
        except EngineError as error:
            self._canvas.message.emit(str(error))
            return ""
        if wire is not None:
            project = self._wired(project, new, wire)
        self._document.do(f"Add {made.name}", project)
        self._document.selection.set([new])
        self._canvas.show_node(new)
        return new

    def _place_for(self, project: Project, at: Point | None, wire: PortHit | None) -> Point:
        if at is not None:
            return edits.free_spot(project, at)
        if wire is not None and wire.node in project.positions:
            x, y = project.positions[wire.node]
            across = COLUMN_WIDTH if wire.port is None else -COLUMN_WIDTH
            return edits.free_spot(project, (x + across, y))
        middle = self._canvas.navigation.to_scene(self._canvas.navigation.middle)
        return edits.free_spot(
            project, (snapped(middle.x() - NODE_WIDTH / 2), snapped(middle.y() - NODE_HEIGHT / 2))
        )

    def _wired(self, project: Project, new: str, wire: PortHit) -> Project:
        forward = Edge(wire.node, new)
        edge = forward if wire.port is None else Edge(new, wire.node, wire.port)
        reason = why_not_connect(project.graph, edge)
        if reason is None:
            return edits.connect(project, edge)
        self._canvas.message.emit(f"Added without a wire: {reason}")
        return project

    def delete(self) -> None:
        """Delete what is selected; join the ends where shapes fit."""
        self._delete(reconnect=True)

    def delete_only(self) -> None:
        """Delete what is selected and the wires at it."""
        self._delete(reconnect=False)

    def _delete(self, reconnect: bool) -> None:
        selection = self._document.selection
        nodes, edges = selection.nodes, selection.edges
        project = edits.delete(self._placed, nodes, edges, reconnect)
        if selection.marks:
            project = edits.change_marks(project, dict.fromkeys(selection.marks))
        what = "layer" if nodes else "wire"
        label = counted("Delete", len(nodes) or len(edges), what)
        self._document.do(label if nodes or edges else "Delete frame or note", project)

    def cut_port(self, port: PortHit) -> None:
        """Cut the wires at a port."""
        graph = self._document.project.graph
        if port.port is None:
            edges: tuple[Edge, ...] = graph.out_of[port.node]
        else:
            edges = tuple(edge for edge in graph.into[port.node] if edge.port == port.port)
        self._cut_wires(edges)

    def cut_wires(self) -> None:
        """Cut every wire at the selected nodes, and the selected wires."""
        nodes, edges = self._document.selection.nodes, self._document.selection.edges
        self._cut_wires(
            edge
            for edge in self._document.project.graph.edges
            if edge in edges or edge.source in nodes or edge.target in nodes
        )

    def _cut_wires(self, edges: Iterable[Edge]) -> None:
        gone = tuple(edges)
        if gone:
            project = edits.disconnect(self._document.project, gone)
            self._document.do(counted("Cut", len(gone), "wire"), project)
        else:
            self._canvas.message.emit("There is no wire here to cut.")

    def collapse(self) -> None:
        """Show the selected nodes by their names alone, or whole again."""
        nodes = self._document.selection.nodes
        project = self._document.project
        verb = "Expand" if nodes <= project.drawing.collapsed else "Collapse"
        self._document.do(counted(verb, len(nodes)), edits.collapse(project, nodes))

    def group(self) -> None:
        """Put the selected nodes into a group."""
        nodes = self._document.selection.nodes
        try:
            project, new = grouping.group(self._placed, nodes)
            grouping.check_depth(project, len(self._document.level))
        except EngineError as error:
            self._canvas.message.emit(str(error))
            return
        self._document.do(counted("Group", len(nodes)), project)
        self._document.selection.set([new])

    def ungroup(self) -> None:
        """Put the layers of the selected group back in its place."""
        node = self._document.selection.node
        assert node is not None
        try:
            project, new = grouping.ungroup(self._placed, node)
        except EngineError as error:
            self._canvas.message.emit(str(error))
            return
        self._document.do("Ungroup", project)
        self._document.selection.set(new)
        self._canvas.show_nodes(new)

    def bypass(self) -> None:
        """Let data pass the selected nodes by; if all of them are bypassed, use them again."""
        nodes = self._document.selection.nodes
        try:
            project = grouping.bypass(self._document.project, nodes)
        except EngineError as error:
            self._canvas.message.emit(str(error))
            return
        is_bypassed = project.graph.nodes[next(iter(nodes))].bypassed
        again = f"{counted('Use', len(nodes))} again"
        label = counted("Bypass", len(nodes)) if is_bypassed else again
        self._document.do(label, project)

    def use_again(self) -> None:
        """Use the selected layer once more, with the same weights."""
        node = self._document.selection.node
        assert node is not None
        layer = self._document.project.graph.layer_of(node)
        if not isinstance(layer, Layer) or not layer.offered or layer.kind == "Input":
            self._canvas.message.emit("Only a layer with settings of its own can be reused.")
            return
        project = self._placed
        x, y = project.positions[node]
        at = edits.free_spot(project, (x, y + ROW_HEIGHT))
        project, new = grouping.share(project, node, at)
        self._document.do(f"Use {layer.kind} again", project)
        self._document.selection.set([new])
        self._canvas.show_node(new)

    def copy(self) -> None:
        """Put the selected nodes on the clipboard as JSON."""
        project = self._document.project
        nodes = self._document.selection.nodes
        QGuiApplication.clipboard().setText(snippet.cut_out(project, places_of(project), nodes))

    def copy_summary(self) -> None:
        """Put the whole network on the clipboard as a table of text."""
        QGuiApplication.clipboard().setText(summary_text(self._document.project.graph))
        self._canvas.message.emit("Copied a summary of the network.")

    def cut(self) -> None:
        """Move the selected layers to the clipboard."""
        self.copy()
        nodes = self._document.selection.nodes
        project = edits.delete(self._placed, nodes)
        self._document.do(counted("Cut", len(nodes)), project)

    def paste(self) -> None:
        """Paste at the cursor; where it is elsewhere, beside the original or the last paste."""
        self._paste("Paste", wired=False)

    def paste_wired(self) -> None:
        """Paste, and connect the copies to the same inputs as the originals."""
        self._paste("Paste with wires", wired=True)

    def _paste(self, label: str, *, wired: bool) -> None:
        text, at = QGuiApplication.clipboard().text(), self._canvas.cursor_place()
        if at is not None:
            corner: Point | None = (at.x(), at.y())
        else:
            pasted, corner = self._pasted
            corner = corner if pasted == text else None
        new = self._insert(label, text, corner, wired=wired)
        if new:
            (x, y), _ = bounds(self._document.project.positions[id] for id in new)
            self._pasted = text, (x + snippet.OFFSET, y + snippet.OFFSET)

    def duplicate(self) -> None:
        """Copy the selected nodes and the wires among them, beside; the clipboard stays."""
        project, nodes = self._document.project, self._document.selection.nodes
        self._insert("Duplicate", snippet.cut_out(project, places_of(project), nodes), None)

    def _insert(self, label: str, text: str, at: Point | None, *, wired: bool = False) -> list[str]:
        try:
            pasted = snippet.paste(self._placed, text, at, wired=wired)
            grouping.check_depth(pasted.project, len(self._document.level))
        except EngineError as error:
            self._canvas.message.emit(error.what)
            self._canvas.refused.emit(error)
            return []
        new = pasted.nodes
        if new or pasted.has_plan:
            verb, _, rest = label.partition(" ")
            what = counted(verb, len(new)) if new else verb
            plan = (" and the plan" if new else " the plan") if pasted.has_plan else ""
            self._document.do(f"{what}{plan} {rest}".rstrip(), pasted.project)
        if new:
            self._document.selection.set(new)
            self._canvas.show_nodes(new)
        if pasted.words:
            done = counted("Pasted", len(new)) if new else "Pasted the plan"
            plan = " and the plan" if new and pasted.has_plan else ""
            self._canvas.message.emit(" ".join(pasted.words))
            self._canvas.noted.emit(f"{done}{plan}.", "\n".join(pasted.words))
        return new

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected nodes a little; a run of these is one undo step."""
        project, selection = self._placed, self._document.selection
        if not selection.nodes and not selection.marks:
            return
        if self._nudging is None:
            self._nudging = object()
        at, marks = project.positions, project.drawing.marks
        to = {id: (at[id][0] + dx, at[id][1] + dy) for id in selection.nodes}
        project = edits.move_nodes(project, to)
        if selection.marks:
            moved = {
                name: marks[name].changed(x=marks[name].x + dx, y=marks[name].y + dy)
                for name in selection.marks
            }
            project = edits.change_marks(project, moved)
        label = counted("Move", len(to)) if to else "Move frame or note"
        self._document.do(label, project, self._nudging)

    def end_nudging(self) -> None:
        """The next arrow key starts a new undo step."""
        self._nudging = None
