"""Keys, the search box, the palette's drops, the clipboard, the menu."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QCursor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.hits import NodeHit
from app.canvas.menus import menu_for
from app.canvas.node_item import GhostItem
from app.canvas.wire_item import Look
from app.document import Document
from app.widgets.layer_drag import LAYER_MIME, mime_of
from engine.graph import Edge
from engine.layers import Dense, Layer
from engine.project import Project

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
K = Qt.Key


def ghosts(hands):
    return [item for item in hands.scene.items() if isinstance(item, GhostItem)]


def test_a_layer_dropped_from_the_palette(hands):
    assert hands.drop(mime_of("Dense"), QPointF(300, 300))
    assert hands.doc.selection.nodes == {"dense_1"}
    assert hands.doc.project.positions["dense_1"] == (200.0, 260.0)
    assert hands.graph.into["dense_1"] == ()
    assert not ghosts(hands)
    hands.doc.undo_stack.undo()
    assert "dense_1" not in hands.graph.nodes
    assert "dense_1" not in hands.scene.nodes


def test_a_layer_dropped_on_a_wire_is_inserted_and_gets_room(hands):
    wire = hands.scene.wires[Edge("conv2d", "flatten")]
    assert hands.drop(mime_of("MaxPooling2D"), wire.middle())
    new = next(iter(hands.doc.selection.nodes))
    assert Edge("conv2d", new) in hands.graph.edges
    assert Edge(new, "flatten") in hands.graph.edges
    cards = [item.card for item in hands.scene.nodes.values()]
    assert not any(a.intersects(b) for a in cards for b in cards if a is not b)


def test_alt_suspends_that_a_dropped_layer_goes_into_the_wire(hands):
    wire = hands.scene.wires[Edge("flatten", "dense")].middle()
    port, at = hands.view.viewport(), hands.at(wire)
    alt = Qt.KeyboardModifier.AltModifier
    held = (Qt.DropAction.CopyAction, mime_of("Dropout"), Qt.MouseButton.LeftButton, alt)
    QApplication.sendEvent(port, QDragEnterEvent(at, *held))
    QApplication.sendEvent(port, QDragMoveEvent(at, *held))
    assert hands.scene.wires[Edge("flatten", "dense")].look is Look.PLAIN
    QApplication.sendEvent(port, QDropEvent(QPointF(at), *held))
    assert Edge("flatten", "dense") in hands.graph.edges
    assert hands.graph.into["dropout"] == ()


def test_a_layer_that_cannot_go_into_a_wire_is_placed_without(hands):
    wire = hands.scene.wires[Edge("flatten", "dense")]
    hands.drop(mime_of("MaxPooling2D"), wire.middle())
    new = next(iter(hands.doc.selection.nodes))
    assert hands.graph.into[new] == ()
    assert Edge("flatten", "dense") in hands.graph.edges
    assert hands.messages[-1].startswith("Placed without wires")


def test_a_drag_that_leaves_changes_nothing(hands):
    before = hands.doc.project
    assert hands.drop(mime_of("Dense"), QPointF(300, 300), leave=True)
    assert hands.doc.project is before
    assert not ghosts(hands)


@pytest.mark.parametrize("payload", [b"", b"NoSuchLayer", b"\xff\xfe" * 300])
def test_other_drags_are_refused(hands, payload):
    mime = QMimeData()
    mime.setData(LAYER_MIME, payload)
    assert not hands.drop(mime, QPointF(300, 300))
    text = QMimeData()
    text.setText("Dense")
    assert not hands.drop(text, QPointF(300, 300))


def test_a_layer_added_by_double_click_is_wired_to_the_selected_one(hands):
    hands.doc.selection.set(["dense"])
    assert hands.view.add_layer("Dropout") == "dropout"
    assert Edge("dense", "dropout") in hands.graph.edges
    assert hands.doc.project.positions["dropout"] == (960.0, 0.0)
    assert hands.doc.selection.node == "dropout"
    assert hands.doc.undo_stack.count() == 1


def test_a_layer_that_does_not_fit_is_added_without_a_wire(hands):
    hands.doc.selection.set(["dense"])
    new = hands.view.add_layer("Conv2D")
    assert hands.graph.into[new] == ()
    assert "without a wire" in hands.messages[-1]


def test_delete_reconnects(hands):
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_Delete)
    assert "flatten" not in hands.scene.nodes
    assert Edge("conv2d", "dense") in hands.graph.edges
    hands.doc.undo_stack.undo()
    assert Edge("conv2d", "flatten") in hands.scene.wires


def test_shift_delete_only_deletes(hands):
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_Delete, SHIFT)
    assert hands.graph.edges == (Edge("input", "conv2d"),)


def test_delete_removes_a_selected_wire(hands):
    hands.doc.selection.set(edges=[Edge("flatten", "dense")])
    hands.key(K.Key_Delete)
    assert Edge("flatten", "dense") not in hands.graph.edges
    assert len(hands.graph.nodes) == 5


def test_ctrl_and_arrows_move_in_one_step_per_run(hands):
    hands.doc.selection.set(["dense"])
    for _ in range(3):
        hands.key(K.Key_Right, CTRL)
    hands.key(K.Key_Down, CTRL)
    assert hands.doc.project.positions["dense"] == (750.0, 10.0)
    assert hands.doc.undo_stack.count() == 1
    hands.click(hands.middle("dense"))
    hands.key(K.Key_Left, CTRL)
    assert hands.doc.undo_stack.count() == 2
    hands.doc.undo_stack.undo()
    hands.doc.undo_stack.undo()
    assert hands.doc.project.positions["dense"] == (720.0, 0.0)


def test_select_all_and_escape(hands):
    hands.key(K.Key_A, CTRL)
    assert hands.doc.selection.nodes == set(hands.graph.nodes)
    hands.key(K.Key_Escape)
    assert not hands.doc.selection.nodes


def test_zoom_keys_and_fit(hands):
    hands.key(K.Key_Equal, CTRL)
    assert hands.view.zoom > 1
    hands.key(K.Key_0, CTRL)
    assert hands.view.zoom == 1
    hands.key(K.Key_Minus, CTRL)
    assert hands.view.zoom < 1
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_F)
    middle = hands.view.navigation.to_scene(hands.view.navigation.middle)
    assert hands.scene.nodes["dense"].card.contains(middle)
    hands.view.resize(500, 300)
    hands.key(K.Key_Home)
    shown = hands.view.mapToScene(hands.view.viewport().rect()).boundingRect()
    assert all(shown.contains(item.card) for item in hands.scene.nodes.values())


def test_zoom_stays_in_bounds(hands):
    for _ in range(60):
        hands.view.zoom_in()
    assert hands.view.zoom <= 4
    for _ in range(90):
        hands.view.zoom_out()
    assert hands.view.zoom >= 0.05


def test_double_click_opens_the_search_and_enter_adds(hands):
    hands.doc.selection.set(["dense"])
    # The first click of the two lets the selection go; the second brings it back.
    hands.click(QPointF(960, 250))
    hands.double_click(QPointF(960, 250))
    box = hands.view.adding.box
    assert box.isVisible()
    hands.type("drop")
    assert box.list.rows[0].text == "Dropout"

    QTest.keyClick(box.field, K.Key_Return)
    assert not box.isVisible()
    assert Edge("dense", "dropout") in hands.graph.edges


def test_tab_opens_the_search_and_escape_closes(hands):

    hands.key(K.Key_Tab)
    box = hands.view.adding.box
    assert box.isVisible()
    QTest.keyClicks(box.field, "zzz")
    assert not box.list.rows
    assert not box.list.isVisible()
    QTest.keyClick(box.field, K.Key_Return)
    QTest.keyClick(box.field, K.Key_Escape)
    assert not box.isVisible()
    assert hands.doc.undo_stack.count() == 0


def test_layers_added_one_after_another_by_key_stand_in_a_row(hands):
    """Wherever the cursor rests, unless it shows a place farther on."""
    hands.doc.open(Project(), None)
    hands.view.add_layer("Input")
    card = hands.scene.nodes["input"].card
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(card.center())))
    for number in range(3):
        hands.key(K.Key_Tab)
        hands.type("dense")
        QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
        assert len(hands.graph.nodes) == number + 2
    places = [hands.doc.project.positions[id] for id in hands.graph.nodes]
    assert len({y for _, y in places}) == 1
    assert [x - places[0][0] for x, _ in places] == [0, 240, 480, 720]
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(card.center() + QPointF(560, 200))))
    hands.doc.selection.set(["input"])
    hands.key(K.Key_Tab)
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    (new,) = hands.doc.selection.nodes
    middle = hands.scene.nodes[new].card.center() - card.center()
    assert abs(middle.x() - 560) < 10
    assert abs(middle.y() - 200) < 10


def test_a_wire_dropped_on_nothing_offers_what_fits(hands):

    hands.drag(hands.output("conv2d"), QPointF(420, 420))
    box = hands.view.adding.box
    offered = [row.text for row in box.list.rows]
    assert offered[0] == "BatchNormalization"
    assert "Input" not in offered
    QTest.keyClick(box.field, K.Key_Down)
    QTest.keyClick(box.field, K.Key_Return)
    new = hands.doc.selection.node
    assert hands.graph.nodes[new].layer.kind == offered[1]
    assert Edge("conv2d", new) in hands.graph.edges
    assert hands.doc.project.positions[new] == (420.0, 380.0)


def test_only_fitting_layers_follow_a_vector(hands):
    hands.drag(hands.output("dense"), QPointF(980, 300))
    box = hands.view.adding.box
    offered = {row.text for row in box.list.rows}
    assert "Dense" in offered
    assert not offered & {"Conv2D", "MaxPooling2D", "Input"}


def test_a_wire_dragged_backward_onto_nothing_is_fed_by_the_new_layer(hands):

    hands.drag(hands.input("add"), QPointF(300, 320))
    hands.type("input")
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    assert Edge("input_1", "add", 0) in hands.graph.edges


def test_double_click_on_a_wire_inserts(hands):

    hands.double_click(hands.scene.wires[Edge("conv2d", "flatten")].middle())
    hands.type("batch")
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    assert Edge("conv2d", "batch_normalization") in hands.graph.edges
    assert Edge("batch_normalization", "flatten") in hands.graph.edges


def test_copy_and_paste_keep_inner_wires(hands):
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_C, CTRL)
    data = json.loads(QGuiApplication.clipboard().text())
    assert set(data["graph"]["nodes"]) == {"conv2d", "flatten"}
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(QPointF(300, 300))))
    hands.key(K.Key_V, CTRL)
    assert hands.doc.selection.nodes == {"conv2d_1", "flatten_1"}
    assert Edge("conv2d_1", "flatten_1") in hands.graph.edges
    assert hands.graph.into["conv2d_1"] == ()
    x, y = hands.doc.project.positions["conv2d_1"]
    assert hands.doc.project.positions["flatten_1"] == (x + 240, y)
    hands.doc.undo_stack.undo()
    assert "conv2d_1" not in hands.graph.nodes


def test_paste_with_wires_keeps_those_that_come_in(hands):
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_C, CTRL)
    hands.key(K.Key_V, CTRL | SHIFT)
    assert Edge("input", "conv2d_1") in hands.graph.edges
    assert Edge("conv2d_1", "flatten_1") in hands.graph.edges
    assert not hands.graph.out_of["flatten_1"]
    assert hands.doc.undo_stack.undoText() == "Paste 2 layers with wires"
    # Where a source is gone, the node is pasted without.
    hands.doc.selection.set(["input"])
    hands.key(K.Key_Delete)
    hands.key(K.Key_V, CTRL | SHIFT)
    assert hands.graph.into["conv2d_2"] == ()


@pytest.mark.parametrize(
    "incoming", [None, 3, {}, [3], [["input"]], [["input", "a", "b"]], [["input", "gone", 0]]]
)
def test_wild_wires_on_the_clipboard_are_ignored(hands, incoming):
    node = {"layer": Dense(units=3).to_json()}
    data = {"format": "netsmith-layers", "version": 1, "graph": {"nodes": {"a": node}}}
    QGuiApplication.clipboard().setText(json.dumps({**data, "incoming": incoming}))
    hands.view.do("paste_wired")
    assert hands.graph.into["dense_1"] == ()


def test_cut_and_paste(hands):
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_X, CTRL)
    assert "flatten" not in hands.graph.nodes
    hands.key(K.Key_V, CTRL)
    assert "flatten" in hands.graph.nodes


def test_duplicate_is_offset_and_leaves_the_clipboard(hands):
    QGuiApplication.clipboard().setText("mine")
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_D, CTRL)
    assert Edge("conv2d_1", "flatten_1") in hands.graph.edges
    assert hands.doc.project.positions["conv2d_1"] == (270.0, 100.0)
    assert QGuiApplication.clipboard().text() == "mine"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[" * 100_000,
        "{}",
        '{"format": "netsmith-layers", "version": 99}',
        '{"format": "netsmith-layers", "version": 1, "graph": {"nodes": {"a": 3}}}',
        '{"format": "netsmith-layers", "version": 1, "graph": {"nodes": {}, "edges": [[1, 2]]}}',
        "x" * 2_000_001,
    ],
)
def test_what_is_no_layer_is_refused_in_words(hands, text):
    before = hands.doc.project
    QGuiApplication.clipboard().setText(text)
    hands.key(K.Key_V, CTRL)
    assert hands.doc.project is before
    assert hands.messages


def test_wild_positions_on_the_clipboard_are_ignored(hands):
    node = {"layer": Dense(units=3).to_json()}
    data = {
        "format": "netsmith-layers",
        "version": 1,
        "graph": {"nodes": {"a": node, "b": node}, "edges": []},
        "positions": {"a": [1e300, 0], "b": ["x", None]},
    }
    QGuiApplication.clipboard().setText(json.dumps(data))
    hands.view.do("paste")
    assert {"dense_1", "dense_2"} <= set(hands.graph.nodes)
    assert all(abs(x) < 1e5 for x, _ in hands.doc.project.positions.values())


def test_the_menu_offers_fixes(hands):
    hands.doc.selection.set(["flatten"])
    hands.key(K.Key_Delete)
    hands.doc.selection.set()
    graph = hands.graph.disconnect(hands.graph.into["dense"])
    graph, wide = graph.add(Layer.kind_named("Reshape")(target_shape=(5,)))
    graph = graph.connect(Edge("conv2d", wide))

    hands.doc.do("test", replace(hands.doc.project, graph=graph))
    menu = menu_for(hands.view, hands.doc, NodeHit(wide))
    assert isinstance(menu, QMenu)
    commands = [action.data() for action in menu.actions() if isinstance(action.data(), str)]
    assert all(callable(hands.view.command(each)) for each in commands if each)


def test_problems_are_shown_and_highlighted(hands):
    assert hands.scene.nodes["add"].face.problem
    hands.view.highlight_problem("add")
    assert hands.doc.selection.node == "add"
    hands.view.highlight_problem("nobody")
    hands.view.set_running(True)
    hands.view.set_running(False)


def test_opening_another_project_shows_it(hands):
    other = Document().project
    hands.doc.open(other, None)
    assert not hands.scene.nodes
    assert not hands.scene.wires
