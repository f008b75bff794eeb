"""Cutting and moving wires, and putting a node into one, with real mouse events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt

from app.canvas.wire_item import Look
from engine.graph import Edge
from engine.layers import Conv2D, Dense, Dropout

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
RIGHT = Qt.MouseButton.RightButton
K = Qt.Key


def stroke(hands, *wires):
    """From above the first wire to below the last."""
    first, last = (hands.scene.wires[edge].middle() for edge in (wires[0], wires[-1]))
    return first + QPointF(0, -60), last + QPointF(0, 60)


def add(hands, layer, at, *, after=None):
    graph, new = hands.graph.add(layer)
    if after:
        graph = graph.connect(Edge(after, new))
    places = {**hands.doc.project.positions, new: at}
    hands.doc.do("test", replace(hands.doc.project, graph=graph, positions=places))
    return new


def looks(hands, look):
    return [edge for edge, wire in hands.scene.wires.items() if wire.look is look]


def test_a_stroke_cuts_the_wires_that_it_crosses(hands):
    start, end = stroke(hands, Edge("conv2d", "flatten"))
    hands.drag(start, end, CTRL, RIGHT)
    assert hands.graph.edges == (Edge("input", "conv2d"), Edge("flatten", "dense"))
    assert hands.doc.undo_stack.undoText() == "Cut wire"
    hands.doc.undo_stack.undo()
    assert len(hands.graph.edges) == 3


def test_one_stroke_across_several_wires_is_one_step(hands):
    add(hands, Dense(units=3), (720.0, 100.0), after="flatten")
    start, _ = stroke(hands, Edge("flatten", "dense"))
    hands.drag(start, start + QPointF(0, 250), CTRL, RIGHT)
    assert hands.doc.undo_stack.undoText() == "Cut 2 wires"
    assert not hands.graph.out_of["flatten"]


def test_a_stroke_shows_what_it_cuts_and_escape_drops_it(hands):
    before = hands.doc.project
    start, end = stroke(hands, Edge("input", "conv2d"))
    hands.press(start, CTRL, RIGHT)
    hands.move(end, CTRL, RIGHT)
    assert looks(hands, Look.BAD) == [Edge("input", "conv2d")]
    assert "cut wire" in hands.hints[-1]
    hands.key(K.Key_Escape)
    hands.release(end, CTRL, RIGHT)
    assert hands.doc.project is before
    assert not looks(hands, Look.BAD)


def test_a_stroke_across_nothing_changes_nothing(hands):
    hands.drag(QPointF(0, 300), QPointF(300, 300), CTRL, RIGHT)
    assert hands.doc.undo_stack.count() == 0


@pytest.mark.parametrize("from_output", [False, True])
def test_alt_click_on_a_port_removes_its_wires(hands, from_output):
    where = hands.output("conv2d") if from_output else hands.input("conv2d")
    hands.click(where, ALT)
    gone = Edge("conv2d", "flatten") if from_output else Edge("input", "conv2d")
    assert gone not in hands.graph.edges
    assert len(hands.graph.edges) == 2
    hands.click(where, ALT)
    assert hands.doc.undo_stack.count() == 1
    assert "no wire" in hands.messages[-1]


def test_a_key_cuts_all_wires_of_what_is_selected(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_X)
    assert hands.graph.edges == (Edge("flatten", "dense"),)
    assert hands.doc.undo_stack.undoText() == "Cut 2 wires"


def test_ctrl_drag_moves_all_wires_of_an_output(hands):
    other = add(hands, Dense(units=5), (720.0, 150.0), after="flatten")
    twin = add(hands, Dense(units=5), (480.0, 350.0))
    hands.doc.undo_stack.clear()
    hands.drag(hands.output("flatten"), hands.output(twin), CTRL)
    assert not hands.graph.out_of["flatten"]
    assert {edge.target for edge in hands.graph.out_of[twin]} == {"dense", other}
    assert hands.doc.undo_stack.count() == 1
    assert hands.doc.undo_stack.undoText() == "Move 2 wires"
    hands.doc.undo_stack.undo()
    assert all(wire.isVisible() for wire in hands.scene.wires.values())


def test_wires_that_do_not_fit_all_stay_and_it_says_why(hands):
    before = hands.doc.project
    hands.press(hands.output("conv2d"), CTRL)
    hands.move(hands.output("conv2d") + QPointF(30, 60), CTRL)
    hands.move(hands.output("dense"), CTRL)
    assert "loop" in hands.view.tip.text
    hands.release(hands.output("dense"), CTRL)
    assert hands.doc.project is before
    assert "loop" in hands.messages[-1]


def test_all_wires_dropped_on_nothing_are_cut_and_escape_keeps_them(hands):
    hands.press(hands.output("conv2d"), CTRL)
    hands.move(QPointF(500, 400), CTRL)
    hands.key(K.Key_Escape)
    hands.release(QPointF(500, 400), CTRL)
    assert hands.doc.undo_stack.count() == 0
    assert hands.scene.wires[Edge("conv2d", "flatten")].isVisible()
    hands.drag(hands.output("conv2d"), QPointF(500, 400), CTRL)
    assert not hands.graph.out_of["conv2d"]


def drag_onto(hands, node, wire, keys=Qt.KeyboardModifier.NoModifier, *, release=True):
    grip = hands.middle(node)
    way = hands.scene.wires[wire].middle() - hands.scene.nodes[node].card.center()
    hands.press(grip, keys)
    for share in (0.5, 1.0):
        hands.move(grip + way * share, keys)
    if release:
        hands.release(grip + way, keys)
    return grip + way


def test_a_node_dragged_onto_a_wire_goes_into_it(hands):
    drop = add(hands, Dropout(), (480.0, 350.0))
    wire = Edge("flatten", "dense")
    end = drag_onto(hands, drop, wire, release=False)
    assert looks(hands, Look.GOOD) == [wire]
    hands.release(end)
    assert {Edge("flatten", drop), Edge(drop, "dense")} <= set(hands.graph.edges)
    assert hands.doc.undo_stack.undoText() == "Insert dropout"
    cards = [item.card for item in hands.scene.nodes.values()]
    assert not any(a.intersects(b) for a in cards for b in cards if a is not b)
    hands.doc.undo_stack.undo()
    assert hands.scene.nodes[drop].pos() == QPointF(480, 350)
    assert hands.scene.nodes["dense"].pos() == QPointF(720, 0)


def test_alt_suspends_putting_it_in(hands):
    drop = add(hands, Dropout(), (480.0, 350.0))
    drag_onto(hands, drop, Edge("flatten", "dense"), ALT)
    assert Edge("flatten", "dense") in hands.graph.edges
    assert hands.doc.undo_stack.undoText() == "Move layer"


def test_a_node_that_does_not_fit_is_only_moved_and_it_says_why(hands):
    conv = add(hands, Conv2D(filters=2, kernel_size=3), (480.0, 350.0))
    end = drag_onto(hands, conv, Edge("flatten", "dense"), release=False)
    assert hands.view.tip.isVisible()
    hands.release(end)
    assert not hands.view.tip.isVisible()
    assert Edge("flatten", "dense") in hands.graph.edges


def test_a_node_with_wires_of_its_own_is_only_moved(hands):
    drag_onto(hands, "conv2d", Edge("flatten", "dense"))
    assert Edge("input", "conv2d") in hands.graph.edges
    assert Edge("flatten", "dense") in hands.graph.edges


def test_escape_drops_a_node_on_its_way_into_a_wire(hands):
    drop = add(hands, Dropout(), (480.0, 350.0))
    end = drag_onto(hands, drop, Edge("flatten", "dense"), release=False)
    hands.key(K.Key_Escape)
    hands.release(end)
    assert hands.scene.nodes[drop].pos() == QPointF(480, 350)
    assert not looks(hands, Look.GOOD)


def test_an_edge_near_that_of_a_neighbor_snaps_to_it(hands):
    other = add(hands, Dense(units=5), (333.0, 417.0))
    grip = hands.middle("add")
    hands.press(grip)
    hands.move(grip + QPointF(-100, 60))
    hands.move(grip + QPointF(333 - 480 + 4, 100))
    assert hands.scene.nodes["add"].pos().x() == 333
    assert not hands.view._pointing.gesture._guides._item.path().isEmpty()
    # Without them it is on the grid.
    hands.move(grip + QPointF(333 - 480 + 4, 100), ALT)
    assert hands.scene.nodes["add"].pos().x() == 340
    assert hands.view._pointing.gesture._guides._item.path().isEmpty()
    hands.move(grip + QPointF(333 - 480 - 3, 100))
    hands.release(grip + QPointF(333 - 480 - 3, 100))
    assert hands.doc.project.positions["add"] == (333.0, 300.0)
    assert hands.doc.project.positions[other] == (333.0, 417.0)
