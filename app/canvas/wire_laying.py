"""Where wires run: from port to port, past the cards in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRectF

from app.canvas.node_item import NodeItem
from app.canvas.routing import Cards, depends_on, level_of
from app.canvas.wire_item import WireItem
from engine.graph import Edge


class WireLaying:
    """Lays the wires that what was moved, made or taken away has an influence on."""

    def __init__(self, nodes: dict[str, NodeItem], wires: dict[Edge, WireItem]) -> None:
        self._nodes, self._wires = nodes, wires
        self._cards = Cards()
        self._vacated: list[QRectF] = []

    def put(self, node: NodeItem) -> None:
        """A card is here now."""
        self._vacated.append(self._cards.put(node.node, node.card))

    def drop(self, node: str) -> None:
        """A card is gone."""
        self._vacated.append(self._cards.drop(node))

    def clear(self) -> None:
        """All cards are gone."""
        self._cards, self._vacated = Cards(), []

    def past(self, moved: Iterable[str]) -> Iterator[WireItem]:
        """The long wires that what was moved gives way to, or comes in the way of."""
        around = QRectF()
        for rect in (*self._vacated, *(self._nodes[id].card for id in moved)):
            around = around.united(rect)
        self._vacated.clear()
        if around.isNull():
            return
        for wire in self._wires.values():
            area = depends_on(wire.start, wire.end)
            if not area.isNull() and area.intersects(around):
                yield wire

    def lay(self, wire: WireItem) -> None:
        """Let a wire run from where its source is now to where its target is."""
        assert wire.edge is not None
        source, target = self._nodes[wire.edge.source], self._nodes[wire.edge.target]
        start, end = source.output, target.input(wire.edge.port)
        ends = wire.edge.source, wire.edge.target
        wire.lay(start, end, level_of(start, end, self._cards, ends, wire.edge.port))
