"""Commands that lay nodes out, put them in line or at even distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.canvas.laying_out import LayoutGesture
from app.document import edits, places
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_NEAR, _CENTER, _FAR = 0.0, 0.5, 1.0
_ACROSS, _DOWN = 0, 1


class Arranging(QObject):
    """Each command is one undo step."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas

    def arrange(self) -> None:
        """Lay out the selected nodes in columns; all of them where fewer than two are selected."""
        document = self._canvas.document
        nodes = document.selection.nodes
        if len(nodes) < 2:
            nodes = frozenset(document.project.graph.nodes)
        gesture = LayoutGesture(self._canvas, nodes, glide=self._canvas.moves)
        self._canvas.begin_gesture(gesture)
        gesture.start()

    def align_left(self) -> None:
        """Bring the left edges in line with the leftmost."""
        self._align("Align left", _ACROSS, _NEAR)

    def align_center(self) -> None:
        """Bring the centers in line, one above the other."""
        self._align("Align centers", _ACROSS, _CENTER)

    def align_right(self) -> None:
        """Bring the right edges in line with the rightmost."""
        self._align("Align right", _ACROSS, _FAR)

    def align_top(self) -> None:
        """Bring the upper edges in line with the topmost."""
        self._align("Align top", _DOWN, _NEAR)

    def align_middle(self) -> None:
        """Bring the centers in line, one beside the other."""
        self._align("Align middles", _DOWN, _CENTER)

    def align_bottom(self) -> None:
        """Bring the lower edges in line with the lowest."""
        self._align("Align bottom", _DOWN, _FAR)

    def distribute_across(self) -> None:
        """Make the horizontal gaps equal."""
        self._move("Distribute across", places.distributed(self._rects(), _ACROSS))

    def distribute_down(self) -> None:
        """Make the vertical gaps equal."""
        self._move("Distribute down", places.distributed(self._rects(), _DOWN))

    def _align(self, label: str, axis: int, share: float) -> None:
        self._move(label, places.aligned(self._rects(), axis, share))

    def _rects(self) -> dict[str, places.Rect]:
        items = self._canvas.canvas_scene.nodes
        nodes = sorted(self._canvas.document.selection.nodes)
        return {id: items[id].card.getRect() for id in nodes}  # type: ignore[misc]

    def _move(self, label: str, to: dict[str, Point]) -> None:
        document, before = self._canvas.document, self._canvas.canvas_scene.places()
        if any(before[id] != at for id, at in to.items()):
            project = edits.move_nodes(document.project, {**before, **to})
            document.do(label, project)
