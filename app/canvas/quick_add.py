"""The search box at the cursor that adds a layer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.widgets.layer_look import category_of, summary
from app.widgets.layer_row import LayerRow
from app.widgets.layer_search import search

_SIZE = QSize(280, 320)
_LIST_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class QuickAdd(QFrame):
    """A field and a list; typing filters, arrows choose, Enter adds, Esc closes.

    Signals:
        chosen(str): the layer type that was chosen; the box is closed already.
        closed(): the box went away, with or without a choice.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._kinds: Sequence[str] = ()
        # Hiding takes the focus away, which closes: only the first one counts.
        self._open = False
        self.setFixedSize(_SIZE)
        self.setAccessibleName("Add a layer")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search layers")
        self.field.setAccessibleName("Search layers to add")
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Layers found")
        self.list.setItemDelegate(LayerRow(self.list))
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
        self._words = QLabel()
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(9, 9, 9, 7)
        inside.setSpacing(6)
        inside.addWidget(self.field)
        inside.addWidget(self.list, 1)
        inside.addWidget(self._nothing, 1)
        inside.addWidget(self._words)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._choose_item)
        self.hide()

    def open_at(self, at: QPoint, kinds: Sequence[str], words: str) -> None:
        """Open near a point of the parent, offering these layer types in this order."""
        self._kinds = kinds
        self._words.setText(words)
        self.field.clear()
        self._filter("")
        parent = self.parentWidget()
        assert parent is not None
        outside = parent.rect()
        self.move(
            max(4, min(at.x() - 20, outside.right() - self.width() - 4)),
            max(4, min(at.y() - 20, outside.bottom() - self.height() - 4)),
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
            item = self.list.currentItem()
            if item is not None:
                self._choose_item(item)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Backtab):
            self.close_box()
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        self.list.clear()
        for kind in search(text, self._kinds):
            item = QListWidgetItem(kind)
            item.setToolTip(summary(kind))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, category_of(kind))
            self.list.addItem(item)
        found = self.list.count() > 0
        self.list.setCurrentRow(0)
        self.list.setVisible(found)
        self._nothing.setVisible(not found)
        wanted = text.strip()[:40]
        self._nothing.setText(
            f"No layer here is called “{wanted}”." if wanted else "No layer fits."
        )

    def _choose_item(self, item: QListWidgetItem) -> None:
        self.close_box()
        self.chosen.emit(item.text())
