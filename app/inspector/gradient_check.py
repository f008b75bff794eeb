"""The dialog that compares a network's gradients with the slopes of its loss."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.widgets.background import Background
from app.widgets.labels import ToneLabel
from engine.analysis.gradient_check import DOUBTFUL, GOOD, LayerCheck, check_gradients
from engine.data import Dataset
from engine.errors import Cancelled
from engine.network import Network
from engine.progress import Progress
from engine.training import Plan

HEADERS = ("Layer", "Weights", "Largest error", "Where", "Verdict")
NUMBERS = (1, 2)
TONES = {"right": "good", "doubtful": "warning", "wrong": "bad"}
SIZE = (620, 420)
# Numbers at the right edge of a column would touch the words in the next.
TABLE_STYLE = "QTableView::item { padding: 0 8px } QHeaderView::section { padding: 2px 8px }"
ABOUT = (
    "Moves weights a little, and compares how much the loss changes with what the gradient says. "
    f"Up to {GOOD:g} the two agree; above {DOUBTFUL:g} something is wrong."
)


class GradientCheckDialog(QDialog):
    """Checks a network in a thread and shows the largest relative error of each layer."""

    def __init__(
        self, network: Network, data: Dataset, plan: Plan, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Check gradients")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._network, self._data, self._plan = network, data, plan
        self._closes = False
        self.found: list[LayerCheck] = []
        self.background = Background(self)
        self.background.found.connect(self._add)
        self.background.progressed.connect(self._progressed)
        self.background.ended.connect(self._ended)
        self.table = QTableWidget(0, len(HEADERS))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.outcome = ToneLabel("Checking…")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)
        self._style_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for widget in (ToneLabel(ABOUT), self.table, self.outcome, self.bar, self.buttons):
            column.addWidget(widget, 1 if widget is self.table else 0)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.resize(*SIZE)

    def start(self) -> None:
        """Check; what is found is shown as it comes."""
        self.background.start(self._work)

    def reject(self) -> None:
        """Stop, and close once the thread has ended."""
        if self.background.is_working:
            self._closes = True
            self.outcome.setText("Stopping…")
            self.background.cancel()
        else:
            super().reject()

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
            verdict = self.table.item(row, len(HEADERS) - 1)
            assert verdict is not None
            verdict.setForeground(QBrush(theme.color(TONES[each.verdict])))
        self.table.scrollToBottom()

    def _name(self, node: str) -> str:
        """What the user calls a layer; one in a group by its path."""
        nodes = self._network.graph.nodes
        return nodes[node].name if node in nodes else node

    def _progressed(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _ended(self, error: BaseException | None) -> None:
        self.bar.hide()
        if self._closes:
            super().reject()
        elif error is None:
            text, tone = _in_words(self.found)
            self.outcome.setText(text)
            self.outcome.set_tone(tone)
            self.buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)
        if error is not None and not isinstance(error, Cancelled):
            self.outcome.setText("The check broke off: an error of the program.")
            self.outcome.set_tone("bad")
            raise error

    def _style_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(HEADERS)
        table.setShowGrid(False)
        table.setStyleSheet(TABLE_STYLE)
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
