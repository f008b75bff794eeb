"""A box with a field and a list: typing filters, arrows choose, Enter takes, Esc closes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.widgets.rows import Row, RowList

_LIST_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class SearchBox(QFrame):
    """What it offers is decided by :meth:`found`, what a choice does by :meth:`choose`.

    Signals:
        closed(): the box went away, with or without a choice.
    """

    closed = Signal()

    def __init__(self, parent: QWidget, size: QSize, prompt: str) -> None:
        super().__init__(parent)
        # Hiding takes the focus away, which closes: only the first one counts.
        self._open = False
        self.setFixedSize(size)
        self.field = QLineEdit()
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(prompt)
        self.field.setClearButtonEnabled(True)
        self.list = RowList()
        self.list.setAccessibleName("Found")
        self.list.setMouseTracking(True)
        # The box's own card shows through.
        self.list.viewport().setAutoFillBackground(False)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._nothing = QLabel()
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words = QLabel()
        self.words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(9, 9, 9, 7)
        inside.setSpacing(6)
        inside.addWidget(self.field)
        inside.addWidget(self.list, 1)
        inside.addWidget(self._nothing, 1)
        inside.addWidget(self.words)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._on_clicked)
        self.hide()

    # What a box of its own kind says

    def found(self, text: str) -> list[Row]:
        """The rows for what was typed, the best first."""
        raise NotImplementedError

    def nothing_found(self, text: str) -> str:
        """What to say where there are no rows."""
        raise NotImplementedError

    def choose(self, row: Row) -> None:
        """A row was taken; the box is closed already."""
        raise NotImplementedError

    def may_take(self, row: Row) -> bool:
        """Whether a row can be taken; else the box stays open."""
        return True

    # All boxes

    def use_rows(self, rows: QStyledItemDelegate) -> None:
        """Let rows be painted so."""
        self.list.setItemDelegate(rows)

    def show_near(self, at: QPoint, words: str) -> None:
        """Open with its corner near a point of the parent, inside of it."""
        self.words.setText(words)
        self.field.clear()
        self._filter("")
        parent = self.parentWidget()
        assert parent is not None
        outside = parent.rect()
        self.move(
            max(4, min(at.x(), outside.right() - self.width() - 4)),
            max(4, min(at.y(), outside.bottom() - self.height() - 4)),
        )
        self._open = True
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_box(self) -> None:
        """Go away without a choice."""
        if self._open:
            self._open = False
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.close_box()
        elif watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                # Esc, Tab and Enter are the box's while it is open, whatever the window binds.
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                return self._key(event)
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.accent), 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _LIST_KEYS:
            self.list.keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            if self.list.current is not None:
                self._take(self.list.current)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Backtab):
            self.close_box()
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        self.list.show_rows(self.found(text))
        some = bool(self.list.rows)
        self.list.set_current(0)
        self.list.setVisible(some)
        self._nothing.setVisible(not some)
        self._nothing.setText(self.nothing_found(text.strip()[:40]))

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self.list.row_at(index)
        if row is not None:
            self._take(row)

    def _take(self, row: Row) -> None:
        if self.may_take(row):
            self.close_box()
            self.choose(row)
