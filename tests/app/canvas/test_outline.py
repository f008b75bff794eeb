"""The outline: the same network and the same selection as the canvas, in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.outline import Outline
from app.canvas.spoken import node_words, port_words, selection_words, wire_words
from app.document import edits
from engine.graph import Edge
from engine.project import Frame

K = Qt.Key
SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def outline(hands, qtbot):
    made = Outline(hands.doc)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def rows(outline, above=None):
    """The indexes of the upper rows, or of those below one."""
    model, parent = outline.model(), above or QModelIndex()
    return [model.index(row, 0, parent) for row in range(model.rowCount(parent))]


def row_of(outline, *key):
    index = outline.index_of(key)
    assert index.isValid()
    return index


def at(outline, *key):
    """Whether the keyboard is at this row."""
    return outline.currentIndex() == row_of(outline, *key)


def test_nodes_stand_in_the_order_of_the_data_with_their_wires(hands, outline):
    assert [outline.key_at(row)[1] for row in rows(outline)] == list(hands.graph.order)
    dense = row_of(outline, "node", "dense")
    assert [row.data() for row in rows(outline, dense)] == ["1 ← flatten", "→ free"]
    assert outline.key_at(rows(outline, dense)[0]) == ("wire", Edge("flatten", "dense"))
    add = row_of(outline, "node", "add")
    assert [row.data() for row in rows(outline, add)] == ["1 ← free", "→ free"]


def test_ports_are_read_one_after_the_other(hands, outline):
    outline.expand(row_of(outline, "node", "conv2d"))
    outline.setCurrentIndex(row_of(outline, "node", "conv2d"))
    QTest.keyClick(outline, K.Key_Down)
    assert hands.doc.selection.edges == {Edge("input", "conv2d")}
    QTest.keyClick(outline, K.Key_Down)
    assert hands.doc.selection.nodes == {"conv2d"}
    assert at(outline, "port", ("conv2d", None))
    QTest.keyClick(outline, K.Key_Down)
    assert at(outline, "node", "flatten")


def spoken(outline) -> list[str]:
    """What a screen reader is told of every row that is open."""
    outline.expandAll()
    reader = QAccessible.queryAccessibleInterface(outline)
    assert reader.text(QAccessible.Text.Name) == "Outline of the network"
    children = [reader.child(index) for index in range(reader.childCount())]
    items = [each for each in children if each.role() == QAccessible.Role.TreeItem]
    return [each.text(QAccessible.Text.Name) for each in items]


def test_a_screen_reader_is_told_of_nodes_ports_and_wires(hands, outline):
    told = spoken(outline)
    for id in hands.graph.nodes:
        assert node_words(hands.doc, id) in told
        assert port_words(hands.doc, id, None) in told
    for wire in hands.graph.edges:
        assert any(wire_words(hands.doc, wire) in each for each in told)
    assert "Input 1 of add, free" in told


def test_a_screen_reader_is_told_what_is_selected_on_the_canvas(hands):
    QAccessible.setActive(True)
    reader = QAccessible.queryAccessibleInterface(hands.view)
    assert reader.text(QAccessible.Text.Name) == "Network canvas"
    try:
        hands.key(K.Key_Right)
        told = reader.text(QAccessible.Text.Description)
        assert told == node_words(hands.doc, hands.doc.selection.node)
        hands.click(hands.scene.wires[Edge("input", "conv2d")].middle())
        told = reader.text(QAccessible.Text.Description)
        assert told == wire_words(hands.doc, Edge("input", "conv2d"))
    finally:
        QAccessible.setActive(False)


def test_both_have_one_selection(hands, outline):
    outline.setCurrentIndex(row_of(outline, "node", "conv2d"))
    assert hands.doc.selection.nodes == {"conv2d"}
    assert hands.scene.nodes["conv2d"].selected
    hands.click(hands.middle("dense"))
    assert [outline.key_at(row) for row in outline.selectedIndexes()] == [("node", "dense")]
    assert at(outline, "node", "dense")
    QTest.keyClick(outline, K.Key_Up)
    assert len(hands.doc.selection.nodes) == 1
    outline.expand(row_of(outline, "node", "dense"))
    outline.setCurrentIndex(row_of(outline, "node", "dense"))
    QTest.keyClick(outline, K.Key_Down)
    assert hands.doc.selection.edges == {Edge("flatten", "dense")}


def test_it_follows_every_edit(hands, outline):
    hands.doc.do("test", edits.rename(hands.doc.project, "dense", "Head"))
    assert row_of(outline, "node", "dense").data().startswith("Head")
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_Delete)
    assert not outline.index_of(("node", "flatten")).isValid()
    hands.doc.undo_stack.undo()
    assert outline.index_of(("node", "flatten")).isValid()
    project, name = edits.add_mark(hands.doc.project, Frame(text="Stem"))
    hands.doc.do("test", project)
    assert row_of(outline, "mark", name).data() == "Stem"


def test_moving_nodes_leaves_the_rows_alone(hands, outline, qtbot):
    outline.expand(row_of(outline, "node", "dense"))
    with qtbot.assertNotEmitted(outline.model().modelReset):
        hands.doc.do("test", edits.move_nodes(hands.doc.project, {"dense": (0.0, 500.0)}))
    assert outline.isExpanded(row_of(outline, "node", "dense"))


def test_what_is_open_and_current_survives_edits_and_hiding(hands, outline):
    dense = ("node", "dense")
    outline.expand(row_of(outline, *dense))
    outline.setCurrentIndex(row_of(outline, "port", ("dense", None)))
    hands.doc.do("test", edits.rename(hands.doc.project, "dense", "Head"))
    assert outline.isExpanded(row_of(outline, *dense))
    assert at(outline, "port", ("dense", None))
    outline.hide()
    hands.doc.do("test", edits.rename(hands.doc.project, "dense", "Tail"))
    assert not rows(outline)  # words are made when they are looked at, never of what is gone
    outline.show()
    assert row_of(outline, *dense).data().startswith("Tail")
    assert outline.isExpanded(row_of(outline, *dense))
    assert at(outline, "port", ("dense", None))


def test_neighbors_are_selected_as_one_range(hands, outline):
    hands.doc.selection.set(hands.graph.order)
    assert len(outline.selectedIndexes()) == len(hands.graph.order)
    assert len(outline.selectionModel().selection()) == 1


def test_keys_do_what_they_do_on_the_canvas(hands, outline, qtbot):
    outline.commanded.connect(hands.view.do)
    outline.setCurrentIndex(row_of(outline, "node", "flatten"))
    with qtbot.waitSignal(outline.nodeActivated) as shown:
        QTest.keyClick(outline, K.Key_Return)
    assert shown.args == ["flatten"]
    QTest.keyClick(outline, K.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert "flatten_1" in hands.graph.nodes
    outline.setCurrentIndex(row_of(outline, "node", "flatten"))
    QTest.keyClick(outline, K.Key_Delete)
    assert "flatten" not in hands.graph.nodes


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_of_a_row_is_that_of_the_canvas(hands, outline, qtbot):
    outline.setCurrentIndex(row_of(outline, "node", "conv2d"))
    at = outline.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, outline.mapToGlobal(at))
    QApplication.sendEvent(outline.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(each for each in menu.actions() if each.data() == "duplicate")
    with qtbot.waitSignal(outline.commanded) as asked:
        action.trigger()
    assert asked.args == ["duplicate"]
    menu.close()


def test_every_row_is_said_in_words(hands, outline):
    for row in rows(outline):
        assert row.data(SPOKEN)
        for below in rows(outline, row):
            assert " of " in below.data(SPOKEN)


def test_the_words_say_all_that_is_drawn(hands):
    words = node_words(hands.doc, "conv2d")
    for part in ("Conv2D conv2d", "4 filters", "output 6 by 6 by 4", "40 parameters"):
        assert part in words
    assert "from input" in words
    assert "to flatten" in words
    assert "problem: " in node_words(hands.doc, "add")
    assert port_words(hands.doc, "add", 0) == "Input 1 of add, free"
    assert port_words(hands.doc, "conv2d", None) == "Output of conv2d, 1 wire"
    assert wire_words(hands.doc, Edge("input", "conv2d")) == (
        "Wire from input to input 1 of conv2d, 8 by 8 by 1"
    )
    hands.doc.selection.set(["dense", "add"])
    assert selection_words(hands.doc) == "2 selected"
