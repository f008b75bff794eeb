"""The whole network as a table: layer, output shape, parameters; as Keras prints it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.document import Document
from app.document.costs import Costs, about, milliseconds
from app.widgets.facts import Facts
from app.widgets.labels import Heading, ToneLabel
from engine.amounts import bytes_text, short_number
from engine.arrays import shape_text
from engine.graph import names_along

HEADERS = ("Layer", "Output", "Params")
_Index = QModelIndex | QPersistentModelIndex


class SummaryModel(QAbstractTableModel):
    """The nodes of a document in the order of computation."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.order: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Read the document again."""
        self.beginResetModel()
        self.order = self._document.project.graph.order
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        id, column = self.order[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        graph, found = self._document.project.graph, self._document.diagnosis
        if role == Qt.ItemDataRole.ForegroundRole and found.of(id):
            return theme.color("bad")
        if role == Qt.ItemDataRole.ToolTipRole:
            node = graph.nodes[id]
            problems = [f"{each.what} {each.todo}" for each in found.of(id)]
            return "\n".join([f"{node.name}: {node.layer.kind}", *problems])
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == 0:
            return graph.nodes[id].name
        if column == 1:
            return shape_text(found.shapes[id]) if id in found.shapes else "–"
        return f"{found.parameters(id):,}" if id in found.shapes else "–"


class SummaryView(QWidget):
    """The network as a table, with totals.

    Signals:
        nodeActivated(node): a row was clicked, or Enter pressed on it.
        checkWanted(): compare the network's gradients with the slopes of its loss.
    """

    nodeActivated = Signal(str)
    checkWanted = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.model = SummaryModel(document)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self._style_table()
        self.totals = Facts()
        hint = ToneLabel("Select a layer to change its settings.")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.heading = Heading()
        column.addWidget(self.heading)
        column.addWidget(hint)
        column.addWidget(self.table, 1000)
        column.addWidget(self.totals)
        self.check_button = QPushButton("Check gradients…")
        self.check_button.setToolTip(
            "Compare each layer's gradients with finite differences of the loss."
        )
        self.check_button.clicked.connect(self.checkWanted)
        column.addWidget(self.check_button)
        column.addStretch(1)
        self.table.clicked.connect(self._activate)
        self.table.activated.connect(self._activate)

    def refresh(self) -> None:
        """Read the document again."""
        level, whole = self._document.level, self._document.whole
        self.heading.setText(names_along(whole.graph, level)[-1] if level else "Network")
        self.model.refresh()
        self._fit_height()
        found = self._document.diagnosis
        total, trained = found.total_parameters, found.total_trainable
        costs, batch = self._document.costs, self._document.project.plan.batch_size
        cost = costs.total()
        rows = [
            ("Parameters", f"{total:,}"),
            ("Trainable", f"{trained:,}"),
            ("Multiply-adds", f"{short_number(cost.multiply_adds)} per sample"),
            ("Activations", f"{bytes_text(cost.activation_bytes(batch))} per batch"),
            ("Gradients", f"{bytes_text(cost.gradient_bytes())} for weights"),
            *_times(costs),
        ]
        self.totals.show_rows(rows)

    def _fit_height(self) -> None:
        """End the table after its last row, so that the totals stand right below."""
        table = self.table
        rows = len(self.model.order) * table.verticalHeader().defaultSectionSize()
        heads = table.horizontalHeader().sizeHint().height()
        table.setMaximumHeight(heads + rows + 2 * table.frameWidth())

    def _style_table(self) -> None:
        table = self.table
        table.setFrameShape(QFrame.Shape.StyledPanel)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 7)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for section in (1, 2):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(40)
        # Measuring thousands of rows would hold the window up.
        header.setResizeContentsPrecision(100)
        table.setAccessibleName("Layers of the network")

    def _activate(self, index: QModelIndex) -> None:
        self.nodeActivated.emit(self.model.order[index.row()])


def _times(costs: Costs) -> Iterator[tuple[str, str]]:
    """What a step is predicted to take, and what it took."""
    predicted, measured = costs.predicted, costs.measured
    if predicted is not None:
        yield "Predicted step", about(predicted)
    if measured is not None:
        share = "" if not predicted else f", {measured / predicted:.2g}× that"
        yield "Measured step", f"{milliseconds(measured)}{share}"


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == 2 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
