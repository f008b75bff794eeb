"""The dialog that draws a known architecture, sized to the data."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.facts import Facts
from app.widgets.family_field import summary_of
from app.widgets.labels import Heading, ToneLabel
from app.widgets.rows import Row, RowList
from app.widgets.scroll import VerticalScroll
from app.widgets.spec_form import SpecForm
from engine.arrays import shape_text
from engine.data import Dataset
from engine.diagnosis import diagnose
from engine.errors import EngineError
from engine.graph import Graph
from engine.templates import TEMPLATES, Template

LIST_WIDTH = 190
SIZE = (640, 420)


class TemplateDialog(QDialog):
    """Offers every template with its settings, and tells how large the network would be.

    Signals:
        chosen(template, graph): draw this network.
    """

    chosen = Signal(object, object)

    def __init__(self, data: Dataset, replaces: int, parent: QWidget | None = None) -> None:
        """Prepare the choice.

        Args:
            data: what the networks are sized to.
            replaces: how many layers the canvas holds now.
        """
        super().__init__(parent)
        self.setWindowTitle("Network from a template")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._data = data
        self._graph: Graph | None = None
        # What each was set to, so that a look at another loses nothing.
        self._templates: list[Template] = [kind() for kind in TEMPLATES]
        self._build(replaces)
        self.list.set_current(0)
        self.resize(*SIZE)

    def _build(self, replaces: int) -> None:
        self.list = RowList()
        self.list.setAccessibleName("Templates")
        self.list.setFixedWidth(LIST_WIDTH)
        self.list.setSpacing(2)
        labels = [template.label for template in self._templates]
        self.list.show_rows([Row(label, place) for place, label in enumerate(labels)])
        self.list.rowChanged.connect(self._show_template)
        self.list.doubleClicked.connect(self._draw)
        self.title, self.summary = Heading(), ToneLabel()
        self.form = SpecForm(title="Template settings")
        self.form.edited.connect(self._edited)
        self.facts = Facts()
        self.problem = ToneLabel("", "bad")
        page = QWidget()
        right = QVBoxLayout(page)
        right.setContentsMargins(0, 0, 8, 0)
        right.setSpacing(10)
        for widget in (self.title, self.summary, self.form, self.facts, self.problem):
            right.addWidget(widget)
        right.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.draw_button: QPushButton = buttons.addButton(
            "Draw", QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self._draw)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        row = QHBoxLayout()
        column.addLayout(row, 1)
        row.setSpacing(16)
        row.addWidget(self.list)
        row.addWidget(VerticalScroll(page), 1)
        if replaces:
            layers = "the layer" if replaces == 1 else f"the {replaces} layers"
            column.addWidget(ToneLabel(f"Replaces {layers} on the canvas; Undo brings them back."))
        column.addWidget(buttons)
        # Only inside of its dialog can a button be the default.
        self.draw_button.setDefault(True)

    def _show_template(self, row: Row) -> None:
        template = self._templates[row.value]
        self.title.setText(template.label)
        self.summary.setText(summary_of(type(template)))
        self.form.show_spec(template)
        self.form.setVisible(bool(type(template).settings()))
        self._size_up()

    def _edited(self, name: str, value: object) -> None:
        assert isinstance(self.form.spec, Template)
        self._templates[self.list.currentIndex().row()] = self.form.spec
        self._size_up()

    def _size_up(self) -> None:
        """Draw the network in thought: tell its size, or why it cannot be."""
        try:
            self._graph = self._templates[self.list.currentIndex().row()].graph(self._data)
        except EngineError as error:
            self._graph, problem, rows = None, str(error), []
        else:
            found = diagnose(self._graph)
            first = next(iter(found.problems), None)
            problem = f"{first.what} {first.todo}" if first else ""
            output = found.shapes.get(self._graph.outputs[0])
            rows = [
                ("Input", shape_text(self._data.input_shape)),
                ("Output", shape_text(output) if output is not None else "–"),
                ("Layers", f"{len(self._graph.nodes):,}"),
                ("Parameters", f"{found.total_parameters:,}"),
            ]
        self.facts.show_rows(rows)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.draw_button.setEnabled(not problem)

    def _draw(self) -> None:
        if self._graph is not None and self.draw_button.isEnabled():
            self.chosen.emit(self._templates[self.list.currentIndex().row()], self._graph)
            self.accept()
