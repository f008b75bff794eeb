"""Gestures that move things: nodes, the selection's rubber band, the view itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from app import theme
from app.canvas.aiming import Aim
from app.canvas.gesture import Gesture, Pointer
from app.canvas.guides import Guides
from app.canvas.hits import MarkHit, NodeHit
from app.canvas.node_item import GHOST_LAYER
from app.canvas.steps import counted
from app.document import edits
from app.document.places import NODE_HEIGHT, snapped
from engine.project import Mark
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class MoveGesture(Gesture):
    """Drags all that is selected; what was grabbed snaps to nodes nearby or to the grid.

    A frame takes along what lies in it. A single node without wires goes into the
    wire that it is dropped on.
    """

    words = "Release to place · hold Alt to ignore guides · Esc cancels"

    def __init__(self, canvas: CanvasView, grabbed: NodeHit | MarkHit, start: Pointer) -> None:
        super().__init__(canvas)
        self._places = self.scene.places()
        self._start = start.scene
        self._take_along(grabbed)
        self._guides = Guides(self.scene, self._nodes)
        self._aim: Aim | None = None
        if isinstance(grabbed, MarkHit):
            self._card = self.scene.marks[grabbed.mark].rect
            return
        self._card = self.scene.nodes[grabbed.node].card
        graph = self.document.project.graph
        if len(self._nodes) == 1 and not graph.into[grabbed.node] + graph.out_of[grabbed.node]:
            self._aim = Aim(canvas, graph.nodes[grabbed.node].layer)
            self.words = "Drop on a wire to insert · hold Alt to prevent that · Esc cancels"

    def _take_along(self, grabbed: NodeHit | MarkHit) -> None:
        selection = self.document.selection
        nodes, marks = set(selection.nodes), set(selection.marks)
        if isinstance(grabbed, MarkHit):
            marks.add(grabbed.mark)
        else:
            nodes.add(grabbed.node)
        for mark in [each for each in marks if self.scene.marks[each].is_frame]:
            inner_nodes, inner_marks = self.scene.inside(mark)
            nodes |= inner_nodes
            marks |= inner_marks
        self._nodes = nodes
        self._marks = {name: self.scene.marks[name].mark for name in sorted(marks)}

    def move(self, to: Pointer) -> None:
        self.scene.preview(*self._moved(to))
        if self._aim is None:
            return
        if to.keys & Qt.KeyboardModifier.AltModifier:
            self._aim.clear()
        else:
            (node,) = self._nodes
            middle = self.scene.nodes[node].card.center()
            self._aim.at(middle, NODE_HEIGHT / 3, node)
        if self._aim.reason:
            self.canvas.tip.show_at(to.view.toPoint(), self._aim.reason)
        else:
            self.canvas.tip.hide()

    def finish(self, at: Pointer) -> None:
        self.move(at)
        nodes, marks = self._moved(at)
        edge = None if self._aim is None else self._aim.takes
        self._end()
        project = self.document.project
        if edge is None and marks == self._marks and nodes.items() <= self._places.items():
            self.scene.drop_preview()
            return
        # Places that were only worked out are saved along, so that no node jumps later.
        project = edits.move_nodes(project, {**self._places, **nodes})
        if marks:
            project = edits.change_marks(project, marks)
        if edge is None:
            self.document.do(self._label(), project)
        else:
            ((node, place),) = nodes.items()
            name = project.graph.nodes[node].name
            self.document.do(f"Insert {name}", edits.insert_node(project, node, edge, place))

    def cancel(self) -> None:
        self._end()
        self.scene.drop_preview()

    def _label(self) -> str:
        if self._marks:
            first = next(iter(self._marks.values())).kind.lower()
            return f"Move {first}" if len(self._marks) == 1 else "Move frames and notes"
        return counted("Move", len(self._nodes))

    def _end(self) -> None:
        self._guides.remove()
        self.canvas.tip.hide()
        if self._aim is not None:
            self._aim.clear()

    def _moved(self, to: Pointer) -> tuple[dict[str, Point], dict[str, Mark]]:
        """Where nodes and marks are with the pointer here."""
        way = to.scene - self._start
        x, y = self._card.x(), self._card.y()
        wanted = x + way.x(), y + way.y()
        if abs(way.x()) < 1 and abs(way.y()) < 1:
            place = x, y
            self._guides.hide()
        elif to.keys & Qt.KeyboardModifier.AltModifier:
            place = snapped(wanted[0]), snapped(wanted[1])
            self._guides.hide()
        else:
            size = self._card.width(), self._card.height()
            place = self._guides.snap(wanted, size, self.canvas.seen, self.canvas.zoom)
        dx, dy = place[0] - x, place[1] - y
        nodes = {id: (self._places[id][0] + dx, self._places[id][1] + dy) for id in self._nodes}
        marks = {
            name: mark.changed(x=mark.x + dx, y=mark.y + dy) for name, mark in self._marks.items()
        }
        return nodes, marks


class BandGesture(Gesture):
    """A rubber band: what it touches is selected; Shift adds, Ctrl toggles."""

    words = "Drag a box around nodes · Shift adds · Ctrl toggles"

    def __init__(self, canvas: CanvasView, start: Pointer) -> None:
        super().__init__(canvas)
        self._start = start.scene
        selection = self.document.selection
        self._before = selection.nodes, selection.edges, selection.marks
        accent = theme.color("accent")
        fill = QColor(accent)
        fill.setAlphaF(0.12)
        pen = QPen(accent, 1)
        pen.setCosmetic(True)
        self._band = QGraphicsRectItem()
        self._band.setPen(pen)
        self._band.setBrush(fill)
        self._band.setZValue(GHOST_LAYER)
        self.scene.addItem(self._band)

    def move(self, to: Pointer) -> None:
        rect = QRectF(self._start, to.scene).normalized()
        self._band.setRect(rect)
        nodes, edges, marks = self._before
        touched, held = self.scene.nodes_in(rect), self.scene.marks_in(rect)
        if to.keys & Qt.KeyboardModifier.ControlModifier:
            self.document.selection.set(nodes ^ touched, edges, marks ^ held)
        elif to.keys & Qt.KeyboardModifier.ShiftModifier:
            self.document.selection.set(nodes | touched, edges, marks | held)
        else:
            self.document.selection.set(touched, marks=held)

    def finish(self, at: Pointer) -> None:
        self.move(at)
        self.scene.removeItem(self._band)

    def cancel(self) -> None:
        self.scene.removeItem(self._band)
        self.document.selection.set(*self._before)


class PanGesture(Gesture):
    """Drags the canvas under the window."""

    words = "Drag to pan"

    def __init__(self, canvas: CanvasView, start: Pointer) -> None:
        super().__init__(canvas)
        self._last = start.view
        canvas.show_cursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, to: Pointer) -> None:
        way: QPointF = to.view - self._last
        self._last = to.view
        self.canvas.navigation.pan(way.x(), way.y())

    def finish(self, at: Pointer) -> None:
        self.cancel()

    def cancel(self) -> None:
        self.canvas.show_cursor(None)
