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
from app.canvas.node_item import GHOST_LAYER
from app.document import edits
from app.document.places import NODE_HEIGHT, snapped
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class MoveGesture(Gesture):
    """Drags the selected nodes; the one that was grabbed snaps to its neighbors or the grid.

    A single node without wires goes into the wire that it is dropped on.
    """

    words = "Release to place · Alt without guides · Esc puts it back"

    def __init__(self, canvas: CanvasView, grabbed: str, start: Pointer) -> None:
        super().__init__(canvas)
        self._places = self.scene.places()
        self._grabbed, self._start = grabbed, start.scene
        self._nodes = self.document.selection.nodes | {grabbed}
        self._guides = Guides(self.scene, self._nodes)
        graph = self.document.project.graph
        free = not graph.into[grabbed] and not graph.out_of[grabbed] and len(self._nodes) == 1
        self._aim = Aim(canvas, graph.nodes[grabbed].layer) if free else None
        if free:
            self.words = "Drop on a wire to insert · Alt suspends that · Esc puts it back"

    def move(self, to: Pointer) -> None:
        self.scene.preview(self._moved(to))
        if self._aim is None:
            return
        if to.keys & Qt.KeyboardModifier.AltModifier:
            self._aim.clear()
        else:
            middle = self.scene.nodes[self._grabbed].card.center()
            self._aim.at(middle, NODE_HEIGHT / 3, self._grabbed)
        if self._aim.reason:
            self.canvas.tip.show_at(to.view.toPoint(), self._aim.reason)
        else:
            self.canvas.tip.hide()

    def finish(self, at: Pointer) -> None:
        self.move(at)
        moved = self._moved(at)
        edge = None if self._aim is None else self._aim.takes
        self._end()
        # Places that were only worked out are saved along, so that no node jumps later.
        project = edits.move_nodes(self.document.project, {**self._places, **moved})
        if edge is not None:
            name = project.graph.nodes[self._grabbed].name
            place = moved[self._grabbed]
            self.document.do(
                f"Insert {name}", edits.insert_node(project, self._grabbed, edge, place)
            )
        elif all(self._places[id] == place for id, place in moved.items()):
            self.scene.drop_preview()
        else:
            count = len(moved)
            self.document.do("Move" if count == 1 else f"Move {count} nodes", project)

    def cancel(self) -> None:
        self._end()
        self.scene.drop_preview()

    def _end(self) -> None:
        self._guides.remove()
        self.canvas.tip.hide()
        if self._aim is not None:
            self._aim.clear()

    def _moved(self, to: Pointer) -> dict[str, Point]:
        way = to.scene - self._start
        x, y = self._places[self._grabbed]
        wanted = x + way.x(), y + way.y()
        if abs(way.x()) < 1 and abs(way.y()) < 1:
            place = x, y
            self._guides.hide()
        elif to.keys & Qt.KeyboardModifier.AltModifier:
            place = snapped(wanted[0]), snapped(wanted[1])
            self._guides.hide()
        else:
            card = self.scene.nodes[self._grabbed].card
            size = card.width(), card.height()
            place = self._guides.snap(wanted, size, self.canvas.seen, self.canvas.zoom)
        dx, dy = place[0] - x, place[1] - y
        return {id: (self._places[id][0] + dx, self._places[id][1] + dy) for id in self._nodes}


class BandGesture(Gesture):
    """A rubber band: what it touches is selected; Shift adds, Ctrl toggles."""

    words = "Drag a box around nodes · Shift adds · Ctrl toggles"

    def __init__(self, canvas: CanvasView, start: Pointer) -> None:
        super().__init__(canvas)
        self._start = start.scene
        selection = self.document.selection
        self._before = selection.nodes, selection.edges
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
        touched, (nodes, edges) = self.scene.nodes_in(rect), self._before
        if to.keys & Qt.KeyboardModifier.ControlModifier:
            self.document.selection.set(nodes ^ touched, edges)
        elif to.keys & Qt.KeyboardModifier.ShiftModifier:
            self.document.selection.set(nodes | touched, edges)
        else:
            self.document.selection.set(touched)

    def finish(self, at: Pointer) -> None:
        self.move(at)
        self.scene.removeItem(self._band)

    def cancel(self) -> None:
        self.scene.removeItem(self._band)
        self.document.selection.set(*self._before)


class PanGesture(Gesture):
    """Drags the canvas under the window."""

    words = "Drag to look around"

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
