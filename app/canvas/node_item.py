"""One node on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsRectItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app import theme
from app.canvas.face import Face
from app.canvas.kept import Kept
from app.canvas.measures import BOX_BELOW, CORNER, MARGIN
from app.canvas.node_face import (
    CARD,
    OUTPUT,
    badge_of,
    card_of,
    paint_box,
    paint_card,
    paint_ports,
    slots,
)
from app.canvas.pictures import Pictures

BOUNDS = CARD.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
Shown = tuple[Hashable, Callable[[QPainter], None]]
"""A picture by what it shows, and what paints it."""
NODE_LAYER, SELECTED_LAYER, GHOST_LAYER = 1.0, 2.0, 4.0


class NodeItem(Kept, QGraphicsRectItem):
    """Shows a :class:`Face`; what it looks like is decided by the scene alone.

    Nodes that look alike share what is painted for a zoom.
    """

    def __init__(self, node: str, face: Face, pictures: Pictures) -> None:
        # The rectangle is what Qt may repaint; answering that itself spares calls to Python.
        super().__init__(BOUNDS)
        self.setPen(Qt.PenStyle.NoPen)
        self.node = node
        self._pictures = pictures
        self.face = face
        self.selected = False
        self._hovered = False
        self._active: frozenset[int | None] = frozenset()
        self._flash = 0.0
        self._shown_near: Shown | None = None
        self._shown_far: Shown | None = None
        self._slots = slots(face)
        self.setZValue(NODE_LAYER)
        self.keep()

    @property
    def card(self) -> QRectF:
        """The card's rectangle in the scene."""
        return card_of(self.face).translated(self.pos())

    @property
    def output(self) -> QPointF:
        """Where wires leave, in the scene."""
        return self.pos() + OUTPUT

    def input(self, port: int) -> QPointF:
        """Where the wire into a port ends, in the scene."""
        return self.pos() + self._slots.get(port, QPointF(0, OUTPUT.y()))

    def inputs(self) -> dict[int, QPointF]:
        """Every input port and its place in the scene."""
        return {port: self.pos() + at for port, at in self._slots.items()}

    def is_badge(self, at: QPointF, zoom: float) -> bool:
        """Whether a point of the scene is on the mark of its problem."""
        place = badge_of(self.face, zoom)
        return place is not None and place.translated(self.pos()).contains(at)

    def show_face(self, face: Face) -> bool:
        """Show another face; whether it moved the ports or the card."""
        if face == self.face:
            return False
        before, was_small, self.face = self._slots, self.face.small_card, face
        self._slots = slots(face)
        self._look_again()
        return before != self._slots or was_small != face.small_card

    def show_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.setZValue(SELECTED_LAYER if selected else NODE_LAYER)
            self._look_again()

    def show_hovered(self, hovered: bool, ports: frozenset[int | None] = frozenset()) -> None:
        """Light up the card, and ports on it (None is the output)."""
        if (hovered, ports) != (self._hovered, self._active):
            self._hovered, self._active = hovered, ports
            self._look_again()

    def show_flash(self, strength: float) -> None:
        """A ring that draws the eye, from 1 (full) to 0 (gone)."""
        self._flash = strength
        self.renew()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it where lines are to stay lines, as in a vector file."""
        self._shown(option.levelOfDetailFromTransform(painter.worldTransform()))[1](painter)

    def paint_kept(self, painter: QPainter, zoom: float, rough: bool) -> None:
        shows, paint = self._shown(zoom)
        if rough and not self._pictures.has(shows):
            # From the other side of where cards become boxes; to paint it would take longer.
            other = self._shown(0.0 if zoom >= BOX_BELOW else BOX_BELOW)
            shows, paint = other if self._pictures.has(other[0]) else (shows, paint)
        self._pictures.draw(painter, shows, self.pos(), BOUNDS, paint, rough=rough)
        if self._flash > 0:
            painter.translate(self.pos())
            self._paint_flash(painter)
            painter.translate(-self.pos())

    def _shown(self, zoom: float) -> Shown:
        """What is seen at a zoom, by what it shows, and what paints it."""
        if zoom >= BOX_BELOW:
            if self._shown_near is None:
                card = self.face, self.selected, self._hovered, self._active
                self._shown_near = card, self._paint_card
            return self._shown_near
        if self._shown_far is None:
            # A box shows so little that many nodes share one picture.
            face = self.face
            box = (
                face.name,
                face.category,
                bool(face.problem),
                face.small_card,
                face.bypassed,
                self.selected,
            )
            self._shown_far = box, self._paint_box
        return self._shown_far

    def _look_again(self) -> None:
        """It shows something else."""
        self._shown_near = self._shown_far = None
        self.renew()

    def _paint_card(self, painter: QPainter) -> None:
        paint_card(painter, self.face, self.selected, self._hovered)
        paint_ports(painter, self.face, self._active)

    def _paint_box(self, painter: QPainter) -> None:
        paint_box(painter, self.face, self.selected, painter.worldTransform().m11())

    def _paint_flash(self, painter: QPainter) -> None:
        ring = QColor(theme.colors().bad if self.face.problem else theme.colors().accent)
        ring.setAlphaF(min(self._flash, 1.0))
        painter.setPen(QPen(ring, 6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(card_of(self.face).adjusted(-5, -5, 5, 5), CORNER + 5, CORNER + 5)


class GhostItem(QGraphicsItem):
    """A node that is not there yet: what would be placed where the cursor is."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face
        self.setZValue(GHOST_LAYER)
        self.setOpacity(0.75)

    def boundingRect(self) -> QRectF:
        return BOUNDS

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        paint_card(painter, self._face, selected=True)
        paint_ports(painter, self._face, frozenset())
