"""Fields for columns of the data: one of them, or some of them, chosen from those there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.widgets.fields import Field, QuietCombo
from app.widgets.labels import ToneLabel
from app.widgets.rows import Row, RowList
from engine.errors import SettingError

MOST_ROWS = 16
_HISTORY_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class ColumnField(Field):
    """The name of a column, chosen from a list or typed.

    What is typed counts once it is done: at Enter, or when the field is left. Half a name
    is enough where only one column has it.

    Args:
        label: the setting's name, for complaints.
        empty: what it means where no column is named.
    """

    def __init__(self, label: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label, self._empty = label, empty
        self._columns: tuple[str, ...] = ()
        self._value, self._is_bad = "", False
        self.combo = QuietCombo(self)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setMaxVisibleItems(MOST_ROWS)
        completer = self.combo.completer()
        assert completer is not None
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        line = self.combo.lineEdit()
        assert line is not None
        self.line = line
        self.lay_out(self.combo)
        self.offer(())
        self.combo.activated.connect(self._choose)
        line.editingFinished.connect(self._take_typed)
        # The keyboard is the combo box's, which hands keys on to its line.
        self.combo.installEventFilter(self)

    @property
    def editor(self) -> QWidget:
        return self.combo

    def offer(self, columns: Sequence[str], taken: str = "") -> None:
        """List these columns.

        Args:
            taken: the one that is taken where none is named.
        """
        hint = f"{self._empty}: {taken}" if taken else self._empty
        if self.line.placeholderText() != hint:
            self.line.setPlaceholderText(hint)
        if self.combo.count() and tuple(columns) == self._columns:
            return
        self._columns = tuple(columns)
        typed = self.line.text()
        self.combo.clear()
        self.combo.addItems([self._empty, *self._columns])
        self._show_text(typed)

    def show_value(self, value: Any) -> None:
        self._value = str(value)
        self._show_text(self._value)

    def mark_bad(self, bad: bool) -> None:
        self._is_bad = bad
        super().mark_bad(bad)

    def _show_text(self, text: str) -> None:
        self.combo.setCurrentIndex(self._columns.index(text) + 1 if text in self._columns else -1)
        self.line.setText(text)
        if not self.combo.hasFocus():
            self.line.setCursorPosition(0)

    def _choose(self, index: int) -> None:
        self._become(self._columns[index - 1] if index > 0 else "")

    def _take_typed(self) -> None:
        if self.combo.view().isVisible():
            return  # the list was opened: what is chosen there counts
        text = self.line.text().strip()
        if text == self._value:
            self._take_back()
            return
        found = self._columns_like(text)
        if len(found) == 1 or not self._columns:
            self._become(found[0] if found else text)
            return
        what = "matches several columns" if found else "is not a column of the data"
        self.refused.emit(
            SettingError(
                f"{self._label} is “{text[:40]}”, which {what}.", "Choose one from the list."
            )
        )
        self.finished.emit()

    def _columns_like(self, text: str) -> list[str]:
        """The column that is meant, or several that may be."""
        if text in ("", self._empty):
            return [""]
        if text in self._columns:
            return [text]
        lower = text.lower()
        same = [each for each in self._columns if each.lower() == lower]
        return same or [each for each in self._columns if lower in each.lower()]

    def _become(self, value: str) -> None:
        self._show_text(value)
        if value != self._value:
            self._value = value
            self.edited.emit(value)
            self.finished.emit()
        elif self._is_bad:
            self.withdrawn.emit()

    def _take_back(self) -> None:
        self._show_text(self._value)
        if self._is_bad:
            self.withdrawn.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        is_typing = self.line.text() != self._value
        if event.type() == QEvent.Type.ShortcutOverride:
            # A name that was taken is in the document's history, so undo belongs to it.
            if not is_typing and any(event.matches(key) for key in _HISTORY_KEYS):
                event.ignore()
                return True
            if is_typing and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape and is_typing:
            self._take_back()
            return True
        return False


class ColumnsField(Field):
    """Some of the columns, ticked in a list that opens like that of a choice.

    Args:
        empty: what it means where no column is named.
    """

    def __init__(self, label: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = empty
        self._columns: tuple[str, ...] = ()
        self._value: tuple[str, ...] = ()
        self.combo = _SummaryCombo(self)
        self.combo.addItem(empty)
        self.list = ColumnList(label, self)
        self.lay_out(self.combo)
        self.combo.opened.connect(self._open)
        self.list.ticked.connect(self._tick)
        self.list.closed.connect(self.finished)

    @property
    def editor(self) -> QWidget:
        return self.combo

    def offer(self, columns: Sequence[str], taken: str = "") -> None:
        """List these columns."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._fill()

    def show_value(self, value: Any) -> None:
        self._value = tuple(value)
        text = ", ".join(self._value) or self._empty
        self.combo.setItemText(0, text)
        self.combo.setToolTip(text if self._value else "")
        self._fill()

    def _fill(self) -> None:
        # A column that the file no longer has can still be taken off.
        gone = [name for name in self._value if name not in self._columns]
        self.list.show_columns([*self._columns, *gone], self._value)

    def _open(self) -> None:
        self.list.open_below(self.combo)

    def _tick(self, name: str, ticked: bool) -> None:
        chosen = {*self._value, name} if ticked else {*self._value} - {name}
        order = [*self._columns, *(each for each in self._value if each not in self._columns)]
        value = tuple(each for each in order if each in chosen)
        self.show_value(value)
        self.edited.emit(value)


