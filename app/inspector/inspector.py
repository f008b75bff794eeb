"""The inspector: what is selected, in words and numbers, with its settings to change."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.document import Document
from app.inspector.node_view import NodeView
from app.inspector.summary_view import SummaryView
from app.messages import Messages
from app.widgets.labels import EmptyHint, Heading, ToneLabel
from app.widgets.scroll import VerticalScroll

SEVERAL_HINT = (
    "Del deletes and reconnects, Ctrl+C copies, Ctrl+D duplicates, F fits them into view. "
    "Click one layer to see its settings."
)


class Inspector(QStackedWidget):
    """Follows the document's selection: one node, several, or the whole network.

    Signals:
        nodeActivated(node): the user chose a layer in the table; show it.
    """

    nodeActivated = Signal(str)

    def __init__(
        self, document: Document, messages: Messages, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self.node_view = NodeView(document, messages)
        self.summary = SummaryView(document)
        self.several = _SeveralView(document)
        self.empty = EmptyHint(
            "fa6s.diagram-project",
            "The canvas is empty",
            "Drag an Input and some layers from the palette, or open an example.",
        )
        self._node_page = VerticalScroll(self.node_view)
        for page in (self.empty, self.summary, self._node_page, self.several):
            self.addWidget(page)
        self.summary.nodeActivated.connect(self._activate)
        document.selection.changed.connect(self.refresh)
        document.changed.connect(self._project_changed)
        document.problemsChanged.connect(self.refresh)
        document.costs.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        document.levelChanged.connect(self._level_changed)
        self.refresh()

    def refresh(self) -> None:
        """Show what is selected now."""
        graph, selection = self._document.project.graph, self._document.selection
        if selection.node is not None and selection.node in graph.nodes:
            self.node_view.show_node(selection.node)
            self.setCurrentWidget(self._node_page)
        elif len(selection.nodes) > 1:
            self.several.refresh()
            self.setCurrentWidget(self.several)
        elif graph.nodes:
            self.summary.refresh()
            self.setCurrentWidget(self.summary)
        else:
            self.setCurrentWidget(self.empty)

    def _project_changed(self, before: object) -> None:
        # Moving nodes and changing the plan leave the graph object alone.
        if getattr(before, "graph", None) is not self._document.project.graph:
            self.refresh()

    def _level_changed(self) -> None:
        # A node of the same name is another one there.
        self.node_view.forget()
        self.refresh()

    def _activate(self, node: str) -> None:
        self._document.selection.set([node])
        self.nodeActivated.emit(node)


class _SeveralView(QWidget):
    """What can be said of several selected nodes."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.count = Heading()
        self.parameters = ToneLabel("", "text")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.count)
        column.addWidget(self.parameters)
        column.addWidget(ToneLabel(SEVERAL_HINT))
        column.addStretch(1)

    def refresh(self) -> None:
        nodes, found = self._document.selection.nodes, self._document.diagnosis
        self.count.setText(f"{len(nodes)} layers selected")
        total = sum(found.parameters(node) for node in nodes)
        self.parameters.setText(f"{total:,} parameters in total")
