"""Blocks: saved from the canvas, offered in palette and search box, put back with a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox

from app.canvas import CanvasView
from app.document import Document, edits
from app.document.blocks import Blocks
from app.palette import Palette
from app.widgets.layer_drag import kind_in, mime_of
from app.widgets.layer_look import category_of, summary
from app.widgets.layer_search import search
from app.widgets.offers import block_key
from engine.blocks import BLOCKS
from engine.errors import ProjectError
from engine.graph import Graph, Group
from engine.layers import Conv2D, Dense, Flatten
from engine.project import Inside, Project
from tests.app.canvas.conftest import Hands, edge, small_project

CTRL, K = Qt.KeyboardModifier.ControlModifier, Qt.Key


@pytest.fixture
def blocks(tmp_path: Path) -> Blocks:
    return Blocks(tmp_path / "blocks")


@pytest.fixture
def hands(qtbot, blocks) -> Hands:
    made = CanvasView(Document(small_project()), blocks)
    made.document.setParent(made)
    qtbot.addWidget(made)
    made.resize(1400, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.setFocus()
    made.zoom_reset()
    made.centerOn(450, 100)
    return Hands(made)


def save(hands: Hands, name: str) -> None:
    hands.doc.selection.set(["conv2d", "flatten"])
    hands.key(K.Key_G, CTRL)
    hands.key(K.Key_B)
    dialog = hands.view.command("save_block").__self__.dialog
    dialog.field.clear()
    QTest.keyClicks(dialog.field, name)
    QTest.keyClick(dialog.field, K.Key_Return)


def test_a_group_is_saved_and_put_back(hands, blocks):
    save(hands, "Eyes")
    assert list(blocks.own) == ["Eyes"]
    assert "Saved the block Eyes" in hands.messages[-1]
    assert [path.name for path in blocks._folder.iterdir()] == ["eyes.json"]
    count = hands.doc.undo_stack.count()
    hands.doc.selection.set(["input"])
    new = hands.view.add_layer(block_key("Eyes"))
    node = hands.graph.nodes[new]
    assert node.title == "Eyes"
    assert isinstance(node.layer, Group)
    assert hands.doc.project.insides[new] == hands.doc.project.insides["group"]
    assert edge("input", new) in hands.graph.edges
    assert hands.doc.undo_stack.count() == count + 1
    assert hands.doc.undo_stack.undoText() == "Add Eyes"
    # Another start finds it.
    again = Blocks(blocks._folder)
    assert again.own == blocks.own
    assert not again.errors


def test_a_name_that_cannot_be_had_is_explained(hands, blocks):
    save(hands, "residual")
    dialog = hands.view.command("save_block").__self__.dialog
    assert dialog.isVisible()
    assert "There is a block called 'residual'" in dialog.reason.text()
    QTest.keyClicks(dialog.field, " of mine")
    assert not dialog.reason.isVisible()
    QTest.keyClick(dialog.field, K.Key_Return)
    assert list(blocks.own) == ["residual of mine"]
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_B)
    assert "Select a group" in hands.messages[-1]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda each: each.name)
def test_every_block_goes_onto_the_canvas(qtbot, block):
    graph = Graph.sequential((16, 16, 3), [Conv2D(padding="same"), Flatten(), Dense(units=3)])
    project = Project(graph=graph)
    view = CanvasView(Document(edits.move_nodes(project, edits.places_for_new(project))))
    qtbot.addWidget(view)
    view.show()
    hands = Hands(view)
    wire = hands.scene.wires[edge("conv2d", "flatten")]
    assert hands.drop(mime_of(block_key(block.name)), wire.middle())
    assert edge("conv2d", "group") in hands.graph.edges
    assert not hands.doc.problems
    assert hands.doc.undo_stack.undoText() == f"Insert {block.name}"
    view.levels.enter("group")
    places = [item.pos().toTuple() for item in hands.scene.nodes.values()]
    assert len(set(places)) == len(places)
    assert not hands.doc.problems
    hands.doc.undo_stack.undo()
    assert hands.doc.whole.graph.computes_as(graph)


def test_the_search_box_offers_what_fits(hands):
    hands.doc.selection.set(["flatten"])  # vectors
    hands.view.quick_add()
    hands.type("residual")
    assert hands.view.adding.box.list.rows[0].text == "Residual"
    QTest.keyClick(hands.view.adding.box.field, K.Key_Return)
    assert hands.graph.nodes["group"].title == "Residual"
    assert "dense" in hands.graph.nodes["group"].layer.body.nodes
    hands.doc.selection.set(["flatten"])
    assert block_key("Inception-like") not in hands.view.adding._following("flatten")
    assert hands.view.add_layer(block_key("Inception-like")) == ""
    assert "takes pictures" in hands.messages[-1]
    assert hands.view.add_layer(block_key("Gone")) == ""
    assert "no block called 'Gone'" in hands.messages[-1]
    assert not hands.drop(mime_of(block_key("Gone")), QPointF(300, 300))


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_palette_shows_renames_and_removes(qtbot, blocks):
    blocks.save("Mine", Group(body=Graph.sequential((3,), [Dense()])), Inside())
    palette = Palette(blocks)
    qtbot.addWidget(palette)
    palette.resize(260, 900)
    palette.show()
    key = block_key("Mine")
    index = palette.tree.index_of(key)
    assert index.data() == "Mine"
    assert index.parent().data() == "Blocks"
    assert kind_in(mime_of(key)) == key
    palette.search.setText("mine")
    assert palette.tree.current_kind() == key
    got = []
    palette.layerActivated.connect(got.append)
    QTest.keyClick(palette.search, K.Key_Return)
    assert got == [key]
    palette.search.clear()
    own, tree = palette.own, palette.tree

    def open_menu(key: str) -> list[bool]:
        tree.scrollTo(tree.index_of(key))
        at: QPoint = tree.visualRect(tree.index_of(key)).center()
        tree.customContextMenuRequested.emit(at)
        return [action.isEnabled() for action in own.menu.actions()]

    assert open_menu(block_key("Residual")) == [False, False, False]
    own.menu.close()
    assert open_menu(key) == [True, True]
    own.menu.actions()[0].trigger()
    own.menu.close()
    own.dialog.field.setText("Yours")
    QTest.mouseClick(
        own.dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton
    )
    assert list(blocks.own) == ["Yours"]
    assert Blocks(blocks._folder).own.keys() == {"Yours"}
    for key in (K.Key_Return, K.Key_Escape):
        open_menu(block_key("Yours"))
        own.menu.actions()[1].trigger()
        own.menu.close()
        with qtbot.waitSignal(own.question.destroyed):
            QTest.keyClick(own.question, key)
        assert list(blocks.own) == ["Yours"]
    open_menu(block_key("Yours"))
    own.menu.actions()[1].trigger()
    own.menu.close()
    assert "permanently" in own.question.text()
    QTest.mouseClick(own.question.button(QMessageBox.StandardButton.Yes), Qt.MouseButton.LeftButton)
    assert not blocks.own
    assert list(blocks._folder.iterdir()) == []
    with pytest.raises(KeyError):
        palette.tree.index_of(block_key("Yours"))


def test_damaged_files_are_told_and_left_alone(tmp_path):
    folder = tmp_path / "blocks"
    folder.mkdir()
    (folder / "a.json").write_text("{")
    (folder / "b.json").write_bytes(b"\xff\xfe")
    (folder / "c.txt").write_text("not a block")
    blocks = Blocks(folder)
    assert not blocks.own
    assert [str(each).split(":")[0] for each in blocks.errors] == ["a.json", "b.json"]
    assert len(list(folder.iterdir())) == 3
    with pytest.raises(ProjectError, match="no folder"):
        Blocks().save("x", Group(), Inside())


def test_what_a_block_is_is_said():
    for block in BLOCKS:
        key = block_key(block.name)
        assert summary(key) == block.about
        assert category_of(key) == "Structure"
    assert summary(block_key("Mine")) == "A block of your own."
    keys = [block_key(block.name) for block in BLOCKS]
    assert search("blocks", keys) == keys
    assert search("squeeze", keys) == [block_key("Squeeze and excite")]