class _SummaryCombo(QuietCombo):
    """Looks like a choice; what opens is somebody else's."""

    opened = Signal()

    def showPopup(self) -> None:
        self.opened.emit()


class ColumnList(QFrame):
    """Columns with a box each, on top of everything until one clicks elsewhere.

    Signals:
        ticked(name, bool): a box was ticked or cleared.
        closed(): the list is gone.
    """

    ticked = Signal(str, bool)
    closed = Signal()

    def __init__(self, label: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.rows = RowList(self)
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setAccessibleName(label)
        self.rows.setUniformItemSizes(True)
        self.rows.setSpacing(1)
        self.empty = ToneLabel("The columns are listed once the data can be read.")
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.addWidget(self.rows)
        column.addWidget(self.empty)
        self.setFocusProxy(self.rows)
        self.rows.clicked.connect(self._toggle)
        self.rows.installEventFilter(self)

    def show_columns(self, names: Sequence[str], ticked: Sequence[str]) -> None:
        """Show these columns; the row with the keyboard stays."""
        rows = [Row(name, is_ticked=name in ticked) for name in names]
        if [row.text for row in self.rows.rows] == list(names):
            self.rows.update_rows(rows)
        else:
            self.rows.show_rows(rows)
        self.rows.setVisible(bool(names))
        self.empty.setVisible(not names)

    def open_below(self, anchor: QWidget) -> None:
        """Open below a widget, or above it where there is no room below."""
        count = len(self.rows.rows)
        rows = min(max(1, count), MOST_ROWS)
        line = self.rows.sizeHintForRow(0) if count else 2 * self.fontMetrics().height()
        width = max(anchor.width(), self.rows.sizeHintForColumn(0) + 40)
        room = self.screen().availableGeometry()
        height = min(rows * (line + 2 * self.rows.spacing()) + 10, room.height() // 2)
        self.resize(min(width, room.width() // 2), height)
        at = anchor.mapToGlobal(QPoint(0, anchor.height()))
        if at.y() + height > room.bottom():
            at.setY(anchor.mapToGlobal(QPoint(0, 0)).y() - height)
        at.setX(max(room.left(), min(at.x(), room.right() - self.width())))
        self.move(at)
        if self.rows.current is None:
            self.rows.set_current(0)
        # The style draws the boxes in a shade of this, which is lost on a dark list.
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, theme.color("text"))
        self.rows.setPalette(palette)
        self.show()
        self.rows.setFocus()

    def _toggle(self, index: QModelIndex) -> None:
        # A click anywhere in the row ticks it, so the box does not do so itself.
        row = self.rows.row_at(index)
        if row is not None:
            self.ticked.emit(row.text, not row.is_ticked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Space and self.rows.current is not None:
                self._toggle(self.rows.currentIndex())
                return True
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.close()
                return True
        return False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()
