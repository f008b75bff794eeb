"""Bypassing by key and menu: striped, saved, undone, refused with a reason."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.canvas.hits import NodeHit
from app.canvas.menus import menu_for
from app.canvas.spoken import node_words
from app.document import edits, grouping
from engine.graph import Edge
from engine.layers import Activation, Add
from engine.project import project_from_text, project_to_text

K = Qt.Key


def with_activation(hands) -> None:
    project, new = edits.insert_layer(
        hands.doc.project, Activation(), Edge("conv2d", "flatten"), (360.0, -150.0)
    )
    hands.doc.do("insert", project)
    assert new == "activation"


def test_the_key_bypasses_and_uses_again(hands):
    with_activation(hands)
    hands.click(hands.middle("activation"))
    plain = hands.view.grab().toImage()
    hands.key(K.Key_M)
    assert hands.graph.nodes["activation"].bypassed
    assert hands.doc.undo_stack.undoText() == "Bypass layer"
    face = hands.scene.nodes["activation"].face
    assert face.bypassed
    assert face.parameters == "bypassed"
    assert ", bypassed, " in node_words(hands.doc, "activation")
    assert hands.view.grab().toImage() != plain
    text = project_to_text(hands.doc.project)
    assert '"bypassed": true' in text
    assert project_from_text(text).graph.nodes["activation"].bypassed
    hands.key(K.Key_M)
    assert not hands.graph.nodes["activation"].bypassed
    assert hands.doc.undo_stack.undoText() == "Use layer again"
    hands.doc.undo_stack.undo()
    assert hands.graph.nodes["activation"].bypassed
    hands.doc.undo_stack.undo()
    assert not hands.graph.nodes["activation"].bypassed


def test_some_of_them_bypassed_means_bypass_all(hands):
    with_activation(hands)
    project, _ = edits.insert_layer(
        hands.doc.project, Activation(), Edge("activation", "flatten"), (360.0, -250.0)
    )
    hands.doc.do("x", grouping.bypass(project, ["activation"]))
    hands.doc.selection.set(["activation", "activation_1"])
    hands.key(K.Key_M)
    assert hands.graph.nodes["activation"].bypassed
    assert hands.graph.nodes["activation_1"].bypassed
    assert hands.doc.undo_stack.undoText() == "Bypass 2 layers"
    hands.key(K.Key_M)
    assert not any(node.bypassed for node in hands.graph.nodes.values())


def test_what_would_change_the_shape_is_refused(hands):
    before = hands.doc.project
    for node, words in (
        ("flatten", "flatten turns 6 × 6 × 4 into 144"),
        ("input", "where data enters"),
        ("add", "has no input"),
    ):
        hands.doc.selection.set([node])
        hands.key(K.Key_M)
        assert words in hands.messages[-1]
    hands.doc.selection.clear()
    hands.key(K.Key_M)
    assert "No layer is selected" in hands.messages[-1]
    assert hands.doc.project is before


def test_weights_that_others_use_are_not_taken_away(hands):
    with_activation(hands)
    hands.doc.selection.set(["activation"])
    hands.key(K.Key_D, Qt.KeyboardModifier.ShiftModifier)
    hands.doc.selection.set(["activation"])
    hands.key(K.Key_M)
    assert "uses the weights of activation" in hands.messages[-1]
    graph = hands.graph.connect(Edge("activation", "shared"))
    hands.doc.do("wire", edits.adopt_graph(hands.doc.project, graph))
    hands.doc.selection.set(["activation", "shared"])
    hands.key(K.Key_M)
    assert hands.graph.nodes["shared"].bypassed


def test_a_merging_layer_hands_on_its_first_input(hands):
    graph = hands.graph.connect(Edge("dense", "add", 0)).connect(Edge("flatten", "add", 1))
    hands.doc.do("wire", edits.adopt_graph(hands.doc.project, graph))
    assert hands.doc.problems_of("add")
    hands.doc.selection.set(["add"])
    hands.key(K.Key_M)  # that it does not work is no reason against leaving it out
    assert hands.graph.nodes["add"].bypassed
    assert hands.doc.diagnosis.shapes["add"] == (10,)
    assert not hands.doc.problems_of("add")
    assert isinstance(hands.graph.nodes["add"].layer, Add)


def test_it_is_in_the_menu_of_the_node(hands):
    menu = menu_for(hands.view, hands.doc, NodeHit("conv2d"))
    texts = [action.text().split("\t")[0] for action in menu.actions()]
    assert "&Bypass" in texts
    assert "Save as &block…" in texts
