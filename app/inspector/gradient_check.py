"""The dialog that compares a network's gradients with the slopes of its loss."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialogButtonBox,
    QHeaderView,
    QTableView,
    QWidget,
)

from app import theme
from app.widgets.roomy_table import RoomyCells
from app.widgets.work_dialog import WorkDialog
from engine.analysis.gradient_check import DOUBTFUL, GOOD, LayerCheck, check_gradients
from engine.data import Dataset
from engine.network import Network
from engine.progress import Progress
from engine.training import Plan

HEADERS = ("Layer", "Weights", "Largest error", "Where", "Verdict")
NUMBERS = (1, 2)
TONES = {"right": "good", "doubtful": "warning", "wrong": "bad"}
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SIZE = QSize(620, 420)
ABOUT = (
    "Nudges weights, and compares the change of the loss with the gradient. Relative errors up to "
    f"{GOOD:g} are normal; above {DOUBTFUL:g} something is wrong."
)

_Index = QModelIndex | QPersistentModelIndex


class _CheckModel(QAbstractTableModel):
    """The checks of the layers, one a row."""

    def __init__(self, network: Network, parent: QObject) -> None:
        super().__init__(parent)
        self._nodes = network.graph.nodes
        self.found: list[LayerCheck] = []

    def add(self, found: list[LayerCheck]) -> None:
        """Add rows below the others."""
        if found:
            count = len(self.found)
            self.beginInsertRows(QModelIndex(), count, count + len(found) - 1)
            self.found += found
            self.endInsertRows()
            # A header fits its columns to what changes, not to rows that come.
            last = self.index(len(self.found) - 1, len(HEADERS) - 1)
            self.dataChanged.emit(self.index(count, 0), last)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.found)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            # A header has no delegate: en spaces give its words the room that cells have.
            return f"\u2002{HEADERS[section]}\u2002"
        if role == Qt.ItemDataRole.TextAlignmentRole and section in NUMBERS:
            return RIGHT
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        check, column = self.found[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._texts(check)[column]
            case Qt.ItemDataRole.ToolTipRole:
                return check.note or None
            case Qt.ItemDataRole.TextAlignmentRole if column in NUMBERS:
                return RIGHT
            case Qt.ItemDataRole.ForegroundRole if column == len(HEADERS) - 1:
                return theme.color(TONES[check.verdict])
        return None

    def _texts(self, check: LayerCheck) -> tuple[str, ...]:
        # What the user calls a layer; one in a group by its path.
        name = self._nodes[check.node].name if check.node in self._nodes else check.node
        return name, f"{check.weights:,}", f"{check.error:.1e}", check.worst, check.verdict


class GradientCheckDialog(WorkDialog):
    """Checks a network in a thread and shows the largest relative error of each layer."""

    def __init__(
        self, network: Network, data: Dataset, plan: Plan, parent: QWidget | None = None
    ) -> None:
        super().__init__("Check gradients", "Checking…", parent)
        self._network, self._data, self._plan = network, data, plan
        self._model = _CheckModel(network, self)
        self.table = QTableView()
        self.table.setModel(self._model)
        self._set_up_table()
        self._lay_out(ABOUT, self.table, SIZE)

    @property
    def found(self) -> list[LayerCheck]:
        """What is known so far, layer by layer."""
        return self._model.found

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        part, meaning = self._data.train, self._data.targets
        yield from check_gradients(self._network, part, meaning, self._plan, progress=progress)

    def _add(self, found: list[LayerCheck]) -> None:
        self._model.add(found)
        self.table.scrollToBottom()

    def _finish(self) -> None:
        text, tone = _in_words(self.found)
        self.outcome.setText(text)
        self.outcome.set_tone(tone)
        self.buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)

    def _set_up_table(self) -> None:
        table = self.table
        table.setShowGrid(False)
        table.setItemDelegate(RoomyCells(table))
        table.setAlternatingRowColors(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 7)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(100)
        table.setAccessibleName("Layers and their largest errors")


def _in_words(found: list[LayerCheck]) -> tuple[str, str]:
    """The outcome as a sentence, and its tone."""
    if not found:
        return (
            "No layer of this network has weights to train, so there is nothing to check.",
            "muted",
        )
    wrong = [each.node for each in found if each.verdict == "wrong"]
    doubtful = [each for each in found if each.verdict == "doubtful"]
    if wrong:
        listed = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        return f"The gradient is wrong in {listed}.", "bad"
    if doubtful:
        why = next((each.note for each in doubtful if each.note), "")
        few = f"{len(doubtful)} of {len(found)} layers are doubtful."
        return f"{few} {why or 'Rounding or a kink may be the reason.'}", "warning"
    largest = max(each.error for each in found)
    many = "The layer agrees" if len(found) == 1 else f"All {len(found)} layers agree"
    return f"{many} with the slopes of the loss; the largest error is {largest:.1e}.", "good"
