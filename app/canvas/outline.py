"""The network as a tree of rows, for screen readers and keyboards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from app.canvas.face import ports_of
from app.canvas.hits import Hit, MarkHit, NodeHit, WireHit
from app.canvas.keys import command_of
from app.canvas.menus import menu_for
from app.canvas.spoken import mark_words, node_words, port_words, wire_words
from app.document import Document
from app.widgets.rows import USABLE, Branch, Row, Section, TreeModel
from engine.diagnosis import Fix
from engine.graph import Edge, Graph

Key = tuple[str, Any]
"""What a row stands for: ("node", id), ("wire", Edge), ("port", (id, port)), ("mark", name)."""

_Mods = Qt.KeyboardModifier
_BARE_KEYS = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2}


class Outline(QTreeView):
    """A row for each node in the order of the data, below it its ports with their wires.

    Signals:
        nodeActivated(node): the user wants to see this node.
        commanded(command): a key of the canvas was pressed: do this to what is selected.
        fixChosen(Fix): carry out this fix.
        fixPointed(Fix): show what this fix would do; None none.
    """

    nodeActivated = Signal(str)
    commanded = Signal(str)
    fixChosen = Signal(object)
    fixPointed = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._model = TreeModel(self)
        self.setModel(self._model)
        self._graph: Graph | None = None
        self._places: dict[Key, int] = {}  # of the upper rows
        self._open: set[Key] = set()
        self._at: Key | None = None
        self._is_stale, self._is_following = True, False
        self.setHeaderHidden(True)
        self.setAccessibleName("Outline of the network")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformRowHeights(True)
        self.selectionModel().selectionChanged.connect(self._select)
        self.activated.connect(self._activate)
        self.expanded.connect(self._on_opened)
        self.collapsed.connect(self._on_closed)
        document.changed.connect(self._on_changed)
        document.replaced.connect(self.refresh)
        document.levelChanged.connect(self.refresh)
        document.problemsChanged.connect(self.refresh)
        document.selection.changed.connect(self._follow)

    def refresh(self) -> None:
        """Show the network as it is now; hidden, it waits until it is shown."""
        if not self._is_stale:
            # Rows are made when they are looked at: none may be left of what was there.
            self._is_stale, self._at = True, self.key_at(self.currentIndex())
            self._show([])
        if self.isVisible():
            self._build()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._build()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = command_of(event.key(), event.modifiers())
        # Bare letters look for a row.
        held = event.modifiers() & (_Mods.ControlModifier | _Mods.AltModifier)
        if event.key() == Qt.Key.Key_Escape and self._document.level:
            self.commanded.emit("go_out")
        elif command is not None and (held or event.key() in _BARE_KEYS):
            self.commanded.emit(command)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
        under: Hit = None
        match self.key_at(index):
            case ("node", str(id)) | ("port", (str(id), _)):
                under = NodeHit(id)
            case ("wire", Edge() as edge):
                under = WireHit(edge)
            case ("mark", str(name)):
                under = MarkHit(name)
        menu = menu_for(self, self._document, under)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.triggered.connect(self._on_menu)
        menu.hovered.connect(self._on_menu_hovered)
        menu.aboutToHide.connect(self._on_menu_hidden)
        menu.popup(event.globalPos())

    def _on_menu(self, action: QAction) -> None:
        asked = action.data()
        if isinstance(asked, Fix):
            self.fixChosen.emit(asked)
        elif isinstance(asked, str):
            self.commanded.emit(asked)

    def _on_menu_hovered(self, action: QAction) -> None:
        asked = action.data()
        self.fixPointed.emit(asked if isinstance(asked, Fix) else None)

    def _on_menu_hidden(self) -> None:
        self.fixPointed.emit(None)

    def key_at(self, index: QModelIndex) -> Key | None:
        """Return what a row stands for; None for no row."""
        if not index.isValid():
            return None
        # Rows are not asked: the words of one may be of a node that an edit has just deleted.
        above = index.parent()
        branch = self._model.branches[(above if above.isValid() else index).row()]
        if not isinstance(branch, _NodeBranch):
            key: Key = branch.row.value
            return key
        return branch.keys_below[index.row()] if above.isValid() else branch.key

    def index_of(self, key: Key) -> QModelIndex:
        """Return where a row is; an invalid index if there is none."""
        match key:
            case ("wire", Edge(target=str(id))) | ("port", (str(id), _)):
                top = self._model.index(self._places.get(("node", id), -1))
                branch = self._model.branches[top.row()] if top.isValid() else None
                keys = branch.keys_below if isinstance(branch, _NodeBranch) else []
                return self._model.index(keys.index(key), 0, top) if key in keys else QModelIndex()
        return self._model.index(self._places.get(key, -1))

    def _build(self) -> None:
        self._is_stale = False
        project = self._document.project
        self._graph = project.graph
        nodes = [_NodeBranch(self._document, id) for id in project.graph.order]
        marks = [
            Section(_row(("mark", name), mark.text or name, mark_words(mark)))
            for name, mark in project.drawing.marks.items()
        ]
        self._show([*nodes, *marks])
        self._places = {("node", id): place for place, id in enumerate(project.graph.order)}
        self._places |= {
            ("mark", name): len(nodes) + place for place, name in enumerate(project.drawing.marks)
        }
        for key in list(self._open):
            self.setExpanded(self.index_of(key), True)
        if self._at is not None and (at := self.index_of(self._at)).isValid():
            self.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._follow()

    def _show(self, branches: Sequence[Branch]) -> None:
        self._places = {}
        self._model.reset(branches)

    def _on_opened(self, index: QModelIndex) -> None:
        self._open |= {key for key in (self.key_at(index),) if key}

    def _on_closed(self, index: QModelIndex) -> None:
        self._open -= {key for key in (self.key_at(index),) if key}

    def _on_changed(self, before: object) -> None:
        # Moving nodes leaves graph and marks alone.
        project = self._document.project
        same = getattr(before, "graph", None) is project.graph
        if not same or getattr(before, "drawing", None) is not project.drawing:
            self.refresh()

    def _follow(self) -> None:
        """Select what is selected on the canvas."""
        if self._is_stale or self._graph is not self._document.project.graph:
            return
        selection = self._document.selection
        wanted: set[Key] = {("node", id) for id in selection.nodes}
        wanted |= {("wire", edge) for edge in selection.edges}
        wanted |= {("mark", name) for name in selection.marks}
        match self.key_at(self.currentIndex()):
            case ("port", (str(id), _)) as port if id in selection.nodes:
                wanted.add(port)  # whoever reads the ports goes on from there
        chosen = [index for key in wanted if (index := self.index_of(key)).isValid()]
        first = min(chosen, key=_from_above, default=QModelIndex())
        self._is_following = True
        if chosen and self.currentIndex() not in chosen:
            no_update = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(first, no_update)
        only = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(_selection(chosen), only)
        self._is_following = False
        if chosen:
            self.scrollTo(first)

    def _select(self) -> None:
        """Select on the canvas what is selected here."""
        if self._is_following:
            return
        nodes, edges, marks = [], [], []
        for index in self.selectedIndexes():
            match self.key_at(index):
                case ("node", str(id)) | ("port", (str(id), _)):
                    nodes.append(id)
                case ("wire", Edge() as edge):
                    edges.append(edge)
                case ("mark", str(name)):
                    marks.append(name)
        self._document.selection.set(nodes, edges, marks)

    def _activate(self, index: QModelIndex) -> None:
        match self.key_at(index):
            case ("node", str(id)) | ("wire", Edge(target=str(id))) | ("port", (str(id), _)):
                self.nodeActivated.emit(id)


class _NodeBranch:
    """A node, and below it its ports with their wires; in words only where it is looked at."""

    may_open, flags = True, USABLE

    def __init__(self, document: Document, id: str) -> None:
        self._document, self._id = document, id
        self.key: Key = ("node", id)
        self._graph = document.project.graph
        self._wires = {edge.port: edge for edge in self._graph.into[id]}

    @cached_property
    def row(self) -> Row:
        node = self._graph.nodes[self._id]
        problem = "⚠ " if self._document.problems_of(self._id) else ""
        kind = "" if node.name.replace("_", "") == node.layer.kind.lower() else node.layer.kind
        text = f"{problem}{node.name}  {kind}".rstrip()
        return _row(self.key, text, node_words(self._document, self._id))

    @cached_property
    def keys_below(self) -> list[Key]:
        """What the rows below it stand for."""
        ports = sorted({*ports_of(self._graph, self._graph.nodes[self._id]), *self._wires})
        keys: list[Key] = [
            ("wire", self._wires[port]) if port in self._wires else ("port", (self._id, port))
            for port in ports
        ]
        return [*keys, ("port", (self._id, None))]

    @cached_property
    def below(self) -> list[Row]:
        return [self._row_below(key) for key in self.keys_below]

    def _row_below(self, key: Key) -> Row:
        document, graph = self._document, self._graph
        match key:
            case ("wire", Edge() as edge):
                source = graph.nodes[edge.source].name
                words = f"{port_words(document, self._id, edge.port)}. {wire_words(document, edge)}"
                return _row(key, f"{edge.port + 1} ← {source}", words)
            case ("port", (_, int(port))):
                return _row(key, f"{port + 1} ← free", port_words(document, self._id, port))
        targets = ", ".join(graph.nodes[edge.target].name for edge in graph.out_of[self._id])
        return _row(key, f"→ {targets or 'free'}", port_words(document, self._id, None))


def _row(key: Key, text: str, spoken: str) -> Row:
    return Row(text, key, tip=spoken, spoken=spoken)


def _from_above(index: QModelIndex) -> tuple[int, int]:
    """Return what sorts rows as they are seen."""
    above = index.parent()
    return (above.row(), index.row()) if above.isValid() else (index.row(), -1)


def _by_parent(index: QModelIndex) -> tuple[int, int]:
    """Return what sorts rows so that those below one another in the model are neighbors."""
    return index.parent().row(), index.row()


def _selection(indexes: Iterable[QModelIndex]) -> QItemSelection:
    """Return the selection of these rows, in as few ranges as there can be."""
    ranges: list[tuple[QModelIndex, QModelIndex]] = []
    for index in sorted(indexes, key=_by_parent):
        first, last = ranges[-1] if ranges else (index, index)
        if last.parent() == index.parent() and last.row() + 1 == index.row():
            ranges[-1] = first, index
        else:
            ranges.append((index, index))
    selection = QItemSelection()
    for first, last in ranges:
        selection.select(first, last)
    return selection
