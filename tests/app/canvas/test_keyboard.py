"""The canvas without a mouse: from node to node, wires, settings; and the minimap."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.actions import COMMANDS, Needs
from app.canvas.wire_item import Look
from engine.graph import Edge
from engine.layers import Dense
from tests.app.canvas.conftest import color_of

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
K = Qt.Key


def drafts(hands, look):
    return [item for item in hands.scene.items() if getattr(item, "look", None) is look]


def test_arrows_go_along_the_wires(hands):
    hands.key(K.Key_Right)
    assert hands.doc.selection.node == "input"
    for node in ("conv2d", "flatten", "dense", "dense"):
        hands.key(K.Key_Right)
        assert hands.doc.selection.node == node
    hands.key(K.Key_Left)
    assert hands.doc.selection.node == "flatten"
    # No wire leads there: the nearest below.
    hands.key(K.Key_Down)
    assert hands.doc.selection.node == "add"
    hands.key(K.Key_Up)
    assert hands.doc.selection.node == "flatten"
    assert hands.doc.undo_stack.count() == 0


def test_where_wires_fork_the_nearest_is_taken(hands):
    graph, twin = hands.graph.add(Dense(units=2))
    graph = graph.connect(Edge("flatten", twin))
    places = {**hands.doc.project.positions, twin: (720.0, 400.0)}
    hands.doc.do("test", replace(hands.doc.project, graph=graph, positions=places))
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_Right)
    assert hands.doc.selection.node == "dense"
    hands.key(K.Key_Down)
    assert hands.doc.selection.node in (twin, "add")


def test_shift_and_arrows_select_more(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_Right, SHIFT)
    hands.key(K.Key_Right, SHIFT)
    assert hands.doc.selection.nodes == {"conv2d", "flatten", "dense"}


def test_every_node_can_be_reached(hands):
    for start in hands.graph.nodes:
        seen, waiting = set(), [start]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            for key in (K.Key_Left, K.Key_Right, K.Key_Up, K.Key_Down):
                hands.doc.selection.set([node])
                hands.key(key)
                waiting.append(hands.doc.selection.node)
        assert seen == set(hands.graph.nodes)


def test_a_wire_is_drawn_by_keyboard(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_W)
    assert "Arrows choose" in hands.hints[-1]
    # The nearest that fits is offered first.
    assert len(drafts(hands, Look.GOOD)) == 1
    hands.key(K.Key_Return)
    assert Edge("conv2d", "add", 0) in hands.graph.edges
    assert hands.doc.undo_stack.undoText() == "Connect"
    assert hands.view._pointing.gesture is None


def test_a_refused_wire_says_why_and_goes_on(hands, told):
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_W)
    assert Edge("dense", "add", 0) not in hands.graph.edges
    hands.key(K.Key_Up)
    assert len(drafts(hands, Look.BAD)) == 1
    assert "loop" in hands.view.tip.text
    assert "loop" in told.said[-1]
    hands.key(K.Key_Return)
    assert "loop" in hands.messages[-1]
    assert hands.doc.undo_stack.count() == 0
    hands.key(K.Key_Down)
    hands.key(K.Key_Return)
    assert Edge("dense", "add", 0) in hands.graph.edges


def test_escape_drops_a_wire_drawn_by_keyboard(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_W)
    hands.key(K.Key_Escape)
    assert not drafts(hands, Look.GOOD)
    assert hands.doc.selection.nodes == {"conv2d"}
    assert hands.doc.undo_stack.count() == 0


@pytest.mark.parametrize("key", [K.Key_Return, K.Key_Enter])
def test_enter_asks_for_the_settings(hands, key, qtbot):
    hands.doc.selection.set(["conv2d"])
    with qtbot.waitSignal(hands.view.editWanted):
        hands.key(key)
    hands.doc.selection.clear()
    hands.key(key)
    assert hands.messages == [Needs.ONE]


def test_every_command_of_the_canvas_is_found_in_one_place(hands):
    parts = (hands.view, *hands.view._parts)
    ours = [each for part in parts for each in type(part).mro() if each.__module__[:4] == "app."]
    for command in COMMANDS:
        if command.on_canvas:
            assert sum(command.name in each.__dict__ for each in ours) == 1, command.name


def test_no_key_is_given_twice():
    keys = [command.keys for command in COMMANDS if command.keys]
    assert len(set(keys)) == len(keys)


def test_the_minimap_is_there_where_something_is_out_of_sight(hands):
    minimap = hands.view.overlaid.map
    hands.view.fit_all()
    assert not minimap.isVisible()
    hands.view.navigation.zoom_to(3.0)
    assert minimap.isVisible()
    hands.key(K.Key_M, ALT)
    assert not minimap.isVisible()
    hands.view.zoom_out()
    assert not minimap.isVisible()
    hands.key(K.Key_M, ALT)
    hands.view.fit_all()
    assert minimap.isVisible()


def test_a_click_on_the_minimap_goes_there(hands):
    minimap = hands.view.overlaid.map
    hands.view.navigation.zoom_to(3.0)
    corner = QPoint(minimap.width() - 12, minimap.height() // 2)
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=corner)
    middle = hands.view.navigation.to_scene(hands.view.navigation.middle)
    assert middle.x() > hands.scene.nodes["dense"].card.left()
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=QPoint(12, minimap.height() // 2))
    middle = hands.view.navigation.to_scene(hands.view.navigation.middle)
    assert middle.x() < hands.scene.nodes["input"].card.right()


def test_the_minimap_shows_errors_and_training(hands):
    minimap = hands.view.overlaid.map
    hands.view.navigation.zoom_to(3.0)
    item = hands.scene.nodes["add"]
    assert item.face.problem
    at = minimap.mapTo(hands.view, minimap._from_scene(item.card).center().toPoint())

    def red():
        color = color_of(hands.view, at)
        return color.red() > color.green() + 60

    assert red()
    hands.doc.selection.set(["add"])
    hands.key(K.Key_Delete)
    assert not red()
    before = minimap.grab().toImage()
    hands.view.set_running(True)
    assert minimap.grab().toImage() != before
    hands.view.set_running(False)
    assert minimap.grab().toImage() == before


def test_the_pointer_may_take_a_wire_over_from_the_keyboard(hands):
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_W)
    hands.move(QPointF(500, 400))
    hands.move(hands.middle("add"))
    hands.click(hands.middle("add"))
    assert Edge("conv2d", "add", 0) in hands.graph.edges
