"""The template dialog, as the window opens it: what it says, what it draws, undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.document import edits
from app.main_window import MainWindow
from app.templates.dialog import TemplateDialog
from engine.data import DataSetup
from engine.data.sources import BuiltIn
from engine.project.examples import find_example
from engine.templates import TEMPLATES
from engine.training.answers import answer_of
from engine.training.meaning import meanings_of

LONG_MS = 30_000
Make = Callable[[], MainWindow]


@pytest.fixture
def window(new_window: Make, qtbot: QtBot) -> MainWindow:
    window = new_window()
    window.open_example(find_example("digits"))
    qtbot.waitUntil(lambda: window.data.dataset is not None, timeout=LONG_MS)
    return window


def opened(window: MainWindow) -> TemplateDialog:
    window.actions_["template"].trigger()
    dialog = window.findChild(TemplateDialog)
    assert isinstance(dialog, TemplateDialog)
    return dialog


@pytest.mark.parametrize("row", range(len(TEMPLATES)))
def test_each_template_is_drawn_as_one_undo_step(
    qtbot: QtBot, window: MainWindow, row: int
) -> None:
    before = window.document.project
    dialog = opened(window)
    dialog.list.set_current(row)
    facts = dict(dialog.facts.rows)
    qtbot.mouseClick(dialog.draw_button, Qt.MouseButton.LeftButton)
    graph = window.document.project.graph
    assert facts["Layers"] == str(len(graph.nodes))
    assert facts["Parameters"] == f"{window.document.diagnosis.total_parameters:,}"
    assert len({*window.document.project.positions.values()}) == len(graph.nodes)
    assert window.document.undo_stack.undoText() == f"Draw {TEMPLATES[row].label}"
    window.document.undo_stack.undo()
    assert window.document.project == before


def test_settings_change_the_size_and_are_kept(window: MainWindow) -> None:
    dialog = opened(window)
    small = dict(dialog.facts.rows)["Parameters"]
    dialog.form.field("hidden").edited.emit((512, 256))
    large = dict(dialog.facts.rows)["Parameters"]
    assert large != small
    dialog.list.set_current(1)
    dialog.list.set_current(0)
    assert dict(dialog.facts.rows)["Parameters"] == large
    dialog.reject()


def test_what_does_not_fit_the_data_is_said(window: MainWindow, qtbot: QtBot) -> None:
    iris = DataSetup(source=BuiltIn(name="iris"))
    project = window.document.project
    with qtbot.waitSignal(window.data.changed):
        window.document.do("Other data", edits.choose_data(project, iris))
    qtbot.waitUntil(
        lambda: window.data.dataset is not None and window.data.dataset.input_shape == (4,),
        timeout=LONG_MS,
    )
    dialog = opened(window)
    assert dialog.draw_button.isEnabled()
    dialog.list.set_current(1)
    assert "one sample of this data is 4" in dialog.problem.text()
    assert not dialog.draw_button.isEnabled()
    dialog.reject()


def test_without_data_the_window_says_what_to_do(new_window: Make) -> None:
    window = new_window()
    window.new()
    window.actions_["template"].trigger()
    assert window.findChild(TemplateDialog) is None
    assert "sized to the data" in window.banner.what.text()


def test_an_autoencoder_takes_the_input_as_its_target(qtbot: QtBot, window: MainWindow) -> None:
    """Data and plan go with it in the same undo step, and a reconstruction is shown."""
    before = window.document.project
    dialog = opened(window)
    names = [template.label for template in TEMPLATES]
    dialog.list.set_current(names.index("Autoencoder"))
    qtbot.mouseClick(dialog.draw_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: window.data.dataset is not None and window.data.dataset.targets.are_inputs,
        timeout=LONG_MS,
    )
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=LONG_MS)
    dataset = window.data.dataset
    assert dataset is not None
    assert not window.document.all_problems
    card = window.activations.card
    assert card.truth.text().startswith("digit: ")
    graph = window.document.project.graph
    (meaning,) = meanings_of(graph, dataset.targets, window.document.project.plan.loss).values()
    sample = dataset.validation.x[:1]
    card.show_answers({meaning.node: answer_of(meaning, sample, sample)}, {})
    (output,) = card.outputs
    assert output.reconstruction.image is not None
    assert output.answer.text().startswith("Reconstruction error 0 ")
    window.document.undo_stack.undo()
    assert window.document.project == before
