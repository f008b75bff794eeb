"""The training panel: plan edits are undo steps, buttons steer, the result is said in words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

import app.training.worker as worker_module
from app.document import Document
from app.training.panel import TrainingPanel
from app.training.progress_line import Progress, Speedometer, duration_text
from app.training.results import in_words
from app.training.session import State, TrainingSession
from engine.compiled.notice import PREPARING
from engine.data import Dataset
from engine.errors import PlanError
from engine.graph import Graph
from engine.optimizers import SGD
from engine.project import Project
from engine.training import BatchDone, Finished, Plan

TIMEOUT_MS = 30_000


@pytest.fixture
def document(graph: Graph) -> Document:
    return Document(Project(graph=graph, plan=Plan(epochs=3)))


@pytest.fixture
def panel(
    qtbot: QtBot, document: Document, session: TrainingSession, dataset: Dataset
) -> TrainingPanel:
    panel = TrainingPanel(document, session)
    qtbot.addWidget(panel)
    panel.resize(760, 320)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def button(panel: TrainingPanel, name: str) -> QToolButton:
    return next(
        each
        for each in panel.findChildren(QToolButton)
        if each.defaultAction() and each.defaultAction().objectName() == name
    )


def test_editing_the_plan_is_one_undo_step_for_a_typing_run(
    qtbot: QtBot, panel: TrainingPanel, document: Document
) -> None:
    editor = panel.form.field("epochs").editor
    editor.setFocus()
    editor.lineEdit().selectAll()
    qtbot.keyClicks(editor.lineEdit(), "25")
    assert document.project.plan.epochs == 25
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Change Epochs"
    document.undo_stack.undo()
    assert document.project.plan.epochs == 3
    assert editor.lineEdit().text() == "3"


def test_the_form_follows_the_document(panel: TrainingPanel, document: Document) -> None:
    plan = document.project.plan.changed(optimizer=SGD(), batch_size=7)
    document.do("Change", replace(document.project, plan=plan))
    assert panel.form.spec == plan


@pytest.mark.parametrize("action", ["start", "continue", "step"])
def test_nothing_is_started_with_other_settings_than_those_shown(
    qtbot: QtBot, panel: TrainingPanel, document: Document, action: str
) -> None:
    panel.set_ready(None)
    before = document.project.plan
    rate = panel.form.field("optimizer").form.field("learning_rate").editor
    rate.setFocus()
    rate.selectAll()
    qtbot.keyClicks(rate, "1e6")
    qtbot.keyClick(rate, Qt.Key.Key_Return)
    assert document.project.plan == before
    wanted = (panel.startRequested, panel.continueRequested, panel.stepRequested)
    with (
        qtbot.assertNotEmitted(wanted[0]),
        qtbot.assertNotEmitted(wanted[1]),
        qtbot.assertNotEmitted(wanted[2]),
    ):
        getattr(panel, f"{action}_action").trigger()
        getattr(panel, f"_{action}")()
    assert "Nothing was started" in panel.result.text()
    assert "1000000" in panel.result.text()
    rate.selectAll()
    qtbot.keyClicks(rate, "0.1")
    with qtbot.waitSignal(panel.startRequested, timeout=TIMEOUT_MS):
        panel.start_action.trigger()


def test_start_says_why_it_cannot(qtbot: QtBot, panel: TrainingPanel) -> None:
    panel.set_ready("No data is chosen.")
    assert not panel.start_action.isEnabled()
    assert panel.start_action.toolTip() == "No data is chosen."
    assert panel.progress.text == "No data is chosen."
    panel.set_ready(None)
    assert panel.start_action.isEnabled()
    with qtbot.waitSignal(panel.startRequested, timeout=TIMEOUT_MS):
        qtbot.mouseClick(button(panel, "start"), Qt.MouseButton.LeftButton)


def test_the_buttons_steer_a_run(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: TrainingSession,
    graph: Graph,
    dataset: Dataset,
    endless: Plan,
) -> None:
    panel.set_ready(None)
    assert not panel.stop_action.isEnabled()
    assert not panel.continue_action.isEnabled()
    session.start(graph, dataset, endless)
    qtbot.waitUntil(lambda: "samples/s" in panel.progress.text, timeout=TIMEOUT_MS)
    assert not panel.start_action.isEnabled()
    qtbot.mouseClick(button(panel, "pause"), Qt.MouseButton.LeftButton)
    assert session.state is State.PAUSED
    assert panel.pause_action.text() == "Resume"
    qtbot.mouseClick(button(panel, "pause"), Qt.MouseButton.LeftButton)
    assert session.state is State.RUNNING
    qtbot.mouseClick(button(panel, "step"), Qt.MouseButton.LeftButton)
    assert session.state is State.PAUSED
    qtbot.mouseClick(button(panel, "stop"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not session.is_active, timeout=TIMEOUT_MS)
    assert panel.result.text().startswith("Stopped")
    assert panel.continue_action.isEnabled()
    with qtbot.waitSignal(panel.continueRequested, timeout=TIMEOUT_MS):
        qtbot.mouseClick(button(panel, "continue"), Qt.MouseButton.LeftButton)
    panel.set_ready(None, can_continue=False)
    assert not panel.continue_action.isEnabled()
    assert "press Start" in panel.continue_action.toolTip()


def test_step_at_rest_asks_for_a_run_of_one_step(qtbot: QtBot, panel: TrainingPanel) -> None:
    panel.set_ready(None)
    with qtbot.waitSignal(panel.stepRequested, timeout=TIMEOUT_MS):
        qtbot.mouseClick(button(panel, "step"), Qt.MouseButton.LeftButton)


def test_a_completed_run_shows_its_scores(
    qtbot: QtBot, panel: TrainingPanel, session: TrainingSession, graph: Graph, dataset: Dataset
) -> None:
    session.start(graph, dataset, Plan(epochs=3))
    qtbot.waitUntil(panel.result.isVisible, timeout=TIMEOUT_MS)
    assert panel.result.text().startswith("Completed: test accuracy")
    assert panel.progress.text.startswith("epoch 3 / 3 · batch 6 / 6")
    assert all(text != "–" for text in panel.scores.text("loss"))
    assert all(text != "–" for text in panel.scores.text("accuracy"))


def test_a_refused_run_says_why(
    qtbot: QtBot, panel: TrainingPanel, session: TrainingSession, dataset: Dataset
) -> None:
    session.start(Graph(), dataset, Plan())
    qtbot.waitUntil(panel.result.isVisible, timeout=TIMEOUT_MS)
    assert panel.result.text() == str(session.result)


def test_a_narrow_panel_stacks(qtbot: QtBot, panel: TrainingPanel) -> None:
    def top_of_form() -> int:
        return panel.form.mapTo(panel, QPoint(0, 0)).y()

    assert top_of_form() < panel.scores.y()
    panel.resize(320, 560)
    assert panel.width() == 320
    qtbot.waitUntil(lambda: top_of_form() > panel.scores.y(), timeout=TIMEOUT_MS)


def test_outcomes_in_words() -> None:
    done = Finished("completed", 10, 400, 12.4, {"loss": 0.1, "accuracy": 0.972})
    assert in_words(done).text == "Completed: test accuracy 0.9720 (10 epochs in 12 s)."
    assert "test loss 0.1000" in in_words(Finished("completed", 1, 4, 1.0, {"loss": 0.1})).text
    assert in_words(Finished("diverged", 1, 4, 1.0, {}, "Lower the learning rate.")).tone == "bad"
    assert in_words(PlanError("No data.", "Choose some.")).text == "No data. Choose some."
    assert "bug" in in_words(ZeroDivisionError("x")).text


def test_progress_in_words() -> None:
    batch = BatchDone(480, 3, 120, 180, 32, 4.8, 0.5)
    progress = Progress(batch, 10, 34_512.0)
    assert progress.place == "epoch 3 / 10 · batch 120 / 180"
    assert progress.pace == "13 s left · 34,500 samples/s"
    speed = Speedometer()
    assert speed.add([BatchDone(1, 1, 1, 9, 32, 0.5, 1.0)]) == 64
    assert [duration_text(each) for each in (0.44, 12, 200, 7500)] == [
        "0.4 s",
        "12 s",
        "3 min 20 s",
        "2 h 5 min",
    ]


def test_waiting_for_loops_is_told(
    qtbot: QtBot,
    panel: TrainingPanel,
    session: TrainingSession,
    graph: Graph,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = pytest.importorskip("numba").njit(lambda x: x + 1)
    is_stopped = threading.Event()

    def steps(*_: object, **__: object) -> Iterator[object]:
        loop(1)
        is_stopped.wait(10)
        yield Finished("stopped", 1, 0, 0.0)

    monkeypatch.setattr(worker_module, "train", steps)
    session.start(graph, dataset, Plan())
    assert panel.progress.text == "Starting…"
    qtbot.waitUntil(lambda: panel.progress.text == PREPARING, timeout=TIMEOUT_MS)
    button(panel, "stop").click()
    assert panel.progress.text == "Stopping…"
    is_stopped.set()
    qtbot.waitUntil(lambda: not session.is_active, timeout=TIMEOUT_MS)
    assert panel.progress.text != PREPARING
