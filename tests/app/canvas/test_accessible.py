"""What screen readers are told of the canvas; nodes, ports and wires have names in the outline."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from app.canvas.spoken import node_words, wire_words
from engine.graph import Edge

K, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


def test_what_is_selected_is_said(hands, told):
    reader = QAccessible.queryAccessibleInterface(hands.view)
    assert reader.text(QAccessible.Text.Name) == "Network canvas"
    hands.key(K.Key_Right)
    hands.key(K.Key_Right)
    words = [node_words(hands.doc, id) for id in ("input", "conv2d")]
    assert told.said == words
    assert reader.text(QAccessible.Text.Description) == words[-1]
    hands.click(hands.scene.wires[Edge("input", "conv2d")].middle())
    assert told.said[-1] == wire_words(hands.doc, Edge("input", "conv2d"))
    hands.key(K.Key_A, CTRL)
    assert told.said[-1].endswith(" selected")
    hands.key(K.Key_Escape)
    assert told.said[-1] == "Nothing is selected"


def test_edits_and_their_undo_are_said(hands, told):
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_Delete)
    label = hands.doc.undo_stack.undoText()
    assert told.said.count(label) == 1
    hands.doc.undo_stack.undo()
    assert f"Undone: {label}" in told.said
    hands.doc.undo_stack.redo()
    assert told.said.count(label) == 2


def test_a_refusal_is_said_at_once(hands, told):
    hands.view.message.emit("That is not possible.")
    assert told.said[-1] == "That is not possible."
    assert told.politeness[-1] is QAccessible.AnnouncementPoliteness.Assertive


def test_nothing_is_put_together_while_nobody_listens(hands, monkeypatch):
    def put_together(*_):
        raise AssertionError("nobody listens")

    monkeypatch.setattr("app.canvas.speaking.selection_words", put_together)
    monkeypatch.setattr("app.canvas.speaking.tell", put_together)
    hands.key(K.Key_Right)
    hands.key(K.Key_A, CTRL)
    hands.key(K.Key_Delete)
