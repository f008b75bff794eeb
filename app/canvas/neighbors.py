"""Which node lies where from another: along the wires, or nearest in a direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, Qt

from app.canvas.scene import CanvasScene

_Key = Qt.Key
_BESIDE_COUNTS = 2.0
"""How much farther a step across the direction seems than one along it."""

DIRECTIONS: dict[Qt.Key, Callable[[QPointF], bool]] = {
    _Key.Key_Left: lambda way: way.x() < 0,
    _Key.Key_Right: lambda way: way.x() > 0,
    _Key.Key_Up: lambda way: way.y() < 0,
    _Key.Key_Down: lambda way: way.y() > 0,
}


def next_node(scene: CanvasScene, node: str, arrow: Qt.Key) -> str | None:
    """The node that an arrow leads to: along a wire, else the nearest in that direction."""
    graph = scene.document.project.graph
    along: list[str] = []
    if arrow == _Key.Key_Right:
        along = [edge.target for edge in graph.out_of[node]]
    elif arrow == _Key.Key_Left:
        along = [edge.source for edge in graph.into[node]]
    if along:
        return nearest_first(scene, node, along)[0]
    here = _middle(scene, node)
    is_there = DIRECTIONS[arrow]
    there = [id for id in scene.nodes if id != node and is_there(_middle(scene, id) - here)]
    across = arrow in (_Key.Key_Left, _Key.Key_Right)

    def far(id: str) -> tuple[float, str]:
        way = _middle(scene, id) - here
        along, beside = (way.x(), way.y()) if across else (way.y(), way.x())
        return abs(along) + _BESIDE_COUNTS * abs(beside), id

    return min(there, key=far, default=None)


def nearest_first(scene: CanvasScene, node: str, others: Iterable[str]) -> list[str]:
    """Others to the right come before those that lie behind."""
    here = _middle(scene, node)

    def far(id: str) -> tuple[bool, float, str]:
        way = _middle(scene, id) - here
        return way.x() <= 0, abs(way.x()) + abs(way.y()), id

    return sorted(others, key=far)


def _middle(scene: CanvasScene, node: str) -> QPointF:
    return scene.nodes[node].card.center()
