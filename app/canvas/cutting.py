"""The gesture that cuts wires with a stroke across them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from app import theme
from app.canvas.gesture import Gesture, Pointer
from app.canvas.node_item import GHOST_LAYER
from app.canvas.steps import counted
from app.canvas.wire_item import Look, WireItem
from app.document import edits
from engine.graph import Edge

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class CutGesture(Gesture):
    """Follows the pointer with a line; the wires that it crosses are cut on release."""

    words = "Draw across the wires to cut · Esc cancels"

    def __init__(self, canvas: CanvasView, start: Pointer) -> None:
        super().__init__(canvas)
        self._cut: dict[Edge, None] = {}
        self._last = start.scene
        self._path = QPainterPath(start.scene)
        pen = QPen(theme.color("bad"), 1.6, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        self._line = QGraphicsPathItem()
        self._line.setPen(pen)
        self._line.setZValue(GHOST_LAYER)
        self.scene.addItem(self._line)

    def move(self, to: Pointer) -> None:
        stroke = QLineF(self._last, to.scene)
        for wire in self.scene.wires_in(_around(stroke)):
            if wire.edge is not None and wire.edge not in self._cut and _crosses(stroke, wire):
                self._cut[wire.edge] = None
                wire.show_look(Look.BAD)
        self._last = to.scene
        self._path.lineTo(to.scene)
        self._line.setPath(self._path)
        if self._cut:
            self.words = f"Release: {counted('cut', len(self._cut), 'wire')} · Esc cancels"

    def finish(self, at: Pointer) -> None:
        self.move(at)
        self.cancel()
        if self._cut:
            project = edits.disconnect(self.document.project, self._cut)
            self.document.do(counted("Cut", len(self._cut), "wire"), project)

    def cancel(self) -> None:
        self.scene.removeItem(self._line)
        for edge in self._cut:
            if edge in self.scene.wires:
                self.scene.wires[edge].show_look(Look.PLAIN)


def _around(line: QLineF) -> QRectF:
    return QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1)


def _crosses(stroke: QLineF, wire: WireItem) -> bool:
    return any(
        stroke.intersects(QLineF(start, end))[0] == QLineF.IntersectionType.BoundedIntersection
        for polygon in wire.path().toSubpathPolygons()
        for start, end in pairwise(polygon.toList())
    )
