"""The layered layout on its way: worked out beside the window, then glided into."""

from __future__ import annotations

from collections.abc import Collection
from threading import Event, Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QTimer, QVariantAnimation

from app.canvas.gesture import Gesture, Pointer
from app.document import edits
from app.document.layering import StoppedError, layered
from app.document.places import bounds, free_place, snapped
from engine.graph import Graph
from engine.project.project import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_AT_ONCE = 500
"""So many nodes are laid out, and moved in every frame, without being late."""
_GLIDE_MS = 220
_LOOK_MS = 15


class Reckoning:
    """Works a layout out in a thread of its own; asked from the window's."""

    def __init__(self, graph: Graph, nodes: Collection[str]) -> None:
        self._graph, self._nodes = graph, nodes
        self._stop = Event()
        self._found: dict[str, Point] | None = None
        self._thread = Thread(target=self._work, name="layout", daemon=True)
        self._thread.start()

    def result(self) -> dict[str, Point] | None:
        """The places; None while it is not done."""
        return None if self._thread.is_alive() else self._found

    def stop(self) -> None:
        """Nobody waits any more."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            self._found = layered(self._graph, self._nodes, self._stop.is_set)
        except StoppedError:
            self._found = None


class LayoutGesture(Gesture):
    """Lays nodes out; Esc leaves everything where it was, as with any gesture."""

    def __init__(self, canvas: CanvasView, nodes: Collection[str], *, glide: bool) -> None:
        super().__init__(canvas)
        self._nodes = nodes
        self._glide = glide and len(nodes) <= _AT_ONCE
        self._before = self.scene.places()
        self._after: dict[str, Point] = {}
        self.words = f"Arranging {len(nodes):,} layers · Esc cancels"
        self._reckoning: Reckoning | None = None
        self._clock = QTimer(canvas, interval=_LOOK_MS)
        self._clock.timeout.connect(self._look)
        self._motion = QVariantAnimation(canvas, duration=_GLIDE_MS, startValue=0.0, endValue=1.0)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self._show)
        self._motion.finished.connect(self._arrive)

    def start(self) -> None:
        """Begin; with few nodes it is done at once."""
        graph = self.document.project.graph
        if len(self._nodes) > _AT_ONCE:
            self._reckoning = Reckoning(graph, self._nodes)
            self._clock.start()
        else:
            self._take(layered(graph, self._nodes))

    def finish(self, at: Pointer) -> None:
        # A click during the glide goes to its end; before, there is nothing to keep.
        after = self._after
        self.cancel()
        if after:
            self._keep(after)

    def cancel(self) -> None:
        self._clock.stop()
        self._motion.stop()
        if self._reckoning is not None:
            self._reckoning.stop()
        self.scene.drop_preview()
        self._clock.deleteLater()
        self._motion.deleteLater()

    def _look(self) -> None:
        found = self._reckoning.result() if self._reckoning else None
        if found is not None:
            self._clock.stop()
            self._take(found)

    def _take(self, found: dict[str, Point]) -> None:
        """Put what was laid out where it stood, clear of what stays."""
        (left, top), _ = bounds(self._before[id] for id in found)
        corner, size = bounds(found.values())
        others = [at for id, at in self._before.items() if id not in found]
        x, y = free_place((left, top), others, size)
        dx, dy = snapped(x - corner[0]), snapped(y - corner[1])
        self._after = {id: (at[0] + dx, at[1] + dy) for id, at in found.items()}
        if self._glide:
            self._motion.start()
        else:
            self._arrive()

    def _show(self, share: object) -> None:
        if isinstance(share, float) and self._after:
            self.scene.preview(
                {id: _between(self._before[id], at, share) for id, at in self._after.items()}
            )

    def _arrive(self) -> None:
        self.canvas.end_gesture()

    def _keep(self, after: dict[str, Point]) -> None:
        if all(self._before[id] == at for id, at in after.items()):
            self.canvas.message.emit("The layers are already arranged.")
            return
        project = edits.move_nodes(self.document.project, {**self._before, **after})
        self.document.do("Arrange", project)


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share
