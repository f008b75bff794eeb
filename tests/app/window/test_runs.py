"""Runs in the window: Start, Step, Continue and undo lose no weights, and say what they do."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.document.dialogs import Choice
from app.main_window import MainWindow
from app.training import replaced_fits
from app.training.continuing import OPTIMIZER_ANEW
from app.training.panel import WAITS
from app.training.session import State
from engine.layers import Layer
from engine.project.examples import find_example
from engine.project.trained import model_path, read_trained
from engine.training import Plan
from tests.app.conftest import wait_ready, weights_of

LONG_MS = 60_000
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ENDLESS = 100_000


@pytest.fixture
def iris(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> MainWindow:
    """The window with the iris example in a file of its own, two epochs long."""
    path = tmp_path / "iris.netsmith"
    path.write_bytes(find_example("iris").path.read_bytes())
    assert window.files.open_path(path)
    wait_ready(qtbot, window)
    set_plan(window, epochs=2)
    settle(qtbot, window)
    return window


def set_plan(window: MainWindow, **changes: object) -> None:
    project = window.document.whole
    window.document.do_whole("Plan", replace(project, plan=project.plan.changed(**changes)))


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Let the workbench look at the last edit."""
    with qtbot.waitSignal(window.workbench.changed, timeout=LONG_MS):
        window.workbench._soon.start()


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Click a button of the training panel."""
    action = getattr(window.training_panel, f"{name}_action")
    button = next(
        each
        for each in window.training_panel.findChildren(QToolButton)
        if each.defaultAction() is action
    )
    assert button.isEnabled(), action.toolTip()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_end(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)
    settle(qtbot, window)


def run(qtbot: QtBot, window: MainWindow, name: str = "start") -> dict[str, np.ndarray]:
    """Run to the end; the weights after it."""
    press(qtbot, window, name)
    wait_end(qtbot, window)
    return weights_of(window)


def undo(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.canvas, Qt.Key.Key_Z, CTRL)


def redo(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.canvas, Qt.Key.Key_Z, CTRL | SHIFT)


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def set_layer(window: MainWindow, node: str, **changes: object) -> None:
    project = window.document.whole
    layer = project.graph.nodes[node].layer
    assert isinstance(layer, Layer)
    graph = project.graph.change(node, layer=layer.changed(**changes))
    window.document.do_whole("Edit", replace(project, graph=graph))


def dense(window: MainWindow) -> list[str]:
    graph = window.document.whole.graph
    return [id for id in graph.order if graph.nodes[id].layer.kind == "Dense"]


# Undo


def test_undo_brings_back_the_fit_that_start_replaced_and_redo_the_new_one(
    qtbot: QtBot, iris: MainWindow
) -> None:
    panel = iris.training_panel
    first = run(qtbot, iris)
    scores, curve = panel.scores.text("loss"), iris.session.history
    said = panel.result.text()
    set_plan(iris, seed=5, epochs=3)
    settle(qtbot, iris)
    second = run(qtbot, iris)
    assert not same(first, second)
    assert iris.document.undo_stack.undoText() == "Start training"
    undo(qtbot, iris)
    assert same(weights_of(iris), first)
    assert iris.session.history is iris.curves.history is curve
    assert panel.scores.text("loss") == scores
    # What steps took is of the run before, and no longer said.
    assert said.startswith(panel.result.text().rstrip("."))
    assert panel.progress.text.startswith("epoch 2 / 2")
    redo(qtbot, iris)
    assert same(weights_of(iris), second)
    assert len(iris.session.history) == 3
    undo(qtbot, iris)
    assert iris.files.save()
    saved = read_trained(model_path(iris.document.path))  # type: ignore[arg-type]
    assert same(dict(saved.weights), first)


def test_a_fit_that_was_read_from_its_file_comes_back_too(
    qtbot: QtBot, iris: MainWindow, new_window: Callable[[], MainWindow]
) -> None:
    first = run(qtbot, iris)
    assert iris.files.save()
    path = iris.document.path
    assert path is not None
    other = new_window()
    assert other.files.open_path(path)
    wait_ready(qtbot, other)
    settle(qtbot, other)
    set_plan(other, seed=9)
    settle(qtbot, other)
    assert not same(run(qtbot, other), first)
    undo(qtbot, other)
    assert same(weights_of(other), first)
    assert other.isWindowModified(), "the fit that was undone may be wanted"


def test_undo_while_the_run_goes_on_ends_it(qtbot: QtBot, iris: MainWindow) -> None:
    first = run(qtbot, iris)
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    qtbot.waitUntil(lambda: len(iris.session.history) > 1, timeout=LONG_MS)
    undo(qtbot, iris)
    qtbot.waitUntil(lambda: len(iris.session.history) == 2, timeout=LONG_MS)
    qtbot.waitUntil(lambda: same(weights_of(iris), first), timeout=LONG_MS)
    redo(qtbot, iris)
    assert iris.session.history.trail.steps[-1] > 1
    assert not same(weights_of(iris), first)
    assert iris.training_panel.result.text().startswith("Stopped")


def test_undo_and_redo_before_the_run_has_ended_leave_what_it_came_to(
    qtbot: QtBot, iris: MainWindow
) -> None:
    first = run(qtbot, iris)
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    iris.document.undo_stack.undo()
    iris.document.undo_stack.redo()
    wait_end(qtbot, iris)
    assert not same(weights_of(iris), first)


def test_closing_with_a_save_saves_the_fit_that_undo_chose(qtbot: QtBot, iris: MainWindow) -> None:
    first = run(qtbot, iris)
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    iris.document.undo_stack.undo()
    iris.files.dialogs.choice = Choice.SAVE  # type: ignore[attr-defined]
    assert iris.close()
    saved = read_trained(model_path(iris.document.path))  # type: ignore[arg-type]
    assert same(dict(saved.weights), first)


def test_undo_does_not_reach_into_another_project(qtbot: QtBot, iris: MainWindow) -> None:
    run(qtbot, iris)
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    iris.document.undo_stack.undo()
    iris.open_example(find_example("spiral"))
    wait_ready(qtbot, iris)
    settle(qtbot, iris)
    assert iris.session.fit is None


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_runs_edits_and_undo(qtbot: QtBot, iris: MainWindow, seed: int) -> None:
    """A monkey on the buttons: each undone step brings back the weights that were there."""
    rng = np.random.default_rng(seed)
    panel, stack = iris.training_panel, iris.document.undo_stack
    head = dense(iris)[-1]
    for _ in range(60):
        act = rng.integers(9)
        if act < 5:
            name = ("start", "pause", "step", "stop", "continue")[act]
            action = getattr(panel, f"{name}_action")
            if action.isEnabled():
                press(qtbot, iris, name)
        elif act == 5:
            stack.undo()
        elif act == 6:
            stack.redo()
        elif act == 7:
            set_plan(iris, epochs=int(rng.integers(1, 40)), seed=int(rng.integers(9)))
        else:
            frozen = iris.document.whole.graph.nodes[head].layer.trainable
            set_layer(iris, head, trainable=not frozen)
        settle(qtbot, iris)
    iris.session.finish()
    settle(qtbot, iris)
    settle(qtbot, iris)
    fits = {stack.index(): weights_of(iris)}
    while stack.canUndo():
        stack.undo()
        fits[stack.index()] = weights_of(iris)
    while stack.canRedo():
        assert same(weights_of(iris), fits[stack.index()])
        stack.redo()
    assert same(weights_of(iris), fits[stack.index()])
    assert len(fits) > 3


def test_continue_can_be_undone(qtbot: QtBot, iris: MainWindow) -> None:
    first = run(qtbot, iris)
    run(qtbot, iris, "continue")
    assert iris.document.undo_stack.undoText() == "Continue training"
    assert len(iris.session.history) == 4
    undo(qtbot, iris)
    assert same(weights_of(iris), first)
    assert len(iris.session.history) == 2


def test_fits_are_let_go_where_they_take_too_much_memory(
    qtbot: QtBot, iris: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaced_fits, "KEPT_BYTES", 1)
    set_plan(iris, epochs=1)
    settle(qtbot, iris)
    run(qtbot, iris)
    first = weakref.ref(iris.session.fit)
    second = run(qtbot, iris)
    third = run(qtbot, iris)
    gc.collect()
    assert first() is None
    undo(qtbot, iris)
    assert same(weights_of(iris), second), "the last one stays, however large"
    with qtbot.waitSignal(iris.messages.informed) as said:
        undo(qtbot, iris)
    assert "discarded" in said.args[0]
    assert same(weights_of(iris), third) or same(weights_of(iris), second)


def test_fits_go_with_the_undo_steps_that_keep_them(qtbot: QtBot, iris: MainWindow) -> None:
    run(qtbot, iris)
    kept = weakref.ref(iris.session.fit)
    run(qtbot, iris)
    assert kept() is not None
    iris.document.undo_stack.clear()
    gc.collect()
    assert kept() is None


# Step, Continue


def test_step_goes_on_from_the_present_weights(qtbot: QtBot, iris: MainWindow) -> None:
    first = run(qtbot, iris)
    press(qtbot, iris, "step")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    press(qtbot, iris, "stop")
    wait_end(qtbot, iris)
    after = weights_of(iris)
    rate = iris.document.whole.plan.optimizer.learning_rate
    moved = max(float(np.abs(after[name] - first[name]).max()) for name in first)
    assert 0 < moved < 5 * rate
    assert len(iris.session.history) == 2


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(
    qtbot: QtBot, iris: MainWindow
) -> None:
    set_plan(iris, epochs=6)
    settle(qtbot, iris)
    whole = run(qtbot, iris)
    losses = iris.session.history.trail.losses
    press(qtbot, iris, "step")  # a run that pauses at once, to be stopped in the first epoch
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    press(qtbot, iris, "stop")
    wait_end(qtbot, iris)
    undo(qtbot, iris)
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    press(qtbot, iris, "pause")
    press(qtbot, iris, "stop")
    wait_end(qtbot, iris)
    done = iris.session.last
    assert done is not None
    if done.epoch < 6:
        set_plan(iris, epochs=6)
        settle(qtbot, iris)
        assert iris.training_panel.note.isHidden(), "nothing starts anew"
        again = run(qtbot, iris, "continue")
        assert same(again, whole)
        np.testing.assert_array_equal(iris.session.history.trail.losses, losses)


def test_continue_counts_on_and_scores_say_their_epoch(qtbot: QtBot, iris: MainWindow) -> None:
    panel = iris.training_panel
    run(qtbot, iris)
    assert panel.progress.text.startswith("epoch 2 / 2 ·")
    assert panel.scores.epoch == "epoch 2"
    run(qtbot, iris, "continue")
    assert panel.progress.text.startswith("epoch 4 / 4 ·")
    assert panel.scores.epoch == "epoch 4"
    assert panel.result.text().startswith("Completed")
    assert iris.session.history.column("epoch").tolist() == [1, 2, 3, 4]


def test_a_run_that_goes_on_is_not_the_last_run_of_itself(qtbot: QtBot, iris: MainWindow) -> None:
    run(qtbot, iris)
    iris.curves.keep.click()
    run(qtbot, iris, "continue")
    assert iris.curves.history is iris.session.history
    assert iris.curves.previous is None
    run(qtbot, iris)
    assert iris.curves.previous is not None
    assert len(iris.curves.previous) == 4


def test_a_stopped_run_shows_its_own_scores(qtbot: QtBot, iris: MainWindow) -> None:
    panel = iris.training_panel
    run(qtbot, iris)
    set_plan(iris, seed=3, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    # A run that is paused before its first batch never has one.
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    press(qtbot, iris, "pause")
    press(qtbot, iris, "stop")
    wait_end(qtbot, iris)
    history = iris.session.history
    assert panel.scores.text("loss")[2] == "–", "a stopped run was not tested"
    assert panel.scores.epoch == (f"epoch {len(history)}" if len(history) else "")


def test_a_paused_run_says_so(qtbot: QtBot, iris: MainWindow) -> None:
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    press(qtbot, iris, "pause")
    progress = iris.training_panel.progress
    assert progress.text.startswith("epoch")
    assert progress.text.endswith("· Paused")
    press(qtbot, iris, "pause")
    assert "Paused" not in progress.text


def test_after_reopening_it_says_that_the_optimizer_starts_anew(
    qtbot: QtBot, iris: MainWindow, new_window: Callable[[], MainWindow]
) -> None:
    first = run(qtbot, iris)
    assert iris.files.save()
    other = new_window()
    assert other.files.open_path(iris.document.path)  # type: ignore[arg-type]
    wait_ready(qtbot, other)
    settle(qtbot, other)
    assert other.training_panel.note.text() == "Continue starts the optimizer over."
    assert other.training_panel.note.isVisible()
    # A run of two epochs may be over before its note is looked at.
    set_plan(other, epochs=ENDLESS)
    settle(qtbot, other)
    press(qtbot, other, "continue")
    qtbot.waitUntil(lambda: other.training_panel.note.text() == OPTIMIZER_ANEW, timeout=LONG_MS)
    qtbot.waitUntil(lambda: len(other.session.history) > len(iris.session.history))
    press(qtbot, other, "stop")
    wait_end(qtbot, other)
    assert not same(weights_of(other), first)


# Fine-tuning


def test_a_frozen_layer_and_a_new_head_keep_what_fits(qtbot: QtBot, iris: MainWindow) -> None:
    first = run(qtbot, iris)
    body, *_, head = dense(iris)
    set_layer(iris, body, trainable=False)
    project = iris.document.whole
    graph, new = project.graph.add(Layer.parse({"type": "Dense", "units": 3}))
    incoming = graph.into[head][0]
    kind = graph.nodes[head].layer
    graph = graph.remove({head}).connect(incoming._replace(target=new))
    graph = graph.change(new, layer=kind)
    iris.document.do_whole("A new head", replace(project, graph=graph))
    settle(qtbot, iris)
    note = iris.training_panel.note
    assert note.isVisible()
    assert note.text().startswith(f"Continue keeps {body}")
    assert f"and draws new weights for {new}." in note.text()
    assert note.text().endswith(OPTIMIZER_ANEW)
    tuned = run(qtbot, iris, "continue")
    for name, weight in tuned.items():
        if name.startswith(f"{body}/"):
            np.testing.assert_array_equal(weight, first[name])
    assert f"{new}/kernel" in tuned
    undo(qtbot, iris)
    assert same(weights_of(iris), first)
    undo(qtbot, iris)
    undo(qtbot, iris)
    settle(qtbot, iris)
    assert iris.workbench.trained_matches


def test_while_it_trains_it_says_what_was_kept(qtbot: QtBot, iris: MainWindow) -> None:
    run(qtbot, iris)
    body, *_ = dense(iris)
    set_layer(iris, body, trainable=False)
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "continue")
    settle(qtbot, iris)
    note = iris.training_panel.note
    assert note.text().startswith("Kept: ")
    set_layer(iris, body, trainable=True)
    settle(qtbot, iris)
    assert note.text().endswith("This run trains the network as it was at the start.")


def test_where_nothing_fits_step_starts_anew_and_undo_brings_the_fit_back(
    qtbot: QtBot, iris: MainWindow
) -> None:
    first = run(qtbot, iris)
    for node in dense(iris)[:-1]:
        set_layer(iris, node, units=5)
    settle(qtbot, iris)
    panel = iris.training_panel
    assert not panel.continue_action.isEnabled()
    assert "press Start" in panel.continue_action.toolTip()
    assert "only Start" in panel.note.text()
    press(qtbot, iris, "step")
    qtbot.waitUntil(lambda: iris.session.last is not None, timeout=LONG_MS)
    press(qtbot, iris, "stop")
    wait_end(qtbot, iris)
    assert not same(weights_of(iris), first)
    undo(qtbot, iris)
    assert same(weights_of(iris), first)


# The plan during a run


def test_a_setting_changed_during_a_run_is_marked_until_the_next(
    qtbot: QtBot, iris: MainWindow
) -> None:
    form = iris.training_panel.form
    set_plan(iris, epochs=ENDLESS)
    settle(qtbot, iris)
    press(qtbot, iris, "start")
    editor = form.field("batch_size").editor
    editor.setFocus()
    editor.lineEdit().selectAll()
    qtbot.keyClicks(editor.lineEdit(), "7")
    row, rate = form._rows["batch_size"], form.field("optimizer").form._rows["learning_rate"]
    assert (row.waiting.text(), row.waiting.isVisibleTo(iris)) == (WAITS, True)
    edit = rate.field.editor
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "0.5")
    assert rate.waiting.text() == WAITS
    assert not form._rows["optimizer"].waiting.text(), "said beside the setting itself"
    assert not form._rows["epochs"].waiting.text()
    edit.selectAll()
    qtbot.keyClicks(edit, f"{Plan().optimizer.learning_rate}")
    running = iris.session.run
    assert running is not None
    set_plan(iris, optimizer=running.plan.optimizer, batch_size=running.plan.batch_size)
    assert not row.waiting.text()
    set_plan(iris, optimizer="SGD")
    assert form._rows["optimizer"].waiting.text() == WAITS
    press(qtbot, iris, "stop")
    wait_end(qtbot, iris)
    assert not form._rows["optimizer"].waiting.text(), "the next Start will take it"
