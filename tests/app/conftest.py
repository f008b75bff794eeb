"""What every test of the window needs: no screen, and garbage collected in the GUI thread."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QStandardItem
from PySide6.QtWidgets import (
    QApplication,
    QLayoutItem,
    QListWidgetItem,
    QTableWidgetItem,
    QTreeWidgetItem,
)
from pytestqt.qtbot import QtBot
from shiboken6 import createdByPython, getAllValidWrappers

from app.document.dialogs import Choice, Rescue
from app.main_window import MainWindow
from app.settings import Settings
from app.window import calibrating
from engine.arrays import Array

DELETED_BY_QT = (QLayoutItem, QListWidgetItem, QTableWidgetItem, QTreeWidgetItem, QStandardItem)
WHY_NO_ITEMS = (
    "no Python object may be made of what Qt deletes. Use models and views, ask a layout for "
    "indexOf(), and add a layout to its parent before it is filled."
)


@pytest.fixture(autouse=True)
def _garbage_in_gui_thread() -> Iterator[None]:
    """Widgets found by the collector in a training thread would end the program."""
    gc.disable()
    yield
    # What this test has made; to look through all that is older took longer than most tests.
    gc.collect(1)
    gc.enable()


@pytest.fixture(autouse=True)
def _no_wrappers_of_what_qt_deletes() -> Iterator[None]:
    """Qt deletes these without telling Python, and what is allocated at their address next
    would be taken for them: the program dies."""
    yield
    of_qt = [each for each in getAllValidWrappers() if isinstance(each, DELETED_BY_QT)]
    stale = [each for each in of_qt if not isinstance(each, QObject) and not createdByPython(each)]
    assert not stale, f"{stale}: {WHY_NO_ITEMS}"


@pytest.fixture(autouse=True)
def _no_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that stays open for long would measure the machine, and then say other numbers."""
    monkeypatch.setattr(calibrating, "SETTLE_MS", 10**9)
    monkeypatch.setattr(calibrating, "_known", {})


class Answers:
    """Stands in for the questions about files: a test has nobody to ask."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "work.netsmith"
        self.choice = Choice.DISCARD
        self.rescue = Rescue.DISCARD
        self.asked = 0

    def about_unsaved(self, title: str, work: str) -> Choice:
        self.asked += 1
        return self.choice

    def path_to_open(self, folder: Path) -> Path | None:
        return self.path

    def path_to_save(self, suggested: Path) -> Path | None:
        return self.path

    def path_to_draw(self, suggested: Path, filters: str) -> Path | None:
        return self.path

    def about_recovery(self, title: str, edited: str, has_file: bool, damage: str = "") -> Rescue:
        return self.rescue


@pytest.fixture
def new_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Opens the real window, with settings and journals of its own."""
    made: list[MainWindow] = []

    def new() -> MainWindow:
        window = MainWindow(Settings(tmp_path / "settings.ini"), state_folder=tmp_path / "state")
        window.files.dialogs = Answers(tmp_path)  # type: ignore[assignment]
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        made.append(window)
        return window

    yield new
    for window in made:
        window.files.dialogs = Answers(tmp_path)  # type: ignore[assignment]
        window.close()
        window.deleteLater()


@pytest.fixture
def window(new_window: Callable[[], MainWindow]) -> MainWindow:
    """One of these, as it begins."""
    return new_window()


def drop(window: MainWindow, *paths: Path) -> None:
    """Drop files on a window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    held = (
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(20, 20), *held))
    QApplication.sendEvent(window, QDropEvent(QPointF(20, 20), *held))


def wait_ready(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until a run could start."""
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=60_000)
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=60_000)


def weights_of(window: MainWindow) -> dict[str, Array]:
    """A copy of the trained weights; none without a trained network."""
    network = window.session.network
    return {} if network is None else network.copy_weights()
