"""The inspector follows the selection, and every change in it is an undo step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.document import Document, edits
from app.document.costs import about, milliseconds
from app.inspector import Inspector
from app.main_window import MainWindow
from app.messages import Messages
from app.widgets.column_fields import ColumnsField
from app.widgets.numbers import NumberField
from engine.analysis.speed import Rate, Speed
from engine.graph import Edge, Graph, UnknownLayer
from engine.layers import BatchNormalization, Conv2D, Dense, Input
from engine.project import Project
from engine.project.examples import find_example


@pytest.fixture
def document() -> Document:
    graph = Graph.sequential((8, 8, 1), [Conv2D(filters=4), BatchNormalization(), Dense(units=3)])
    return Document(Project(graph=graph))


@pytest.fixture
def inspector(qtbot: QtBot, document: Document) -> Inspector:
    panel = Inspector(document, Messages())
    qtbot.addWidget(panel)
    panel.resize(300, 700)
    panel.show()
    with qtbot.waitActive(panel):
        panel.activateWindow()
    return panel


def retype(inspector: Inspector, name: str, text: str) -> None:
    field = inspector.node_view.form.field(name)
    assert isinstance(field, NumberField)
    field.line.setFocus()
    field.line.selectAll()
    QTest.keyClicks(field.line, text)


def test_without_a_selection_the_network_is_a_table(
    document: Document, inspector: Inspector
) -> None:
    assert inspector.currentWidget() is inspector.summary
    model = inspector.summary.model
    rows = [
        tuple(model.index(row, column).data() for column in range(3))
        for row in range(model.rowCount())
    ]
    assert rows == [
        ("input", "8 × 8 × 1", "0"),
        ("conv2d", "6 × 6 × 4", "40"),
        ("batch_normalization", "6 × 6 × 4", "16"),
        ("dense", "6 × 6 × 3", "15"),
    ]
    assert inspector.summary.totals.rows[:2] == [("Parameters", "71"), ("Trainable", "63")]


def test_a_click_in_the_table_selects_the_layer(document: Document, inspector: Inspector) -> None:
    table = inspector.summary.table
    at = table.visualRect(inspector.summary.model.index(3, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert document.selection.node == "dense"
    assert inspector.node_view.node == "dense"


def test_an_empty_canvas_says_what_to_do(qtbot: QtBot) -> None:
    panel = Inspector(Document(), Messages())
    qtbot.addWidget(panel)
    assert panel.currentWidget() is panel.empty


def test_one_node_shows_shapes_and_weights(document: Document, inspector: Inspector) -> None:
    document.selection.set(["batch_normalization"])
    view = inspector.node_view
    assert view.kind.text() == "BatchNormalization · Normalization"
    assert view.shapes.rows == [("Input", "6 × 6 × 4  from conv2d"), ("Output", "6 × 6 × 4")]
    assert view.parameters.heading.text() == "Parameters: 16"
    assert ("gamma", "4", "4") in view.weights.rows
    assert ("moving_mean (not trained)", "4", "4") in view.weights.rows
    assert view.weights.rows[-1] == ("Trained", "", "8")


def test_typing_changes_the_layer_as_one_undo_step(
    document: Document, inspector: Inspector
) -> None:
    document.selection.set(["dense"])
    retype(inspector, "units", "128")
    layer = document.project.graph.nodes["dense"].layer
    assert isinstance(layer, Dense)
    assert layer.units == 128
    assert inspector.node_view.shapes.rows[-1] == ("Output", "6 × 6 × 128")
    assert document.undo_stack.count() == 1
    assert document.undo_stack.text(0) == "Change Units of dense"
    document.undo_stack.undo()
    field = inspector.node_view.form.field("units")
    assert isinstance(field, NumberField)
    assert field.line.text() == "3"


def test_bad_text_leaves_no_step_and_no_trace(document: Document, inspector: Inspector) -> None:
    before = document.project
    document.selection.set(["dense"])
    retype(inspector, "units", "99999")
    assert document.project == before
    assert document.undo_stack.count() == 0


def test_typing_in_two_nodes_makes_two_steps(document: Document, inspector: Inspector) -> None:
    document.selection.set(["dense"])
    retype(inspector, "units", "12")
    document.selection.set(["conv2d"])
    retype(inspector, "filters", "16")
    assert [document.undo_stack.text(i) for i in range(2)] == [
        "Change Units of dense",
        "Change Filters of conv2d",
    ]
    assert document.undo_stack.count() == 2


def test_bad_text_does_not_follow_to_another_node(document: Document, inspector: Inspector) -> None:
    graph, other = document.project.graph.add(Dense(units=3))
    document.open(Project(graph=graph), None)
    document.selection.set(["dense"])
    retype(inspector, "units", "0")
    document.selection.set([other])
    field = inspector.node_view.form.field("units")
    assert isinstance(field, NumberField)
    assert field.line.text() == "3"
    assert document.undo_stack.count() == 0


def test_renaming_is_one_step_per_typing_run(document: Document, inspector: Inspector) -> None:
    document.selection.set(["dense"])
    title = inspector.node_view.title
    title.setFocus()
    QTest.keyClicks(title, "head")
    QTest.keyClick(title, Qt.Key.Key_Return)
    QTest.keyClicks(title, "s")
    assert document.project.graph.nodes["dense"].title == "heads"
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert title.text() == "head"


def test_several_nodes_are_counted(document: Document, inspector: Inspector) -> None:
    document.selection.set(["dense", "conv2d"])
    assert inspector.currentWidget() is inspector.several
    assert inspector.several.count.text() == "2 layers selected"
    assert inspector.several.parameters.text() == "55 parameters in total"


def test_a_fix_mends_in_one_step(qtbot: QtBot) -> None:
    graph = Graph.sequential((9,), [])
    graph, conv = graph.add(Conv2D())
    document = Document(Project(graph=graph.connect(Edge("input", conv))))
    panel = Inspector(document, Messages())
    qtbot.addWidget(panel)
    document.selection.set([conv])
    panel.show()
    (card,) = panel.node_view.cards
    QTest.mouseClick(card.fix_buttons[0], Qt.MouseButton.LeftButton)
    assert document.undo_stack.count() == 1
    assert panel.node_view.cards == []


def test_a_layer_of_an_unknown_type_is_shown(qtbot: QtBot) -> None:
    graph, node = Graph().add(UnknownLayer("Wobble", {"type": "Wobble"}))
    document = Document(Project(graph=graph))
    panel = Inspector(document, Messages())
    qtbot.addWidget(panel)
    document.selection.set([node])
    panel.show()
    assert panel.node_view.kind.text() == "Wobble · unknown type"
    assert panel.node_view.form.spec is None


def test_a_layer_tells_its_cost_in_full(inspector, document):
    document.selection.set(["conv2d"])
    rows = dict(inspector.node_view.costs.rows)
    assert rows["Multiply-adds"] == "1,296 per sample"
    assert rows["Activations"] == "18.0 KiB for 32 samples"
    assert rows["Gradients"] == "160 B for its weights"
    assert "Predicted" not in rows
    document.costs.set_speed(Speed({"3×3": Rate(base=3e-3)}, {}, {}))
    assert dict(inspector.node_view.costs.rows)["Predicted"] == "≈ 2 ms per step"


def test_the_summary_adds_up_what_a_step_takes(inspector, document):
    rates = {"3×3": Rate(base=3e-3), "Merging": Rate(base=1e-3), "Dense": Rate(base=1e-3)}
    document.costs.set_speed(Speed(rates, {}, {}, step=5e-4))
    rows = dict(inspector.summary.totals.rows)
    graph = document.project.graph
    each = [document.costs.of(node).seconds for node in graph.nodes]
    assert document.costs.predicted == pytest.approx(5e-4 + sum(each))
    assert rows["Predicted step"] == about(document.costs.predicted)
    document.costs.set_measured(graph, document.project.plan, 2 * document.costs.predicted)
    assert dict(inspector.summary.totals.rows)["Measured step"].endswith("2× that")
    # What is drawn now is no longer what was measured.
    document.do("Add", edits.replace(document.project, graph=graph.add(Dense())[0]))
    assert "Measured step" not in dict(inspector.summary.totals.rows)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1e-6, "< 0.01 ms"), (8.2e-4, "0.82 ms"), (0.0123, "12 ms"), (1.44, "1.4 s")],
)
def test_times_stay_short(seconds, text):
    assert milliseconds(seconds) == text


def test_columns_of_an_input_are_ticked_and_its_shape_follows(
    new_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = new_window()
    window.open_example(find_example("iris"))
    qtbot.waitUntil(lambda: window.data.dataset is not None, timeout=30_000)
    document, view = window.document, window.inspector.node_view
    document.selection.set(["input"])
    field = view.form.field("columns")
    assert isinstance(field, ColumnsField)
    rows = field.list.rows
    names = [row.text for row in rows.rows]
    assert names == list(window.data.dataset.preprocessing.columns)
    first, _, third, _ = names
    before = document.project
    for name in (first, third):
        field.list.ticked.emit(name, True)
    layer = document.project.graph.nodes["input"].layer
    assert layer == Input(shape=(2,), columns=(first, third))
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=30_000)
    assert not document.all_problems
    for name in (first, third):
        field.list.ticked.emit(name, False)
    assert document.project.graph.nodes["input"].layer == Input(shape=(4,))
    document.undo_stack.undo()
    assert document.project == before


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1e-6, "< 0.01 ms"),
        (0.00082, "≈ 0.8 ms"),
        (0.0012, "≈ 1 ms"),
        (0.0123, "≈ 10 ms"),
        (0.96, "≈ 1 s"),
        (2.4, "≈ 2 s"),
    ],
)
def test_predicted_times_are_rounded_to_what_is_known(seconds: float, text: str) -> None:
    assert about(seconds) == text
