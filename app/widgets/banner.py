"""A card over the window's contents that says what did not work, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import theme
from app.widgets.icons import IconButton
from app.widgets.labels import ToneLabel
from engine.errors import EngineError

WIDEST = 640
GAP = 8
NOTE = "accent"
"""The color of a note's edge."""


class Banner(QWidget):
    """Shows one error until it is closed or withdrawn; it never takes the keyboard.

    It lies over its parent's upper edge, so that nothing moves when it comes and goes.
    A note, of what went well but not in every part, is shown in the same way.
    A warning cannot be closed: it stays until what it warns of is over, and gives way
    to errors meanwhile.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = ToneLabel("", "bad", bold=True)
        self.todo = ToneLabel("", "text")
        self.close_button = IconButton("fa6s.xmark", "Close this message", self)
        self.close_button.clicked.connect(self.dismiss)
        self._error: EngineError | None = None
        self._warning: EngineError | None = None
        self._tone: str = "bad"
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 8, 9)
        texts = QVBoxLayout()
        row.addLayout(texts, 1)
        texts.setSpacing(2)
        texts.addWidget(self.what)
        texts.addWidget(self.todo)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        if parent is not None:
            parent.installEventFilter(self)
        self.hide()

    def show_error(self, error: EngineError) -> None:
        """Show an error in place of the one before."""
        self._error = error
        self.close_button.show()
        self._show(error.what, error.fix)

    def show_note(self, what: str, more: str) -> None:
        """Show what went well but not in every part, in place of the error before."""
        self._error = None
        self.close_button.show()
        self._show(what, more, NOTE)

    def withdraw(self, kinds: tuple[type[EngineError], ...]) -> None:
        """Hide the error if it is of one of these kinds."""
        if isinstance(self._error, kinds):
            self.dismiss()

    def pass_note(self) -> None:
        """Hide a note."""
        if self._tone == NOTE and not self.isHidden():
            self.dismiss()

    def dismiss(self) -> None:
        """Hide the error; a warning that still holds comes back."""
        self._error = None
        if self._warning is None:
            self.hide()
        else:
            self.close_button.hide()
            self._show(self._warning.what, self._warning.fix)

    def warn(self, error: EngineError) -> None:
        """Show a warning that stays until :meth:`calm`."""
        self._warning = error
        self.dismiss()

    def calm(self) -> None:
        """End the warning; an error that is shown stays."""
        is_shown = self._warning is not None and self.close_button.isHidden()
        self._warning = None
        if is_shown:
            self.hide()

    def _show(self, what: str, more: str, tone: str = "bad") -> None:
        self._tone = tone
        self.what.set_tone("text" if tone == NOTE else tone)
        self.what.setText(what)
        self.todo.setText(more)
        self.todo.setVisible(bool(more))
        self.show()  # before it is placed: as long as it is hidden, it needs no height
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.fillPath(card, theme.color("panel"))
        painter.save()
        painter.setClipPath(card)
        painter.fillRect(QRectF(0, 0, 5, self.height()), theme.color(self._tone))
        painter.restore()
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.drawPath(card)

    def _place(self) -> None:
        """Stand in the middle of the parent's upper edge, as high as the words need."""
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(WIDEST, parent.width() - 2 * GAP)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        height = layout.totalHeightForWidth(width)
        self.setGeometry((parent.width() - width) // 2, GAP, width, height)
        self.raise_()
