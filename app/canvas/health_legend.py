"""What the colors, dashes and widths of wires mean while a network learns."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.canvas.health import Pace
from app.canvas.node_face import font
from app.canvas.overlays import Overlay
from app.canvas.wire_item import DASHES

ROWS: tuple[tuple[str, Pace | None], ...] = (
    ("too little, below 1e-4", Pace.SLOW),
    ("healthy, near 1e-3", Pace.HEALTHY),
    ("too far, above 1e-2", Pace.FAST),
    ("layer without weights", None),
)
TITLE = "Update per step"
FOOT = ("thick wire: large gradient", "dead: relu units that are always zero")
_SIZE = (190, 118)
_LINE = 14.5
_EDGE = 12


class HealthLegend(Overlay):
    """Stands in the lower left corner as long as wires show something."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.resize(*_SIZE)
        words = [f"{pace.mark} {text}" if pace else text for text, pace in ROWS]
        self.setAccessibleName("Legend of the wires")
        self.setAccessibleDescription(". ".join((TITLE, *words, *FOOT)))
        self.hide()

    def place(self) -> None:
        """The canvas was resized."""
        parent = self.parentWidget()
        if parent is not None:
            self.move(_EDGE, parent.height() - self.height() - _EDGE)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        top = 6.0
        self._write(painter, 10, top, TITLE, c.text, bold=True)
        for text, pace in ROWS:
            top += _LINE
            self._paint_sample(painter, top + _LINE / 2, pace)
            self._write(painter, 56, top, text, c.text)
        painter.setPen(QPen(QColor(c.border), 1))
        top += _LINE + 4
        painter.drawLine(QPointF(10, top), QPointF(self.width() - 10, top))
        top += 2
        for line in FOOT:
            self._write(painter, 10, top, line, c.muted)
            top += _LINE

    def _paint_sample(self, painter: QPainter, y: float, pace: Pace | None) -> None:
        pen = QPen(theme.color(pace.value if pace else "wire"), 3)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        dashes = DASHES[pace] if pace else None
        if dashes:
            pen.setDashPattern([each / 3 for each in dashes])
        painter.setPen(pen)
        painter.drawLine(QPointF(10, y), QPointF(38, y))
        if pace:
            self._write(painter, 42, y - _LINE / 2, pace.mark, pen.color().name())

    def _write(
        self, painter: QPainter, x: float, y: float, text: str, color: str, bold: bool = False
    ) -> None:
        painter.setFont(font(10.5, bold=bold))
        painter.setPen(QColor(color))
        place = QRectF(x, y, self.width() - x - 6, _LINE)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
