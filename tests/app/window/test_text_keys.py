"""The menus' keys work wherever the keyboard is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow


class Greedy(QLineEdit):
    """Claims every key, as Qt's fields do with some keys on some desktops."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


def test_export_is_reached_from_a_text_field(
    qtbot: QtBot, new_window: Callable[[], MainWindow]
) -> None:
    window = new_window()
    field = Greedy(window)
    field.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    asked, undone = (QSignalSpy(window.actions_[name].triggered) for name in ("export", "undo"))
    window.actions_["undo"].setEnabled(True)
    QTest.keyClick(field, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert asked.count() == 1
    # While one types, this takes back what was typed.
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone.count() == 0
