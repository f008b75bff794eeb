"""An error stays until it is closed, or until what it is about is tried again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from engine.errors import DataError, EngineError, ExportError, PlanError, ProjectError, ShapeError
from engine.project.examples import find_example
from tests.app.conftest import drop, wait_ready

LONG_MS = 60_000


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text("a,b,kind\n" + "".join(f"{i},{i % 7},{'xy'[i % 2]}\n" for i in range(60)))
    return path


def test_good_data_takes_away_the_error_about_bad(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, table: Path
) -> None:
    bad = tmp_path / "letter.docx"
    bad.write_bytes(b"no data")
    window.new()
    drop(window, bad)
    assert window.banner.isVisible()
    drop(window, table)
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=LONG_MS)
    assert not window.banner.isVisible()


def test_a_note_about_the_files_just_dropped_outlives_their_loading(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, table: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(table.read_text())
    window.new()
    drop(window, table, other)
    assert "2 files were dropped" in window.banner.what.text()
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=LONG_MS)
    assert window.banner.isVisible()


def test_each_kind_goes_when_it_is_tried_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "iris.netsmith"
    path.write_bytes(find_example("iris").path.read_bytes())
    assert window.files.open_path(path)
    wait_ready(qtbot, window)

    def shown(error: EngineError) -> bool:
        window.messages.error(error)
        return window.banner.isVisible()

    assert shown(ProjectError("It cannot be written.", "Make room."))
    assert window.files.save()
    assert not window.banner.isVisible()
    assert shown(ShapeError("It does not fit.", "Change it."))
    project = window.document.whole
    window.document.do_whole("Rename", replace(project, title="Other"))
    assert not window.banner.isVisible()
    assert shown(PlanError("It cannot be trained.", "Change it."))
    window.workbench.start()
    assert not window.banner.isVisible()
    assert shown(DataError("Some data is bad.", "Choose other data."))
    assert shown(ExportError("Training is running.", "Stop it."))
    window.session.stop()
    qtbot.waitUntil(lambda: not window.session.is_active, timeout=LONG_MS)
    assert not window.banner.isVisible()


def test_what_is_about_something_else_stays(qtbot: QtBot, window: MainWindow) -> None:
    window.messages.error(DataError("Some data is bad.", "Choose other data."))
    window.messages.withdraw(PlanError, ProjectError)
    assert window.banner.isVisible()
    window.messages.withdraw(DataError)
    assert not window.banner.isVisible()


def test_a_warning_outlives_all_of_it(qtbot: QtBot, window: MainWindow) -> None:
    window.messages.warn(ProjectError("The disk is full.", "Make room."))
    window.messages.error(ProjectError("It cannot be written.", "Make room."))
    window.messages.withdraw(ProjectError)
    assert window.banner.isVisible()
    assert "disk" in window.banner.what.text()
    window.messages.calm()
    assert not window.banner.isVisible()
