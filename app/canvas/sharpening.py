"""Zooming many nodes: stretched pictures while it goes on, sharp ones when it rests."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsView

from app.canvas.measures import FAR_BELOW
from app.canvas.node_item import NodeItem
from app.canvas.pictures import Pictures
from app.canvas.rough_layer import RoughLayer
from app.canvas.wire_item import WireItem

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene

_REST_MS = 140
"""A zoom that has paused for so long rests."""
_TURN_MS, _SHARPEN_S = 8, 0.003
"""How often pictures are painted sharply after a zoom, and for how long at a time."""
_SHARPEN_MOST, _FAR_MOST = 30, 200
"""So many at a time, from near and from afar: Qt paints its copies of them right after."""


class Sharpening(QObject):
    """Lets a scene's nodes and wires be painted roughly while they are zoomed."""

    def __init__(self, scene: CanvasScene, pictures: Pictures) -> None:
        super().__init__(scene)
        self._scene, self._pictures = scene, pictures
        self._layer = RoughLayer(self._nodes, pictures)
        scene.addItem(self._layer)
        self._zoom = 1.0
        self._blurred: list[NodeItem | WireItem] = []
        self._looked_at = 0, 0
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._on_rest)
        self._turn = QTimer(self, interval=_TURN_MS)
        self._turn.timeout.connect(self._sharpen_some)

    @property
    def is_active(self) -> bool:
        """Whether the zoom rests and stretched pictures are being painted sharply."""
        return self._turn.isActive()

    def begin(self, zoom: float) -> None:
        """The scene is looked at from another distance."""
        self._zoom = zoom
        # What is sharp already would be painted anew with every frame.
        is_sharp = not self._pictures.rough or self.is_active
        self._end()
        if is_sharp:
            self._hold_updates()
            self._show_rough(True)
            QTimer.singleShot(0, self, self._let_update)
        self._rest.start()

    def _nodes(self) -> list[NodeItem]:
        return list(self._scene.nodes.values())

    @property
    def _views(self) -> list[QGraphicsView]:
        return self._scene.views()

    def _on_rest(self) -> None:
        """Paint what is in sight sharply, a little in each turn."""
        for view in self._views[:1]:
            seen = view.mapToScene(view.viewport().rect()).boundingRect()
            self._blurred = [
                item for item in self._scene.items(seen) if isinstance(item, NodeItem | WireItem)
            ]
            view.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._hold_updates()
        self._turn.start()

    def _sharpen_some(self) -> None:
        if not self._pictures.rough:  # what the last turn made sharp is seen by now
            self._end()
            self._update_at_rest()
            return
        clock = perf_counter()
        zoom, ratio = self._zoom, self._views[0].devicePixelRatioF() if self._views else 1.0
        for _ in range(_FAR_MOST if zoom < FAR_BELOW else _SHARPEN_MOST):
            if not self._blurred or perf_counter() - clock > _SHARPEN_S:
                break
            item = self._blurred.pop()
            if isinstance(item, WireItem):
                item.show_rough(False)
            elif item.scene() is self._scene:
                item.sharpen(zoom, ratio)
                self._scene.live.show_rough(False, [item.node])
        if not self._blurred:
            self._show_rough(False)
        self._update_at_rest()

    def _update_at_rest(self) -> None:
        for view in self._views:
            # What pans paints anyhow; to paint here as well would halve its frames.
            at = view.horizontalScrollBar().value(), view.verticalScrollBar().value()
            if at == self._looked_at:
                view.viewport().update()
            self._looked_at = at

    def _end(self) -> None:
        self._turn.stop()
        self._let_update()

    def _let_update(self) -> None:
        """Let items that change be painted again by themselves."""
        if not self.is_active:
            for view in self._views:
                view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)

    def _hold_updates(self) -> None:
        """Paint nothing because of items alone: all is painted for another reason."""
        for view in self._views:
            view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
            view.viewport().update()

    def _show_rough(self, rough: bool) -> None:
        scene = self._scene
        self._pictures.rough = rough
        self._layer.setVisible(rough)
        scene.live.show_rough(rough, scene.nodes)
        items: list[NodeItem | WireItem] = [*scene.nodes.values(), *scene.wires.values()]
        for item in items:
            item.show_rough(rough)
        for view in self._views:
            view.setRenderHint(QPainter.RenderHint.Antialiasing, not rough)
