"""Layers dragged in from the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from app.canvas.gesture import Pointer
from app.canvas.placing import PlaceGesture
from app.canvas.pointing import Pointing, pointer
from app.widgets.layer_drag import kind_in, show_picture
from engine.errors import EngineError

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Dropping:
    """Lets a gesture follow a drag, and do what it shows when the layer is dropped."""

    def __init__(self, canvas: CanvasView, pointing: Pointing) -> None:
        self._canvas, self._pointing = canvas, pointing

    def enter(self, event: QDragEnterEvent) -> None:
        """A drag comes in: take it if it carries a layer that can be made."""
        kind = kind_in(event.mimeData())
        if kind is None:
            event.ignore()
            return
        try:
            gesture = PlaceGesture(self._canvas, kind)
        except EngineError as error:
            self._canvas.message.emit(str(error))
            event.ignore()
            return
        self._pointing.begin(gesture)
        self._canvas.overlaid.empty.hide()
        show_picture(False)  # the node itself is shown instead
        event.acceptProposedAction()

    def move(self, event: QDragMoveEvent) -> None:
        """The drag goes on."""
        if isinstance(self._pointing.gesture, PlaceGesture):
            self._pointing.gesture.move(self._pointer_of(event))
            event.acceptProposedAction()

    def leave(self) -> None:
        """The drag went away."""
        show_picture(True)
        self._pointing.drop()
        self._canvas.overlaid.follow()

    def drop(self, event: QDropEvent) -> None:
        """The layer was let go."""
        if isinstance(self._pointing.gesture, PlaceGesture):
            self._pointing.finish(self._pointer_of(event))
            self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
            event.acceptProposedAction()

    def _pointer_of(self, event: QDropEvent) -> Pointer:
        return pointer(self._canvas, event.position(), event.modifiers())
