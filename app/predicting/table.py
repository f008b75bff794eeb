"""The table of predictions: one row for each sample, sorted by any column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from app import theme
from app.widgets.roomy_table import RoomyCells
from engine.arrays import Array
from engine.predicting import Predictions
from engine.predicting.batch import Cell
from engine.predicting.predictions import digits_of

WIDEST_COLUMN = 220
SHOWN_COLUMNS = 200
"""Further columns of a file are only in the CSV file."""
_Index = QModelIndex | QPersistentModelIndex
_NUMBER = re.compile(r"(\d+)")


class PredictionsModel(QAbstractTableModel):
    """What a network predicts, behind which sample it is and before what the file says.

    Attributes:
        names: of the columns that are shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._columns: list[Sequence[Cell]] = []
        self._order: Array = np.empty(0, np.int64)
        self._predicted = range(0)
        self._wrong: frozenset[int] = frozenset()
        self._probabilities: frozenset[str] = frozenset()

    def show_predictions(self, found: Predictions | None) -> None:
        """Show these in place of those before, in the order of the file."""
        self.beginResetModel()
        columns = {} if found is None else found.columns
        self.names = list(columns)[:SHOWN_COLUMNS]
        self._columns = [columns[name] for name in self.names]
        self._order = np.arange(0 if found is None else len(found))
        self._predicted = range(1, 1 + (0 if found is None else len(found.answers)))
        self._wrong = frozenset() if found is None else found.wrong
        self._probabilities = frozenset() if found is None else found.probabilities
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, numbers by their size; cells that are missing come last."""
        if not 0 <= column < len(self._columns):
            return
        self.layoutAboutToBeChanged.emit()
        keys = [_sort_key(cell) for cell in self._columns[column]]
        is_down = order == Qt.SortOrder.DescendingOrder
        rows = sorted(range(len(keys)), key=keys.__getitem__, reverse=is_down)
        missing = [row for row in rows if self._columns[column][row] is None]
        present = [row for row in rows if self._columns[column][row] is not None]
        self._order = np.array(present + missing, np.int64)
        self.layoutChanged.emit()

    def sample_at(self, row: int) -> int:
        """Return which sample of the file stands in a row."""
        return int(self._order[row])

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.names)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            # A header has no delegate: en spaces give its words the room that cells have.
            return f"\u2002{self.names[section]}\u2002"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.names[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, sample = index.column(), self.sample_at(index.row())
        cell = self._columns[column][sample]
        is_first = column == self._predicted.start
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(cell, self.names[column])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(cell, is_wrong=is_first and sample in self._wrong)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if _is_numeric(cell) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            if is_first and sample in self._wrong:
                return theme.color("bad")
            return None if column in self._predicted else theme.color("muted")
        if role == Qt.ItemDataRole.FontRole and is_first:
            bold = QFont()
            bold.setBold(True)
            return bold
        return None

    def _text(self, cell: Cell, name: str) -> str | None:
        if not isinstance(cell, float):
            return cell
        return f"{cell:.4f}" if name in self._probabilities else f"{cell:.6g}"

    def _tip(self, cell: Cell, *, is_wrong: bool) -> str | None:
        if is_wrong:
            return "The file says otherwise."
        return digits_of(cell) if isinstance(cell, float) else None


class PredictionsTable(QTableView):
    """Shows predictions; a click on a header sorts by that column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = PredictionsModel()
        self.setModel(self.rows)
        self.setItemDelegate(RoomyCells(self))
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 7)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setResizeContentsPrecision(100)
        self.setAccessibleName("Predictions")

    def show_predictions(self, found: Predictions | None) -> None:
        """Show these in place of those before."""
        # Unsorted until a header is clicked: the file's order is what people know.
        self.setSortingEnabled(False)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.rows.show_predictions(found)
        self.setSortingEnabled(True)
        self.resizeColumnsToContents()
        for column in range(self.rows.columnCount()):
            if self.columnWidth(column) > WIDEST_COLUMN:
                self.setColumnWidth(column, WIDEST_COLUMN)


def _is_numeric(cell: Cell) -> bool:
    return isinstance(cell, float) or (isinstance(cell, str) and _as_number(cell) is not None)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _sort_key(cell: Cell) -> tuple[int, float, list[tuple[int, float, str]]]:
    """Return what a cell is sorted by: numbers first, "row 9" before "row 10"."""
    if cell is None:
        return 2, 0.0, []
    number = cell if isinstance(cell, float) else _as_number(cell)
    if number is not None and number == number:
        return 0, number, []
    parts = _NUMBER.split(str(cell).casefold())
    return (
        1,
        0.0,
        [(0, float(part), "") if part.isdecimal() else (1, 0.0, part) for part in parts if part],
    )
