"""Keys pressed on the canvas: for the gesture that goes on, else commands, steps and nudges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.editing import Editing
from app.canvas.keys import ARROWS, command_of
from app.canvas.pointing import Pointing
from app.canvas.walking import Walking

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_Key, _Mods = Qt.Key, Qt.KeyboardModifier


class Keyboard:
    """Decides what a key is for."""

    def __init__(
        self, canvas: CanvasView, pointing: Pointing, editing: Editing, walking: Walking
    ) -> None:
        self._canvas, self._pointing = canvas, pointing
        self._editing, self._walking = editing, walking

    def press(self, event: QKeyEvent) -> None:
        """Do what a key says; ignore the event where it says nothing here."""
        key, held = event.key(), event.modifiers() & ~_Mods.KeypadModifier
        gesture, is_arrow = self._pointing.gesture, _Key(key) in ARROWS
        if key != _Key.Key_Control and not (is_arrow and held == _Mods.ControlModifier):
            self._editing.end_nudging()
        if key == _Key.Key_Escape:
            self._escape()
        elif gesture is not None and gesture.key(_Key(key)):
            pass
        elif key == _Key.Key_Space and not held:
            if not event.isAutoRepeat():
                self._pointing.hold_space(True)
        elif is_arrow and gesture is None and held == _Mods.ControlModifier:
            self._editing.nudge(*ARROWS[_Key(key)])
        elif is_arrow and gesture is None and held in (_Mods.NoModifier, _Mods.ShiftModifier):
            self._walking.step(_Key(key), adding=bool(held))
        elif gesture is None and (command := command_of(key, held)):
            self._canvas.do(command)
        else:
            # QGraphicsView would scroll; what the canvas does not use is the window's.
            event.ignore()

    def release(self, event: QKeyEvent) -> bool:
        """Whether the key was one that does something when it is let go."""
        if event.key() != _Key.Key_Space:
            return False
        if not event.isAutoRepeat() and self._pointing.hold_space(False):
            at = self._canvas.cursor_place()
            if at is not None and self._pointing.under(at) is None:
                self._canvas.adding.open_by_key(at)
        return True

    def _escape(self) -> None:
        """Drop the gesture; else leave the group; else select nothing."""
        if self._pointing.drop():
            return
        if self._canvas.document.level:
            self._canvas.levels.go_out()
        else:
            self._canvas.document.selection.clear()
