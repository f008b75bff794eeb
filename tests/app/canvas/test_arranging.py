"""Aligning and distributing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.actions import Needs
from app.document import edits

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
K = Qt.Key


@pytest.fixture
def hands(hands):
    """Three nodes out of line."""
    places = {"conv2d": (200.0, 40.0), "flatten": (450.0, 130.0), "dense": (800.0, 290.0)}
    hands.doc.do("test", edits.move_nodes(hands.doc.project, places))
    hands.doc.undo_stack.clear()
    hands.doc.selection.set(places)
    return hands


def column(hands, axis):
    return [hands.doc.project.positions[id][axis] for id in ("conv2d", "flatten", "dense")]


@pytest.mark.parametrize(
    ("command", "axis", "values"),
    [
        ("align_left", 0, [200, 200, 200]),
        ("align_center", 0, [500, 500, 500]),
        ("align_right", 0, [800, 800, 800]),
        ("align_top", 1, [40, 40, 40]),
        ("align_middle", 1, [165, 165, 165]),
        ("align_bottom", 1, [290, 290, 290]),
        ("distribute_across", 0, [200, 500, 800]),
        ("distribute_down", 1, [40, 165, 290]),
    ],
)
def test_each_is_one_step_with_a_name(hands, command, axis, values):
    other = column(hands, 1 - axis)
    hands.view.do(command)
    assert column(hands, axis) == values
    assert column(hands, 1 - axis) == other
    assert hands.doc.project.positions["add"] == (480.0, 200.0)
    assert hands.doc.undo_stack.count() == 1
    assert hands.doc.undo_stack.undoText()[:5] in ("Align", "Distr")
    hands.view.do(command)
    assert hands.doc.undo_stack.count() == 1


def test_keys_align(hands):
    hands.key(K.Key_Up, CTRL_SHIFT)
    assert column(hands, 1) == [40, 40, 40]


def test_too_few_are_refused_in_words(hands):
    hands.doc.selection.set(["dense", "conv2d"])
    hands.view.do("distribute_down")
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_Left, CTRL_SHIFT)
    assert hands.messages == [Needs.THREE, Needs.TWO]
    assert hands.doc.undo_stack.count() == 0
