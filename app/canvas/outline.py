"""The network as a tree of rows, for screen readers and keyboards."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from app.canvas.face import ports_of
from app.canvas.hits import Hit, MarkHit, NodeHit, WireHit
from app.canvas.keys import command_of
from app.canvas.menus import menu_for
from app.canvas.spoken import mark_words, node_words, port_words, wire_words
from app.document import Document
from engine.diagnosis import Fix
from engine.graph import Edge

_ROLE = Qt.ItemDataRole.UserRole
_Spoken = Qt.ItemDataRole.AccessibleTextRole
_Mods = Qt.KeyboardModifier
_BARE_KEYS = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2}


class Outline(QTreeWidget):
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
        self._rows: dict[object, QTreeWidgetItem] = {}
        self._is_stale = True
        self.setHeaderHidden(True)
        self.setAccessibleName("Outline of the network")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformRowHeights(True)
        self.itemSelectionChanged.connect(self._select)
        self.itemActivated.connect(self._activate)
        document.changed.connect(self._on_changed)
        document.replaced.connect(self.refresh)
        document.levelChanged.connect(self.refresh)
        document.problemsChanged.connect(self.refresh)
        document.selection.changed.connect(self._follow)

    def refresh(self) -> None:
        """Show the network as it is now; hidden, it waits until it is shown."""
        self._is_stale = True
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
        row = self.currentItem()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row = self.itemAt(event.pos())
        under: Hit = None
        match row.data(0, _ROLE) if row is not None else None:
            case ("node", str(id)) | ("port", (str(id), _)):
                under = NodeHit(id)
            case ("wire", tuple(edge)):
                under = WireHit(Edge(*edge))
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

    def _build(self) -> None:
        self._is_stale = False
        open_rows = {key for key, row in self._rows.items() if row.isExpanded()}
        current = self.currentItem()
        at = current.data(0, _ROLE) if current is not None else None
        with QSignalBlocker(self):
            self.clear()
            self._rows = {}
            graph = self._document.project.graph
            for id in graph.order:
                self._add_node(id)
            for name, mark in self._document.project.drawing.marks.items():
                self._add(None, ("mark", name), mark.text or name, mark_words(mark))
            for key in open_rows & self._rows.keys():
                self._rows[key].setExpanded(True)
            if at in self._rows:
                self.setCurrentItem(self._rows[at])
        self._follow()

    def _add_node(self, id: str) -> None:
        document, graph = self._document, self._document.project.graph
        node = graph.nodes[id]
        problem = "⚠ " if document.problems_of(id) else ""
        kind = "" if node.name.replace("_", "") == node.layer.kind.lower() else node.layer.kind
        row = self._add(
            None, ("node", id), f"{problem}{node.name}  {kind}".rstrip(), node_words(document, id)
        )
        wires = {edge.port: edge for edge in graph.into[id]}
        for port in sorted({*ports_of(graph, node), *wires}):
            spoken = port_words(document, id, port)
            if port in wires:
                source = graph.nodes[wires[port].source].name
                words = f"{spoken}. {wire_words(document, wires[port])}"
                self._add(row, ("wire", wires[port]), f"{port + 1} ← {source}", words)
            else:
                self._add(row, ("port", (id, port)), f"{port + 1} ← free", spoken)
        targets = ", ".join(graph.nodes[edge.target].name for edge in graph.out_of[id])
        self._add(
            row, ("port", (id, None)), f"→ {targets or 'free'}", port_words(document, id, None)
        )

    def _add(
        self, parent: QTreeWidgetItem | None, key: tuple[str, object], text: str, spoken: str
    ) -> QTreeWidgetItem:
        row = QTreeWidgetItem([text])
        row.setData(0, _ROLE, key)
        row.setData(0, _Spoken, spoken)
        row.setToolTip(0, spoken)
        self._rows[key] = row
        if parent is None:
            self.addTopLevelItem(row)
        else:
            parent.addChild(row)
        return row

    def _on_changed(self, before: object) -> None:
        # Moving nodes leaves graph and marks alone.
        project = self._document.project
        same = getattr(before, "graph", None) is project.graph
        if not same or getattr(before, "drawing", None) is not project.drawing:
            self.refresh()

    def _follow(self) -> None:
        """Select what is selected on the canvas."""
        if self._is_stale:
            return
        selection = self._document.selection
        wanted: set[object] = {("node", id) for id in selection.nodes}
        wanted |= {("wire", edge) for edge in selection.edges}
        wanted |= {("mark", name) for name in selection.marks}
        current = self.currentItem()
        match current.data(0, _ROLE) if current is not None else None:
            case ("port", (str(id), port)) if id in selection.nodes:
                wanted.add(("port", (id, port)))  # whoever reads the ports goes on from there
        with QSignalBlocker(self):
            chosen = [row for key, row in self._rows.items() if key in wanted]
            if chosen and current not in chosen:
                self.setCurrentItem(chosen[0])
            for key, row in self._rows.items():
                row.setSelected(key in wanted)
            if chosen:
                self.scrollToItem(chosen[0])

    def _select(self) -> None:
        """Select on the canvas what is selected here."""
        nodes, edges, marks = [], [], []
        for row in self.selectedItems():
            match row.data(0, _ROLE):
                case ("node", str(id)):
                    nodes.append(id)
                case ("wire", tuple(edge)):
                    edges.append(Edge(*edge))
                case ("mark", str(name)):
                    marks.append(name)
                case ("port", (str(id), _)):
                    nodes.append(id)
        self._document.selection.set(nodes, edges, marks)

    def _activate(self, row: QTreeWidgetItem) -> None:
        match row.data(0, _ROLE):
            case ("node", str(id)):
                self.nodeActivated.emit(id)
            case ("wire", tuple(edge)):
                self.nodeActivated.emit(Edge(*edge).target)
            case ("port", (str(id), _)):
                self.nodeActivated.emit(id)
