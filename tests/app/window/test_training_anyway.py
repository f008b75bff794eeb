"""Training what is wrong but can be computed, in the real window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from engine.data import DataSetup
from engine.data.builtin import BuiltIn
from engine.graph import Graph
from engine.layers import Dense
from engine.project import Project, write_project
from engine.training import Plan

TIMEOUT = 60_000


@pytest.fixture
def window(new_window, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """One softmax unit for three classes."""
    layers = [Dense.parse({"units": 4, "activation": "relu"}),
              Dense.parse({"units": 1, "activation": "softmax"})]  # fmt: skip
    loss = {"type": "CategoricalCrossentropy", "from_logits": True}
    plan = Plan.parse({"loss": loss, "metrics": ["categorical_accuracy"], "epochs": 2})
    data = DataSetup(source=BuiltIn(name="iris"))
    project = Project(graph=Graph.sequential((4,), layers), data=data, plan=plan)
    write_project(project, tmp_path / "p.netsmith")
    window = new_window()
    window.files.open_path(tmp_path / "p.netsmith")
    qtbot.waitUntil(lambda: window.workbench.dataset is not None, timeout=TIMEOUT)
    qtbot.waitUntil(window.training_panel.anyway.isVisible, timeout=TIMEOUT)
    return window


def test_the_lesson_of_one_softmax_unit_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    panel, curves = window.training_panel, window.curves
    assert not panel.start_action.isEnabled()
    assert "dense_1 outputs 1, but the 3 classes" in (window.workbench.reason_not_ready or "")
    assert not curves.notes_area.isVisible()
    qtbot.mouseClick(panel.anyway, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.is_active, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not window.session.is_active, timeout=TIMEOUT)
    history = window.session.history
    assert history.last("train/loss") == 0
    assert history.last("validation/categorical accuracy") == 1
    assert "the loss is 0 and the categorical accuracy 1 whatever it outputs" in curves.notes.text()
    assert curves.notes_area.isVisible()
    assert curves.notes_area.height() <= curves.height() // 3
    # It stays accepted, until something else is wrong.
    assert not panel.anyway.isVisible()
    assert panel.start_action.isEnabled()
    project = window.document.project
    plan = project.plan.changed(loss={"type": "CategoricalCrossentropy"}, metrics=["accuracy"])
    other = project.graph.change("dense_1", layer=Dense.parse({"units": 2}))
    window.document.do("Change", replace(project, plan=plan, graph=other))
    qtbot.waitUntil(lambda: not panel.start_action.isEnabled(), timeout=TIMEOUT)
    assert not panel.anyway.isVisible(), "two outputs for three classes cannot be computed"


def test_the_command_does_the_same_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    assert window.training_panel.anyway_action.isEnabled()
    window.training_panel.anyway_action.trigger()
    qtbot.waitUntil(lambda: not window.session.history.is_empty, timeout=TIMEOUT)
    assert window.session.history.notes
    qtbot.waitUntil(lambda: not window.session.is_active, timeout=TIMEOUT)


def test_the_explanation_comes_back_with_the_project(
    window: MainWindow, qtbot: QtBot, new_window, tmp_path: Path
) -> None:
    window.training_panel.anyway_action.trigger()
    qtbot.waitUntil(lambda: window.session.network is not None, timeout=TIMEOUT)
    window.files.save()
    again = new_window()
    again.files.open_path(tmp_path / "p.netsmith")
    qtbot.waitUntil(lambda: again.session.network is not None, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: again.curves.notes.text() != "", timeout=TIMEOUT)
    assert again.curves.notes.text() == window.curves.notes.text()
