"""How a long wire gets past the cards between its ends, instead of behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import floor

from PySide6.QtCore import QPointF, QRectF

from app.document.places import COLUMN_WIDTH

LONG = 1.1 * COLUMN_WIDTH
"""A shorter wire has no card between its ends."""
TURN = 60.0
"""How far a wire goes on at either end to reach its level."""
_AROUND = 400.0
"""How far above and below its ends a free level is looked for."""
_CLEAR = 10.0
_LANE = 6.0
_STEPS = 24


class Cards:
    """The rectangles of the nodes, found by where they are."""

    def __init__(self) -> None:
        self._rects: dict[str, QRectF] = {}
        self._columns: dict[int, set[str]] = defaultdict(set)

    def put(self, node: str, rect: QRectF) -> QRectF:
        """A node is here now; where it was."""
        before = self.drop(node)
        self._rects[node] = rect
        self._columns[_column(rect.x())].add(node)
        return before

    def drop(self, node: str) -> QRectF:
        """A node is gone; where it was, null if it was not known."""
        known = self._rects.pop(node, QRectF())
        if not known.isNull():
            self._columns[_column(known.x())].discard(node)
        return known

    def between(self, left: float, right: float) -> Iterator[tuple[str, QRectF]]:
        """The nodes whose card has a part between two lines."""
        for column in range(_column(left) - 1, _column(right) + 1):
            for node in self._columns.get(column, ()):
                rect = self._rects[node]
                if rect.right() > left and rect.left() < right:
                    yield node, rect


def depends_on(start: QPointF, end: QPointF) -> QRectF:
    """Where cards matter to a wire; null for a short one."""
    if end.x() - start.x() < LONG:
        return QRectF()
    top, bottom = min(start.y(), end.y()), max(start.y(), end.y())
    return QRectF(
        QPointF(start.x(), top - _AROUND),
        QPointF(end.x(), bottom + _AROUND),
    )


def level_of(
    start: QPointF, end: QPointF, cards: Cards, but: tuple[str, str], rank: int
) -> float | None:
    """The height at which a wire passes what is in its way; None if nothing is.

    Args:
        but: the nodes that it joins.
        rank: which input it leads to; wires side by side keep apart.
    """
    area = depends_on(start, end)
    if area.isNull():
        return None
    found = {node: rect for node, rect in cards.between(start.x(), end.x()) if node not in but}
    near = {node: rect for node, rect in found.items() if rect.intersects(area)}
    if not _is_behind(start, end, near):
        return None
    inside = [
        rect.adjusted(0, -_CLEAR, 0, _CLEAR)
        for rect in near.values()
        if rect.right() > start.x() + TURN / 2 and rect.left() < end.x() - TURN / 2
    ]
    apart = _CLEAR + 2 + _LANE * (rank % 6)
    levels = [start.y(), end.y()]
    for rect in inside:
        levels += [rect.top() + _CLEAR - apart, rect.bottom() - _CLEAR + apart]
    free = [
        level
        for level in levels
        if area.top() < level < area.bottom()
        and not any(rect.top() < level < rect.bottom() for rect in inside)
    ]
    ways = sorted((abs(level - start.y()) + abs(level - end.y()), level) for level in free)
    return ways[0][1] if ways else None


def _is_behind(start: QPointF, end: QPointF, cards: Mapping[str, QRectF]) -> bool:
    """Whether the plain curve from one end to the other meets a card."""
    across, down = end.x() - start.x(), end.y() - start.y()
    for step in range(1, _STEPS):
        t = step / _STEPS
        x = start.x() + across * (1.5 * t - 1.5 * t**2 + t**3)
        y = start.y() + down * (3 * t**2 - 2 * t**3)
        if any(rect.contains(x, y) for rect in cards.values()):
            return True
    return False


def _column(x: float) -> int:
    return floor(x / COLUMN_WIDTH)
