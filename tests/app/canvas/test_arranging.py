"""Aligning and distributing."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.actions import Needs
from app.document import edits
from engine.graph import Edge, Graph
from engine.layers import Dropout
from engine.project import Project

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


def glided(hands, qtbot):
    qtbot.waitUntil(lambda: hands.view._pointing.gesture is None, timeout=20_000)


def test_a_layout_glides_and_is_one_step(hands, qtbot):
    before = hands.doc.project
    hands.key(K.Key_Escape)
    hands.key(K.Key_L)
    glided(hands, qtbot)
    assert column(hands, 1) == [0, 0, 0]
    assert column(hands, 0) == [240, 480, 720]
    assert hands.doc.undo_stack.undoText() == "Arrange"
    assert hands.doc.undo_stack.count() == 1
    assert hands.scene.nodes["dense"].pos().x() == 720
    hands.doc.undo_stack.undo()
    assert hands.doc.project is before
    assert hands.scene.nodes["dense"].pos().x() == 800


def test_escape_drops_a_layout_on_its_way(hands):
    hands.key(K.Key_L)
    assert hands.view._pointing.gesture is not None
    hands.key(K.Key_Escape)
    assert hands.doc.undo_stack.count() == 0
    assert hands.scene.nodes["dense"].pos().x() == 800


def test_with_reduced_motion_it_is_there_at_once(hands):
    hands.view.set_still(True)
    hands.key(K.Key_L)
    assert hands.view._pointing.gesture is None
    assert hands.doc.undo_stack.undoText() == "Arrange"
    hands.key(K.Key_L)
    assert hands.doc.undo_stack.count() == 1
    assert "already" in hands.messages[-1]


def test_only_the_selected_are_arranged_and_cover_no_other(hands):
    hands.view.set_still(True)
    hands.doc.selection.set(["flatten", "dense"])
    hands.key(K.Key_L)
    at = hands.doc.project.positions
    assert at["conv2d"] == (200.0, 40.0)
    assert at["dense"] == (at["flatten"][0] + 240, at["flatten"][1])
    cards = [item.card for item in hands.scene.nodes.values()]
    assert not any(a.intersects(b) for a in cards for b in cards if a is not b)


def long_chain():
    graph = Graph.sequential((4,), [Dropout() for _ in range(700)])
    return Project(graph=graph, positions=dict.fromkeys(graph.nodes, (0.0, 0.0)))


def test_a_large_layout_is_worked_out_beside_the_window(hands, qtbot):
    hands.doc.open(long_chain(), None)
    hands.key(K.Key_L)
    assert hands.doc.undo_stack.count() == 0
    assert "Arranging 701 layers" in hands.hints[-1]
    glided(hands, qtbot)
    assert hands.doc.undo_stack.count() == 1
    assert len(set(hands.doc.project.positions.values())) == 701


def test_a_large_layout_can_be_given_up(hands):
    hands.doc.open(long_chain(), None)
    hands.key(K.Key_L)
    hands.key(K.Key_Escape)
    assert hands.doc.undo_stack.count() == 0
    assert not any(thread.name == "layout" for thread in threading.enumerate())


def test_a_wire_passes_beside_the_cards_in_its_way(hands):
    """The same after any move as if all was drawn anew."""
    graph = hands.graph.connect(Edge("input", "add")).connect(Edge("conv2d", "add", 1))
    places = {**hands.doc.project.positions, "conv2d": (240.0, 0.0), "add": (960.0, 0.0)}
    hands.doc.do("test", replace(hands.doc.project, graph=graph, positions=places))
    wire = hands.scene.wires[Edge("input", "add")]
    assert wire.level is not None
    cards = {id: item.card for id, item in hands.scene.nodes.items()}
    path = wire.path()
    for percent in range(101):
        point = path.pointAtPercent(percent / 100)
        assert not any(
            card.contains(point) for id, card in cards.items() if id not in ("input", "add")
        )
    hands.doc.do("test", edits.move_nodes(hands.doc.project, {"conv2d": (240.0, 600.0)}))
    hands.doc.do("test", edits.move_nodes(hands.doc.project, {"flatten": (480.0, 600.0)}))
    hands.doc.do("test", edits.move_nodes(hands.doc.project, {"dense": (480.0, 900.0)}))
    assert wire.level is None
