"""The scene: items that match the document, and nothing that it does not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from math import isfinite
from time import perf_counter

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter

from app.canvas.backdrop import paint_backdrop
from app.canvas.face import Face
from app.canvas.faces import Faces
from app.canvas.kept import Kept, KeptScene
from app.canvas.live import Live
from app.canvas.mark_item import MarkItem
from app.canvas.measures import BOX_BELOW, FAR_BELOW, LIMIT
from app.canvas.node_face import CARD
from app.canvas.node_item import NodeItem
from app.canvas.pictures import Pictures
from app.canvas.tiles import Tiles
from app.canvas.wire_item import WireItem
from app.canvas.wire_laying import WireLaying
from app.document import Document, edits
from engine.graph import Edge, Graph
from engine.project import Drawing, Mark, Project
from engine.project.project import Point

FACES_S = 0.02
"""Seconds for faces before the window gets its turn, when problems or costs have changed."""
_MANY = 80
"""So many nodes are painted afresh within one frame."""
_AROUND = 40.0
"""How far lines may reach beyond what their item covers: from afar they keep their pixels."""
_BOUNDS, _UPWARD = Qt.ItemSelectionMode.IntersectsItemBoundingRect, Qt.SortOrder.AscendingOrder


class CanvasScene(KeptScene):
    """Keeps one item per node and per edge.

    :meth:`sync` touches what changed; deleting every item and syncing gives the
    same picture.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[Edge, WireItem] = {}
        self.marks: dict[str, MarkItem] = {}
        self._graph: Graph | None = None
        self._positions: Mapping[str, Point] | None = None
        self._drawing: Drawing | None = None
        self._far = False
        self._faces = Faces(document)
        self._faces_to_come: Iterator[tuple[str, Face | None]] = iter(())
        self._faces_timer = QTimer(self, singleShot=True, interval=0)
        self._faces_timer.timeout.connect(self._show_more_faces)
        self._laying = WireLaying(self.nodes, self.wires)
        self._pictures = Pictures()
        self.tiles = Tiles(self, self)
        self.live = Live(self)
        self.setSceneRect(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
        document.changed.connect(self._on_changed)
        document.problemsChanged.connect(self._on_problems)
        document.replaced.connect(self.rebuild)
        document.levelChanged.connect(self.rebuild)
        document.selection.changed.connect(self.show_selection)
        document.costs.changed.connect(self._on_problems)
        self.sync()

    # The picture follows the document

    def sync(self) -> None:
        """Make the items match the document."""
        project = self.document.project
        graph, positions = project.graph, project.positions
        folded = self._drawing is None or project.drawing.collapsed != self._drawing.collapsed
        if project.drawing is not self._drawing:
            self._drawing = project.drawing
            self._sync_marks(project.drawing.marks)
            self.show_selection()
        if graph is self._graph and positions is self._positions and not folded:
            return
        moved: set[str] = set()
        if graph is not self._graph or folded:
            self._drop_gone(graph)
            moved |= self._sync_faces(graph)
        changed = graph is not self._graph or folded
        self._graph, self._positions = graph, positions
        moved |= self._sync_places(self.places())
        self._sync_wires(graph, moved)
        if changed and self.live.graph is not None:
            self.live.sync()
        self.show_selection()

    def rebuild(self) -> None:
        """Throw every item away and make them anew."""
        self.live.clear()
        for wire in self.wires.values():
            self.removeItem(wire)
        for item in (*self.nodes.values(), *self.marks.values()):
            self.removeItem(item)
        for known in (self.nodes, self.wires, self.marks, self._faces, self._laying):
            known.clear()
        self._graph = self._positions = self._drawing = None
        self.sync()

    def places(self) -> dict[str, Point]:
        """Where every node belongs, those without a saved place included."""
        return places_of(self.document.project)

    def show_selection(self) -> None:
        """Draw as selected what the document says is selected."""
        selection = self.document.selection
        for id, node in self.nodes.items():
            node.show_selected(id in selection.nodes)
        for edge, wire in self.wires.items():
            wire.show_selected(edge in selection.edges)
        for name, mark in self.marks.items():
            mark.show_selected(name in selection.marks)

    def show_zoom(self, zoom: float) -> None:
        """Draw what depends on how near it is looked at."""
        self.tiles.zoomed()
        self.live.show_near(zoom >= BOX_BELOW)
        far = zoom < FAR_BELOW
        if far != self._far:
            self._far = far
            for wire in self.wires.values():
                wire.show_far(far)

    def show_costs(self, shown: bool) -> None:
        """Whether cards tell what their layers cost."""
        self._faces.shows_costs = shown
        self._on_problems()

    def paint_due(self) -> None:
        """Paint some of the live pictures that wait, unless the zoom goes on."""
        if not self.tiles.is_zooming:
            self.live.paint_due()

    def refresh(self) -> None:
        """Take the colors in force."""
        self._pictures.clear()
        for wire in self.wires.values():
            wire.refresh()
        self.live.refresh()
        self.tiles.clear()

    # Gestures show what would be, before it is

    def preview(
        self, to: Mapping[str, Point] | None = None, marks: Mapping[str, Mark] | None = None
    ) -> None:
        """Show nodes, frames and notes elsewhere without changing the document."""
        self._lay_wires_at(self._sync_places(to or {}))
        for name, mark in (marks or {}).items():
            self.marks[name].show_mark(mark)

    def drop_preview(self) -> None:
        """Show everything where the document says it is."""
        self.preview(self.places(), self.document.project.drawing.marks)

    # Questions

    def rect_of(self, nodes: Iterable[str]) -> QRectF:
        """The rectangle around these nodes; null if there are none."""
        rect = QRectF()
        for id in nodes:
            if id in self.nodes:
                rect = rect.united(self.nodes[id].card)
        return rect

    @property
    def everything(self) -> QRectF:
        """The rectangle around all that is drawn; null if nothing is."""
        rect = self.rect_of(self.nodes)
        for mark in self.marks.values():
            rect = rect.united(mark.rect)
        return rect

    def marks_in(self, rect: QRectF) -> set[str]:
        """The notes that a rectangle touches, and the frames that it holds."""
        return {
            name
            for name, item in self.marks.items()
            if rect.contains(item.rect) or (not item.is_frame and rect.intersects(item.rect))
        }

    def inside(self, frame: str) -> tuple[set[str], set[str]]:
        """The nodes and the marks that lie wholly in a frame."""
        rect = self.marks[frame].rect
        nodes = {item.node for item in self.items(rect, _BOUNDS) if isinstance(item, NodeItem)}
        marks = {name for name, item in self.marks.items() if rect.contains(item.rect)}
        return {id for id in nodes if rect.contains(self.nodes[id].card)}, marks - {frame}

    def nodes_in(self, rect: QRectF) -> set[str]:
        """The nodes whose card touches a rectangle."""
        return {
            item.node
            for item in self.items(rect, _BOUNDS)
            if isinstance(item, NodeItem) and item.card.intersects(rect)
        }

    def wires_in(self, rect: QRectF) -> list[WireItem]:
        """The wires whose bounds touch a rectangle."""
        return [item for item in self.items(rect, _BOUNDS) if isinstance(item, WireItem)]

    def wires_at(self, node: str) -> list[WireItem]:
        """The wires into and out of a node."""
        if self._graph is None or node not in self._graph.nodes:
            return []
        edges = (*self._graph.into[node], *self._graph.out_of[node])
        return [self.wires[edge] for edge in edges if edge in self.wires]

    # Painting

    @property
    def is_large(self) -> bool:
        """Whether to paint all nodes takes longer than a frame."""
        return len(self.nodes) > _MANY

    def kept_in(self, rect: QRectF) -> list[Kept]:
        """What the scene's pictures show of a rectangle, the lowest first."""
        around = rect.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
        return [
            item
            for item in self.items(around, _BOUNDS, _UPWARD)
            if isinstance(item, Kept) and item.is_kept
        ]

    def paint_part(
        self, painter: QPainter, rect: QRectF, items: Iterable[Kept], rough: bool
    ) -> None:
        """Paint the ground of a rectangle and these items."""
        zoom = painter.worldTransform().m11()
        paint_backdrop(painter, rect, zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not rough)
        for item in items:
            painter.setOpacity(item.opacity())
            item.paint_kept(painter, zoom, rough)

    def _on_changed(self, before: object) -> None:
        self.sync()

    def _on_problems(self) -> None:
        """Show what problems and costs are now: at once where there is time, else bit by bit."""
        graph = self.document.project.graph
        if graph is not self._graph:  # new nodes have no item yet
            self._sync_faces(graph)
            return
        self._faces_to_come = self._faces.of(graph)
        self._show_more_faces()

    def _show_more_faces(self) -> None:
        until = perf_counter() + FACES_S
        for id, face in self._faces_to_come:
            if face is not None:
                item = self.nodes[id]
                if item.show_face(face):
                    self._laying.put(item)
                self.show_tip(item)
            if perf_counter() > until:
                self._faces_timer.start()
                return

    def _drop_gone(self, graph: Graph) -> None:
        edges = set(graph.edges)
        for edge in [each for each in self.wires if each not in edges]:
            self.removeItem(self.wires.pop(edge))
        for id in [each for each in self.nodes if each not in graph.nodes]:
            self.live.forget(id)
            self.removeItem(self.nodes.pop(id))
            self._laying.drop(id)
            self._faces.forget(id)

    def _sync_faces(self, graph: Graph) -> set[str]:
        """Give every node its face; the nodes whose ports moved or that are new."""
        self._stop_faces()
        moved: set[str] = set()
        for id, face in self._faces.of(graph):
            if face is None:
                continue
            item = self.nodes.get(id)
            if item is None:
                item = self.nodes[id] = NodeItem(id, face, self._pictures)
                self.addItem(item)
                self._laying.put(item)
                moved.add(id)
            elif item.show_face(face):
                self._laying.put(item)
                moved.add(id)
            self.show_tip(item)
        return moved

    def _stop_faces(self) -> None:
        self._faces_timer.stop()
        self._faces_to_come = iter(())

    def show_tip(self, item: NodeItem) -> None:
        """Let a node say what is known of it: what is wrong, else how it learns."""
        words = self._faces.problems.get(item.node, "") or self.live.words_of(item.node)
        # As rich text Qt breaks it into lines.
        item.setToolTip(f"<qt>{escape(words)}</qt>".replace("\n", "<br>") if words else "")

    def _sync_marks(self, marks: Mapping[str, Mark]) -> None:
        for name in [each for each in self.marks if each not in marks]:
            self.removeItem(self.marks.pop(name))
        for name, mark in marks.items():
            item = self.marks.get(name)
            if item is None:
                item = self.marks[name] = MarkItem(name, mark)
                self.addItem(item)
            else:
                item.show_mark(mark)

    def _sync_places(self, places: Mapping[str, Point]) -> set[str]:
        moved = set()
        for id, at in places.items():
            item = self.nodes.get(id)
            place = _kept_inside(at)
            if item is not None and item.pos() != place:
                item.setPos(place)
                self._laying.put(item)
                moved.add(id)
        return moved

    def _sync_wires(self, graph: Graph, moved: set[str]) -> None:
        stale: dict[WireItem, None] = {}
        for edge in graph.edges:
            if edge not in self.wires:
                wire = self.wires[edge] = WireItem(edge)
                wire.show_far(self._far)
                stale[wire] = None
                self.addItem(wire)
        for id in moved:
            stale.update(dict.fromkeys(self.wires_at(id)))
        stale.update(dict.fromkeys(self._laying.past(moved)))
        for wire in stale:
            self._laying.lay(wire)

    def _lay_wires_at(self, nodes: Iterable[str]) -> None:
        for id in nodes:
            for wire in self.wires_at(id):
                self._laying.lay(wire)


def places_of(project: Project) -> dict[str, Point]:
    """Where every node of a project belongs on the canvas."""
    places = {id: at for id, at in project.positions.items() if id in project.graph.nodes}
    if len(places) < len(project.graph.nodes):
        places.update(edits.places_for_new(project))
    return places


def _kept_inside(at: Point) -> QPointF:
    x, y = (each if isfinite(each) else 0.0 for each in at)
    edge = LIMIT - 10 * CARD.width()
    return QPointF(max(-edge, min(edge, x)), max(-edge, min(edge, y)))
