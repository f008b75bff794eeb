"""Nodes shown by their names alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from engine.project import project_from_text, project_to_text
from tests.app.canvas.conftest import color_of

K = Qt.Key


def test_a_key_makes_cards_small_and_whole_again(hands):
    wires = {edge: (wire.start, wire.end) for edge, wire in hands.scene.wires.items()}
    whole = hands.scene.nodes["conv2d"].card
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_H)
    assert hands.scene.nodes["conv2d"].card.height() < whole.height() / 2
    assert hands.scene.nodes["dense"].card.height() == whole.height()
    assert {edge: (wire.start, wire.end) for edge, wire in hands.scene.wires.items()} == wires
    assert hands.doc.undo_stack.undoText() == "Collapse 2 layers"
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_H)
    assert hands.scene.nodes["conv2d"].card == whole
    assert hands.doc.undo_stack.undoText() == "Expand layer"
    hands.doc.undo_stack.undo()
    hands.doc.undo_stack.undo()
    assert not hands.doc.project.drawing.collapsed
    assert hands.scene.nodes["flatten"].card.height() == whole.height()


def test_a_press_beside_a_small_card_is_on_the_canvas(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_H)
    card = hands.scene.nodes["conv2d"].card
    hands.click(card.center() + QPointF(0, card.height()))
    assert not hands.doc.selection
    hands.click(card.center() + QPointF(10, 0))
    assert hands.doc.selection.nodes == {"conv2d"}


def test_it_is_saved_and_goes_with_the_node(hands):
    hands.doc.selection.set(["conv2d", "dense"])
    hands.key(K.Key_H)
    read = project_from_text(project_to_text(hands.doc.project))
    assert read.drawing.collapsed == {"conv2d", "dense"}
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_Delete)
    assert hands.doc.project.drawing.collapsed == {"conv2d"}


@pytest.mark.parametrize("zoom", [1.0, 0.4, 0.1])
def test_it_is_painted_at_any_zoom(hands, zoom):
    hands.doc.selection.set(["conv2d", "add"])
    hands.key(K.Key_H)
    hands.view.navigation.zoom_to(zoom)
    at = hands.at(hands.scene.nodes["conv2d"].card.center() + QPointF(60, 14))
    assert color_of(hands.view, at) != color_of(hands.view, hands.at(QPointF(300, 250)))
