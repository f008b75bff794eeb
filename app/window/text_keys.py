"""Keys of the menus that text fields would take for themselves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from app.actions import COMMANDS

OF_TEXT = {"undo", "redo"}
"""While one types, these take back what was typed."""


class MenuKeys(QObject):
    """Lets the keys of menus work while a text field has the focus.

    Qt's text fields know Ctrl+E, for one, as "end of line", and swallow it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._keys = {
            QKeySequence(each.keys).toString()
            for each in COMMANDS
            if each.keys and not each.on_canvas and each.name not in OF_TEXT
        }
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep a field from claiming a key; the window's shortcut then has it."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        is_ours = QKeySequence(event.keyCombination()).toString() in self._keys
        if is_ours:
            event.ignore()
        return is_ours
