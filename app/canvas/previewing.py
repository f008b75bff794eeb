"""What an offered edit would do, drawn on the canvas before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app import theme
from app.canvas.face import Face, face_of
from app.canvas.measures import CORNER
from app.canvas.node_face import CARD, OUTPUT, card_of, font, paint_card, paint_ports, slots
from app.canvas.node_item import GHOST_LAYER, GhostItem
from app.canvas.wire_item import DRAFT_LAYER, Look, WireItem
from app.document import edits
from engine.diagnosis import Fix, shapes_alone
from engine.graph import Edge, Graph, Node
from engine.layers import Layer
from engine.project import Project
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_GOING = 0.25
"""How faintly that is drawn which would be gone."""


class FixPreview:
    """Ghosts of new nodes and wires, new settings on the nodes that change, room being made."""

    def __init__(self, canvas: CanvasView) -> None:
        self._canvas = canvas
        self._scene = canvas.canvas_scene
        self._made: list[QGraphicsItem] = []
        self._faint: list[QGraphicsItem] = []
        self._lit: list[WireItem] = []
        self._places: dict[str, Point] = {}
        self.fix: Fix | None = None

    def show(self, fix: Fix) -> None:
        """Draw what an edit would do; one that leaves the graph alone draws nothing."""
        if fix is self.fix:
            return
        self.clear()
        self.fix = fix
        if fix.graph is None:
            return
        before = self._canvas.document.project
        after = edits.adopt(edits.placed(before), fix)
        self._make_room(after)
        ghosts = self._draw_nodes(before.graph, after)
        self._draw_wires(before.graph, after.graph, ghosts)
        area = QRectF()
        for ghost in ghosts.values():
            area = area.united(CARD.translated(ghost.pos()))
        if not area.isNull() and not self._canvas.seen.contains(area):
            self._canvas.ensureVisible(area, 30, 30)
        self._canvas.speak(f"Preview: {fix.label}")

    def clear(self) -> None:
        """Draw everything as it is."""
        if self.fix is None:
            return
        self.fix = None
        for made in self._made:
            self._scene.removeItem(made)
        for item in self._faint:
            item.setOpacity(1.0)
        for wire in self._lit:
            wire.show_look(Look.PLAIN)
        saved = self._canvas.document.project.positions
        self._scene.preview({id: saved.get(id, at) for id, at in self._places.items()})
        self._made, self._faint, self._lit, self._places = [], [], [], {}

    def _make_room(self, after: Project) -> None:
        """Show those nodes that would move where they would be."""
        at = {id: item.pos().toTuple() for id, item in self._scene.nodes.items()}
        moved = {id: to for id, to in after.positions.items() if id in at and at[id] != to}
        self._places = {id: at[id] for id in moved}
        self._scene.preview(moved)

    def _draw_nodes(self, before: Graph, after: Project) -> dict[str, PreviewItem]:
        """Ghosts by node, of those that are new and of those that change."""
        ghosts: dict[str, PreviewItem] = {}
        diagnosis = shapes_alone(after.graph, before)
        for id, node in after.graph.nodes.items():
            known = before.nodes.get(id)
            if known is node:
                continue
            face = face_of(after.graph, node, diagnosis, "", id in after.drawing.collapsed)
            ghost = ghosts[id] = PreviewItem(face, "" if known is None else changes(known, node))
            ghost.setPos(*after.positions[id])
            self._add(ghost)
            if known is not None:
                self._fade(self._scene.nodes[id])
        for id in before.nodes:
            if id not in after.graph.nodes:
                self._fade(self._scene.nodes[id])
        return ghosts

    def _draw_wires(self, before: Graph, after: Graph, ghosts: dict[str, PreviewItem]) -> None:
        old, new = set(before.edges), set(after.edges)
        for edge in after.edges:
            if edge not in old:
                wire = WireItem(None, DRAFT_LAYER)
                wire.lay(self._output(edge, ghosts), self._input(edge, ghosts))
                wire.show_look(Look.GOOD)
                self._add(wire)
        taken = {(edge.target, edge.port) for edge in new - old}
        for edge in old - new:
            wire = self._scene.wires[edge]
            self._fade(wire)
            if (edge.target, edge.port) not in taken:
                wire.show_look(Look.BAD)
                self._lit.append(wire)

    def _output(self, edge: Edge, ghosts: dict[str, PreviewItem]) -> QPointF:
        ghost = ghosts.get(edge.source)
        return self._scene.nodes[edge.source].output if ghost is None else ghost.output

    def _input(self, edge: Edge, ghosts: dict[str, PreviewItem]) -> QPointF:
        ghost = ghosts.get(edge.target)
        if ghost is not None:
            return ghost.input(edge.port)
        return self._scene.nodes[edge.target].input(edge.port)

    def _add(self, item: QGraphicsItem) -> None:
        self._scene.addItem(item)
        self._made.append(item)

    def _fade(self, item: QGraphicsItem) -> None:
        item.setOpacity(_GOING)
        self._faint.append(item)


def touched_by(project: Project, fix: Fix) -> QRectF:
    """Where the nodes are that an edit makes or changes, in the scene; null if there are none."""
    area = QRectF()
    if fix.graph is not None:
        after = edits.adopt(project, fix)
        for id, node in after.graph.nodes.items():
            if project.graph.nodes.get(id) is not node:
                area = area.united(CARD.translated(*after.positions[id]))
    return area


class PreviewItem(GhostItem):
    """A node as it would be; above it what changes, in words."""

    def __init__(self, face: Face, words: str) -> None:
        super().__init__(face)
        self.face, self.words = face, words
        self.setOpacity(1.0)
        self.setZValue(GHOST_LAYER)

    @property
    def output(self) -> QPointF:
        """Where wires leave, in the scene."""
        return self.pos() + OUTPUT

    def input(self, port: int) -> QPointF:
        """Where the wire into a port ends, in the scene."""
        return self.pos() + slots(self.face).get(port, QPointF(0, OUTPUT.y()))

    def boundingRect(self) -> QRectF:
        width = QFontMetricsF(font(11, bold=True)).horizontalAdvance(self.words) + 20
        return super().boundingRect().united(QRectF(0, -34, width, 30))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        paint_card(painter, self.face)
        paint_ports(painter, self.face, frozenset())
        c = theme.colors()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(c.good), 2.2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(card_of(self.face).adjusted(-3, -3, 3, 3), CORNER + 3, CORNER + 3)
        if not self.words:
            return
        shown_in = font(11, bold=True)
        width = QFontMetricsF(shown_in).horizontalAdvance(self.words) + 16
        tag = QRectF(0, card_of(self.face).top() - 30, width, 21)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.good))
        painter.drawRoundedRect(tag, 5, 5)
        painter.setPen(QColor(c.panel))
        painter.setFont(shown_in)
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self.words)


def changes(before: Node, after: Node) -> str:
    """What is different of a node: ``Padding valid → same``."""
    old, new = before.layer, after.layer
    if not isinstance(old, Layer) or not isinstance(new, Layer) or old.kind != new.kind:
        return f"{old.kind} → {new.kind}"
    parts = [
        f"{setting.label} {_text(getattr(old, name))} → {_text(getattr(new, name))}"
        for name, setting in old.settings().items()
        if not setting.hidden and getattr(old, name) != getattr(new, name)
    ]
    return ", ".join(parts) or "changes inside"


def _text(value: object) -> str:
    match value:
        case None:
            return "none"
        case tuple():
            return "×".join(map(str, value))
    kind = getattr(value, "kind", None)
    return kind if isinstance(kind, str) else str(value)
