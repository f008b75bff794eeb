"""Gestures with the mouse: move, wire, take over, rubber band, pan; Esc drops them all."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.canvas.wire_item import Look
from engine.graph import Edge

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MIDDLE = Qt.MouseButton.MiddleButton


def test_a_click_selects_and_shift_adds_and_ctrl_toggles(hands):
    hands.click(hands.middle("conv2d"))
    assert hands.doc.selection.nodes == {"conv2d"}
    assert hands.scene.nodes["conv2d"].selected
    hands.click(hands.middle("dense"), SHIFT)
    assert hands.doc.selection.nodes == {"conv2d", "dense"}
    hands.click(hands.middle("conv2d"), CTRL)
    assert hands.doc.selection.nodes == {"dense"}
    hands.click(hands.middle("conv2d"), CTRL)
    assert hands.doc.selection.nodes == {"conv2d", "dense"}
    hands.click(hands.middle("dense"))
    assert hands.doc.selection.nodes == {"dense"}
    hands.click(QPointF(100, 300))
    assert hands.doc.selection.nodes == frozenset()


def test_the_selection_of_others_is_shown(hands):
    hands.doc.selection.set(["flatten"], [Edge("input", "conv2d")])
    assert hands.scene.nodes["flatten"].selected
    assert hands.scene.wires[Edge("input", "conv2d")].selected
    assert not hands.scene.nodes["conv2d"].selected


def test_a_click_selects_a_wire(hands):
    wire = hands.scene.wires[Edge("input", "conv2d")]
    hands.click(wire.middle())
    assert hands.doc.selection.edges == {Edge("input", "conv2d")}


def test_a_drag_moves_on_the_grid_in_one_undo_step(hands):
    before = hands.doc.project
    start = hands.middle("conv2d")
    hands.drag(start, start + QPointF(33, 58))
    assert hands.doc.project.positions["conv2d"] == (270.0, 60.0)
    assert hands.doc.undo_stack.count() == 1
    assert hands.scene.nodes["conv2d"].pos() == QPointF(270, 60)
    wire = hands.scene.wires[Edge("input", "conv2d")]
    assert wire.end == hands.input("conv2d")
    after = hands.doc.project
    hands.doc.undo_stack.undo()
    assert hands.doc.project is before
    assert hands.scene.nodes["conv2d"].pos() == QPointF(240, 0)
    hands.doc.undo_stack.redo()
    assert hands.doc.project is after


def test_a_drag_moves_all_that_is_selected(hands):
    hands.doc.selection.set(["conv2d", "dense"])
    start = hands.middle("conv2d")
    hands.drag(start, start + QPointF(0, 100))
    assert hands.doc.project.positions["conv2d"] == (240.0, 100.0)
    assert hands.doc.project.positions["dense"] == (720.0, 100.0)
    assert hands.doc.project.positions["flatten"] == (480.0, 0.0)
    assert hands.doc.selection.nodes == {"conv2d", "dense"}


def test_a_press_that_barely_moves_is_a_click(hands):
    start = hands.middle("conv2d")
    hands.drag(start, start + QPointF(2, 2))
    assert hands.doc.undo_stack.count() == 0
    assert hands.doc.selection.nodes == {"conv2d"}


def test_escape_puts_moved_nodes_back(hands):
    start = hands.middle("conv2d")
    hands.press(start)
    hands.move(start + QPointF(80, 80))
    assert hands.scene.nodes["conv2d"].pos() != QPointF(240, 0)
    assert hands.hints[-1]
    hands.key(Qt.Key.Key_Escape)
    hands.release(start + QPointF(80, 80))
    assert hands.scene.nodes["conv2d"].pos() == QPointF(240, 0)
    assert hands.doc.undo_stack.count() == 0
    assert hands.hints[-1] == ""


@pytest.mark.parametrize("backward", [False, True])
def test_a_wire_is_drawn_in_both_directions(hands, backward):
    ends = hands.output("conv2d"), hands.input("add")
    hands.drag(*(reversed(ends) if backward else ends))
    assert Edge("conv2d", "add", 0) in hands.graph.edges
    assert hands.doc.undo_stack.undoText() == "Connect"
    hands.doc.undo_stack.undo()
    assert Edge("conv2d", "add", 0) not in hands.graph.edges


def test_the_magnet_takes_a_port_nearby(hands):
    hands.drag(hands.output("conv2d"), hands.input("add") + QPointF(-14, 10))
    assert Edge("conv2d", "add", 0) in hands.graph.edges


@pytest.mark.parametrize(("away", "taken"), [(18, True), (23, False)])
def test_the_magnet_reaches_20_pixels_of_the_screen(hands, away, taken):
    for zoom in (1.0, 2.0):
        hands.view.navigation.zoom_to(zoom)
        hands.view.centerOn(460, 120)
        hands.press(hands.output("conv2d"))
        hands.move(hands.output("conv2d") + QPointF(0, 60))
        hands.move(hands.input("add") - QPointF(away / zoom, 0))
        looks = {getattr(item, "look", None) for item in hands.scene.items()}
        assert (Look.GOOD in looks) is taken
        hands.key(Qt.Key.Key_Escape)
        hands.release(hands.input("add"))


def test_a_drop_on_the_card_takes_its_input(hands):
    hands.drag(hands.output("conv2d"), hands.middle("add"))
    assert Edge("conv2d", "add", 0) in hands.graph.edges


def test_a_port_for_many_takes_one_wire_after_another(hands):
    hands.drag(hands.output("conv2d"), hands.input("add"))
    hands.drag(hands.output("input"), hands.middle("add"))
    hands.drag(hands.output("flatten"), hands.middle("add"))
    into = hands.graph.into["add"]
    assert [each.port for each in into] == list(range(len(into)))
    assert len(into) >= 1
    ends = [hands.scene.wires[each].end for each in into]
    assert len({(end.x(), end.y()) for end in ends}) == len(into)


def test_a_refused_wire_says_why_and_changes_nothing(hands):
    before = hands.doc.project
    hands.press(hands.output("dense"))
    hands.move(hands.output("dense") + QPointF(30, 30))
    hands.move(hands.input("conv2d"))
    drafts = [item for item in hands.scene.items() if getattr(item, "look", None) is Look.BAD]
    assert len(drafts) == 1
    assert hands.view.tip.isVisible()
    assert "loop" in hands.view.tip.text
    hands.release(hands.input("conv2d"))
    assert hands.doc.project is before
    assert "loop" in hands.messages[-1]
    assert not hands.view.tip.isVisible()


def test_a_shape_that_does_not_fit_is_refused(hands):
    hands.drag(hands.output("flatten"), hands.input("conv2d"))
    assert Edge("flatten", "conv2d") not in hands.graph.edges
    assert hands.messages


def test_a_good_wire_is_green(hands):
    hands.press(hands.output("conv2d"))
    hands.move(hands.output("conv2d") + QPointF(30, 30))
    hands.move(hands.input("add"))
    assert any(getattr(item, "look", None) is Look.GOOD for item in hands.scene.items())
    assert not hands.view.tip.isVisible()
    hands.key(Qt.Key.Key_Escape)
    assert not any(getattr(item, "look", None) is Look.GOOD for item in hands.scene.items())
    hands.release(hands.input("add"))
    assert hands.doc.undo_stack.count() == 0


def test_a_wire_is_taken_over_to_another_input(hands):
    hands.drag(hands.input("dense"), hands.input("add"))
    assert Edge("flatten", "dense") not in hands.graph.edges
    assert Edge("flatten", "add") in hands.graph.edges
    assert hands.doc.undo_stack.count() == 1
    assert hands.doc.undo_stack.undoText() == "Move wire"


def test_a_wire_taken_off_and_dropped_on_nothing_is_gone(hands):
    hands.drag(hands.input("dense"), QPointF(650, 400))
    assert Edge("flatten", "dense") not in hands.graph.edges
    assert not hands.view.adding.box.isVisible()
    hands.doc.undo_stack.undo()
    assert Edge("flatten", "dense") in hands.graph.edges
    assert hands.scene.wires[Edge("flatten", "dense")].isVisible()


def test_a_wire_put_back_changes_nothing(hands):
    before = hands.doc.project
    hands.press(hands.input("dense"))
    hands.move(QPointF(650, 300))
    hands.move(hands.input("dense"))
    hands.release(hands.input("dense"))
    assert hands.doc.project is before
    assert hands.scene.wires[Edge("flatten", "dense")].isVisible()


def test_a_rubber_band_selects(hands):
    hands.drag(QPointF(-40, -60), QPointF(300, 90))
    assert hands.doc.selection.nodes == {"input", "conv2d"}
    hands.drag(QPointF(700, -60), QPointF(800, 90), SHIFT)
    assert hands.doc.selection.nodes == {"input", "conv2d", "dense"}
    hands.drag(QPointF(230, -60), QPointF(800, 90), CTRL)
    assert hands.doc.selection.nodes == {"input", "flatten"}


def test_escape_drops_the_band_and_its_selection(hands):
    hands.doc.selection.set(["dense"])
    hands.press(QPointF(-40, -60))
    hands.move(QPointF(300, 90))
    assert hands.doc.selection.nodes == {"input", "conv2d"}
    hands.key(Qt.Key.Key_Escape)
    hands.release(QPointF(300, 90))
    assert hands.doc.selection.nodes == {"dense"}


def test_the_middle_button_pans(hands):
    where = hands.view.navigation.to_scene(QPointF(300, 300))
    hands.press(where, button=MIDDLE)
    hands.view.viewport()
    target = where + QPointF(60, 40)
    start = hands.at(where)
    hands.move(target, button=MIDDLE)
    hands.release(target, button=MIDDLE)
    assert (hands.at(where) - start) == QPoint(60, 40)


def test_undo_during_a_drag_drops_the_gesture(hands):
    start = hands.middle("conv2d")
    hands.drag(start, start + QPointF(0, 50))
    hands.press(hands.middle("dense"))
    hands.move(hands.middle("dense") + QPointF(50, 50))
    hands.doc.undo_stack.undo()
    hands.release(hands.middle("dense"))
    assert hands.scene.nodes["dense"].pos() == QPointF(720, 0)
    assert hands.scene.nodes["conv2d"].pos() == QPointF(240, 0)


def test_the_wheel_zooms_at_the_cursor(hands):
    port = hands.view.viewport()
    at = QPointF(hands.at(hands.middle("dense")))
    fixed = hands.view.navigation.to_scene(at)
    for angle, larger in ((120, True), (-240, False)):
        zoom = hands.view.zoom
        wheel = QWheelEvent(
            at,
            port.mapToGlobal(at),
            QPoint(),
            QPoint(0, angle),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(port, wheel)
        assert (hands.view.zoom > zoom) is larger
        moved = hands.view.navigation.to_view(fixed) - at
        assert abs(moved.x()) <= 1
        assert abs(moved.y()) <= 1
