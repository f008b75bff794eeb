"""True against predicted values of a part of the data: a confusion matrix, or points."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.plots.matrix import MatrixView
from app.plots.sample_card import PART_WORDS, PARTS
from app.plots.scatter_view import ScatterView
from app.widgets.background import Background
from app.widgets.labels import EmptyHint, ToneLabel
from engine.data import Dataset
from engine.data.samples import PartName
from engine.errors import Cancelled
from engine.metrics import Comparison, ConfusionMatrix
from engine.network import Network
from engine.progress import Progress
from engine.training.answers import titles_of
from engine.training.comparing import compare
from engine.training.meaning import Learned


class ComparisonView(QWidget):
    """Compares what a trained network predicts with the truth, in the background.

    The part of the data is chosen, and the output where there are several.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network: Network | None = None
        self._learned: Learned | None = None
        self._dataset: Dataset | None = None
        self._found: Mapping[str, Comparison] = {}
        self._is_stale = True
        self._background = Background(self)
        self._background.found.connect(self._take)
        self._background.ended.connect(self._ended)
        self.part = QComboBox(self)
        self.part.setAccessibleName("Part of the data")
        self.part.activated.connect(self._compare_anew)
        self.output = QComboBox(self)
        self.output.setAccessibleName("Output")
        self.output.activated.connect(self._show)
        self.summary = ToneLabel("", "text")
        self.matrix = MatrixView(self)
        self.matrix.chosen.connect(self._summarize)
        self.scatter = ScatterView(self)
        self.hint = EmptyHint("fa6s.table-cells", "Not trained yet", "", self)
        self._lay_out()
        self._show()

    def shutdown(self) -> None:
        """Wait for a thread that goes on; the widget is of no use afterwards."""
        self._background.shutdown()

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Compare on this data."""
        if dataset is self._dataset:
            return
        chosen = self.part.currentData()
        self._dataset = dataset
        self.part.clear()
        for name in PARTS if dataset is not None else ():
            count = len(dataset.part(name)) if dataset is not None else 0
            if count:
                self.part.addItem(f"{PART_WORDS[name]} ({count:,})", name)
        self.part.setCurrentIndex(max(0, self.part.findData(chosen)))
        self._compare_anew()

    def set_network(self, network: Network | None, learned: Learned | None = None) -> None:
        """Compare what this network predicts; None while there is none.

        Args:
            learned: what it was trained for.
        """
        self._network, self._learned = network, learned if network is not None else None
        titles = {} if self._learned is None else titles_of(self._learned.graph)
        chosen = self.output.currentData()
        self.output.clear()
        for node, title in titles.items():
            self.output.addItem(title, node)
        self.output.setCurrentIndex(max(0, self.output.findData(chosen)))
        self.output.setVisible(len(titles) > 1)
        self._compare_anew()

    # Comparing

    def _compare_anew(self) -> None:
        self._found, self._is_stale = {}, True
        self._background.cancel()
        self._compare()
        self._show()

    def _compare(self) -> None:
        part = self.part.currentData()
        if not self._is_stale or not self.isVisible() or self._background.is_working:
            return
        if self._why_empty() or self._network is None or self._dataset is None:
            return
        assert self._learned is not None
        self._is_stale = False
        work = _Comparing(self._network, self._learned, self._dataset, part)
        self._background.start(work.run)

    def _take(self, found: list[Mapping[str, Comparison]]) -> None:
        if not self._is_stale:
            self._found = found[-1]
            self._show()

    def _ended(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Cancelled):
            raise error
        self._compare()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compare()

    # What is shown

    def _why_empty(self) -> tuple[str, str] | None:
        if self._dataset is None:
            return "No data", "Choose data, then press Start."
        if self._network is None or self._learned is None:
            return "Not trained yet", "It is shown once a run has ended."
        if self._learned.targets != self._dataset.targets or not self._network.takes(
            self._dataset.input_shape
        ):
            return "Trained on other data", "Choose that data again, or press Start."
        return None

    def _show(self) -> None:
        reason = self._why_empty()
        if reason:
            self.hint.title.setText(reason[0])
            self.hint.text.setText(reason[1])
            self._pages.setCurrentWidget(self.hint)
            return
        self._pages.setCurrentWidget(self._page)
        found = self._found.get(self.output.currentData())
        is_matrix = isinstance(found, ConfusionMatrix)
        self.matrix.show_matrix(found if isinstance(found, ConfusionMatrix) else None)
        self.scatter.show_scatter(
            found if found is not None and not isinstance(found, ConfusionMatrix) else None
        )
        self._views.setCurrentWidget(self.matrix if is_matrix or found is None else self.scatter)
        self._summarize()

    def _summarize(self) -> None:
        self.summary.setText(self.matrix.words or self.scatter.words)

    def _lay_out(self) -> None:
        self._views = QStackedWidget(self)
        self._views.addWidget(self.matrix)
        self._views.addWidget(self.scatter)
        self._page = QWidget(self)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(8, 6, 8, 6)
        bar = QHBoxLayout()
        column.addLayout(bar)
        bar.addWidget(self.part)
        bar.addWidget(self.output)
        bar.addWidget(self.summary, 1)
        column.addWidget(self._views, 1)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.hint)
        self._pages.addWidget(self._page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)


@dataclass(frozen=True, eq=False)
class _Comparing:
    """One comparison, for a thread."""

    network: Network
    learned: Learned
    dataset: Dataset
    part: PartName

    def run(self, progress: Progress) -> Generator[object, None, None]:
        """Yield the comparison of each output, by node."""
        yield compare(self.network, self.learned.meanings, self.dataset, self.part, progress)
