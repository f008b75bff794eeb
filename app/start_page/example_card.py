"""One example on the start page: a small picture of its network, its title, what it shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app import theme
from engine.errors import EngineError
from engine.layers import Layer
from engine.project import Project, read_project
from engine.project.examples import Example

PICTURE = 84
MARGIN = 12
NODE = QSize(150, 62)


class ExampleCard(QAbstractButton):
    """A button that shows what it opens.

    Signals:
        chosen(Example).
    """

    chosen = Signal(object)

    def __init__(self, example: Example, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._example = example
        self._project: Project | None = None
        self.setText(example.title)
        self.setAccessibleName(f"Example: {example.title}")
        self.setAccessibleDescription(example.description)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._choose)

    def sizeHint(self) -> QSize:
        return QSize(250, 196)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 196)

    def _choose(self) -> None:
        self.chosen.emit(self._example)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.underMouse() or self.hasFocus()
        painter.setPen(QPen(QColor(c.accent if lit else c.border), 2 if lit else 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        picture = QRectF(MARGIN, MARGIN, self.width() - 2 * MARGIN, PICTURE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.canvas))
        painter.drawRoundedRect(picture, 5, 5)
        self._draw_network(painter, picture.adjusted(10, 10, -10, -10))
        self._draw_words(painter, int(picture.bottom()) + 8)
        painter.end()

    def _draw_words(self, painter: QPainter, top: int) -> None:
        c = theme.colors()
        font = self.font()
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(c.text))
        width = self.width() - 2 * MARGIN
        title = QRectF(MARGIN, top, width, painter.fontMetrics().height())
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(title.width())
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, words)
        painter.setFont(self.font())
        painter.setPen(QColor(c.muted))
        rest = QRectF(MARGIN, title.bottom() + 3, width, self.height() - title.bottom() - MARGIN)
        painter.drawText(rest, Qt.TextFlag.TextWordWrap, self._example.description)

    def _draw_network(self, painter: QPainter, area: QRectF) -> None:
        project = self._loaded()
        places = {id: at for id, at in project.positions.items() if id in project.graph.nodes}
        if not places:
            return
        xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
        width, height = max(xs) - min(xs) + NODE.width(), max(ys) - min(ys) + NODE.height()
        scale = min(area.width() / width, area.height() / height, 0.45)
        painter.save()
        painter.translate(area.center())
        painter.scale(scale, scale)
        painter.translate(-(min(xs) + width / 2), -(min(ys) + height / 2))
        painter.setPen(QPen(theme.color("wire"), 5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for edge in project.graph.edges:
            start = QPointF(*places[edge.source]) + QPointF(NODE.width(), NODE.height() / 2)
            end = QPointF(*places[edge.target]) + QPointF(0, NODE.height() / 2)
            path = QPainterPath(start)
            middle = (start.x() + end.x()) / 2
            path.cubicTo(middle, start.y(), middle, end.y(), end.x(), end.y())
            painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        for id, at in places.items():
            layer = project.graph.nodes[id].layer
            category = layer.category if isinstance(layer, Layer) else ""
            painter.setBrush(theme.colors().category(category))
            painter.drawRoundedRect(QRectF(*at, NODE.width(), NODE.height()), 14, 14)
        painter.restore()

    def _loaded(self) -> Project:
        """The example's project, read when it is first painted."""
        if self._project is None:
            try:
                self._project = read_project(self._example.path)
            except EngineError:
                self._project = Project()  # opening it will say what is wrong
        return self._project
