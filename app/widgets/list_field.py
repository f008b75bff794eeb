"""A field for several values of one family, in order: metrics, the steps of data."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.widgets.family_field import FamilyField, summary_of
from app.widgets.fields import Field, QuietCombo, choice_text
from app.widgets.icons import IconButton
from app.widgets.labels import ToneLabel
from app.widgets.tab_order import order_tabs
from engine.spec import Family


class ListField(Field):
    """A list whose entries are added from a menu, moved, removed and set.

    Args:
        family: what the entries are.
        auto: the word that may stand for the whole list ("auto"), or None. With
            it, a choice above the list says whether the list is one's own.
    """

    def __init__(
        self,
        family: type[Family],
        *,
        name: str,
        auto: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._family, self._name, self._auto = family, name, auto
        self._value: tuple[Family, ...] | str = ()
        self._own: tuple[Family, ...] = ()
        self._entries: list[_Entry] = []
        self.combo = QuietCombo(self)
        self.combo.addItems([choice_text(auto), "as listed below"])
        self.add_button = self._make_add_button()
        self.empty = ToneLabel("None yet.")
        self.wide = self.is_bare = auto is None
        self.below = QWidget()
        self._list = QVBoxLayout(self.below)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(4)
        self._list.addWidget(self.empty)
        self._list.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.combo.setVisible(auto is not None)
        self.lay_out(self.combo)
        self.combo.activated.connect(self._choose_auto)

    @property
    def editor(self) -> QWidget:
        return self.combo if self._auto else self.add_button

    def mark_bad(self, bad: bool) -> None:
        """Nothing: the entries mark their own fields."""

    @property
    def entries(self) -> list[_Entry]:
        """The rows of the list, in order."""
        return list(self._entries)

    def show_value(self, value: Any) -> None:
        self._value = value
        listed = () if isinstance(value, str) else tuple(value)
        if not isinstance(value, str):
            self._own = listed
        self.combo.setCurrentIndex(0 if isinstance(value, str) else 1)
        before = len(self._entries)
        while len(self._entries) > len(listed):
            entry = self._entries.pop()
            entry.hide()
            entry.deleteLater()
        for index, each in enumerate(listed):
            if index == len(self._entries):
                self._append_entry()
            self._entries[index].show_value(each, index, len(listed))
        if len(self._entries) > before:
            order_tabs(self)
        self.empty.setVisible(not listed)
        if self.below:
            self.below.setVisible(not isinstance(value, str))

    def _append_entry(self) -> None:
        entry = _Entry(self._family, f"{self._name} {len(self._entries) + 1}")
        entry.edited.connect(self._entry_edited)
        entry.moved.connect(self._move)
        entry.removed.connect(self._remove)
        entry.finished.connect(self.finished)
        self._list.insertWidget(len(self._entries), entry)
        self._entries.append(entry)

    def _make_add_button(self) -> QToolButton:
        button = IconButton("fa6s.plus", "", tone="text")
        button.setAutoRaise(False)
        button.setText("Add")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(f"Add to {self._name}")
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for kind in self._family.kinds.values():
            action = menu.addAction(choice_text(kind.kind))
            action.setData(kind.kind)
            action.setToolTip(summary_of(kind))
        menu.triggered.connect(self._add)
        button.setMenu(menu)
        return button

    def _choose_auto(self, index: int) -> None:
        value = self._own if index else self._auto
        if value != self._value:
            self._become(value)

    def _add(self, action: QAction) -> None:
        self._become((*self._listed, self._family.kinds[action.data()]()))

    def _remove(self, index: int) -> None:
        self._become((*self._listed[:index], *self._listed[index + 1 :]))

    def _move(self, index: int, by: int) -> None:
        order = list(self._listed)
        order.insert(index + by, order.pop(index))
        self._become(tuple(order))

    def _entry_edited(self, index: int, value: object) -> None:
        listed = list(self._listed)
        listed[index] = value  # type: ignore[call-overload]
        self._value = self._own = tuple(listed)
        self.edited.emit(self._value)

    @property
    def _listed(self) -> tuple[Family, ...]:
        return () if isinstance(self._value, str) else self._value

    def _become(self, value: Any) -> None:
        self.show_value(value)
        self.edited.emit(value)
        self.finished.emit()


class _Entry(QWidget):
    """One row of the list: its kind, its settings, and buttons to move and remove it."""

    edited = Signal(int, object)
    moved = Signal(int, int)
    removed = Signal(int)
    finished = Signal()

    def __init__(self, family: type[Family], name: str) -> None:
        super().__init__()
        self._index = 0
        self.field = FamilyField(family, optional=False, name=name)
        self.field.combo.setAccessibleName(name)
        self.up = IconButton("fa6s.chevron-up", "Move up", self)
        self.down = IconButton("fa6s.chevron-down", "Move down", self)
        self.remove = IconButton("fa6s.xmark", "Remove", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        column.addLayout(row)
        row.setSpacing(0)
        row.addWidget(self.field, 1)
        row.addSpacing(4)
        for button in (self.up, self.down, self.remove):
            row.addWidget(button)
        if self.field.below:
            column.addWidget(self.field.below)
        self.field.edited.connect(self._field_edited)
        self.field.finished.connect(self.finished)
        self.up.clicked.connect(self._move_up)
        self.down.clicked.connect(self._move_down)
        self.remove.clicked.connect(self._remove)

    def show_value(self, value: Family, index: int, count: int) -> None:
        self._index = index
        self.up.setEnabled(index > 0)
        self.down.setEnabled(index < count - 1)
        self.field.show_value(value)

    def _field_edited(self, value: object) -> None:
        self.edited.emit(self._index, value)

    def _move_up(self) -> None:
        self.moved.emit(self._index, -1)

    def _move_down(self) -> None:
        self.moved.emit(self._index, 1)

    def _remove(self) -> None:
        self.removed.emit(self._index)
