"""What lies under a point of the canvas."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas.mark_item import MarkItem
from app.canvas.measures import BOX_BELOW, MARGIN, PORT_REACH, WIRE_REACH
from app.canvas.node_item import NodeItem
from app.canvas.scene import CanvasScene
from app.canvas.wire_item import WireItem
from engine.graph import Edge


@dataclass(frozen=True)
class PortHit:
    """A port of a node; ``port`` None is its output."""

    node: str
    port: int | None


@dataclass(frozen=True)
class NodeHit:
    """The card of a node; ``badge`` is the mark of its problem."""

    node: str
    badge: bool = False


@dataclass(frozen=True)
class WireHit:
    """A wire."""

    edge: Edge


@dataclass(frozen=True)
class MarkHit:
    """A frame or a note; ``grip`` is the corner that changes its size."""

    mark: str
    grip: bool = False


Hit = PortHit | NodeHit | WireHit | MarkHit | None


def hit(scene: CanvasScene, at: QPointF, zoom: float) -> Hit:
    """What a press takes: a port before a card, a wire, a note, a frame."""
    # Ports that are not drawn cannot be taken.
    if zoom >= BOX_BELOW:
        port = nearest_port(scene, at, PORT_REACH / zoom)
        if port is not None:
            return port
    node = card_at(scene, at)
    if node is not None:
        return NodeHit(node, scene.nodes[node].is_badge(at, zoom))
    edge = wire_near(scene, at, WIRE_REACH / zoom)
    return mark_at(scene, at, zoom) if edge is None else WireHit(edge)


def nearest_port(
    scene: CanvasScene, at: QPointF, reach: float, *, outputs: bool = True, inputs: bool = True
) -> PortHit | None:
    """The port nearest to a point within ``reach``; of ports equally near, the topmost node's."""
    best, found = reach, None
    for item in _near(scene, at, reach + MARGIN):
        if not isinstance(item, NodeItem):
            continue
        places: dict[int | None, QPointF] = {}
        if inputs:
            places.update(item.inputs().items())
        if outputs:
            places[None] = item.output
        for port, place in places.items():
            away = _distance(at, place)
            if away < best:
                best, found = away, PortHit(item.node, port)
    return found


def card_at(scene: CanvasScene, at: QPointF, but: str | None = None) -> str | None:
    """The topmost node, another than ``but``, whose card holds a point."""
    for item in _near(scene, at, 1.0):
        if isinstance(item, NodeItem) and item.card.contains(at) and item.node != but:
            return item.node
    return None


def mark_at(scene: CanvasScene, at: QPointF, zoom: float) -> MarkHit | None:
    """The topmost frame or note that a press at a point takes."""
    for item in _near(scene, at, 8.0 / zoom):
        if isinstance(item, MarkItem) and item.is_held_at(at, zoom):
            return MarkHit(item.name, item.is_grip(at))
    return None


def wire_near(scene: CanvasScene, at: QPointF, reach: float) -> Edge | None:
    """The topmost wire within ``reach`` of a point."""
    for item in _near(scene, at, reach):
        if isinstance(item, WireItem) and item.edge is not None and item.is_near(at, reach):
            return item.edge
    return None


def _near(scene: CanvasScene, at: QPointF, reach: float) -> list[object]:
    around = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
    return list(scene.items(around, Qt.ItemSelectionMode.IntersectsItemBoundingRect))


def _distance(one: QPointF, other: QPointF) -> float:
    away = one - other
    return float((away.x() ** 2 + away.y() ** 2) ** 0.5)
