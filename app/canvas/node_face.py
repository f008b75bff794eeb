"""How a node is painted: the card when near, a colored box when far."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPen,
)

from app import theme
from app.canvas.face import Face
from app.canvas.measures import (
    BOX_BELOW,
    CORNER,
    FOOTER,
    NAMES_BELOW,
    PORT_RADIUS,
    SLOT_GAP,
    SMALL_HEIGHT,
    STRIP,
    TALL_FOOTER,
)
from app.document.places import NODE_HEIGHT, NODE_WIDTH
from app.widgets.layer_look import paint_layer_icon

CARD = QRectF(0, 0, NODE_WIDTH, NODE_HEIGHT)
OUTPUT = QPointF(NODE_WIDTH, NODE_HEIGHT / 2)
SMALL_CARD = QRectF(0, (NODE_HEIGHT - SMALL_HEIGHT) / 2, NODE_WIDTH, SMALL_HEIGHT)
"""In the middle of the whole one, so that wires stay where they are."""

_LEFT = STRIP + 9
_TILE = 30.0
_TEXT = _LEFT + _TILE + 9
_PAD = 10.0
_STRIPE = 4.0
_FAINT, _PLAIN = 0.12, 0.3
"""How strong stripes are beneath small text, and on the plain color of a category."""
_VERTICAL = Qt.AlignmentFlag.AlignVCenter


def card_of(face: Face) -> QRectF:
    """The card's rectangle, from the node's place."""
    return SMALL_CARD if face.small_card else CARD


def _cut(rect: QRectF, card: QRectF = CARD) -> QPainterPath:
    """The part of a card's shape that lies in a rectangle."""
    shape, part = QPainterPath(), QPainterPath()
    shape.addRoundedRect(card, CORNER, CORNER)
    part.addRect(rect)
    return shape.intersected(part)


# Worked out once: clipping to the card's shape would cost as much as all the rest.
_WHOLE = _cut(CARD)
_FOOTER = _cut(QRectF(0, NODE_HEIGHT - FOOTER, NODE_WIDTH, FOOTER))
_TALL_FOOTER = _cut(QRectF(0, NODE_HEIGHT - TALL_FOOTER, NODE_WIDTH, TALL_FOOTER))
_STRIP = _cut(QRectF(0, 0, STRIP, NODE_HEIGHT))
_SMALL_WHOLE = _cut(SMALL_CARD, SMALL_CARD)
_SMALL_STRIP = _cut(QRectF(0, SMALL_CARD.y(), STRIP, SMALL_HEIGHT), SMALL_CARD)


def font(pixels: float, bold: bool = False) -> QFont:
    """The program's font in a size that does not depend on the screen's resolution."""
    return _font(QGuiApplication.font().family(), pixels, bold)


@lru_cache(maxsize=256)
def _font(family: str, pixels: float, bold: bool) -> QFont:
    made = QFont(family)
    made.setPixelSize(max(1, round(pixels)))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def slots(face: Face) -> dict[int, QPointF]:
    """Where each input port's wire ends, from the card's top left corner."""
    count, height = len(face.ports), card_of(face).height()
    gap = min(SLOT_GAP, (height - 24) / max(count - 1, 1))
    if not face.fat:
        gap = height / (count + 1)
    top = NODE_HEIGHT / 2 - gap * (count - 1) / 2
    return {port: QPointF(0, top + gap * rank) for rank, port in enumerate(face.ports)}


def paint_card(
    painter: QPainter, face: Face, selected: bool = False, hovered: bool = False
) -> None:
    """The node as it looks from near."""
    c = theme.colors()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_shadow(painter, card_of(face))
    if face.small_card:
        painter.fillPath(_SMALL_WHOLE, QColor(c.node))
        painter.fillPath(_SMALL_STRIP, _category(face))
        _paint_stripes(painter, face, QColor(c.muted), _FAINT)
        _paint_small(painter, face)
        _paint_border(painter, face, selected, hovered)
        return
    painter.fillPath(_WHOLE, QColor(c.node))
    painter.fillPath(_TALL_FOOTER if face.cost else _FOOTER, _mixed(c.node, c.canvas, 0.55))
    painter.fillPath(_STRIP, _category(face))
    _paint_stripes(painter, face, QColor(c.muted), _FAINT)
    _paint_tile(painter, face)
    _paint_texts(painter, face)
    _paint_border(painter, face, selected, hovered)


def _paint_stripes(painter: QPainter, face: Face, color: QColor, strength: float) -> None:
    """Stripe what data passes by; beneath the text."""
    if not face.bypassed:
        return
    shape = _SMALL_WHOLE if face.small_card else _WHOLE
    area = shape.boundingRect()
    color.setAlphaF(strength)
    painter.save()
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(color, _STRIPE))
    x = area.left() - area.height()
    while x < area.right():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()))
        x += 2.5 * _STRIPE
    painter.restore()


