"""How a long wire gets past the cards between its ends, instead of behind them."""

from __future__ import annotations

from collections import defaultdict
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


Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Cards:
    """The rectangles of the nodes, found by where they are."""

    def __init__(self) -> None:
        self._boxes: dict[str, Box] = {}
        self._columns: dict[int, dict[str, Box]] = defaultdict(dict)

    def put(self, node: str, rect: QRectF) -> QRectF:
        """A node is here now; where it was."""
        before = self.drop(node)
        box = rect.left(), rect.top(), rect.right(), rect.bottom()
        self._boxes[node] = self._columns[_column(box[0])][node] = box
        return before

    def drop(self, node: str) -> QRectF:
        """A node is gone; where it was, null if it was not known."""
        known = self._boxes.pop(node, None)
        if known is None:
            return QRectF()
        del self._columns[_column(known[0])][node]
        return QRectF(QPointF(known[0], known[1]), QPointF(known[2], known[3]))

    def inside(self, area: QRectF, but: tuple[str, str]) -> list[Box]:
        """The cards that have a part in a rectangle, those of two nodes left out."""
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        return [
            box
            for column in range(_column(left) - 1, _column(right) + 1)
            for node, box in self._columns.get(column, {}).items()
            if box[2] > left
            and box[0] < right
            and box[3] > top
            and box[1] < bottom
            and node not in but
        ]


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
    near = cards.inside(area, but)
    if not _is_behind(start, end, near):
        return None
    first, last = start.x() + TURN / 2, end.x() - TURN / 2
    inside = [(box[1], box[3]) for box in near if box[2] > first and box[0] < last]
    apart = _CLEAR + 2 + _LANE * (rank % 6)
    levels = {start.y(), end.y()}
    for top, bottom in inside:
        levels |= {top - apart, bottom + apart}
    ways = sorted((abs(level - start.y()) + abs(level - end.y()), level) for level in levels)
    for _, level in ways:
        if area.top() < level < area.bottom() and not any(
            top - _CLEAR < level < bottom + _CLEAR for top, bottom in inside
        ):
            return level
    return None


def _is_behind(start: QPointF, end: QPointF, cards: list[Box]) -> bool:
    """Whether the plain curve from one end to the other meets a card."""
    left, top = start.x(), start.y()
    across, down = end.x() - left, end.y() - top
    low, high = min(top, end.y()), max(top, end.y())
    # A flat wire is met by what lies in its row; most others meet nothing at all.
    some = [box for box in cards if box[1] <= high and box[3] >= low]
    if not some:
        return False
    for step in range(1, _STEPS):
        t = step / _STEPS
        x = left + across * (1.5 * t - 1.5 * t**2 + t**3)
        y = top + down * (3 * t**2 - 2 * t**3)
        if any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in some):
            return True
    return False


def _column(x: float) -> int:
    return floor(x / COLUMN_WIDTH)
