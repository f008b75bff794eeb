"""Group, ungroup and use again, by keys on the canvas; each is one undo step."""

from __future__ import annotations

from PySide6.QtCore import Qt

from engine.graph import Group
from engine.layers import Shared

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
K = Qt.Key


def test_selected_layers_become_one_and_come_back(hands):
    before = hands.doc.project
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_G, CTRL)
    group = hands.graph.nodes["group"].layer
    assert isinstance(group, Group)
    assert set(hands.graph.nodes) == {"input", "group", "dense", "add"}
    assert hands.doc.undo_stack.undoText() == "Group 2 layers"
    assert hands.doc.selection.node == "group"
    assert hands.scene.nodes["group"].face.settings == "2 layers"
    assert not hands.doc.diagnosis.of("group")
    hands.key(K.Key_G, CTRL | SHIFT)
    assert hands.graph.computes_as(before.graph)
    assert hands.doc.undo_stack.undoText() == "Ungroup"
    places = hands.doc.project.positions
    assert len({places[id] for id in hands.graph.nodes}) == 5
    hands.doc.undo_stack.undo()
    hands.doc.undo_stack.undo()
    assert hands.doc.project == before


def test_what_cannot_be_grouped_is_said(hands):
    before, heard = hands.doc.project, []
    hands.view.message.connect(heard.append)
    hands.doc.selection.set(["input", "conv2d"])
    hands.key(K.Key_G, CTRL)
    assert "where data enters" in heard[-1]
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_G, CTRL | SHIFT)
    assert "not a group" in heard[-1]
    assert hands.doc.project == before


def test_a_layer_is_used_again(hands):
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_D, SHIFT)
    assert hands.graph.nodes["shared"].layer == Shared(of="dense")
    assert hands.doc.undo_stack.undoText() == "Use Dense again"
    assert hands.scene.nodes["shared"].face.settings == "weights of dense"
    hands.key(K.Key_D, SHIFT)
    assert hands.graph.nodes["shared_1"].layer == Shared(of="dense")
    heard = []
    hands.view.message.connect(heard.append)
    hands.doc.selection.set(["input"])
    hands.key(K.Key_D, SHIFT)
    assert "layer with settings of its own" in heard[-1]