def paint_box(painter: QPainter, face: Face, selected: bool, zoom: float) -> None:
    """The node as it looks from afar: its category's color, its name."""
    c = theme.colors()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = QColor(c.accent if selected else c.bad if face.problem else c.canvas)
    painter.setPen(QPen(edge, 3.0 / zoom if selected or face.problem else 1.0 / zoom))
    painter.setBrush(_category(face))
    card = card_of(face)
    painter.drawRoundedRect(card, CORNER, CORNER)
    # Away from the color of the name, which stays as readable.
    _paint_stripes(painter, face, QColor("white" if theme.is_dark() else "black"), _PLAIN)
    badge = badge_of(face, zoom)
    if badge is not None:
        _paint_badge(painter, badge.center(), badge.width(), c.canvas)
    if zoom < NAMES_BELOW:
        return
    painter.setFont(_fitting_font(face.name, zoom, card.height()))
    painter.setPen(QColor(c.on_accent))
    inside = card.adjusted(8, 2, -8, -2)
    text = QFontMetricsF(painter.font()).elidedText(
        face.name, Qt.TextElideMode.ElideRight, inside.width()
    )
    painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, text)


def paint_ports(painter: QPainter, face: Face, active: frozenset[int | None]) -> None:
    """The ports; ``active`` ones (None is the output) are under the cursor or a wire."""
    c = theme.colors()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    places = slots(face)
    if face.fat and places:
        ends = list(places.values())
        r = PORT_RADIUS + 1
        bar = QRectF(-r, ends[0].y() - r, 2 * r, ends[-1].y() - ends[0].y() + 2 * r)
        painter.setPen(QPen(QColor(c.wire), 1.5))
        painter.setBrush(QColor(c.node))
        painter.drawRoundedRect(bar, r, r)
    for port, at in places.items():
        if face.fat:
            free = port == face.ports[-1]
            _paint_port(painter, at, port in active, PORT_RADIUS - 1.5, hollow=free)
        else:
            _paint_port(painter, at, port in active, PORT_RADIUS)
    _paint_port(painter, OUTPUT, None in active, PORT_RADIUS)


