"""The outline: the same network and the same selection as the canvas, in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas.outline import Outline
from app.canvas.spoken import node_words, port_words, selection_words, wire_words
from app.document import edits
from engine.graph import Edge
from engine.project import Frame

K = Qt.Key
ROLE, SPOKEN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def outline(hands, qtbot):
    made = Outline(hands.doc)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def rows(outline):
    return [outline.topLevelItem(index) for index in range(outline.topLevelItemCount())]


def row_of(outline, *key):
    return outline._rows[key]


def test_nodes_stand_in_the_order_of_the_data_with_their_wires(hands, outline):
    assert [row.data(0, ROLE)[1] for row in rows(outline)] == list(hands.graph.order)
    dense = row_of(outline, "node", "dense")
    assert dense.childCount() == 1
    assert dense.child(0).data(0, ROLE) == ("wire", Edge("flatten", "dense"))


def test_both_have_one_selection(hands, outline):
    outline.setCurrentItem(row_of(outline, "node", "conv2d"))
    assert hands.doc.selection.nodes == {"conv2d"}
    assert hands.scene.nodes["conv2d"].selected
    hands.click(hands.middle("dense"))
    assert [row.data(0, ROLE) for row in outline.selectedItems()] == [("node", "dense")]
    assert outline.currentItem() is row_of(outline, "node", "dense")
    QTest.keyClick(outline, K.Key_Up)
    assert len(hands.doc.selection.nodes) == 1
    row_of(outline, "node", "dense").setExpanded(True)
    outline.setCurrentItem(row_of(outline, "node", "dense"))
    QTest.keyClick(outline, K.Key_Down)
    assert hands.doc.selection.edges == {Edge("flatten", "dense")}


def test_it_follows_every_edit(hands, outline):
    hands.doc.do("test", edits.rename(hands.doc.project, "dense", "Head"))
    assert row_of(outline, "node", "dense").text(0).startswith("Head")
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_Delete)
    assert ("node", "flatten") not in outline._rows
    hands.doc.undo_stack.undo()
    assert ("node", "flatten") in outline._rows
    project, name = edits.add_mark(hands.doc.project, Frame(text="Stem"))
    hands.doc.do("test", project)
    assert row_of(outline, "mark", name).text(0) == "Stem"


def test_moving_nodes_leaves_the_rows_alone(hands, outline):
    row = row_of(outline, "node", "dense")
    hands.doc.do("test", edits.move_nodes(hands.doc.project, {"dense": (0.0, 500.0)}))
    assert row_of(outline, "node", "dense") is row


def test_keys_do_what_they_do_on_the_canvas(hands, outline, qtbot):
    outline.commanded.connect(hands.view.do)
    outline.setCurrentItem(row_of(outline, "node", "flatten"))
    with qtbot.waitSignal(outline.nodeActivated) as shown:
        QTest.keyClick(outline, K.Key_Return)
    assert shown.args == ["flatten"]
    QTest.keyClick(outline, K.Key_Delete)
    assert "flatten" not in hands.graph.nodes


def test_every_row_is_said_in_words(hands, outline):
    for row in rows(outline):
        assert row.data(0, SPOKEN)
        for index in range(row.childCount()):
            assert row.child(index).data(0, SPOKEN).count(" from ") >= 1


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
