"""The way from the network to the group that one looks into, over the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app import theme

_PAD = 6


class Crumb(QToolButton):
    """One step of the way; a press goes there.

    Signals:
        chosen(number): how many groups one is in then.
    """

    chosen = Signal(int)

    def __init__(self, text: str, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = number
        self.setText(text)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(f"Go up to {text}.")
        self.setAccessibleName(f"Go up to {text}")
        self.clicked.connect(self._choose)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()  # the row knows what to do

    def _choose(self) -> None:
        self.chosen.emit(self._number)


class Breadcrumbs(QWidget):
    """A row of steps, the last one where one is; hidden at the whole network.

    Left and right go from step to step, Enter goes there, Esc back to the canvas.

    Signals:
        chosen(number): go to the group that lies in so many others.
        left(): give the focus back.
    """

    chosen = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.crumbs: list[Crumb] = []
        self.here = QLabel(self)
        self.here.setContentsMargins(_PAD, 0, 0, 0)  # as far off as what a button says
        self.setAccessibleName("Path to this group")
        self._parts: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_PAD, 2, _PAD + 4, 2)
        self._row.setSpacing(2)
        font = self.here.font()
        font.setBold(True)
        self.here.setFont(font)
        self.hide()

    def show_way(self, names: Sequence[str]) -> None:
        """Show these steps, from the outermost; a single one is no way and hides it."""
        for part in self._parts:
            self._row.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._row.removeWidget(self.here)
        self.crumbs, self._parts = [], []
        for number, name in enumerate(names[:-1]):
            crumb = Crumb(name.replace("&", "&&"), number, self)
            crumb.chosen.connect(self.chosen)
            self.crumbs.append(crumb)
            for part in (crumb, QLabel("›", self)):
                self._parts.append(part)
                self._row.addWidget(part)
                part.show()
        self.here.setText(names[-1])
        self.here.setTextFormat(Qt.TextFormat.PlainText)
        self.here.setAccessibleName(f"In {' in '.join(reversed(names))}")
        self._row.addWidget(self.here)
        self.setVisible(len(names) > 1)
        self.adjustSize()
        self.raise_()

    def focus_last(self) -> bool:
        """Give the step next to where one is the focus; whether there is one."""
        if not self.isVisible() or not self.crumbs:
            return False
        self.crumbs[-1].setFocus(Qt.FocusReason.BacktabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        focused = next((each for each in self.crumbs if each.hasFocus()), None)
        if focused is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -1 if key == Qt.Key.Key_Left else 1
            at = max(0, min(len(self.crumbs) - 1, self.crumbs.index(focused) + step))
            self.crumbs[at].setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused.click()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.border), 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
