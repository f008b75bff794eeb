"""What lies over the canvas and does not move with it: tip, hint, mark of a run."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from app import theme
from app.canvas.node_face import font
from engine.diagnosis import Fix, Problem

_TIP_WIDTH = 320
_PAD = 9
_WRAP = int(Qt.TextFlag.TextWordWrap)


class Overlay(QWidget):
    """Something painted that the mouse goes through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class Tip(Overlay):
    """Says beside the cursor why a drop would be refused."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = ""
        self.hide()

    def show_at(self, at: QPoint, text: str) -> None:
        """Show ``text`` near a point of the parent, inside of it."""
        self.text = text
        metrics = QFontMetrics(font(12))
        room = QRect(0, 0, _TIP_WIDTH, 1000)
        size = metrics.boundingRect(room, _WRAP, text).size()
        self.resize(size.width() + 2 * _PAD + 4, size.height() + 2 * _PAD)
        parent = self.parentWidget()
        assert parent is not None
        outside = parent.rect()
        x = min(at.x() + 18, outside.right() - self.width() - 4)
        y = at.y() + 20
        if y + self.height() > outside.bottom() - 4:
            y = at.y() - self.height() - 14
        self.move(max(4, x), max(4, y))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(c.bad), 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(card, 6, 6)
        painter.setPen(QColor(c.bad))
        painter.setFont(font(12))
        painter.drawText(self.rect().adjusted(_PAD + 1, _PAD, -_PAD, -_PAD), _WRAP, self.text)


class EmptyHint(Overlay):
    """Tells a new user how to begin."""

    TITLE = "Build your network here"
    LINES = (
        "Drag layers here from the left, or double-click to search.",
        "Start with an Input.",
    )

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.rect().center()
        box = QRectF(middle.x() - 215, middle.y() - 62, 430, 124)
        painter.setPen(QPen(QColor(c.node_border), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 12, 12)
        across = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(c.text))
        painter.setFont(font(16, bold=True))
        painter.drawText(QRectF(box.x(), box.y() + 18, box.width(), 26), across, self.TITLE)
        painter.setPen(QColor(c.muted))
        painter.setFont(font(13))
        for row, line in enumerate(self.LINES):
            place = QRectF(box.x(), box.y() + 54 + 22 * row, box.width(), 20)
            painter.drawText(place, across, line)


class StartOffer(QPushButton):
    """On an empty canvas: the network that the engine proposes for the chosen data.

    Signals:
        accepted(Fix).
    """

    accepted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = parent
        self._fix: Fix | None = None
        self.clicked.connect(self._accept)
        self.hide()

    def offer(self, problems: Iterable[Problem], is_empty: bool) -> None:
        """Show the first fix of the graph as a whole, while there is no graph."""
        fixes = [fix for each in problems if each.node is None for fix in each.fixes]
        self._fix = fixes[0] if is_empty and fixes else None
        if self._fix is not None:
            self.setText(self._fix.label)
            self.adjustSize()
            self.place()
        self.setVisible(self._fix is not None)

    def place(self) -> None:
        """Below the hint in the middle."""
        middle = self._view.rect().center()
        self.move(middle.x() - self.width() // 2, middle.y() + 78)

    def _accept(self) -> None:
        if self._fix is not None:
            self.accepted.emit(self._fix)


class RunMark(Overlay):
    """Says that a run is going on with a copy of the network."""

    TEXT = "Training a copy – you can keep editing"

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        width = QFontMetrics(font(11)).horizontalAdvance(self.TEXT)
        self.resize(width + 34, 24)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(QColor(c.panel))
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(card, 11, 11)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.good))
        painter.drawEllipse(QRectF(10, 8, 8, 8))
        painter.setPen(QColor(c.muted))
        painter.setFont(font(11))
        painter.drawText(
            self.rect().adjusted(25, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.TEXT
        )
