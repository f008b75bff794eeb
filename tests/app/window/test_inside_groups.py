"""The window while one looks into a group: problems, training, activations, saving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.document import edits, grouping
from app.widgets.offers import block_key
from engine.graph import Group
from engine.layers import Conv2D, Input
from engine.project import read_project
from engine.project.examples import find_example
from engine.templates import MLP
from engine.training import Plan
from engine.training.glances import glance

LONG_MS = 60_000


@pytest.fixture
def window(new_window, qtbot):
    made = new_window()
    made.open_example(find_example("digits-cnn"))
    document = made.document
    project, _ = grouping.group(document.project, ["conv2d", "max_pooling2d"])
    document.do("group", project)
    document.go_to(["group"])
    qtbot.waitUntil(lambda: made.data.state == "ready", timeout=LONG_MS)
    qtbot.waitUntil(lambda: made.workbench.reason_not_ready is None, timeout=LONG_MS)
    return made


def test_a_problem_leads_inside(window, qtbot):
    document = window.document
    document.do("big", edits.change_settings(document.project, "conv2d", padding="valid"))
    document.do("big", edits.change_settings(document.project, "conv2d", kernel_size=50))
    panel = window.problems_panel
    qtbot.waitUntil(lambda: bool(panel.cards))
    assert "50" in window.workbench.reason_not_ready
    document.go_to([])
    card = panel.cards[0]
    assert card.problem.node == "group/conv2d"
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert document.level == ("group",)
    assert document.selection.node == "conv2d"
    window.document.undo_stack.undo()
    qtbot.waitUntil(lambda: not panel.cards)


def test_training_concerns_the_whole_and_activations_the_layer_inside(window, qtbot):
    document = window.document
    plan = document.project.plan
    assert isinstance(plan, Plan)
    window.training_panel.start_action.trigger()
    with qtbot.waitSignal(window.session.finished, timeout=LONG_MS):
        pass
    assert document.level == ("group",)
    network = window.session.network
    assert network.graph is document.whole.graph
    window.docks["activations"].raise_()
    document.selection.set(["conv2d"])
    view = window.activations
    qtbot.waitUntil(lambda: view._values is not None)
    sample = view.card.sample
    wanted = network.outputs_of(np.array(sample), ["group/conv2d"])["group/conv2d"][0]
    np.testing.assert_array_equal(view._values, wanted)
    assert view.title.text() == "group › conv2d"
    document.selection.set(["input"])  # what arrives
    np.testing.assert_array_equal(view._values, np.asarray(sample)[0])
    # A group that repeats is looked at the first time.
    document.go_to([])
    assert window.workbench.trained_matches


def test_a_repeated_group_shows_its_first_time(window, qtbot):
    document = window.document
    document.go_to([])
    document.selection.set(["conv2d_1"])
    new = window.canvas.add_layer(block_key("Residual"))
    document.do("twice", edits.change_settings(document.project, new, repeat=2))
    assert not document.problems_of(new)
    document.go_to([new])
    document.selection.set(["add"])
    assert window.activations._node == f"{new}/1/add"
    assert window.activations._name == "Residual › add, first repetition"


def test_the_whole_is_saved_from_inside(window, tmp_path: Path):
    document = window.document
    document.do("move", edits.move_nodes(document.project, {"conv2d": (70.0, 80.0)}))
    assert window.files.save()
    saved = read_project(tmp_path / "work.netsmith")
    assert saved == document.whole
    group = saved.graph.nodes["group"].layer
    assert isinstance(group, Group)
    assert isinstance(group.body.nodes["conv2d"].layer, Conv2D)
    assert saved.insides["group"].positions["conv2d"] == (70.0, 80.0)


def test_network_follows_data_that_is_chosen_inside(window, qtbot, tmp_path: Path):
    for kind, shade in (("night", 10), ("day", 240)):
        (tmp_path / "sky" / kind).mkdir(parents=True)
        for number in range(12):
            picture = Image.new("RGB", (24, 24), (shade, shade, 5 * number))
            picture.save(tmp_path / "sky" / kind / f"{number}.png")
    before = window.document.whole
    window.data_panel.choose_path(tmp_path / "sky")
    qtbot.waitUntil(
        lambda: window.data.dataset is not None and window.data.dataset.input_shape == (24, 24, 3),
        timeout=LONG_MS,
    )
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=LONG_MS)
    assert window.document.level == ("group",)
    assert not window.document.all_problems
    graph = window.document.whole.graph
    assert graph.nodes[graph.inputs[0]].layer == Input(shape=(24, 24, 3))
    window.document.undo_stack.undo()
    assert window.document.whole == before


def test_a_drawn_template_is_looked_at_whole(window):
    graph = read_project(find_example("two-branches").path).graph
    window.templates.draw(MLP(), graph)
    assert window.document.level == ()
    assert window.document.whole.graph is graph
    assert window.document.whole.insides == {}
    window.document.undo_stack.undo()
    assert window.document.level == ("group",)
    assert not window.canvas.levels.crumbs.isHidden()


def test_blocks_lie_in_the_folder_of_the_state(window, tmp_path, qtbot):
    document = window.document
    document.go_to([])
    document.selection.set(["group"])
    window.canvas.do("save_block")
    dialog = QApplication.activeModalWidget() or window.canvas.command("save_block").__self__.dialog
    dialog.field.setText("Front")
    dialog.accept()
    assert (tmp_path / "state" / "blocks" / "front.json").is_file()
    assert window.palette_panel.tree.index_of(block_key("Front")).data() == "Front"


def test_pictures_and_health_are_those_of_the_layers_inside(window, qtbot):
    document, live = window.document, window.canvas.canvas_scene.live
    window.training_panel.start_action.trigger()
    with qtbot.waitSignal(window.session.finished, timeout=LONG_MS):
        pass
    qtbot.waitUntil(lambda: "conv2d" in live.pictured, timeout=LONG_MS)
    network = window.session.network
    sample = np.array(window.activations.sample)
    inside = network.outputs_of(sample, ["group/conv2d"])["group/conv2d"]
    # Those of the run come first, then those of what it ended with.
    wanted = glance(inside[0])
    qtbot.waitUntil(lambda: np.array_equal(live.glances["conv2d"], wanted), timeout=LONG_MS)
    document.go_to([])
    window.canvas.zoom_reset()  # from afar there are no pictures
    window.canvas.center_on("group")
    qtbot.waitUntil(lambda: "group" in live.pictured, timeout=LONG_MS)
    assert "conv2d" not in live.pictured
    document.go_to(["group"])
    window.canvas.zoom_reset()
    window.canvas.center_on("conv2d")
    qtbot.waitUntil(lambda: "conv2d" in live.pictured, timeout=LONG_MS)
    # Of a group that was made since the run nothing is known.
    project, new = grouping.group(document.project, ["conv2d"])
    document.do("deeper", project)
    document.go_to(["group", new])
    assert not live.pictured


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_outline_mends_what_is_looked_at(window):
    """Its fixes are those of the level, not of the whole."""
    document = window.document
    document.do("big", edits.change_settings(document.project, "conv2d", kernel_size=50))
    document.do("big", edits.change_settings(document.project, "conv2d", padding="valid"))
    outer = set(document.whole.graph.nodes)
    window.docks["outline"].raise_()
    outline = window.outline
    outline.refresh()
    outline.setCurrentIndex(outline.index_of(("node", "conv2d")))
    at = outline.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, outline.mapToGlobal(at))
    QApplication.sendEvent(outline.viewport(), event)
    menu = QApplication.activePopupWidget()
    action = next(
        each for each in menu.actions() if each.text().startswith("Fix: Set padding same")
    )
    action.trigger()
    menu.close()
    assert set(document.whole.graph.nodes) == outer
    assert not document.problems_of("conv2d")
