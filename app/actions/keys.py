"""How keys of commands are written."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from app.actions.command import Command


def native(keys: str) -> str:
    """A key as the desktop writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def menu_text(command: Command) -> str:
    """What a menu says where the key is shown but not bound."""
    return f"{command.text}\t{native(command.keys)}" if command.keys else command.text


def tool_tip(command: Command) -> str:
    """Name, key and what it does."""
    keys = native(command.keys)
    name = f"{command.words} ({keys})" if keys else command.words
    return f"{name}: {command.tip}"
