"""What the window adds to its panels: readiness, dropped files, titles, what it remembers."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QStyleOptionGraphicsItem
from pytestqt.qtbot import QtBot

from app.actions import COMMANDS
from app.canvas.measures import BOX_BELOW
from app.document.dialogs import Choice
from app.main_window import MainWindow
from app.settings import Settings
from app.training.session import State
from engine.data.sources import BuiltIn
from engine.errors import DataError
from engine.layers import Dense, Input
from engine.project import read_project
from engine.project.examples import examples, find_example
from tests.app.conftest import drop, wait_ready, weights_of

LONG_MS = 30_000
Make = Callable[[], MainWindow]


@pytest.mark.parametrize("name", [example.name for example in examples()])
def test_every_example_opens_ready_to_run(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window.open_example(find_example(name))
    wait_ready(qtbot, window)
    assert window.training_panel.start_action.isEnabled()
    assert not window.isWindowModified()
    assert find_example(name).title in window.windowTitle()


def flowers(folder: Path) -> Path:
    table = folder / "flowers.csv"
    rows = [f"{n % 7 / 3},{n % 5},{'rose' if n % 2 else 'lily'}" for n in range(60)]
    table.write_text("\n".join(["width,height,name", *rows]))
    return table


def test_a_table_dropped_on_the_window_gets_a_wired_network(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, flowers(tmp_path))
    wait_ready(qtbot, window)
    graph = window.document.project.graph
    layers = [graph.nodes[id].layer for id in graph.order]
    assert isinstance(layers[0], Input)
    assert layers[0].shape == (2,)
    assert isinstance(layers[-1], Dense)
    assert layers[-1].units == 2
    assert len(graph.edges) == len(layers) - 1
    assert "F5" in window.statusBar().currentMessage()
    # It can be undone, and is then offered as a button.
    assert window.actions_["undo"].text() == "&Undo Draw a network for the data"
    window.document.undo_stack.undo()
    assert not window.document.project.graph.nodes
    qtbot.waitUntil(lambda: any(each.fixes for each in window.document.problems), timeout=LONG_MS)


def test_a_folder_of_pictures_dropped_on_the_window_gets_a_wired_network(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for kind, shade in (("night", 10), ("day", 240)):
        (tmp_path / "sky" / kind).mkdir(parents=True)
        for number in range(12):
            picture = Image.new("RGB", (24, 24), (shade, shade, 5 * number))
            picture.save(tmp_path / "sky" / kind / f"{number}.png")
    drop(window, tmp_path / "sky")
    wait_ready(qtbot, window)
    graph = window.document.project.graph
    assert "Conv2D" in [node.layer.kind for node in graph.nodes.values()]
    assert len(graph.edges) == len(graph.nodes) - 1


def test_data_dropped_beside_a_network_leaves_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.open_example(find_example("iris"))
    wait_ready(qtbot, window)
    kinds = [node.layer.kind for node in window.document.project.graph.nodes.values()]
    drop(window, flowers(tmp_path))
    qtbot.waitUntil(
        lambda: window.data.dataset is not None and window.data.dataset.input_shape == (2,),
        timeout=LONG_MS,
    )
    nodes = window.document.project.graph.nodes.values()
    assert [node.layer.kind for node in nodes] == kinds


def test_data_is_dropped_on_the_canvas_too(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """The canvas takes layers alone; what it leaves goes to the window."""
    window.new()
    port = window.canvas.viewport()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(flowers(tmp_path)))])
    held = (
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(50, 50), *held)
    QApplication.sendEvent(port, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(port, QDragMoveEvent(QPoint(50, 50), *held))
    QApplication.sendEvent(port, QDropEvent(QPointF(50, 50), *held))
    wait_ready(qtbot, window)
    assert window.document.project.graph.edges


def test_data_that_cannot_be_read_says_so_and_loses_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.open_example(find_example("iris"))
    before = window.document.project
    bad = tmp_path / "letter.docx"
    bad.write_bytes(b"PK\x03\x04 nothing")
    drop(window, bad)
    assert window.banner.isVisible()
    assert "letter.docx" in window.banner.what.text()
    assert window.document.project is before


def test_start_waits_for_data_that_is_on_its_way(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("iris"))
    assert window.data.is_loading
    qtbot.waitUntil(window.training_panel.start_action.isEnabled, timeout=LONG_MS)
    window.data.reload()
    window.training_panel.start_action.trigger()
    assert not window.session.is_active
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)


def test_work_is_asked_about_before_it_is_lost(window: MainWindow) -> None:
    answers = window.files.dialogs
    answers.choice = Choice.CANCEL
    window.canvas.add_layer("Dense")
    assert window.isWindowModified()
    assert not window.close()
    assert answers.asked == 1
    assert window.isVisible()


def test_a_trained_network_comes_back_with_its_project(
    qtbot: QtBot, new_window: Make, tmp_path: Path
) -> None:
    window, path = new_window(), tmp_path / "iris.netsmith"
    path.write_bytes(find_example("iris").path.read_bytes())
    assert window.files.open_path(path)
    wait_ready(qtbot, window)
    window.workbench.start()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)
    trained = weights_of(window)
    assert trained
    assert window.files.save()
    other = new_window()
    assert other.files.open_path(path)
    weights = weights_of(other)
    assert weights
    assert all((weights[name] == value).all() for name, value in trained.items())
    qtbot.waitUntil(lambda: other.workbench.trained_matches, timeout=LONG_MS)
    assert len(other.session.history) == read_project(path).plan.epochs
    assert other.curves.history is other.session.history


def test_the_layout_and_the_scheme_are_remembered(new_window: Make) -> None:
    first = new_window()
    first.pages.show_workspace()
    first.actions_["dark"].trigger()
    first.docks["palette"].hide()
    first.close()
    second = new_window()
    second.pages.show_workspace()
    assert not second.docks["palette"].isVisible()
    assert second.actions_["dark"].isChecked()
    second.actions_["reset_layout"].trigger()
    assert second.docks["palette"].isVisible()
    second.actions_["light"].trigger()


def test_no_two_commands_share_a_key() -> None:
    keys = [QKeySequence(command.keys).toString() for command in COMMANDS if command.keys]
    assert len(keys) == len(set(keys))


def test_every_command_does_something_and_says_what(window: MainWindow) -> None:
    for command in COMMANDS:
        action = window.actions_[command.name]
        assert isinstance(action, QAction)
        assert action.statusTip().endswith(".")


def test_a_closed_window_is_freed(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(Settings(tmp_path / "s.ini"), state_folder=tmp_path / "state")
    window.show()
    qtbot.waitExposed(window)
    gone = weakref.ref(window)
    window.close()
    window.deleteLater()
    del window
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    gc.collect()
    assert gone() is None


def test_the_curves_are_whole_when_a_run_ends(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("digits"))
    wait_ready(qtbot, window)
    window.workbench.start()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)
    epochs = window.document.project.plan.epochs
    for chart in (window.curves.loss_chart, window.curves.metric_chart):
        assert [len(line.x) for line in chart.lines if line.name == "train"] == [epochs]


def test_recent_projects_are_in_the_menu(new_window: Make, tmp_path: Path) -> None:
    window, path = new_window(), tmp_path / "flowers.netsmith"
    window.recent_menu.fill()
    assert [each.text() for each in window.recent_menu.actions()] == ["No recent projects"]
    path.write_bytes(find_example("iris").path.read_bytes())
    window.files.open_path(path)
    window.files.new()
    window.recent_menu.fill()
    window.recent_menu.actions()[0].trigger()
    assert window.document.path == path


def test_what_was_trained_is_not_shown_for_another_network(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.open_example(find_example("iris"))
    wait_ready(qtbot, window)
    window.workbench.start()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)
    qtbot.waitUntil(window.activations.bars.isVisible, timeout=LONG_MS)
    window.data_panel.choose(BuiltIn(name="wine"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=LONG_MS)
    qtbot.waitUntil(window.activations.hint.isVisible, timeout=LONG_MS)
    window.canvas.add_layer("Add")
    qtbot.waitUntil(lambda: not window.training_panel.start_action.isEnabled(), timeout=LONG_MS)
    assert "inputs" in window.training_panel.progress.text


def test_open_takes_data_as_well_as_projects(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n" + "\n".join(f"{n},{n % 2}" for n in range(40)))
    window.files.dialogs.path = table  # type: ignore[attr-defined]
    window.files.open_path(tmp_path / "missing.netsmith")
    assert window.banner.isVisible()
    window.actions_["open"].trigger()
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=LONG_MS)
    window.files.new()
    assert not window.banner.isVisible()


def test_an_error_moves_nothing(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("iris"))
    QApplication.processEvents()
    before = [dock.geometry() for dock in window.workspace.findChildren(QDockWidget)]
    words = "A long complaint about what could not be done. " * 6
    window.messages.error(DataError(words, "Do this."))
    assert window.banner.height() > window.banner.what.heightForWidth(window.banner.what.width())
    QApplication.processEvents()
    assert window.banner.isVisible()
    assert [dock.geometry() for dock in window.workspace.findChildren(QDockWidget)] == before
    for width in (1048, 1280):
        window.resize(width, 700)
        card = window.banner.geometry()
        assert window.banner.parentWidget().rect().contains(card)
        for label in (window.banner.what, window.banner.todo):
            assert label.height() >= label.heightForWidth(label.width())
    QTest.mouseClick(window.banner.close_button, Qt.MouseButton.LeftButton)
    assert not window.banner.isVisible()


def test_what_pasted_code_left_out_stays_until_something_else_is_done(
    window: MainWindow,
) -> None:
    window.files.new()
    clipboard = QApplication.clipboard()
    clipboard.setText("Dense(3, dtype='float16')")
    window.actions_["paste"].trigger()
    assert window.banner.what.text() == (
        "Line 1: dtype is 'float16'; networks here compute in float32."
    )
    clipboard.setText("Dense(3)\nprint('a')\nmodel.fit(x, y, epochs=3)")
    window.actions_["paste"].trigger()
    assert window.banner.isVisible()
    assert window.banner.height() > window.banner.todo.height() > 0
    assert window.banner.what.text() == "Pasted layer and the plan."
    assert window.banner.todo.text() == "Skipped line 2: print('a')."
    window.actions_["undo"].trigger()
    assert not window.banner.isVisible()


def test_a_long_network_opens_where_it_can_be_read(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("digits-cnn"))
    QApplication.processEvents()
    scene = window.canvas.canvas_scene
    window.canvas._on_replaced()
    seen = window.canvas.mapToScene(window.canvas.viewport().rect()).boundingRect()
    detail = QStyleOptionGraphicsItem.levelOfDetailFromTransform
    assert detail(window.canvas.viewportTransform()) >= BOX_BELOW
    assert seen.contains(scene.nodes["input"].sceneBoundingRect().center())
    assert not seen.contains(scene.everything)
    window.canvas.fit_all()
    seen = window.canvas.mapToScene(window.canvas.viewport().rect()).boundingRect()
    assert seen.contains(scene.everything)
