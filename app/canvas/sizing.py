"""The gesture that changes the size of a frame or a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.gesture import Gesture, Pointer
from app.canvas.mark_item import TITLE
from app.document import edits
from app.document.places import snapped
from engine.project import Mark

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_LEAST = 80.0


class SizeGesture(Gesture):
    """Drags the lower right corner; on the grid."""

    words = "Release to resize · Esc cancels"

    def __init__(self, canvas: CanvasView, name: str, start: Pointer) -> None:
        super().__init__(canvas)
        self._name, self._start = name, start.scene
        self._mark = self.document.project.drawing.marks[name]

    def move(self, to: Pointer) -> None:
        self.scene.preview(marks={self._name: self._sized(to)})

    def finish(self, at: Pointer) -> None:
        sized = self._sized(at)
        if sized == self._mark:
            self.cancel()
            return
        project = edits.change_marks(self.document.project, {self._name: sized})
        self.document.do(f"Resize {sized.kind.lower()}", project)

    def cancel(self) -> None:
        self.scene.drop_preview()

    def _sized(self, to: Pointer) -> Mark:
        mark, way = self._mark, to.scene - self._start
        right = snapped(mark.x + mark.width + way.x())
        bottom = snapped(mark.y + mark.height + way.y())
        return mark.changed(
            width=max(_LEAST, right - mark.x), height=max(2 * TITLE, bottom - mark.y)
        )
