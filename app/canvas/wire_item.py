"""One wire on the canvas, and the wire that is being drawn."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QStyleOptionGraphicsItem, QWidget

from app import theme
from app.canvas.health import Pace, WireHealth
from app.canvas.kept import Kept
from app.canvas.routing import TURN
from app.document.places import NODE_HEIGHT
from engine.graph import Edge

WIRE_LAYER, DRAFT_LAYER = 0.0, 3.0
_WIDTH = 2.2
_WIDTHS = 1.2, 6.0
"""Of the least and of the greatest gradient."""
_STRONG = 0.75
"""From afar only gradients stronger than this are drawn thicker: one pixel is drawn fastest."""
DASHES = {Pace.SLOW: (7.0, 7.0), Pace.HEALTHY: None, Pace.FAST: (20.0, 6.0)}
"""So that the pace is told without color as well."""
_TOUCHED = 6.0
"""How wide a wire is for the mouse where its tip is asked for."""
_TURN = 22.0
"""How far a wire goes on before it turns around."""


class Look(Enum):
    """How a wire is drawn; the value is the color's name in the theme."""

    PLAIN = "wire"
    HOVERED = "text"
    SELECTED = "accent"
    GOOD = "good"
    BAD = "bad"


def wire_path(start: QPointF, end: QPointF, level: float | None = None) -> QPainterPath:
    """The curve from an output to an input; it leaves and arrives level.

    Args:
        level: the height at which it passes what is in its way; None if nothing is.
    """
    across, down = end.x() - start.x(), abs(end.y() - start.y())
    path = QPainterPath(start)
    if level is not None:
        half = QPointF(TURN / 2, 0)
        up, off = QPointF(start.x() + TURN, level), QPointF(end.x() - TURN, level)
        path.cubicTo(start + half, up - half, up)
        path.lineTo(off)
        path.cubicTo(off + half, end - half, end)
        return path
    if across >= 0 or (down < 2 * _TURN and across > -4 * _TURN):
        bend = max(across / 2, min(2 * _TURN, down / 2 + 8))
        path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
        return path
    # Backward it turns around twice, between the two nodes or below both.
    level = (start.y() + end.y()) / 2
    if down < 1.3 * NODE_HEIGHT:
        level = max(start.y(), end.y()) + 0.5 * NODE_HEIGHT + _TURN
    one, other = QPointF(start.x(), level), QPointF(end.x(), level)
    out, back = QPointF(1.6 * _TURN, 0), QPointF(-1.6 * _TURN, 0)
    path.cubicTo(start + out, one + out, one)
    path.lineTo(other)
    path.cubicTo(other + back, end + back, end)
    return path


class WireItem(Kept, QGraphicsPathItem):
    """Shows an edge between two places that the scene gives it.

    One without an edge is a draft, which Qt paints above all that is kept.
    """

    def __init__(self, edge: Edge | None, layer: float = WIRE_LAYER) -> None:
        super().__init__()
        self.edge = edge
        self.look = Look.PLAIN
        self.start, self.end = QPointF(), QPointF()
        self.level: float | None = None
        self.selected = False
        self._far = False
        self._health: WireHealth | None = None
        self._pen = QPen()
        self.setZValue(layer)
        if edge is not None:
            self.keep()
        self.refresh()

    def lay(self, start: QPointF, end: QPointF, level: float | None = None) -> None:
        """Run from ``start`` to ``end``, at a level in between; in scene coordinates."""
        if (start, end, level) != (self.start, self.end, self.level):
            self.start, self.end, self.level = QPointF(start), QPointF(end), level
            self.renew()
            self.setPath(wire_path(start, end, level))
            self.renew()

    def show_look(self, look: Look) -> None:
        """Draw it so; a selected wire is SELECTED unless a drop would change it."""
        if look is not self.look:
            self.look = look
            self.refresh()

    def show_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.setZValue(WIRE_LAYER + (0.5 if selected else 0.0))
            self.refresh()

    def show_far(self, far: bool) -> None:
        """Seen from afar a wire keeps its pixel, or the net falls apart into boxes."""
        if far != self._far:
            self._far = far
            self.refresh()

    def show_health(self, health: WireHealth | None) -> None:
        """Draw how the layer that it comes from learns; None draws a plain wire."""
        if health != self._health:
            self._health = health
            self.setToolTip(health.words if health else "")
            self.refresh()

    def _health_width(self, strength: float) -> float:
        if self._far:
            return 2.0 if strength >= _STRONG else 1.0
        thin, thick = _WIDTHS
        return thin + (thick - thin) * strength

    def refresh(self) -> None:
        """Take the colors in force."""
        calm = self.look in (Look.PLAIN, Look.HOVERED)
        look = Look.SELECTED if self.selected and calm else self.look
        strong = look is not Look.PLAIN
        width = (1.0 if self._far else _WIDTH) + (0.9 if strong else 0.0)
        color, dashes = look.value, None
        if self._health is not None:
            if self._health.strength is not None:
                width = self._health_width(self._health.strength) + (0.9 if strong else 0.0)
            if self._health.pace is not None:
                color = self._health.pace.value if not strong else color
                dashes = DASHES[self._health.pace]
        pen = QPen(QColor(getattr(theme.colors(), color)), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setCosmetic(self._far)
        if dashes:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            # Qt counts dashes in widths of the pen; on the screen they are of one size.
            pen.setDashPattern([each / width for each in dashes])
        self._pen = pen
        # Qt would work out anew what the wire covers with every change of a pen that it knows.
        self.setPen(pen if self.edge is None else QPen(Qt.PenStyle.NoPen))
        self.renew()

    def pen(self) -> QPen:
        return self._pen

    def shape(self) -> QPainterPath:
        return self._outline(_TOUCHED)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self.paint_kept(painter, 1.0, rough=False)

    def paint_kept(self, painter: QPainter, zoom: float, rough: bool) -> None:
        pen = self._pen
        if rough and not self._far:
            pen = QPen(pen)
            pen.setStyle(Qt.PenStyle.SolidLine)  # to stroke dashes takes long
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path())

    def is_near(self, at: QPointF, reach: float) -> bool:
        """Whether a point is at most ``reach`` from the wire."""
        if not self.boundingRect().adjusted(-reach, -reach, reach, reach).contains(at):
            return False
        return self._outline(2 * reach).contains(at)

    def middle(self) -> QPointF:
        """The point halfway along, in the scene."""
        return self.path().pointAtPercent(0.5)

    def _outline(self, width: float) -> QPainterPath:
        stroker = QPainterPathStroker()
        stroker.setWidth(width)
        return stroker.createStroke(self.path())
