"""One problem in words, with a button for each way to mend it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.widgets.icons import icon
from app.widgets.labels import ToneLabel
from engine.diagnosis import Fix, Problem


class WrapButton(QPushButton):
    """A push button whose text takes as many lines as it needs."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(text, self)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self._label)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        return self._label.text()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout else super().heightForWidth(width)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return layout.minimumSize() if layout else super().minimumSizeHint()


class FixButton(WrapButton):
    """Offers one fix.

    Signals:
        chosen(Fix): it was pressed.
        pointed(Fix): the cursor or the focus is on it; None once it has left.
    """

    chosen = Signal(object)
    pointed = Signal(object)

    def __init__(self, fix: Fix, parent: QWidget | None = None) -> None:
        super().__init__(fix.label, parent)
        self.fix = fix
        self.clicked.connect(self._clicked)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(self.fix)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.pointed.emit(self.fix)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.pointed.emit(None)
        super().focusOutEvent(event)

    def _clicked(self) -> None:
        self.chosen.emit(self.fix)


class ProblemCard(QWidget):
    """A problem: what is wrong, what to do, and fixes as buttons.

    Signals:
        fixChosen(Fix): one of the buttons was pressed.
        fixPointed(Fix): one of the buttons is looked at; None once it no longer is.
        activated(node): the card was clicked; only where it has a node.
    """

    fixChosen = Signal(object)
    fixPointed = Signal(object)
    activated = Signal(str)

    def __init__(self, problem: Problem, place: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self._picture = QLabel(self)
        self._picture.setFixedWidth(18)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.fix_buttons = [FixButton(fix, self) for fix in problem.fixes]
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 7)
        row.setSpacing(6)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        row.addLayout(column, 1)
        column.setSpacing(3)
        if place:
            column.addWidget(ToneLabel(place, "muted", scale=0.92))
        column.addWidget(ToneLabel(problem.what, "text"))
        if problem.todo:
            column.addWidget(ToneLabel(problem.todo))
        if problem.anyway:
            column.addWidget(ToneLabel(f"Trained anyway: {problem.anyway}"))
        for button in self.fix_buttons:
            button.chosen.connect(self.fixChosen)
            button.pointed.connect(self.fixPointed)
            column.addWidget(button)
        self.setAccessibleName(f"{problem.what} {problem.todo}")
        self.setAccessibleDescription(problem.anyway)
        if problem.node is not None:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            for button in self.fix_buttons:
                button.setCursor(Qt.CursorShape.ArrowCursor)
        self._draw()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.problem.node is not None:
            self.activated.emit(self.problem.node)
        else:
            super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        from PySide6.QtGui import QKeyEvent

        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
            and self.problem.node is not None
        ):
            self.activated.emit(self.problem.node)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tint = theme.color("accent" if self.problem.is_hint else "bad")
        tint.setAlphaF(0.16 if self.hasFocus() or self.underMouse() else 0.08)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(self.rect(), 4, 4)

    def enterEvent(self, event: QEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def _draw(self) -> None:
        hint = self.problem.is_hint
        name, tone = ("lightbulb", "accent") if hint else ("circle-exclamation", "bad")
        self._picture.setPixmap(icon(f"fa6s.{name}", tone).pixmap(15, 15))
