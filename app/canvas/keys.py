"""Which key does what on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from app.actions import COMMANDS
from app.document.places import GRID

_Key, _Mod = Qt.Key, Qt.KeyboardModifier
_Combination = tuple[Qt.Key, Qt.KeyboardModifier]


def _combination(keys: str) -> _Combination:
    pressed = QKeySequence(keys)[0]  # type: ignore[index]  # missing in the stubs
    return pressed.key(), pressed.keyboardModifiers()


BY_KEY: dict[_Combination, str] = {
    _combination(command.keys): command.name
    for command in COMMANDS
    if command.on_canvas and command.keys
} | {
    # The same by the keys that some keyboards have instead.
    (_Key.Key_Backspace, _Mod.NoModifier): "delete",
    (_Key.Key_Enter, _Mod.NoModifier): "edit",
    (_Key.Key_Plus, _Mod.ControlModifier): "zoom_in",
}
"""Names of commands by key."""

ARROWS: dict[Qt.Key, tuple[float, float]] = {
    _Key.Key_Left: (-GRID, 0.0),
    _Key.Key_Right: (GRID, 0.0),
    _Key.Key_Up: (0.0, -GRID),
    _Key.Key_Down: (0.0, GRID),
}


def command_of(key: int, held: Qt.KeyboardModifier) -> str | None:
    """The command that a key press asks for; None if the canvas does not use it."""
    held &= ~_Mod.KeypadModifier
    # Ctrl+= is typed as Ctrl+Shift+0 or the like on some keyboards.
    if key in (_Key.Key_Plus, _Key.Key_Equal):
        held &= ~_Mod.ShiftModifier
    try:
        return BY_KEY.get((Qt.Key(key), held))
    except ValueError:
        return None
