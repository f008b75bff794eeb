"""How a part of the drawing is shown whole without what lies over the canvas on top of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from PySide6.QtCore import QPointF, QRectF, QSizeF

ROOM = 60.0
"""Left free on each side, in pixels of the screen."""
_GAP = 12.0
"""Left free beside what lies over the canvas."""
_LEAST = 50.0

Covers = Callable[[QRectF], Sequence[QRectF]]
"""What lies over the canvas while a rectangle of the scene is seen, in the viewport."""
Zoom = Callable[[float], float]


@dataclass(frozen=True)
class Fit:
    """A way to look at something.

    Attributes:
        middle: the point of the scene that is in the middle of the viewport.
    """

    zoom: float
    middle: QPointF

    def seen(self, port: QSizeF) -> QRectF:
        """What a viewport of this size then shows of the scene."""
        size = port / self.zoom
        corner = self.middle - QPointF(size.width(), size.height()) / 2
        return QRectF(corner, size)


def fitted(
    rect: QRectF,
    port: QSizeF,
    covers: Covers,
    is_empty: Callable[[QRectF], bool],
    zoom: Zoom,
) -> Fit:
    """The largest way to show a rectangle whole that leaves no node covered, if there is one.

    Args:
        is_empty: whether no node touches a part of the rectangle.
        zoom: what a zoom becomes when it is set; there are bounds.
    """
    whole = QRectF(QPointF(), port)
    plain = _in_room(rect, whole, _room(whole, ()), zoom)
    ways = [_in_room(rect, whole, room, zoom) for room in _rooms(whole, covers(QRectF()))]
    for way in sorted([plain, *ways], key=lambda each: -each.zoom):
        seen = way.seen(port)
        under = (
            QRectF(seen.topLeft() + each.topLeft() / way.zoom, each.size() / way.zoom)
            for each in covers(seen)
        )
        is_free = all(is_empty(each & rect) for each in under if each.intersects(rect))
        if is_free and seen.contains(rect):
            return way
    return plain


def _rooms(whole: QRectF, covers: Iterable[QRectF]) -> Iterable[QRectF]:
    """What is left when each cover is passed by at its side, or above or below it."""
    choices = []
    for each in covers:
        is_left = each.center().x() < whole.center().x()
        is_top = each.center().y() < whole.center().y()
        beside = QRectF(whole)
        if is_left:
            beside.setLeft(each.right() + _GAP)
        else:
            beside.setRight(each.left() - _GAP)
        apart = QRectF(whole)
        if is_top:
            apart.setTop(each.bottom() + _GAP)
        else:
            apart.setBottom(each.top() - _GAP)
        choices.append((beside, apart))
    for chosen in product(*choices):
        yield _room(whole, chosen)


def _room(whole: QRectF, parts: Iterable[QRectF]) -> QRectF:
    room = whole.adjusted(ROOM, ROOM, -ROOM, -ROOM)
    for part in parts:
        room &= part
    return room


def _in_room(rect: QRectF, whole: QRectF, room: QRectF, zoom: Zoom) -> Fit:
    across = max(room.width(), _LEAST) / max(rect.width(), 1)
    down = max(room.height(), _LEAST) / max(rect.height(), 1)
    chosen = zoom(min(across, down, 1.0))
    return Fit(chosen, rect.center() - (room.center() - whole.center()) / chosen)
