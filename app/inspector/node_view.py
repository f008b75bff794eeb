"""The inspector of one node: title, settings, shapes, weights and what is wrong."""

from __future__ import annotations

from math import prod

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.document import Document, edits
from app.document.data import LoadedData
from app.inspector.activation_plot import ActivationPlot
from app.messages import Messages
from app.widgets.column_fields import ColumnsField
from app.widgets.facts import Facts
from app.widgets.family_field import summary_of
from app.widgets.labels import ToneLabel
from app.widgets.layer_look import paint_layer_tile
from app.widgets.problem_card import ProblemCard
from app.widgets.section import Section
from app.widgets.spec_form import SpecForm
from engine.arrays import shape_text
from engine.diagnosis import Fix
from engine.errors import EngineError
from engine.graph import Group, Node, UnknownLayer
from engine.layers import Input, Layer
from engine.training.feeding import shape_taken

TILE = 30


class NodeView(QWidget):
    """Shows one node of the document and turns what the user does into undo steps.

    Signals:
        fixPointed(Fix): show what this fix would do; None none.
    """

    fixPointed = Signal(object)

    def __init__(
        self, document: Document, messages: Messages, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._messages = document, messages
        self._node: str | None = None
        self._data: LoadedData | None = None
        self._title_run = 0
        self._tile = _Tile(self)
        self.title = QLineEdit(self)
        self.title.setMaxLength(80)
        self.title.setToolTip("The name of this layer; if empty, its id is shown.")
        self.title.setAccessibleName("Title of the layer")
        self.title.textEdited.connect(self._rename)
        self.title.editingFinished.connect(self._end_title_run)
        self.kind = ToneLabel("", "muted", scale=0.92)
        self.about = ToneLabel()
        self.form = SpecForm(title="Settings of the layer")
        self.form.edited.connect(self._edit)
        self.look_in = QPushButton("Open the group")
        self.look_in.setToolTip("Show and edit what is inside the group.")
        self.look_in.clicked.connect(self._look_in)
        self.cards: list[ProblemCard] = []
        self._cards = QVBoxLayout()
        self._cards.setSpacing(6)
        self.curve = ActivationPlot()
        self.shapes = Facts()
        self.costs = Facts()
        self.weights = Facts(3)
        self.parameters = Section("Parameters", self.weights)
        self._cost = Section("Cost", self.costs)
        self._lay_out()

    @property
    def node(self) -> str | None:
        """The id of the node that is shown."""
        return self._node

    def show_node(self, id: str) -> None:
        """Show a node; one that is shown already is brought up to date in place."""
        if id != self._node:
            self._end_title_run()
            # The same kind of another node must not take over half-typed text.
            self.form.clear()
            self._node = id
        node = self._document.project.graph.nodes[id]
        if self.title.text() != node.title:
            self.title.setText(node.title)
        self.title.setPlaceholderText(node.id)
        self._show_kind(node)
        layer = self._document.project.graph.layer_of(id)
        self.curve.show_layer(layer if isinstance(layer, Layer) else None)
        self._show_problems(id)
        self._show_shapes(id)
        self._show_weights(id)
        cost = self._document.costs.of(id)
        self.costs.show_rows(cost.rows if cost else [])
        self._cost.setVisible(cost is not None)

    def follow(self, data: LoadedData) -> None:
        """Offer the columns of this data to Inputs, as long as the window lives."""
        self._data = data
        data.changed.connect(self._offer_columns)

    def _offer_columns(self) -> None:
        layer, dataset = self.form.spec, None if self._data is None else self._data.dataset
        if isinstance(layer, Input) and dataset is not None:
            field = self.form.field("columns")
            assert isinstance(field, ColumnsField)
            field.offer(dataset.preprocessing.columns)

    def forget(self) -> None:
        """Show no node any more; the next one is shown anew."""
        self._end_title_run()
        self.form.clear()
        self._node = None

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(10)
        header = QHBoxLayout()
        column.addLayout(header)
        header.setSpacing(8)
        header.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignTop)
        names = QVBoxLayout()
        header.addLayout(names, 1)
        names.setSpacing(2)
        names.addWidget(self.title)
        names.addWidget(self.kind)
        column.addWidget(self.about)
        column.addWidget(self.look_in, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._cards)
        column.addWidget(self.form)
        column.addWidget(self.curve)
        column.addWidget(Section("Shapes", self.shapes))
        column.addWidget(self.parameters)
        column.addWidget(self._cost)
        column.addStretch(1)

    def _show_kind(self, node: Node) -> None:
        layer = node.layer
        self.look_in.setVisible(isinstance(layer, Group))
        self._tile.show_kind(layer.kind)
        if isinstance(layer, UnknownLayer):
            self.kind.setText(f"{layer.kind} · unknown type")
            self.about.setText("This version does not know the type; it is saved unchanged.")
            self.form.clear()
            return
        passed_by = " · bypassed" if node.bypassed else ""
        self.kind.setText(f"{layer.kind} · {layer.category}{passed_by}")
        if isinstance(layer, Input) and self._document.level:
            self.about.setText("It receives what arrives at the group; its shape is set outside.")
            self.form.clear()
            self.form.hide()
            return
        self.about.setText(summary_of(type(layer)))
        self.form.show_spec(layer)
        self.form.setVisible(bool(type(layer).model_fields))
        self._offer_columns()

    def _show_problems(self, id: str) -> None:
        problems = self._document.problems_of(id)
        if problems == tuple(card.problem for card in self.cards):
            return
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = [ProblemCard(problem) for problem in problems]
        for card in self.cards:
            card.fixChosen.connect(self._mend)
            card.fixPointed.connect(self.fixPointed)
            self._cards.addWidget(card)

    def _show_shapes(self, id: str) -> None:
        graph, found = self._document.project.graph, self._document.diagnosis
        rows = []
        edges = graph.into[id]
        for edge in edges:
            shape = found.shapes.get(edge.source)
            source = graph.nodes[edge.source].name
            name = "Input" if len(edges) == 1 else f"Input {edge.port + 1}"
            text = shape_text(shape) if shape is not None else "not known yet"
            rows.append((name, f"{text}  from {source}"))
        shape = found.shapes.get(id)
        rows.append(("Output", shape_text(shape) if shape is not None else "not known yet"))
        self.shapes.show_rows(rows)

    def _show_weights(self, id: str) -> None:
        found = self._document.diagnosis
        specs = found.weights.get(id, {})
        rows = [
            (
                name if spec.trainable else f"{name} (not trained)",
                shape_text(spec.shape),
                f"{prod(spec.shape):,}",
            )
            for name, spec in specs.items()
        ]
        total, trainable = found.parameters(id), found.trainable_parameters(id)
        if trainable != total:
            rows.append(("Trained", "", f"{trainable:,}"))
        self.parameters.heading.setText(f"Parameters: {total:,}")
        self.weights.show_rows(rows)
        self.parameters.setVisible(bool(specs))

    def _rename(self, title: str) -> None:
        if self._node is None:
            return
        node = self._document.project.graph.nodes[self._node]
        if title.strip() != node.title:
            project = edits.rename(self._document.project, self._node, title)
            gesture = ("title", id(self), self._title_run)
            self._document.do(f"Rename {node.name}", project, gesture)

    def _end_title_run(self) -> None:
        self._title_run += 1

    def _edit(self, name: str, value: object) -> None:
        if self._node is None:
            return
        node = self._document.project.graph.nodes[self._node]
        assert isinstance(node.layer, Layer)
        label = type(node.layer).settings()[name].label
        changes, dataset = {name: value}, None if self._data is None else self._data.dataset
        try:
            if isinstance(node.layer, Input) and name == "columns" and dataset is not None:
                taken = node.layer.changed(columns=value)
                changes["shape"] = shape_taken(taken, dataset.preprocessing)
            project = edits.change_settings(self._document.project, self._node, **changes)
        except EngineError as error:
            self._messages.error(error)
            return
        self._document.do(f"Change {label} of {node.name}", project, self.form.gesture)

    def _look_in(self) -> None:
        if self._node is not None:
            self._document.go_to((*self._document.level, self._node))

    def _mend(self, fix: Fix) -> None:
        self._document.do(fix.label, edits.adopt(self._document.project, fix))


class _Tile(QWidget):
    """The layer's icon, as it is on the canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind = ""
        self.setFixedSize(TILE, TILE)

    def show_kind(self, kind: str) -> None:
        self._kind = kind
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_layer_tile(QPainter(self), QRectF(self.rect()), self._kind)
