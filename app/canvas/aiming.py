"""Which wire a layer would be put into where it is dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.hits import card_at, wire_near
from app.canvas.wire_item import Look
from engine.arrays import Shape
from engine.errors import EngineError
from engine.graph import Edge, UnknownLayer
from engine.layers import Layer

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Aim:
    """Lights up the wire beneath a layer on its way; green, or red with a reason."""

    def __init__(
        self,
        canvas: CanvasView,
        layer: Layer | UnknownLayer,
        adapted: Callable[[Shape], Layer] | None = None,
    ) -> None:
        """Aim with a layer.

        Args:
            adapted: the layer as it would be for what a wire carries; None if it is always so.
        """
        self._scene, self._document = canvas.canvas_scene, canvas.document
        self._layer, self._adapted = layer, adapted
        self.edge: Edge | None = None
        self.reason: str | None = None

    @property
    def takes(self) -> Edge | None:
        """The wire that the layer would go into; None if there is none or it does not fit."""
        return None if self.reason else self.edge

    def at(self, where: QPointF, reach: float, moving: str | None = None) -> None:
        """Aim at a point; a wire that is behind another card than the moving one is not meant."""
        covered = card_at(self._scene, where, moving) is not None
        self._light(None if covered else wire_near(self._scene, where, reach))

    def clear(self) -> None:
        """Aim at nothing."""
        self._light(None)

    def _light(self, edge: Edge | None) -> None:
        if edge == self.edge:
            return
        if self.edge is not None and self.edge in self._scene.wires:
            self._scene.wires[self.edge].show_look(Look.PLAIN)
        self.edge = edge
        self.reason = None if edge is None else self._why_not(edge)
        if edge is not None:
            self._scene.wires[edge].show_look(Look.BAD if self.reason else Look.GOOD)

    def _why_not(self, edge: Edge) -> str | None:
        layer = self._layer
        if isinstance(layer, UnknownLayer):
            return f"{layer.kind} is a type that this version does not know."
        if layer.arity[1] == 0:
            return f"{layer.kind} is where data enters, so it has no input."
        shape = self._document.diagnosis.shapes.get(edge.source)
        if shape is None or layer.arity[0] > 1:
            return None
        try:
            adapted = layer if self._adapted is None else self._adapted(shape)
            if adapted.arity[0] == 1:
                adapted.output_shape((shape,))
        except EngineError as error:
            return str(error)
        return None
