"""Rows of lists and trees: values in a model, shown by a view.

There are no item widgets: an item that Qt owns is deleted by Qt, and the Python object of
it that is left over is taken for whatever is allocated at that address next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QListView, QWidget

VALUE = Qt.ItemDataRole.UserRole
"""The role of what a row stands for."""

USABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
"""What can be done with a row that is no heading."""

_ROOT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list or a tree.

    Attributes:
        text: what is shown.
        value: what the row stands for.
        tip: the tool tip.
        spoken: what a screen reader reads instead of the text.
        description: what a screen reader adds to the text.
        is_ticked: the state of its box; None for a row without a box.
        is_heading: whether it can be neither selected nor dragged.
    """

    text: str
    value: Any = None
    tip: str = ""
    spoken: str = ""
    description: str = ""
    is_ticked: bool | None = None
    is_heading: bool = False

    def data(self, role: int) -> Any:
        """Return what a view wants to know; None if the row does not say."""
        match role:
            case _Role.DisplayRole:
                return self.text
            case _Role.ToolTipRole:
                return self.tip or None
            case _Role.AccessibleTextRole:
                return self.spoken or None
            case _Role.AccessibleDescriptionRole:
                return self.description or None
            case _Role.CheckStateRole if self.is_ticked is not None:
                return Qt.CheckState.Checked if self.is_ticked else Qt.CheckState.Unchecked
            case _ if role == VALUE:
                return self.value
        return None

    @property
    def flags(self) -> Qt.ItemFlag:
        """What can be done with it."""
        return Qt.ItemFlag.ItemIsEnabled if self.is_heading else USABLE


class ListModel(QAbstractListModel):
    """Some rows, one below the other."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def reset(self, rows: Sequence[Row]) -> None:
        """Have other rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        return self.rows[index.row()].data(role)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return self.rows[index.row()].flags | Qt.ItemFlag.ItemNeverHasChildren


class RowList(QListView):
    """A list of rows.

    Signals:
        rowChanged(row): the keyboard is at another Row; None for none.
    """

    rowChanged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ListModel(self)
        self.setModel(self._model)
        self.selectionModel().currentChanged.connect(self._on_current)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What it shows, from above."""
        return self._model.rows

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; the keyboard is at none of them."""
        had_current = self.current is not None
        self._model.reset(rows)
        if had_current:
            self.rowChanged.emit(None)

    def update_rows(self, rows: Sequence[Row]) -> None:
        """Show as many rows in place of those shown; the keyboard stays where it is."""
        assert len(rows) == len(self.rows)
        self._model.rows = tuple(rows)
        self._model.dataChanged.emit(self._model.index(0), self._model.index(len(rows) - 1))

    def row_at(self, index: _Index) -> Row | None:
        """Return the row of an index of the view; None if it is of no row."""
        return self.rows[index.row()] if index.isValid() else None

    @property
    def current(self) -> Row | None:
        """The row that the keyboard is at."""
        return self.row_at(self.currentIndex())

    def set_current(self, place: int) -> None:
        """Go to a row by its place; none if there is no such row."""
        self.setCurrentIndex(self._model.index(place))

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        self.rowChanged.emit(self.row_at(current))


class Branch(Protocol):
    """A row of a tree, and the rows below it."""

    @property
    def row(self) -> Row:
        """The row itself."""

    @property
    def below(self) -> Sequence[Row]:
        """The rows below it."""

    @property
    def may_open(self) -> bool:
        """Whether there are rows below it; asked before they are."""

    @property
    def flags(self) -> Qt.ItemFlag:
        """What can be done with the row; asked before it is looked at."""


@dataclass(frozen=True)
class Section:
    """A branch whose rows are known."""

    row: Row
    below: tuple[Row, ...] = ()

    @property
    def may_open(self) -> bool:
        """Whether there are rows below it."""
        return bool(self.below)

    @property
    def flags(self) -> Qt.ItemFlag:
        """What can be done with the row."""
        return self.row.flags


class TreeModel(QAbstractItemModel):
    """Rows with rows below them: a tree of two levels.

    An index has as id 0 at the upper level; at the lower one the place of its branch, from 1.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.branches: tuple[Branch, ...] = ()

    def reset(self, branches: Sequence[Branch]) -> None:
        """Have other rows."""
        self.beginResetModel()
        self.branches = tuple(branches)
        self.endResetModel()

    def row_at(self, index: _Index) -> Row | None:
        """Return the row of an index; None if it is of no row."""
        if not index.isValid():
            return None
        above = index.internalId()
        if above:
            return self.branches[above - 1].below[index.row()]
        return self.branches[index.row()].row

    def index(self, row: int, column: int = 0, parent: _Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: _Index | None = None) -> Any:
        if index is None:
            return super().parent()
        above = index.internalId() if index.isValid() else 0
        return self.createIndex(above - 1, 0, 0) if above else QModelIndex()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        if not parent.isValid():
            return len(self.branches)
        if parent.column() or parent.internalId():
            return 0
        return len(self.branches[parent.row()].below)

    def hasChildren(self, parent: _Index = _ROOT) -> bool:
        if not parent.isValid():
            return bool(self.branches)
        return not parent.internalId() and self.branches[parent.row()].may_open

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 1

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        row = self.row_at(index)
        return None if row is None else row.data(role)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        above = index.internalId()
        if above:
            return self.branches[above - 1].below[index.row()].flags
        return self.branches[index.row()].flags