def _paint_port(
    painter: QPainter, at: QPointF, active: bool, radius: float, hollow: bool = False
) -> None:
    c = theme.colors()
    if active:
        halo = QColor(c.accent)
        halo.setAlphaF(0.3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawEllipse(at, PORT_RADIUS + 5, PORT_RADIUS + 5)
    rim = QColor(c.accent if active else c.wire)
    painter.setPen(QPen(rim, 1.2 if hollow else 1.8))
    painter.setBrush(QColor(c.accent if active else c.node if hollow else c.canvas))
    painter.drawEllipse(at, radius, radius)


def _paint_small(painter: QPainter, face: Face) -> None:
    """The icon and the name."""
    inside = SMALL_CARD
    icon = QRectF(_LEFT, inside.center().y() - 9, 18, 18)
    paint_layer_icon(painter, icon, face.kind, _category(face))
    room = QRectF(icon.right() + 8, inside.y(), NODE_WIDTH - icon.right() - 16, inside.height())
    if face.problem:
        room.setRight(room.right() - 22)
    _text(painter, room, face.name, font(12, bold=True), theme.colors().text)


def _paint_shadow(painter: QPainter, card: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    strength = 34 if theme.is_dark() else 12
    for grow in (1, 2.5, 4):
        painter.setBrush(QColor(0, 0, 0, strength))
        around = card.adjusted(-grow, -grow + 2, grow, grow + 2)
        painter.drawRoundedRect(around, CORNER + grow, CORNER + grow)


def _paint_tile(painter: QPainter, face: Face) -> None:
    color = _category(face)
    tint = QColor(color)
    tint.setAlphaF(0.16)
    tile = QRectF(_LEFT, (_body(face) - _TILE) / 2, _TILE, _TILE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawRoundedRect(tile, 6, 6)
    paint_layer_icon(painter, tile.adjusted(4.5, 4.5, -4.5, -4.5), face.kind, color)


def _body(face: Face) -> float:
    """How much of the card's height stands above the footer."""
    return NODE_HEIGHT - (TALL_FOOTER if face.cost else FOOTER)


def _paint_texts(painter: QPainter, face: Face) -> None:
    c = theme.colors()
    badge = 18.0 if face.problem else 0.0
    right = NODE_WIDTH - _PAD
    body = _body(face)
    edge = 4 if face.cost else 8
    upper = QRectF(_TEXT, edge, right - badge - _TEXT, body / 2 - edge + 2)
    lower = QRectF(_TEXT, body / 2 + 1, right - _TEXT, body / 2 - edge)
    if not face.settings:
        upper = QRectF(_TEXT, 0, right - badge - _TEXT, body)
    # A long name gets smaller before it loses its end.
    sizes = (font(pixels, bold=True) for pixels in (13, 12, 11))
    name = next(
        (made for made in sizes if _width(face.name, made) <= upper.width()), font(11, True)
    )
    used = _text(painter, upper, face.name, name, c.text)
    if face.small:
        _text(painter, upper.adjusted(used + 6, 0, 0, 0), face.small, font(10), c.muted, whole=True)
    small = font(11.5)
    fits = _width(face.settings, small) <= lower.width()
    _text(painter, lower, face.settings if fits else face.terse, small, c.muted)
    footer = QRectF(_LEFT, body, right - _LEFT, FOOTER)
    if face.cost:
        footer = QRectF(_LEFT, body + 3, right - _LEFT, TALL_FOOTER / 2 - 2)
        _text(painter, footer.translated(0, footer.height() - 1), face.cost, font(10), c.muted)
    numbers = font(11)
    count = _text(painter, footer, face.parameters, numbers, c.muted, right=True)
    room = footer.adjusted(0, 0, -count - (8 if count else 0), 0)
    _text(painter, room, face.shape, numbers, c.text if face.shape[:2] != "no" else c.muted)


def _text(
    painter: QPainter,
    room: QRectF,
    text: str,
    shown_in: QFont,
    color: str,
    *,
    right: bool = False,
    whole: bool = False,
) -> float:
    """Draw a line of text and return its width; what does not fit is elided, or left out."""
    if not text or room.width() < (_width(text, shown_in) if whole else 6):
        return 0.0
    metrics = QFontMetricsF(shown_in)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(shown_in)
    painter.setPen(QColor(color))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(room, side | _VERTICAL, shown)
    return metrics.horizontalAdvance(shown)


@lru_cache(maxsize=4096)
def _width(text: str, shown_in: QFont) -> float:
    return QFontMetricsF(shown_in).horizontalAdvance(text)


def _paint_border(painter: QPainter, face: Face, selected: bool, hovered: bool) -> None:
    c, card = theme.colors(), card_of(face)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if selected:
        halo = QColor(c.accent)
        halo.setAlphaF(0.28)
        painter.setPen(QPen(halo, 5))
        painter.drawRoundedRect(card.adjusted(-2, -2, 2, 2), CORNER + 2, CORNER + 2)
    color = c.accent if selected else c.bad if face.problem else c.node_border
    shown = QColor(color)
    if hovered and not selected and not face.problem:
        shown = _mixed(c.node_border, c.text, 0.4)
    pen = QPen(shown, 2.0 if selected else 1.4 if face.problem or hovered else 1.0)
    if not face.known or face.bypassed:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawRoundedRect(card, CORNER, CORNER)
    badge = badge_of(face)
    if badge is not None:
        _paint_badge(painter, badge.center(), badge.width(), c.node)


def badge_of(face: Face, zoom: float = 1.0) -> QRectF | None:
    """Where the mark of a problem stands, from the node's place; None without a problem."""
    if not face.problem:
        return None
    card = card_of(face)
    if zoom >= BOX_BELOW:
        size, middle = 16.0, card.topRight() + QPointF(-15, min(15, card.height() / 2))
    else:
        size = min(13 / zoom, 0.45 * NODE_HEIGHT)
        middle = card.topRight() + QPointF(-0.3 * size, 0.3 * size)
    return QRectF(middle.x() - size / 2, middle.y() - size / 2, size, size)


def _paint_badge(painter: QPainter, middle: QPointF, size: float, ground: str) -> None:
    """An exclamation mark in a disc; drawn, as every font sets it differently."""
    unit = size / 16
    painter.setPen(QPen(QColor(ground), 1.6 * unit))
    painter.setBrush(QColor(theme.colors().bad))
    painter.drawEllipse(middle, 8.8 * unit, 8.8 * unit)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    bar = QRectF(middle.x() - 1.1 * unit, middle.y() - 5 * unit, 2.2 * unit, 6 * unit)
    painter.drawRoundedRect(bar, 1.1 * unit, 1.1 * unit)
    painter.drawEllipse(QPointF(middle.x(), middle.y() + 3.8 * unit), 1.3 * unit, 1.3 * unit)


def _fitting_font(name: str, zoom: float, height: float) -> QFont:
    """As large as 12 pixels on the screen where the name then fits, smaller where not."""
    wanted = min(12 / zoom, height * 0.45)
    made = font(wanted, bold=True)
    width = QFontMetricsF(made).horizontalAdvance(name)
    least = min(9 / zoom, height * 0.8)
    return font(max(wanted * min(1.0, (NODE_WIDTH - 18) / max(width, 1)), least), bold=True)


def _category(face: Face) -> QColor:
    return theme.colors().category(face.category)


def _mixed(one: str, other: str, share: float) -> QColor:
    a, b = QColor(one), QColor(other)
    return QColor.fromRgbF(
        a.redF() * (1 - share) + b.redF() * share,
        a.greenF() * (1 - share) + b.greenF() * share,
        a.blueF() * (1 - share) + b.blueF() * share,
    )
