"""Trying a network out from the window: gradients, and learning rates."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QDialogButtonBox
from pytestqt.qtbot import QtBot

from app import theme
from app.document import edits
from app.inspector import gradient_check
from app.inspector.gradient_check import GradientCheckDialog
from app.main_window import MainWindow
from app.theme import Scheme
from app.training import rate_dialog
from app.training.rate_dialog import RateDialog
from engine.analysis.gradient_check import LayerCheck
from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Dense
from engine.network import Network
from engine.project.examples import find_example
from engine.training import Plan
from engine.training.range_test import LOWEST, RatePoint

LONG_MS = 20_000


@pytest.fixture
def window(new_window: Callable[[], MainWindow], qtbot: QtBot) -> MainWindow:
    window = new_window()
    window.open_example(find_example("iris"))
    # Start may be pressed while data is on its way; a try needs it there.
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=LONG_MS)
    qtbot.waitUntil(window.training_panel.start_action.isEnabled, timeout=LONG_MS)
    return window


def opened(window: MainWindow, kind: type[Any]) -> Any:
    (dialog,) = (each for each in window.findChildren(kind) if each.isVisible())
    return dialog


def background_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "background"]


def test_gradients_are_checked_from_the_inspector(window: MainWindow, qtbot: QtBot) -> None:
    window.document.selection.set([])
    button = window.inspector.summary.check_button
    qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = opened(window, GradientCheckDialog)
    if dialog.background.is_working:
        with qtbot.waitSignal(dialog.background.ended, timeout=LONG_MS):
            pass
    layers = [n for n, node in window.document.project.graph.nodes.items() if "dense" in n]
    assert [each.node for each in dialog.found] == layers
    assert all(each.verdict == "right" for each in dialog.found)
    model = dialog.table.model()
    rows = [
        [model.index(row, column).data() for column in range(5)] for row in range(model.rowCount())
    ]
    assert [row[0] for row in rows] == layers
    table = dialog.table
    qtbot.waitUntil(lambda: table.columnWidth(0) >= table.sizeHintForColumn(0))
    assert all(0 <= float(row[2]) <= 1e-5 for row in rows)
    assert {row[4] for row in rows} == {"right"}
    assert f"All {len(layers)} layers agree" in dialog.outcome.text()
    assert not background_threads()
    closed = dialog.buttons.button(QDialogButtonBox.StandardButton.Close)
    with qtbot.waitSignal(dialog.destroyed):
        QTest.mouseClick(closed, Qt.MouseButton.LeftButton)


def test_a_wrong_gradient_is_told(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, **__: object) -> Iterator[LayerCheck]:
        yield LayerCheck("a", 10, 1e-9, "kernel, all")
        yield LayerCheck("b", 10, 0.5, "bias, number 3")

    monkeypatch.setattr(gradient_check, "check_gradients", wrong)
    window.actions_["check_gradients"].trigger()
    dialog = opened(window, GradientCheckDialog)
    qtbot.waitUntil(lambda: not dialog.background.is_working, timeout=LONG_MS)
    assert dialog.outcome.text() == "The gradient is wrong in b."
    dialog.reject()


def test_the_table_is_of_the_scheme_it_is_switched_to(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(*_: object, **__: object) -> Iterator[LayerCheck]:
        yield LayerCheck("a", 10, 1e-9, "kernel, all")
        yield LayerCheck("b", 10, 0.5, "bias, number 3")

    monkeypatch.setattr(gradient_check, "check_gradients", some)
    graph = Graph.sequential((2,), [Dense(units=3)])
    data = Dataset.from_arrays(np.zeros((4, 2)), np.arange(4) % 3)

    def shown(scheme: Scheme) -> GradientCheckDialog:
        theme.apply(scheme)
        dialog = GradientCheckDialog(Network(graph), data, Plan())
        qtbot.addWidget(dialog)
        dialog.show()
        with qtbot.waitSignal(dialog.background.ended, timeout=LONG_MS):
            dialog.start()
        return dialog

    def look(dialog: GradientCheckDialog) -> QImage:
        dialog.table.clearFocus()  # only one of two windows can have it
        return dialog.table.grab().toImage()

    try:
        switched, light = shown(Scheme.LIGHT), shown(Scheme.LIGHT)
        qtbot.waitUntil(lambda: look(switched) == look(light), timeout=LONG_MS)
        bright = look(switched)
        theme.apply(Scheme.DARK)
        dark = shown(Scheme.DARK)
        qtbot.waitUntil(lambda: look(switched) == look(dark), timeout=LONG_MS)
        assert look(dark) != bright
    finally:
        theme.apply(Scheme.SYSTEM)


class Gate:
    """Work that goes on until it is told to stop."""

    def __init__(self) -> None:
        self.began = threading.Event()

    def check(self, *_: object, progress: Callable[[int, int, str], None]) -> Iterator[LayerCheck]:
        yield LayerCheck("a", 10, 1e-9, "kernel, all")
        self.began.set()
        while True:
            progress(1, 2, "weights")

    def rates(self, *_: object) -> Iterator[RatePoint]:
        while True:
            self.began.set()
            yield RatePoint(1, LOWEST, 1.0, 1.0)


@pytest.mark.parametrize("command", ["check_gradients", "find_rate"])
def test_escape_stops_the_work_and_closes(
    command: str, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr(gradient_check, "check_gradients", gate.check)
    monkeypatch.setattr(rate_dialog, "find_rate", gate.rates)
    window.actions_[command].trigger()
    kind = GradientCheckDialog if command == "check_gradients" else RateDialog
    dialog: QDialog = opened(window, kind)
    assert gate.began.wait(10)
    with qtbot.waitSignal(dialog.destroyed, timeout=LONG_MS):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not background_threads()
    assert window.document.undo_stack.count() == 0


def test_a_rate_is_found_and_put_into_the_plan_as_one_step(
    window: MainWindow, qtbot: QtBot
) -> None:
    before = window.document.project
    window.actions_["find_rate"].trigger()
    dialog = opened(window, RateDialog)
    qtbot.waitUntil(lambda: not dialog.background.is_working, timeout=LONG_MS)
    assert len(dialog.points) > 20
    assert dialog.plot.curves[1].y.tolist() == [each.smoothed for each in dialog.points]
    assert dialog.rate is not None
    assert f"Suggested: {dialog.rate:g}" in dialog.outcome.text()
    assert dialog.use_button.text() == f"Use {dialog.rate:g}"
    rate = dialog.rate
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    assert window.document.project.plan.optimizer.learning_rate == rate
    assert window.document.project.plan.optimizer.kind == before.plan.optimizer.kind
    assert window.document.undo_stack.count() == 1
    window.document.undo_stack.undo()
    assert window.document.project == before


def test_another_rate_can_be_clicked(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["find_rate"].trigger()
    dialog = opened(window, RateDialog)
    qtbot.waitUntil(lambda: not dialog.background.is_working, timeout=LONG_MS)
    center = dialog.plot._area().center().toPoint()
    QTest.mouseClick(dialog.plot, Qt.MouseButton.LeftButton, pos=center)
    assert dialog.rate == pytest.approx(10**-2.5, rel=0.1)
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    assert window.document.project.plan.optimizer.learning_rate == dialog.rate


def test_without_a_fall_nothing_is_suggested(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flat(*_: object) -> Iterator[RatePoint]:
        for step in range(1, 30):
            yield RatePoint(step, LOWEST * 1.2**step, 1.0, 1.0)

    monkeypatch.setattr(rate_dialog, "find_rate", flat)
    window.actions_["find_rate"].trigger()
    dialog = opened(window, RateDialog)
    qtbot.waitUntil(lambda: not dialog.background.is_working, timeout=LONG_MS)
    assert "no rate can be suggested" in dialog.outcome.text()
    assert not dialog.use_button.isEnabled()
    dialog.reject()


@pytest.mark.parametrize("command", ["check_gradients", "find_rate"])
def test_what_cannot_be_tried_is_explained(
    command: str, new_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = new_window()
    window.new()
    window.actions_[command].trigger()
    assert window.banner.isVisible()
    assert "yet" in window.banner.what.text()
    assert not [each for each in window.findChildren(QDialog) if each.isVisible()]


@pytest.mark.parametrize("command", ["check_gradients", "find_rate"])
def test_an_edit_of_the_same_moment_counts(command: str, window: MainWindow) -> None:
    """As when keys are pressed faster than the problems are looked through."""
    project = window.document.project
    layers = list(project.graph.nodes)
    window.document.do("Delete", edits.delete(project, layers, (), False))
    window.actions_[command].trigger()
    assert window.banner.isVisible()
    assert not [each for each in window.findChildren(QDialog) if each.isVisible()]


def test_data_on_its_way_must_arrive_first(window: MainWindow) -> None:
    window.open_example(find_example("spiral"))
    assert window.data.is_loading
    window.actions_["find_rate"].trigger()
    assert "Wait until the data is loaded" in window.banner.todo.text()


def test_nothing_is_tried_while_a_run_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    window.training_panel.step_action.trigger()
    qtbot.waitUntil(lambda: window.session.is_active, timeout=LONG_MS)
    window.actions_["find_rate"].trigger()
    assert "Training is running" in window.banner.what.text()
    window.session.stop()
    qtbot.waitUntil(lambda: not window.session.is_active, timeout=LONG_MS)
