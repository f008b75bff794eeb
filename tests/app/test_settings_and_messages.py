"""What is remembered between starts, and how messages and crashes reach the user."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.messages import Messages
from app.settings import RECENT_LIMIT, Settings
from app.theme import Scheme
from app.widgets.banner import Banner
from app.widgets.crash_dialog import CrashReporter, install_excepthook
from engine.errors import Cancelled, DataError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def reread(settings: Settings, file: Path) -> Settings:
    settings.flush()
    return Settings(file)


def test_settings_come_back(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    assert settings.scheme == Scheme.SYSTEM
    assert settings.recent_files == ()
    assert settings.last_folder == Path.home()
    assert settings.geometry.isEmpty()
    project = tmp_path / "a.netsmith"
    project.touch()
    settings.scheme = Scheme.DARK
    settings.last_folder = tmp_path
    settings.geometry = QByteArray(b"where")
    settings.window_state = QByteArray(b"how")
    settings.add_recent_file(project)
    again = reread(settings, file)
    assert again.scheme == Scheme.DARK
    assert again.last_folder == tmp_path
    assert again.geometry == QByteArray(b"where")
    assert again.recent_files == (project,)
    again.forget_window()
    assert again.window_state.isEmpty()


def test_recent_files_are_in_order_few_and_there(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    paths = [tmp_path / f"{i}.netsmith" for i in range(RECENT_LIMIT + 3)]
    for path in paths:
        path.touch()
        settings.add_recent_file(path)
    settings.add_recent_file(paths[5])
    recent = reread(settings, file).recent_files
    assert len(recent) == RECENT_LIMIT
    assert recent[0] == paths[5]
    assert len(set(recent)) == len(recent)
    paths[5].unlink()
    assert paths[5] not in settings.recent_files
    settings.forget_recent_files()
    assert reread(settings, file).recent_files == ()


def test_a_damaged_file_is_no_obstacle(file: Path) -> None:
    file.write_text("[General]\nscheme=pink\nlast_folder=%%\nrecent_files=7\n")
    settings = Settings(file)
    assert settings.scheme == Scheme.SYSTEM
    assert settings.recent_files == ()
    assert settings.last_folder == Path.home()


def test_messages_reach_whoever_listens(qtbot: QtBot) -> None:
    messages = Messages()
    with qtbot.waitSignal(messages.informed) as heard:
        messages.info("Saved.")
    assert heard.args == ["Saved."]
    error = DataError("It is empty.", "Choose another.")
    with qtbot.waitSignal(messages.failed) as failed:
        messages.error(error)
    assert failed.args == [error]
    with qtbot.assertNotEmitted(messages.failed):
        messages.error(Cancelled())


def test_the_banner_shows_both_sentences_until_closed(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.show_error(DataError("It is empty.", "Choose another."))
    assert banner.isVisible()
    assert (banner.what.text(), banner.todo.text()) == ("It is empty.", "Choose another.")
    QTest.mouseClick(banner.close_button, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_a_bug_is_shown_once_and_can_be_copied(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reporter = CrashReporter()
    try:
        raise RuntimeError("wobble")
    except RuntimeError as error:
        for _ in range(3):
            reporter.report(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    dialog = reporter.dialog
    assert dialog is not None
    assert "wobble" in dialog.report
    assert "Python" in dialog.report
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert "wobble" in QGuiApplication.clipboard().text()
    dialog.reject()
    qtbot.waitUntil(lambda: reporter.dialog is None)
    assert capsys.readouterr().err.count("wobble") >= 3


def test_the_hooks_are_installed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    parent = Messages()
    reporter = install_excepthook(parent)
    assert sys.excepthook == reporter.report
    assert reporter.parent() is parent
