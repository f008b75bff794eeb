"""What was trained is work like any other: asked about, saved with its project, recovered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.document.dialogs import Choice, Rescue
from app.main_window import MainWindow
from app.training.session import State
from engine.project import read_project, write_project
from engine.project.examples import find_example
from engine.project.trained import model_path, read_trained
from tests.app.conftest import wait_ready, weights_of

LONG_MS = 30_000
Make = Callable[[], MainWindow]


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    path = tmp_path / "iris.netsmith"
    path.write_bytes(find_example("iris").path.read_bytes())
    return path


def opened(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    assert window.files.open_path(path)
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=LONG_MS)


def trained(qtbot: QtBot, window: MainWindow) -> None:
    window.workbench.start()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)


def with_more_epochs(path: Path) -> None:
    project = read_project(path)
    write_project(replace(project, plan=project.plan.changed(epochs=100_000)), path)


def test_a_run_that_is_not_wanted_leaves_the_saved_network(
    qtbot: QtBot, new_window: Make, iris: Path
) -> None:
    window = new_window()
    opened(qtbot, window, iris)
    trained(qtbot, window)
    assert window.isWindowModified()
    assert window.files.save()
    assert not window.isWindowModified()
    before = model_path(iris).read_bytes()
    project = window.document.project
    window.document.do("Train less", replace(project, plan=project.plan.changed(epochs=1)))
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=LONG_MS)
    trained(qtbot, window)
    window.files.dialogs.choice = Choice.DISCARD  # type: ignore[attr-defined]
    assert window.close()
    assert model_path(iris).read_bytes() == before
    assert not list(iris.parent.glob(".iris*"))


def test_a_run_that_goes_on_is_saved_as_far_as_it_is(
    qtbot: QtBot, new_window: Make, iris: Path
) -> None:
    with_more_epochs(iris)
    window = new_window()
    opened(qtbot, window, iris)
    window.workbench.start()
    qtbot.waitUntil(lambda: len(window.session.history) > 2, timeout=LONG_MS)
    answers = window.files.dialogs
    answers.choice = Choice.CANCEL  # type: ignore[attr-defined]
    assert not window.close()
    assert window.session.is_active
    answers.choice = Choice.SAVE  # type: ignore[attr-defined]
    assert window.close()
    assert 2 < read_trained(model_path(iris)).epochs < 100_000


def test_a_crash_after_a_run_loses_no_weights(qtbot: QtBot, new_window: Make, iris: Path) -> None:
    window = new_window()
    opened(qtbot, window, iris)
    trained(qtbot, window)
    weights = weights_of(window)
    assert weights
    # The program ends here and now: its lock goes, all it wrote stays.
    lock = window.files.safety._lock
    assert lock is not None
    lock.unlock()
    assert not model_path(iris).exists()

    second = new_window()
    second.files.dialogs.rescue = Rescue.OPEN  # type: ignore[attr-defined]
    opened(qtbot, second, iris)
    assert second.isWindowModified()
    found = weights_of(second)
    assert found
    assert all((found[name] == value).all() for name, value in weights.items())
    assert second.curves.history is second.session.history
    assert second.files.save()
    assert read_trained(model_path(iris)).epochs == len(second.session.history)


def test_the_saved_network_is_there_after_a_recovery_of_edits(
    qtbot: QtBot, new_window: Make, iris: Path
) -> None:
    window = new_window()
    opened(qtbot, window, iris)
    trained(qtbot, window)
    assert window.files.save()
    window.document.do("Rename", replace(window.document.project, title="Flowers"))
    window.files.safety.note_now()
    lock = window.files.safety._lock
    assert lock is not None
    lock.unlock()

    second = new_window()
    second.files.dialogs.rescue = Rescue.OPEN  # type: ignore[attr-defined]
    opened(qtbot, second, iris)
    assert second.document.project.title == "Flowers"
    assert second.session.network is not None


def test_scores_come_back_with_the_network(qtbot: QtBot, new_window: Make, iris: Path) -> None:
    window = new_window()
    opened(qtbot, window, iris)
    trained(qtbot, window)
    scores = window.training_panel.scores.text("accuracy")
    assert "–" not in scores
    assert window.files.save()
    second = new_window()
    opened(qtbot, second, iris)
    assert second.training_panel.scores.text("accuracy") == scores


def test_a_short_run_of_an_example_is_asked_about(qtbot: QtBot, window: MainWindow) -> None:
    window.open_example(find_example("iris"))
    wait_ready(qtbot, window)
    trained(qtbot, window)
    answers = window.files.dialogs
    answers.choice = Choice.CANCEL  # type: ignore[attr-defined]
    window.new()
    assert answers.asked == 1  # type: ignore[attr-defined]
    assert window.session.network is not None


def test_one_file_restores_the_trained_network_anywhere(
    qtbot: QtBot, new_window: Make, iris: Path, tmp_path: Path
) -> None:
    window = new_window()
    opened(qtbot, window, iris)
    trained(qtbot, window)
    sent, elsewhere = tmp_path / "sent.netsmith", tmp_path / "elsewhere" / "got.netsmith"
    window.files.dialogs.path = sent  # type: ignore[attr-defined]
    window.actions_["save_with_weights"].trigger()
    assert not (tmp_path / "sent.runs").exists()
    elsewhere.parent.mkdir()
    sent.rename(elsewhere)

    second = new_window()
    opened(qtbot, second, elsewhere)
    weights, found = weights_of(window), weights_of(second)
    assert weights
    assert found
    assert all((found[name] == value).all() for name, value in weights.items())
    trained(qtbot, second)
    assert second.files.save()  # keeps both in the one file
    assert not (elsewhere.parent / "got.runs").exists()
    assert read_trained(elsewhere).epochs == len(second.session.history)


def test_weights_that_are_missing_are_told(
    qtbot: QtBot, new_window: Make, iris: Path, tmp_path: Path
) -> None:
    window = new_window()
    opened(qtbot, window, iris)
    trained(qtbot, window)
    assert window.files.save()
    (tmp_path / "alone").mkdir()
    alone = tmp_path / "alone" / "iris.netsmith"
    alone.write_bytes(iris.read_bytes())

    second = new_window()
    opened(qtbot, second, alone)
    assert second.banner.isVisible()
    assert "its weights are missing" in second.banner.what.text()
    second.files.open_path(iris)
    assert not second.banner.isVisible()
