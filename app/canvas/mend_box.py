"""The box that says why something is wrong, and offers the edits that mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.widgets.labels import ToneLabel
from app.widgets.rows import Row, RowList
from engine.arrays import shape_text
from engine.diagnosis import Fix, Problem

_WIDTH = 380
_LINE_PAD = 13
_SIDE_PAD = 10
_APART = 10
_WRAP = int(Qt.TextFlag.TextWordWrap)
_CLOSING = {Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
_TAKING = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class MendBox(QFrame):
    """A problem with both shapes, and a row for each edit; arrows choose, Enter takes.

    Signals:
        pointed(fix): an edit is under the cursor or chosen by keyboard; None for none.
        chosen(fix): carry it out; the box is closed already.
        closed(): the box went away, with or without a choice.
    """

    pointed = Signal(object)
    chosen = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._open = False
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName("Fixes")
        self.what = ToneLabel("", "text", bold=True)
        self.todo = ToneLabel()
        self.arrives, self.needs = ToneLabel("", "bad"), ToneLabel("", "good")
        self._arrives, self._needs = ToneLabel("arrives"), ToneLabel("needed")
        self.list = RowList()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_FixRow(self.list))
        self.words = ToneLabel("", scale=0.92)
        self._lay_out()
        self.list.installEventFilter(self)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.rowChanged.connect(self._point)
        self.list.clicked.connect(self._take)
        self.hide()

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self)
        inside.setContentsMargins(12, 10, 12, 8)
        inside.setSpacing(6)
        inside.addWidget(self.what)
        shapes = QGridLayout()
        inside.addLayout(shapes)
        shapes.setHorizontalSpacing(10)
        shapes.setVerticalSpacing(2)
        rows = ((self._arrives, self.arrives), (self._needs, self.needs))
        for row, (name, value) in enumerate(rows):
            shapes.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            shapes.addWidget(value, row, 1)
        shapes.setColumnStretch(1, 1)
        inside.addWidget(self.todo)
        inside.addWidget(self.list)
        inside.addWidget(self.words)

    def open_at(
        self, at: QRect, problem: Problem, fixes: Sequence[Fix], seen: Sequence[QRect] = ()
    ) -> None:
        """Open beside a rectangle of the parent, inside of the parent.

        Args:
            seen: where something will be looked at, which is best not covered.
        """
        self.what.setText(problem.what)
        self.todo.setText(problem.todo)
        self.todo.setVisible(bool(problem.todo) and not fixes)
        self.arrives.setText("   and   ".join(map(shape_text, problem.inputs)))
        self.needs.setText(problem.needs)
        for label in (self._arrives, self.arrives):
            label.setVisible(bool(problem.inputs))
        for label in (self._needs, self.needs):
            label.setVisible(bool(problem.needs))
        # The focus goes there: a screen reader says first what is wrong.
        self.list.setAccessibleName(f"{problem.what} Possible fixes")
        self.list.show_rows([Row(fix.label, fix) for fix in fixes])
        delegate = self.list.itemDelegate()
        option = QStyleOptionViewItem()
        option.font = self.list.font()
        model = self.list.model()
        heights = [
            delegate.sizeHint(option, model.index(row, 0)).height() for row in range(len(fixes))
        ]
        self.list.setFixedHeight(sum(heights) + 2)
        self.list.setVisible(bool(fixes))
        some = "Hover to preview · Enter applies · Esc closes"
        self.words.setText(some if fixes else "No single edit fixes it · Esc closes")
        self._open = True
        self._place(at, seen)
        self.show()
        self.raise_()
        (self.list if fixes else self).setFocus(Qt.FocusReason.PopupFocusReason)
        self.list.set_current(0)

    def _place(self, at: QRect, seen: Sequence[QRect]) -> None:
        layout, parent = self.layout(), self.parentWidget()
        assert layout is not None
        assert parent is not None
        self.setFixedHeight(max(layout.heightForWidth(_WIDTH), layout.minimumSize().height()))
        room = parent.rect().adjusted(4, 4, -4 - self.width(), -4 - self.height())
        left, right = at.left() - self.width() - _APART, at.right() + _APART
        above, below = at.top() - self.height() - _APART, at.bottom() + _APART
        around = at
        for each in seen:
            around = around.united(each)
        corners = [
            QPoint(max(room.left(), min(x, room.right())), max(room.top(), min(y, room.bottom())))
            for x, y in (
                (at.left(), below),
                (at.left(), above),
                (right, at.top()),
                (left, at.top()),
                (at.left(), around.bottom() + _APART),
                (at.left(), around.top() - self.height() - _APART),
                (room.right(), room.bottom()),
                (room.right(), room.top()),
                (room.left(), room.bottom()),
                (room.left(), room.top()),
            )
        ]
        kept_clear = [at, *seen]

        def covered(corner: QPoint) -> int:
            common = [QRect(corner, self.size()).intersected(each) for each in kept_clear]
            return sum(each.width() * each.height() for each in common)

        self.move(min(corners, key=covered))

    @property
    def is_open(self) -> bool:
        """Whether it is there to be answered."""
        return self._open

    @property
    def fixes(self) -> list[Fix]:
        """What is offered."""
        return [row.value for row in self.list.rows]

    def close_box(self) -> None:
        """Go away without a choice."""
        if self._open:
            self._open = False
            self.pointed.emit(None)
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.close_box()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            # These are the box's while it is open, whatever the window binds.
            if event.key() in _CLOSING | _TAKING:
                event.accept()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if not self._key(event):
                # Past the last row an arrow would go on to the canvas.
                self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._key(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # The list takes the focus over where there are rows.
        if not self.list.hasFocus():
            self.close_box()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.bad), 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in _CLOSING or (key in _TAKING and not self.fixes):
            self.close_box()
        elif key in _TAKING:
            self._take(self.list.currentIndex())
        else:
            return False
        return True

    def _point(self, row: Row | None) -> None:
        if self._open:
            self.pointed.emit(None if row is None else row.value)

    def _take(self, index: QModelIndex) -> None:
        row = self.list.row_at(index)
        if row is not None:
            self.close_box()
            self.chosen.emit(row.value)


class _FixRow(QStyledItemDelegate):
    """An edit in words; the chosen one is lit."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        room = QRect(0, 0, _WIDTH - 2 * (_SIDE_PAD + 14), 1000)
        metrics = QFontMetrics(option.font)
        text = metrics.boundingRect(room, _WRAP, str(index.data()))
        return QSize(120, text.height() + _LINE_PAD)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c, row = theme.colors(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = QColor(c.accent)
        ground.setAlphaF(0.24 if chosen else 0.08)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(row.adjusted(0, 1.5, 0, -1.5), 5, 5)
        painter.setPen(QColor(c.text))
        text = row.adjusted(_SIDE_PAD, 0, -_SIDE_PAD, 0)
        painter.drawText(text, _WRAP | int(Qt.AlignmentFlag.AlignVCenter), str(index.data()))
        painter.restore()
