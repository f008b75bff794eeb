"""Errors that repair themselves: both shapes, edits that are shown before they are done."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.node_face import badge_of
from app.canvas.previewing import PreviewItem
from app.canvas.wire_item import Look, WireItem
from app.document import edits
from engine.diagnosis import Fix, diagnose
from engine.graph import Edge, Graph
from engine.layers import Add, Conv2D, Dense, Input, MaxPooling2D
from engine.project import Project

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def box(hands):
    return hands.view.mending.box


def ghosts(hands) -> list[PreviewItem]:
    return [item for item in hands.scene.items() if isinstance(item, PreviewItem)]


def drafts(hands) -> list[WireItem]:
    items = [item for item in hands.scene.items() if isinstance(item, WireItem)]
    return [item for item in items if item.edge is None]


def labels(hands) -> list[str]:
    return [fix.label for fix in box(hands).fixes]


def open_broken(hands) -> None:
    """An 8 × 8 picture, a convolution with a window of 9 × 9, a dense layer."""
    graph = Graph.sequential((8, 8, 1), [Conv2D(filters=2, kernel_size=9), Dense(units=3)])
    hands.doc.open(Project(graph=graph), None)


def badge(hands, node: str) -> QPointF:
    item = hands.scene.nodes[node]
    return badge_of(item.face, hands.view.zoom).translated(item.pos()).center()


def point_at_row(hands, row: int) -> None:
    """Move the pointer over a row of the box."""
    rows = box(hands).list
    at = QPointF(rows.visualRect(rows.model().index(row, 0)).center())
    none = Qt.MouseButton.NoButton
    port = rows.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, port.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(port, event)


def drop_dense_on_conv(hands) -> None:
    """A wire that carries a vector, to a layer for pictures."""
    graph, new = hands.graph.add(Conv2D(filters=4, kernel_size=3))
    project = edits.adopt_graph(hands.doc.project, graph.disconnect([Edge("dense", new)]))
    hands.doc.do("Add", edits.move_nodes(project, {new: (700.0, 200.0)}))
    hands.drag(hands.output("flatten"), hands.input("conv2d_1"))


def test_a_refused_wire_shows_both_shapes_while_it_is_dragged(hands):
    graph, new = hands.graph.add(Conv2D(filters=4, kernel_size=3))
    hands.doc.do("Add", edits.adopt_graph(hands.doc.project, graph))
    hands.press(hands.output("flatten"))
    hands.move(hands.output("flatten") + QPointF(30, 30))
    hands.move(hands.input(new))
    assert "arrives: 144" in hands.view.tip.text
    assert "needed: height × width × channels" in hands.view.tip.text
    hands.key(Qt.Key.Key_Escape)


def test_a_refused_wire_offers_on_drop_what_would_mend_it(hands):
    drop_dense_on_conv(hands)
    assert box(hands).isVisible()
    assert box(hands).arrives.text() == "144"
    assert box(hands).needs.text() == "height × width × channels"
    assert labels(hands) == ["Insert Reshape before conv2d_1"]
    assert hands.messages == []


def test_what_is_chosen_is_shown_as_a_ghost_and_done_in_one_step(hands):
    drop_dense_on_conv(hands)
    steps, before = hands.doc.undo_stack.count(), hands.doc.project
    (ghost,) = ghosts(hands)
    assert ghost.face.kind == "Reshape"
    assert {draft.look for draft in drafts(hands)} == {Look.GOOD}
    assert len(drafts(hands)) == 2
    assert hands.doc.project is before
    QTest.keyClick(box(hands).list, Qt.Key.Key_Return)
    assert not box(hands).isVisible()
    assert ghosts(hands) == drafts(hands) == []
    assert hands.doc.undo_stack.count() == steps + 1
    assert hands.doc.undo_stack.undoText() == "Insert Reshape before conv2d_1"
    assert Edge("flatten", "reshape") in hands.graph.edges
    assert Edge("reshape", "conv2d_1") in hands.graph.edges
    assert not diagnose(hands.graph).of("conv2d_1")
    # It stands where its ghost stood.
    assert hands.scene.nodes["reshape"].pos() == ghost.pos()
    hands.doc.undo_stack.undo()
    assert hands.doc.project is before


def test_escape_closes_and_leaves_everything(hands):
    drop_dense_on_conv(hands)
    before, shown = hands.doc.project, hands.scene.nodes["conv2d_1"].pos()
    QTest.keyClick(box(hands).list, Qt.Key.Key_Escape)
    assert not box(hands).isVisible()
    assert ghosts(hands) == drafts(hands) == []
    assert hands.doc.project is before
    # It had made room in the preview.
    assert hands.scene.nodes["conv2d_1"].pos() == QPointF(700, 200) != shown
    assert all(wire.isVisible() and wire.opacity() == 1 for wire in hands.scene.wires.values())
    assert hands.view.hasFocus()


def test_a_refused_wire_that_nothing_mends_only_says_why(hands):
    hands.drag(hands.output("dense"), hands.input("conv2d"))
    assert not box(hands).isVisible()
    assert "loop" in hands.messages[-1]


def test_the_badge_opens_the_box(hands):
    open_broken(hands)
    hands.click(badge(hands, "conv2d"))
    assert box(hands).isVisible()
    assert box(hands).arrives.text() == "8 × 8 × 1"
    assert box(hands).needs.text() == "at least 9 × 9 × channels"
    assert labels(hands)[:2] == ["Set padding same of conv2d", "Set the window 8×8 of conv2d"]
    assert box(hands).list.accessibleName().startswith("Conv2D's window is 9 pixels high")
    assert hands.doc.selection.nodes == {"conv2d"}
    assert hands.doc.undo_stack.count() == 0


def test_a_drag_that_begins_on_the_badge_moves_the_node(hands):
    open_broken(hands)
    start = badge(hands, "conv2d")
    hands.drag(start, start + QPointF(0, 60))
    assert not box(hands).isVisible()
    assert hands.doc.undo_stack.count() == 1


def test_the_badge_says_what_a_click_does(hands):
    open_broken(hands)
    heard: list[str] = []
    hands.view.idleHint.connect(heard.append)
    hands.move(badge(hands, "conv2d"), button=Qt.MouseButton.NoButton)
    assert "how to fix it" in heard[-1]
    assert hands.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    hands.move(QPointF(0, 400), button=Qt.MouseButton.NoButton)
    assert hands.view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_changed_settings_are_shown_on_the_node(hands):
    open_broken(hands)
    hands.click(badge(hands, "conv2d"))
    ghost = next(each for each in ghosts(hands) if each.face.name == "Conv2D")
    assert ghost.words == "Padding valid → same"
    assert "same" in ghost.face.settings
    assert ghost.face.shape == "8 × 8 × 2"
    QTest.keyClick(box(hands).list, Qt.Key.Key_Down)
    ghost = next(each for each in ghosts(hands) if each.face.name == "Conv2D")
    assert ghost.words == "Window 9×9 → 8×8"


def test_pointing_shows_and_a_click_does_it(hands):
    open_broken(hands)
    hands.click(badge(hands, "conv2d"))
    point_at_row(hands, 1)
    (ghost,) = ghosts(hands)
    assert ghost.words == "Window 9×9 → 8×8"
    rows = box(hands).list
    at = rows.visualRect(rows.model().index(1, 0)).center()
    QTest.mouseClick(rows.viewport(), LEFT, pos=at)
    assert hands.doc.undo_stack.undoText() == "Set the window 8×8 of conv2d"
    assert not hands.doc.problems
    assert ghosts(hands) == []


def test_a_key_offers_for_the_selected_node(hands):
    open_broken(hands)
    hands.doc.selection.set(["conv2d"])
    hands.key(Qt.Key.Key_Period, CTRL)
    assert box(hands).isVisible()
    QTest.keyClick(box(hands).list, Qt.Key.Key_Return)
    assert not hands.doc.problems
    hands.key(Qt.Key.Key_Period, CTRL)
    assert hands.messages == ["There is no problem."]


def test_the_same_key_goes_to_what_is_wrong(hands):
    open_broken(hands)
    hands.doc.selection.set(["dense"])
    hands.key(Qt.Key.Key_Period, CTRL)
    assert hands.doc.selection.nodes == {"conv2d"}
    assert box(hands).isVisible()


def test_a_refused_wire_drawn_by_keyboard_is_mended_by_keyboard(hands):
    graph, new = hands.graph.add(Conv2D(filters=4, kernel_size=3))
    hands.doc.do(
        "Add", edits.move_nodes(edits.adopt_graph(hands.doc.project, graph), {new: (480.0, 110.0)})
    )
    hands.doc.selection.set(["flatten"])
    hands.key(Qt.Key.Key_W)
    gesture = hands.view._pointing.gesture
    gesture.aim_at(new)
    hands.key(Qt.Key.Key_Return)
    assert box(hands).isVisible()
    QTest.keyClick(box(hands).list, Qt.Key.Key_Return)
    assert Edge("reshape", new) in hands.graph.edges


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_context_menu_shows_what_it_offers(hands):
    open_broken(hands)
    before = hands.doc.project
    hands.doc.selection.set(["conv2d"])
    at = hands.view.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, hands.view.mapToGlobal(at))
    QApplication.sendEvent(hands.view.viewport(), event)
    (menu,) = [each for each in hands.view.findChildren(QMenu) if each.isVisible()]
    menu.setActiveAction(menu.actions()[0])
    assert ghosts(hands)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert ghosts(hands) == []
    assert hands.doc.project is before


def test_an_edit_or_undo_meanwhile_takes_ghosts_away(hands):
    open_broken(hands)
    hands.doc.do("Rename", edits.rename(hands.doc.project, "conv2d", "Eyes"))
    hands.click(badge(hands, "conv2d"))
    assert ghosts(hands)
    hands.doc.undo_stack.undo()
    assert ghosts(hands) == []
    assert not box(hands).isVisible()
    hands.click(badge(hands, "conv2d"))
    hands.doc.open(Project(graph=Graph.sequential((4,), [Dense(units=2)])), None)
    assert ghosts(hands) == []


def test_what_would_go_is_faint_and_comes_back(hands):
    layers = [MaxPooling2D(pool_size=4), Conv2D(filters=2, kernel_size=3)]
    hands.doc.open(Project(graph=Graph.sequential((6, 6, 1), layers)), None)
    (problem,) = hands.doc.problems
    fix = next(each for each in problem.fixes if each.label == "Leave out max_pooling2d")
    hands.view.preview_fix(fix)
    assert hands.scene.nodes["max_pooling2d"].opacity() < 0.5
    assert hands.scene.wires[Edge("input", "max_pooling2d")].look is Look.BAD
    hands.view.preview_fix(None)
    assert hands.scene.nodes["max_pooling2d"].opacity() == 1
    assert hands.scene.wires[Edge("input", "max_pooling2d")].look is Look.PLAIN


def test_room_is_made_in_the_preview_as_in_the_edit(hands):
    graph = Graph.sequential((8, 8, 4), [Conv2D(filters=8, kernel_size=3, padding="same"), Add()])
    graph = graph.connect(Edge("input", "add", 1))
    hands.doc.open(Project(graph=graph), None)
    (problem,) = hands.doc.problems
    fix = problem.fixes[0]
    assert fix.label == "Insert 1×1 Conv2D between conv2d and add"
    hands.view.preview_fix(fix)
    shown = {id: item.pos() for id, item in hands.scene.nodes.items()}
    (ghost,) = ghosts(hands)
    hands.view.mending.apply(fix)
    assert shown == {id: hands.scene.nodes[id].pos() for id in shown}
    assert hands.scene.nodes["conv2d_1"].pos() == ghost.pos()


def test_every_fix_of_every_problem_can_be_shown(hands):
    """Previews leave no trace, whatever a fix does."""
    graph = Graph.sequential((28, 28, 8), [Conv2D(filters=8, kernel_size=3)])
    graph, source = graph.add(Input(shape=(13, 13, 16)))
    graph, added = graph.add(Add())
    graph = graph.connect(Edge("conv2d", added, 0)).connect(Edge(source, added, 1))
    graph, _ = graph.add(Dense(units=2))
    hands.doc.open(Project(graph=graph), None)
    places = {id: item.pos() for id, item in hands.scene.nodes.items()}
    fixes = [fix for problem in hands.doc.problems for fix in problem.fixes]
    assert len(fixes) >= 3
    count = len(hands.scene.items())
    for fix in fixes:
        hands.view.preview_fix(fix)
        assert ghosts(hands) or drafts(hands), fix.label
        hands.view.preview_fix(None)
        assert len(hands.scene.items()) == count
        assert places == {id: item.pos() for id, item in hands.scene.nodes.items()}


def test_a_fix_of_the_plan_alone_draws_nothing(hands):
    hands.view.preview_fix(Fix("Use mean squared error", plan=hands.doc.project.plan))
    assert ghosts(hands) == drafts(hands) == []


@pytest.fixture
def window(new_window):
    made = new_window()
    graph = Graph.sequential((8, 8, 1), [Conv2D(filters=2, kernel_size=9), Dense(units=3)])
    made.document.open(Project(graph=graph), None)
    return made


def test_the_problems_list_shows_on_the_canvas_what_it_offers(window, qtbot):
    window.docks["problems"].raise_()
    qtbot.waitUntil(lambda: bool(window.problems_panel.cards))
    button = window.problems_panel.cards[0].fix_buttons[0]
    middle = QPointF(button.rect().center())
    QApplication.sendEvent(button, QEnterEvent(middle, middle, button.mapToGlobal(middle)))
    scene = window.canvas.canvas_scene
    assert any(isinstance(item, PreviewItem) for item in scene.items())
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    assert not any(isinstance(item, PreviewItem) for item in scene.items())
    # By keyboard the focus does the same.
    window.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    assert any(isinstance(item, PreviewItem) for item in scene.items())
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert not window.document.diagnosis.problems
    assert not any(isinstance(item, PreviewItem) for item in scene.items())
    assert window.actions_["undo"].text() == "&Undo Set padding same of conv2d"
