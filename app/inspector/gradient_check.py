"""The dialog that compares a network's gradients with the slopes of its loss."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
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
SIZE = QSize(620, 420)
ABOUT = (
    "Moves weights a little, and compares how much the loss changes with what the gradient says. "
    f"Up to {GOOD:g} the two agree; above {DOUBTFUL:g} something is wrong."
)


class GradientCheckDialog(WorkDialog):
    """Checks a network in a thread and shows the largest relative error of each layer."""

    def __init__(
        self, network: Network, data: Dataset, plan: Plan, parent: QWidget | None = None
    ) -> None:
        super().__init__("Check gradients", "Checking…", parent)
        self._network, self._data, self._plan = network, data, plan
        self.found: list[LayerCheck] = []
        self.table = QTableWidget(0, len(HEADERS))
        self._set_up_table()
        self._lay_out(ABOUT, self.table, SIZE)

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        part, meaning = self._data.train, self._data.targets
        yield from check_gradients(self._network, part, meaning, self._plan, progress=progress)

    def _add(self, found: list[LayerCheck]) -> None:
        for each in found:
            self.found.append(each)
            row = self.table.rowCount()
            self.table.insertRow(row)
            texts = (
                self._name(each.node),
                f"{each.weights:,}",
                f"{each.error:.1e}",
                each.worst,
                each.verdict,
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column in NUMBERS:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                if each.note:
                    item.setToolTip(each.note)
                self.table.setItem(row, column, item)
        self._tint()
        self.table.scrollToBottom()

    def _name(self, node: str) -> str:
        """What the user calls a layer; one in a group by its path."""
        nodes = self._network.graph.nodes
        return nodes[node].name if node in nodes else node

    def _finish(self) -> None:
        text, tone = _in_words(self.found)
        self.outcome.setText(text)
        self.outcome.set_tone(tone)
        self.buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        for row, each in enumerate(self.found):
            verdict = self.table.item(row, len(HEADERS) - 1)
            assert verdict is not None
            verdict.setForeground(QBrush(theme.color(TONES[each.verdict])))

    def _set_up_table(self) -> None:
        table = self.table
        # A header has no delegate: en spaces give its words the room that cells have.
        table.setHorizontalHeaderLabels([f"\u2002{each}\u2002" for each in HEADERS])
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
        for column in NUMBERS:
            item = table.horizontalHeaderItem(column)
            assert item is not None
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.setAccessibleName("Layers and their largest errors")


def _in_words(found: list[LayerCheck]) -> tuple[str, str]:
    """The outcome as a sentence, and its tone."""
    if not found:
        return "No layer of this network learns, so there is nothing to check.", "muted"
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
