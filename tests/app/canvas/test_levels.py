"""Inside of groups: double-click in, Esc out, breadcrumbs, and every edit as outside."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas import CanvasView
from app.canvas.outline import Outline
from app.document import Document, edits
from app.inspector.inspector import Inspector
from app.messages import Messages
from engine.diagnosis import diagnose
from engine.graph import Edge, Group
from engine.layers import Conv2D, Input
from engine.project import project_from_text, project_to_text

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
K = Qt.Key


@pytest.fixture
def inside(hands):
    """The hands inside of a group of conv2d and flatten, which they have made and entered."""
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_G, CTRL)
    hands.double_click(hands.middle("group"))
    assert hands.doc.level == ("group",)
    return hands


def crumbs(hands):
    return hands.view.levels.crumbs


def way(hands):
    return [each.text() for each in crumbs(hands).crumbs] + [crumbs(hands).here.text()]


def body(hands):
    group = hands.doc.whole.graph.nodes["group"].layer
    assert isinstance(group, Group)
    return group.body


def test_a_double_click_goes_in_and_esc_goes_out(inside):
    assert set(inside.scene.nodes) == {"input", "conv2d", "flatten"}
    assert inside.scene.nodes["input"].face.shape == "8 × 8 × 1"
    assert inside.scene.nodes["flatten"].face.shape == "144"
    assert crumbs(inside).isVisible()
    assert way(inside) == ["Network", "group"]
    seen = inside.view.seen
    assert all(seen.contains(item.card) for item in inside.scene.nodes.values())
    # The first Esc drops the gesture, the next goes out.
    inside.press(inside.middle("conv2d"))
    inside.move(inside.middle("conv2d") + QPointF(80, 80))
    inside.key(K.Key_Escape)
    assert inside.doc.level == ("group",)
    inside.key(K.Key_Escape)
    assert inside.doc.level == ()
    assert inside.doc.selection.node == "group"
    assert not crumbs(inside).isVisible()
    assert set(inside.scene.nodes) == {"input", "group", "dense", "add"}


def test_keys_and_menu_commands_go_in_and_out(inside):
    inside.view.do("go_out")
    zoom, middle = inside.view.zoom, inside.view.navigation.to_scene(QPointF(700, 350))
    inside.key(K.Key_Return, CTRL)
    assert inside.doc.level == ("group",)
    inside.view.zoom_out()
    inside.key(K.Key_Escape)
    # One comes back to where one was.
    assert inside.view.zoom == zoom
    moved = inside.view.navigation.to_scene(QPointF(700, 350)) - middle
    assert moved.manhattanLength() < 2
    inside.doc.selection.set(["dense"])
    inside.key(K.Key_Return, CTRL)
    assert "Select a group" in inside.messages[-1]
    inside.view.do("go_out")
    assert "This is the top level" in inside.messages[-1]
    inside.double_click(inside.middle("dense"))
    assert inside.doc.level == ()


def test_breadcrumbs_lead_out_by_mouse_and_keyboard(inside):
    inside.doc.selection.set(["conv2d"])
    inside.key(K.Key_G, CTRL)
    inside.key(K.Key_Return, CTRL)
    assert inside.doc.level == ("group", "group")
    assert way(inside) == ["Network", "group", "group"]
    QTest.mouseClick(crumbs(inside).crumbs[0], Qt.MouseButton.LeftButton)
    assert inside.doc.level == ()
    assert inside.doc.selection.node == "group"
    inside.doc.go_to(["group", "group"])
    inside.view.setFocus()
    inside.key(K.Key_Backtab, SHIFT)
    assert crumbs(inside).crumbs[1].hasFocus()
    QTest.keyClick(crumbs(inside).crumbs[1], K.Key_Left)
    assert crumbs(inside).crumbs[0].hasFocus()
    QTest.keyClick(crumbs(inside).crumbs[0], K.Key_Escape)
    assert inside.view.hasFocus()
    assert inside.doc.level == ("group", "group")
    inside.key(K.Key_Backtab, SHIFT)
    QTest.keyClick(crumbs(inside).crumbs[1], K.Key_Return)
    assert inside.doc.level == ("group",)
    assert inside.view.hasFocus()


def test_gestures_edit_what_is_inside_as_one_step_each(inside):
    doc, before = inside.doc, inside.doc.undo_stack.count()
    # Cut a wire by Alt+click, draw it again, move a node, add, delete.
    inside.click(inside.input("flatten"), Qt.KeyboardModifier.AltModifier)
    assert not body(inside).into["flatten"]
    inside.drag(inside.output("conv2d"), inside.input("flatten"))
    assert body(inside).into["flatten"] == (Edge("conv2d", "flatten", 0),)
    at = doc.project.positions["conv2d"]
    inside.drag(inside.middle("conv2d"), inside.middle("conv2d") + QPointF(0, 90))
    moved = doc.whole.insides["group"].positions["conv2d"]
    assert moved != at
    inside.doc.selection.set(["flatten"])
    inside.view.add_layer("Dropout")
    assert body(inside).outputs == ("dropout",)
    inside.key(K.Key_D, CTRL)
    assert "dropout_1" in body(inside).nodes
    inside.key(K.Key_Delete)
    inside.doc.selection.set(["conv2d"])
    inside.key(K.Key_C)
    assert "frame_1" in doc.whole.insides["group"].drawing.marks
    QTest.keyClick(QApplication.focusWidget(), K.Key_Escape)  # leaves the title alone
    inside.key(K.Key_H)
    inside.view.set_still(True)
    inside.key(K.Key_L)
    assert doc.undo_stack.count() >= before + 8
    assert doc.undo_stack.undoText()
    texts = []
    for _ in range(doc.undo_stack.count() - before):
        texts.append(project_to_text(doc.whole))
        doc.undo_stack.undo()
        assert doc.level == ("group",)
    for text in reversed(texts):
        doc.undo_stack.redo()
        assert project_to_text(doc.whole) == text
    assert project_from_text(texts[0]) == doc.whole


def test_undo_leads_to_where_the_edit_was(inside):
    inside.doc.selection.set(["conv2d"])
    inside.key(K.Key_Delete)
    inside.key(K.Key_Escape)
    inside.doc.selection.set(["dense"])
    inside.key(K.Key_M)
    assert "keep the shape" in inside.messages[-1]
    inside.doc.do("units", edits.change_settings(inside.doc.project, "dense", units=3))
    stack = inside.doc.undo_stack
    stack.undo()
    assert inside.doc.level == ()
    stack.undo()
    assert inside.doc.level == ("group",)
    assert "conv2d" in inside.scene.nodes
    stack.undo()
    assert inside.doc.level == ()
    assert "group" not in inside.scene.nodes
    stack.redo()
    assert inside.doc.level == ()
    stack.redo()
    assert inside.doc.level == ("group",)
    assert "conv2d" not in inside.scene.nodes
    # Data and plan are edited at no place.
    inside.doc.do("plan", edits.choose_data(inside.doc.project, None))
    inside.key(K.Key_Escape)


def test_an_undo_to_another_level_drops_the_gesture(inside):
    inside.press(inside.middle("conv2d"))
    inside.move(inside.middle("conv2d") + QPointF(90, 50))
    inside.doc.undo_stack.undo()  # of the grouping
    assert inside.doc.level == ()
    inside.release(inside.middle("conv2d"))
    assert inside.doc.undo_stack.index() == 0
    assert set(inside.scene.nodes) == {"input", "conv2d", "flatten", "dense", "add"}


def test_shapes_inside_are_those_that_arrive(inside):
    inside.key(K.Key_Escape)
    shape = Input(shape=(20, 20, 3))
    graph = inside.graph.change("input", layer=shape)
    inside.doc.do("shape", edits.adopt_graph(inside.doc.project, graph))
    inside.double_click(inside.middle("group"))
    assert inside.scene.nodes["input"].face.shape == "20 × 20 × 3"
    assert inside.scene.nodes["conv2d"].face.parameters == "112 params"
    # What is drawn inside stays as it was drawn.
    layer = body(inside).nodes["input"].layer
    assert isinstance(layer, Input)
    assert layer.shape == (8, 8, 1)
    inside.doc.do("x", edits.change_settings(inside.doc.project, "conv2d", filters=5))
    layer = body(inside).nodes["input"].layer
    assert isinstance(layer, Input)
    assert layer.shape == (8, 8, 1)
    assert diagnose(inside.doc.whole.graph).shapes["group"] == (18 * 18 * 5,)


def test_problems_inside_are_on_the_layer_and_on_the_group(inside):
    inside.doc.do("big", edits.change_settings(inside.doc.project, "conv2d", kernel_size=99))
    assert "99" in inside.scene.nodes["conv2d"].face.problem
    assert "group/conv2d" in [each.node for each in inside.doc.all_problems]
    inside.key(K.Key_Escape)
    assert "99" in inside.scene.nodes["group"].face.problem
    assert inside.doc.show_node("group/conv2d") == "conv2d"
    assert inside.doc.level == ("group",)
    assert inside.doc.selection.node == "conv2d"
    assert inside.doc.show_node("group/nobody") == ""
    assert inside.doc.show_node("nobody/conv2d") == ""
    assert inside.doc.level == ()


def test_a_fix_of_a_problem_inside_can_be_taken_outside(hands):
    hands.doc.selection.set(["flatten", "dense"])
    hands.key(K.Key_G, CTRL)
    hands.double_click(hands.middle("group"))
    hands.doc.selection.set(["dense"])
    hands.view.do("replace")
    hands.type("conv2d")
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    (problem,) = hands.doc.diagnosis.problems
    assert problem.node == "dense"
    hands.key(K.Key_Escape)
    (problem,) = hands.doc.problems_of("group")
    assert problem.node == "group/dense"
    fix = problem.fixes[0]
    hands.doc.do(fix.label, edits.adopt(hands.doc.project, fix))
    assert not hands.doc.problems_of("group")
    hands.doc.undo_stack.undo()
    assert hands.doc.problems_of("group") == (problem,)


def test_wires_outside_follow_the_inputs_inside(inside):
    inside.view.add_layer("Input")
    inside.key(K.Key_Escape)
    assert inside.graph.layer_of("group").arity == (2, 2)
    other, second = inside.graph.add(Input(shape=(8, 8, 1)))
    other = other.connect(Edge(second, "group", 1))
    inside.doc.do("wire", edits.adopt_graph(inside.doc.project, other))
    inside.double_click(inside.middle("group"))
    inside.doc.selection.set(["input"])
    inside.key(K.Key_Delete, SHIFT)
    # The wire of the one that is gone is cut, the other's moves up.
    assert inside.doc.whole.graph.into["group"] == (Edge(second, "group", 0),)
    inside.doc.undo_stack.undo()
    assert len(inside.doc.whole.graph.into["group"]) == 2


def test_a_group_may_not_have_two_ends(inside):
    inside.doc.selection.set(["conv2d"])
    inside.view.add_layer("Dropout")
    faces = inside.scene.nodes
    assert "a group has one output" in faces["dropout"].face.problem
    assert "a group has one output" in faces["flatten"].face.problem
    inside.key(K.Key_Escape)
    assert inside.scene.nodes["group"].face.problem


def test_what_is_inside_goes_along_when_a_group_is_copied(inside):
    inside.drag(inside.middle("conv2d"), inside.middle("conv2d") + QPointF(0, 120))
    inside.doc.selection.set(["conv2d"])
    inside.key(K.Key_M)  # 6 × 6 × 4 from 8 × 8 × 1
    assert "turns 8 × 8 × 1 into" in inside.messages[-1]
    inside.key(K.Key_Escape)
    inside.key(K.Key_C, CTRL)
    data = json.loads(QGuiApplication.clipboard().text())
    assert data["insides"]["group"]["positions"]["conv2d"]
    inside.key(K.Key_V, CTRL)
    insides = inside.doc.whole.insides
    assert insides["group_1"] == insides["group"]
    inside.key(K.Key_G, CTRL | SHIFT)
    assert "group_1" in inside.graph.nodes  # it has no wire yet: that is said
    inside.key(K.Key_Delete)
    assert set(inside.doc.whole.insides) == {"group"}


def test_grouping_and_ungrouping_keep_places(hands):
    before = hands.doc.project
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_G, CTRL)
    hands.key(K.Key_G, CTRL | SHIFT)
    assert hands.doc.project.positions == before.positions


def test_a_group_is_repeated_on_its_face(inside):
    inside.doc.do("same", edits.change_settings(inside.doc.project, "conv2d", padding="same"))
    inside.key(K.Key_Escape)
    inside.doc.do("repeat", edits.change_settings(inside.doc.project, "group", repeat=3))
    assert inside.scene.nodes["group"].face.name == "Group ×3"
    assert inside.scene.nodes["group"].face.settings == "2 layers × 3"


def test_groups_cannot_lie_too_deep(hands):
    for depth in range(12):
        hands.doc.selection.set(["conv2d"])
        hands.key(K.Key_G, CTRL)
        hands.key(K.Key_Return, CTRL)
        assert len(hands.doc.level) == depth + 1
    text = project_to_text(hands.doc.whole)
    assert project_from_text(text) == hands.doc.whole
    hands.doc.selection.set(["conv2d"])
    hands.key(K.Key_G, CTRL)
    assert "more than 12 deep" in hands.messages[-1]
    assert project_to_text(hands.doc.whole) == text


def test_the_inspector_and_the_outline_follow(qtbot, inside):
    inspector, outline = Inspector(inside.doc, Messages()), Outline(inside.doc)
    for widget in (inspector, outline):
        qtbot.addWidget(widget)
        widget.show()
    inside.doc.selection.set(["conv2d"])
    view = inspector.node_view
    assert view.node == "conv2d"
    view._edit("filters", 7)
    layer = body(inside).nodes["conv2d"].layer
    assert isinstance(layer, Conv2D)
    assert layer.filters == 7
    assert outline.model().rowCount() == 3
    inside.doc.selection.set(["input"])
    assert not view.form.isVisible()
    assert "what arrives" in view.about.text()
    QTest.keyClick(outline, K.Key_Escape)
    outline.commanded.connect(inside.view.do)
    QTest.keyClick(outline, K.Key_Escape)
    assert inside.doc.level == ()
    assert outline.model().rowCount() == 4
    inside.doc.selection.set(["group"])
    assert view.look_in.isVisible()
    QTest.mouseClick(view.look_in, Qt.MouseButton.LeftButton)
    assert inside.doc.level == ("group",)


def test_another_project_is_looked_at_whole(inside):
    inside.doc.open(inside.doc.whole, None)
    assert inside.doc.level == ()
    assert not crumbs(inside).isVisible()
    assert "group" in inside.scene.nodes


def test_an_empty_document_has_no_way(qtbot):
    view = CanvasView(Document())
    qtbot.addWidget(view)
    view.show()
    QApplication.processEvents()
    assert not view.levels.crumbs.isVisible()
    assert not view.levels.crumbs.focus_last()
