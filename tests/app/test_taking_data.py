"""Taking data in the window: what follows it, what it takes to undo, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.document.dialogs import Choice
from app.main_window import MainWindow
from app.training.session import State
from engine.data.sources import BuiltIn, CsvFile, Toy
from engine.layers import Dense, Input, Layer
from engine.project import read_project
from engine.project.examples import find_example
from tests.app.conftest import drop, wait_ready

LONG_MS = 60_000
Make = Callable[[], MainWindow]


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    table = tmp_path / "pets.csv"
    rows = [f"{n % 7 / 3},{n % 5},{'abc'[n % 3]},{'cat' if n % 2 else 'dog'}" for n in range(60)]
    table.write_text("\n".join(["width,height,size,kind", *rows]))
    return table


def ends(window: MainWindow) -> tuple[Layer, Layer]:
    """The first and the last layer."""
    graph = window.document.project.graph
    first, last = (graph.nodes[id].layer for id in (graph.inputs[0], graph.outputs[-1]))
    assert isinstance(first, Layer)
    assert isinstance(last, Layer)
    return first, last


def test_network_and_plan_follow_other_data_in_one_undo_step(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.open_example(find_example("iris"))
    wait_ready(qtbot, window)
    before = window.document.project
    window.data_panel.choose(BuiltIn(name="diabetes"))
    wait_ready(qtbot, window)
    first, last = ends(window)
    assert first == Input(shape=(10,))
    assert isinstance(last, Dense)
    assert (last.units, last.activation.kind) == (1, "linear")
    assert window.document.project.plan.loss.kind == "MeanSquaredError"
    window.document.undo_stack.undo()
    assert window.document.project == before
    wait_ready(qtbot, window)
    assert not window.document.undo_stack.canUndo()
    window.document.undo_stack.redo()
    wait_ready(qtbot, window)
    assert ends(window) == (first, last)


def test_other_data_is_saved_under_a_name_of_its_own(
    qtbot: QtBot, window: MainWindow, pets: Path, tmp_path: Path
) -> None:
    iris = tmp_path / "iris.netsmith"
    iris.write_bytes(find_example("iris").path.read_bytes())
    before = iris.read_bytes()
    assert window.files.open_path(iris)
    wait_ready(qtbot, window)
    window.data_panel.choose_path(pets)
    wait_ready(qtbot, window)
    assert window.windowTitle().startswith("pets[*]")
    assert window.document.whole.title == ""
    answers = window.files.dialogs
    answers.path = tmp_path / "pets.netsmith"  # type: ignore[attr-defined]
    window.actions_["save"].trigger()
    assert iris.read_bytes() == before
    assert read_project(tmp_path / "pets.netsmith").data == window.document.whole.data
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert window.document.whole.title == read_project(iris).title
    assert not window.windowTitle().startswith("pets[*]")


def test_another_setting_of_the_same_data_is_saved_without_a_question(
    qtbot: QtBot, window: MainWindow, pets: Path, tmp_path: Path
) -> None:
    drop(window, pets)
    wait_ready(qtbot, window)
    assert window.windowTitle().startswith("pets[*]")
    assert window.files.save()
    setup = window.document.whole.data
    assert setup is not None
    window.data_panel.choose(setup.source.changed(target="size"))
    window.files.dialogs.path = tmp_path / "not asked.netsmith"  # type: ignore[attr-defined]
    assert window.files.save()
    assert not (tmp_path / "not asked.netsmith").exists()


def test_network_follows_another_target_of_the_same_file(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    drop(window, pets)
    wait_ready(qtbot, window)
    assert ends(window)[0] == Input(shape=(5,))  # two numbers, three sizes
    count = window.document.undo_stack.count()
    target = window.data_panel.source_form.field("target")
    target.edited.emit("size")
    target.finished.emit()
    qtbot.waitUntil(lambda: ends(window)[0] == Input(shape=(4,)), timeout=LONG_MS)
    wait_ready(qtbot, window)
    last = ends(window)[1]
    assert isinstance(last, Dense)
    assert last.units == 3
    assert window.document.undo_stack.count() == count + 1


def test_a_drawn_network_that_nobody_touched_is_drawn_anew_for_other_data(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    drop(window, pets)
    wait_ready(qtbot, window)
    before = window.document.project
    window.data_panel.choose(BuiltIn(name="digits"))
    qtbot.waitUntil(lambda: ends(window)[0] == Input(shape=(8, 8, 1)), timeout=LONG_MS)
    wait_ready(qtbot, window)
    kinds = [node.layer.kind for node in window.document.project.graph.nodes.values()]
    assert kinds[:2] == ["Input", "Flatten"]
    window.document.undo_stack.undo()
    assert window.document.project == before


def test_units_that_were_set_by_hand_stay(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("iris"))
    wait_ready(qtbot, window)
    document = window.document
    (output,) = document.project.graph.outputs
    layer = document.project.graph.nodes[output].layer
    assert isinstance(layer, Dense)
    graph = document.project.graph.change(output, layer=layer.changed(units=7))
    window.workbench.draw("by hand", graph)
    window.data_panel.choose(BuiltIn(name="wine"))
    qtbot.waitUntil(lambda: ends(window)[0] == Input(shape=(13,)), timeout=LONG_MS)
    last = ends(window)[1]
    assert isinstance(last, Dense)
    assert last.units == 7


def test_a_new_input_takes_the_shape_of_the_data(qtbot: QtBot, window: MainWindow) -> None:
    window.new()
    window.data_panel.choose(BuiltIn(name="digits"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=LONG_MS)
    window.canvas.add_layer("Input")
    (node,) = window.document.project.graph.inputs
    assert window.document.project.graph.nodes[node].layer == Input(shape=(8, 8, 1))


def test_data_dropped_on_the_start_page_begins_a_new_project(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    window.open_example(find_example("two-branches"))
    wait_ready(qtbot, window)
    window.canvas.add_layer("Dense")
    window.pages.show_start_page()
    answers = window.files.dialogs
    answers.choice = Choice.CANCEL
    before = window.document.project
    drop(window, pets)
    assert answers.asked == 1
    assert window.document.project is before
    assert window.start_page.isVisible()
    answers.choice = Choice.DISCARD
    drop(window, pets)
    wait_ready(qtbot, window)
    assert window.workspace.isVisible()
    kinds = [node.layer.kind for node in window.document.project.graph.nodes.values()]
    assert kinds == ["Input", "Dense", "Dense"]
    assert window.document.path is None


def test_a_file_that_is_no_data_does_not_close_the_project(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.open_example(find_example("iris"))
    wait_ready(qtbot, window)
    window.pages.show_start_page()
    before = window.document.project
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04 nothing")
    drop(window, tmp_path / "letter.docx")
    assert window.banner.isVisible()
    assert window.document.project is before


def test_a_drop_whose_files_never_arrive_is_nothing(window: MainWindow) -> None:
    before = window.document.whole
    drop(window)
    assert window.document.whole is before


def test_dropping_two_files_says_which_was_taken(
    qtbot: QtBot, window: MainWindow, pets: Path, tmp_path: Path
) -> None:
    drop(window, pets, tmp_path / "other.csv")
    wait_ready(qtbot, window)
    assert window.banner.isVisible()
    assert window.banner.what.text() == "2 files were dropped; only pets.csv was opened."


def test_a_drop_whose_names_do_not_arrive_is_refused_in_words(window: MainWindow) -> None:
    """The program that it came from ended between offering them and the drop."""
    window.taking.open_dropped([])
    assert window.banner.isVisible()
    assert window.banner.what.text().startswith("What was dropped has not arrived")


def test_the_window_is_gone_before_threads_are_waited_for(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(window.data, "shutdown", lambda: seen.append(window.isVisible()))
    window.close()
    assert seen == [False]


def test_the_start_page_leads_back(window: MainWindow) -> None:
    assert window.start_page.back.isHidden()  # there is nothing to go back to
    window.open_example(find_example("iris"))
    window.pages.show_start_page()
    assert window.start_page.back.text() == f"Back to {window.files.title}"
    QTest.mouseClick(window.start_page.back, Qt.MouseButton.LeftButton)
    assert window.workspace.isVisible()
    window.pages.show_start_page()
    QTest.keyClick(QApplication.focusWidget() or window.start_page, Qt.Key.Key_Escape)
    assert window.workspace.isVisible()


def test_data_is_opened_from_the_menu(
    qtbot: QtBot, window: MainWindow, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.new()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(pets), ""))
    window.actions_["open_data"].trigger()
    wait_ready(qtbot, window)
    assert isinstance(window.document.project.data.source, CsvFile)  # type: ignore[union-attr]
    assert window.document.project.graph.nodes
    # Where data lies says nothing about where projects are saved.
    assert window.settings.data_folder == pets.parent
    assert window.settings.last_folder != pets.parent


def test_pictures_are_opened_from_the_menu(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a, **k: str(tmp_path))
    window.actions_["open_pictures"].trigger()
    assert window.banner.isVisible()
    assert "no data it can read" in window.banner.what.text()


def test_an_empty_panel_leads_to_the_data(window: MainWindow) -> None:
    window.new()
    window.docks["inspector"].raise_()
    button = window.activations.hint.button
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.data_panel.gallery.isVisible()


def test_an_empty_canvas_is_a_hint_and_no_problem(qtbot: QtBot, window: MainWindow) -> None:
    window.new()
    qtbot.waitUntil(lambda: bool(window.problems_panel.cards), timeout=LONG_MS)
    assert window.facts.problems.text() == "Nothing drawn yet"
    assert window.problems_panel.cards[0].problem.is_hint
    window.canvas.add_layer("Dense")
    qtbot.waitUntil(lambda: "problem" in window.facts.problems.text(), timeout=LONG_MS)


def test_results_of_other_data_are_marked_as_such(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("linear-regression"))
    wait_ready(qtbot, window)
    plan = window.document.project.plan.changed(epochs=2)
    window.training_panel.form.edited.emit("epochs", plan.epochs)
    window.training_panel.start_action.trigger()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)
    panel, curves = window.training_panel, window.curves
    qtbot.waitUntil(lambda: panel.result.text().startswith("Completed"), timeout=LONG_MS)
    assert curves.outdated.isHidden()
    window.data_panel.choose(Toy(shape="noisy_line"))
    wait_ready(qtbot, window)
    words = "From an earlier run, on other data."
    assert panel.result.text().startswith(f"{words} Completed")
    assert curves.outdated.text() == words
    assert not curves.outdated.isHidden()
    window.document.undo_stack.undo()
    wait_ready(qtbot, window)
    qtbot.waitUntil(lambda: panel.result.text().startswith("Completed"), timeout=LONG_MS)
    window.canvas.add_layer("Dense")
    qtbot.waitUntil(lambda: "network was changed" in panel.result.text(), timeout=LONG_MS)
    window.document.undo_stack.undo()
    # Saving tells the path of the data anew, which makes it no other data.
    assert window.files.save()
    qtbot.waitUntil(lambda: panel.result.text().startswith("Completed"), timeout=LONG_MS)
