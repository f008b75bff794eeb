"""What screen readers are told while the canvas is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from shiboken6 import isValid

from app.canvas.spoken import selection_words

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_Politeness = QAccessible.AnnouncementPoliteness


class Speaking(QObject):
    """Tells what is selected now, what an edit did, and why something was refused.

    Words are put together only while somebody listens: that takes a look at the network.
    """

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas, document = canvas, canvas.document
        self._steps = document.undo_stack.index()
        document.selection.changed.connect(self._on_selected)
        document.undo_stack.indexChanged.connect(self._on_step)
        canvas.message.connect(self.warn)

    def say(self, text: str) -> None:
        """Say something as soon as nothing else is being said."""
        self._announce(text, _Politeness.Polite)

    def warn(self, text: str) -> None:
        """Say something at once."""
        self._announce(text, _Politeness.Assertive)

    def _announce(self, text: str, politeness: QAccessible.AnnouncementPoliteness) -> None:
        # Kept for those who ask the canvas what it shows.
        self._canvas.setAccessibleDescription(text)
        if QAccessible.isActive() and text:
            event = QAccessibleAnnouncementEvent(self._canvas, text)
            event.setPoliteness(politeness)
            tell(event)

    def _on_step(self, index: int) -> None:
        """An edit was made, undone or made again: say which."""
        stack, before, self._steps = self._canvas.document.undo_stack, self._steps, index
        if not isValid(stack):  # it empties itself when it goes
            return
        if index < before:
            self.say(f"Undone: {stack.text(index)}")
        elif index:
            self.say(stack.text(index - 1))

    def _on_selected(self) -> None:
        if QAccessible.isActive():
            self.say(selection_words(self._canvas.document))


def tell(event: QAccessibleEvent) -> None:
    """Hand an event on to the desktop."""
    QAccessible.updateAccessibility(event)
