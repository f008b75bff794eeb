"""The first rows of a table: its columns with their kinds, the target, and missing cells."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from app import theme
from engine.data.samples import Samples

ROWS = 100
VISIBLE_ROWS = 8
WIDEST_COLUMN = 160
_Index = QModelIndex | QPersistentModelIndex


class TableModel(QAbstractTableModel):
    """The head of some samples; the target is the first column."""

    def __init__(self) -> None:
        super().__init__()
        self._headers: list[tuple[str, str]] = []
        self._rows: list[tuple[Any, ...]] = []

    def show_samples(self, samples: Samples) -> None:
        """Show a table, or an array (N, F) as one."""
        self.beginResetModel()
        count = min(ROWS, len(samples))
        kind = "class" if samples.task == "classification" else "number"
        if samples.kind == "table":
            columns = [(each.name, each.kind) for each in samples.columns]
            cells = samples.frame.head(count).rows()
        else:
            flat = samples.array[:count].reshape(count, -1)[:, :ROWS]
            names = samples.feature_names
            if len(names) != flat.shape[1]:
                names = tuple(f"x{i + 1}" for i in range(flat.shape[1]))
            columns = [(name, "number") for name in names]
            cells = [tuple(row) for row in flat.tolist()]
        self._headers = [(samples.target_name, f"target, {kind}"), *columns]
        self._rows = [(samples.target_text(i), *row) for i, row in enumerate(cells)]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._headers)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        name, kind = self._headers[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{name}\n{kind}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{name}: {kind}"
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell, is_target = self._rows[index.row()][index.column()], index.column() == 0
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            number = isinstance(cell, int | float) and not isinstance(cell, bool)
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if cell is None and role == Qt.ItemDataRole.ForegroundRole:
            return theme.color("warning")
        if cell is None and role == Qt.ItemDataRole.BackgroundRole:
            tint = QColor(theme.color("warning"))
            tint.setAlphaF(0.12)
            return tint
        if is_target and role == Qt.ItemDataRole.FontRole:
            bold = QFont()
            bold.setBold(True)
            return bold
        return None


class TablePreview(QTableView):
    """Shows the head of a table in a fixed number of lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TableModel()
        self.setModel(self.rows)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 5)
        self.horizontalHeader().setHighlightSections(False)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.horizontalHeader().setDefaultAlignment(left)
        self.verticalHeader().setHighlightSections(False)
        self.setAccessibleName("The first rows of the data")

    def show_samples(self, samples: Samples) -> None:
        """Show the head of these samples."""
        self.rows.show_samples(samples)
        self.resizeColumnsToContents()
        for column in range(self.rows.columnCount()):
            if self.columnWidth(column) > WIDEST_COLUMN:
                self.setColumnWidth(column, WIDEST_COLUMN)
        rows = min(VISIBLE_ROWS, self.rows.rowCount())
        heads = self.horizontalHeader().sizeHint().height()
        bar = self.horizontalScrollBar().sizeHint().height()
        height = heads + rows * self.verticalHeader().defaultSectionSize() + bar + 4
        self.setFixedHeight(height)


def cell_text(cell: object) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return "missing"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)
