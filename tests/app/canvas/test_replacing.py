"""Another layer in a node's place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.actions import Needs
from app.canvas import suggestions
from app.document import edits
from engine.graph import Edge

K = Qt.Key


def offered(hands):
    box = hands.view.adding.box
    return [row.text for row in box.list.rows]


def test_wires_and_common_settings_stay(hands):
    hands.doc.do("test", edits.change_settings(hands.doc.project, "conv2d", kernel_size=5))
    before = hands.doc.project
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_R)
    hands.type("separable")
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    layer = hands.graph.nodes["conv2d"].layer
    assert layer.kind == "SeparableConv2D"
    assert layer.filters == 4
    assert layer.kernel_size == (5, 5)
    assert hands.graph.edges == before.graph.edges
    assert hands.scene.nodes["conv2d"].face.kind == "SeparableConv2D"
    assert hands.doc.undo_stack.undoText() == "Replace conv2d with SeparableConv2D"
    hands.doc.undo_stack.undo()
    assert hands.doc.project is before


def test_the_likest_come_first_and_what_does_not_fit_comes_last(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_R)
    kinds = offered(hands)
    assert "Conv2D" not in kinds
    assert all("Conv" in kind for kind in kinds[:2])
    assert kinds.index("MaxPooling2D") < kinds.index("Conv1D")
    assert kinds.index("Dropout") < kinds.index("Input")


def test_what_does_not_fit_is_said_and_can_be_undone(hands):
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_R)
    hands.type("add")
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    assert hands.graph.nodes["flatten"].layer.kind == "Add"
    assert Edge("conv2d", "flatten") in hands.graph.edges
    assert "inputs" in hands.messages[-1]


def test_escape_leaves_it(hands):
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_R)
    QTest.keyClick(hands.view.adding.box.field, K.Key_Escape)
    assert hands.doc.undo_stack.count() == 0
    assert hands.view.hasFocus()


def test_one_layer_must_be_selected(hands):
    hands.key(K.Key_R)
    assert not hands.view.adding.box.isVisible()
    assert hands.messages == [Needs.ONE]


def test_every_layer_has_others_to_be_replaced_by(hands):
    for id in hands.graph.nodes:
        assert len(suggestions.instead_of(hands.graph, id)) > 20
