"""What a gesture is: a small object that follows the pointer and can be dropped at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


@dataclass(frozen=True)
class Pointer:
    """Where the pointer is: in the scene, on the viewport, and the keys held."""

    scene: QPointF
    view: QPointF
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


class Gesture:
    """Shows what would happen; only :meth:`finish` changes the document, in one undo step.

    Attributes:
        words: the quick tip in the status bar while it lasts.
    """

    words = ""

    def __init__(self, canvas: CanvasView) -> None:
        self.canvas = canvas
        self.scene = canvas.canvas_scene
        self.document = canvas.document

    def move(self, to: Pointer) -> None:
        """The pointer is here now."""

    def key(self, key: Qt.Key) -> bool:
        """A key was pressed; whether the gesture takes it."""
        return False

    def finish(self, at: Pointer) -> None:
        """The button was released: do it."""

    def cancel(self) -> None:
        """Leave everything as it was before the gesture."""
