"""The dialog of predictions: choose a file, look at the table, save it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.predicting.table import SHOWN_COLUMNS, PredictionsTable
from app.settings import Settings
from app.widgets.background import Background
from app.widgets.dropped import dropped_path
from app.widgets.labels import EmptyHint, ToneLabel
from engine.errors import EngineError
from engine.predicting import Predictions, Scores, predict, read_batch, score
from engine.progress import Progress
from engine.project.trained import TrainedModel
from engine.training import Plan

SIZE = QSize(860, 560)
KINDS = "Tables, pictures and arrays (*.csv *.tsv *.txt *.tab *.data *.parquet *.npz *.png *.jpg \
*.jpeg *.bmp *.gif *.webp *.tif *.tiff *.gz *-ubyte);;All files (*)"


@dataclass(frozen=True)
class Question:
    """What is asked about a file: a trained network, and the plan whose metrics score it.

    Attributes:
        is_outdated: whether the network on the canvas is another by now.
    """

    model: TrainedModel
    plan: Plan
    title: str
    is_outdated: bool = False


class PredictDialog(QDialog):
    """Asks a trained network about a file in a thread, and shows its answers."""

    def __init__(self, asked: Question, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Predict")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self._asked, self._settings = asked, settings
        self._path: Path | None = None
        self._next: Path | None = None
        self._closes = False
        self.found: Predictions | None = None
        self.scores: Scores | None = None
        self._unscored: EngineError | None = None
        self.background = Background(self)
        self.background.found.connect(self._take)
        self.background.progressed.connect(self._progressed)
        self.background.ended.connect(self._ended)
        self._build()
        screen = self.screen().availableGeometry().size()
        self.resize(SIZE.boundedTo(screen - QSize(40, 80)))

    def ask(self, path: Path) -> None:
        """Predict about a file or folder; what is under way is broken off first."""
        if self.background.is_working:
            self._next = path
            self.background.cancel()
            return
        self._path, self._next = path, None
        self.found = self.scores = self._unscored = None
        self.notes.hide()
        self.table.show_predictions(None)
        self.pages.setCurrentWidget(self.table)
        self.file.setText(path.name)
        self.outcome.set_tone("muted")
        self.outcome.setText(f"Reading {path.name}…")
        self.bar.setRange(0, 0)
        self.bar.show()
        self.background.start(self._work)
        self._update()

    def choose_file(self) -> None:
        """Ask for a file, and predict about it."""
        folder = str(self._settings.data_folder)
        chosen, _ = QFileDialog.getOpenFileName(self, "Predict on a file", folder, KINDS)
        self._ask_chosen(chosen)

    def choose_folder(self) -> None:
        """Ask for a folder of pictures, and predict about it."""
        folder = str(self._settings.data_folder)
        chosen = QFileDialog.getExistingDirectory(self, "Predict on a folder of pictures", folder)
        self._ask_chosen(chosen)

    def save(self) -> None:
        """Ask where to, and write the table there as CSV."""
        if self.found is None or self._path is None:
            return
        suggested = self._settings.data_folder / f"{self._path.stem} predictions.csv"
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save predictions", str(suggested), "CSV tables (*.csv)"
        )
        if chosen:
            self.save_to(Path(chosen))

    def save_to(self, path: Path) -> None:
        """Write the table as CSV, in the order of the file."""
        if self.found is None:
            return
        path = path if path.suffix else path.with_suffix(".csv")
        try:
            self.found.write_csv(path)
        except EngineError as error:
            self._say(str(error), "bad")
        else:
            self._say(f"Wrote {len(self.found):,} rows to {path}.", "good")

    # Building

    def _build(self) -> None:
        self.file = ToneLabel("No file chosen", "text", bold=True)
        self.file_button = QPushButton("Choose &file…")
        self.file_button.clicked.connect(self.choose_file)
        self.folder_button = QPushButton("Choose f&older…")
        self.folder_button.clicked.connect(self.choose_folder)
        self.table = PredictionsTable()
        hint = EmptyHint(
            "fa6s.wand-magic-sparkles",
            "Predict with the trained network",
            "Drop a file here, or choose one: a table with the columns that the network was "
            "trained on, a picture, a folder of pictures, or an NPZ file.",
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(hint)
        self.pages.addWidget(self.table)
        self.outcome = ToneLabel(self._about_network())
        self.notes = ToneLabel("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save_button = QPushButton("&Save as CSV…")
        self.save_button.clicked.connect(self.save)
        self.buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.rejected.connect(self.reject)
        for button in (self.file_button, self.folder_button, *self.buttons.buttons()):
            assert isinstance(button, QPushButton)
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        row = QHBoxLayout()
        column.addLayout(row)
        row.addWidget(self.file, 1)
        row.addWidget(self.file_button)
        row.addWidget(self.folder_button)
        for widget in (self.pages, self.outcome, self.notes, self.bar, self.buttons):
            column.addWidget(widget, 1 if widget is self.pages else 0)
        self.bar.hide()
        self.notes.hide()
        self._update()

    def _about_network(self) -> str:
        epochs = self._asked.model.epochs
        trained = f"“{self._asked.title}”, trained for {epochs:,} epoch{'s'[: epochs != 1]}."
        if self._asked.is_outdated:
            return f"{trained} The drawing has changed since; the trained network is used."
        return trained

    # Working

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        assert self._path is not None
        model, network = self._asked.model, self._asked.model.network()
        batch = read_batch(self._path, model.preprocessing, model.targets, progress)
        yield predict(model, batch, progress, network)
        if len(batch.with_truth) or model.targets.are_inputs:
            try:
                yield score(model, self._asked.plan, batch, network)
            except EngineError as error:
                yield error

    def _take(self, found: list[object]) -> None:
        for each in found:
            if isinstance(each, Predictions):
                self.found = each
            elif isinstance(each, Scores):
                self.scores = each
            elif isinstance(each, EngineError):
                self._unscored = each
        self._update()

    def _progressed(self, done: int, total: int) -> None:
        if total:  # else nothing was said yet
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _ended(self, error: BaseException | None) -> None:
        self.bar.hide()
        if self._closes:
            super().reject()
        elif self._next is not None:
            self.ask(self._next)  # another file was chosen meanwhile
        elif isinstance(error, EngineError):
            self._say(str(error), "bad")
            self.pages.setCurrentIndex(0)
        elif error is not None:
            self._say("Predicting failed because of a bug in Netsmith.", "bad")
            raise error
        else:
            self._show()
        self._update()

    def _show(self) -> None:
        found = self.found
        assert found is not None
        self.table.show_predictions(found)
        self._say(_summary(found, self.scores), "text")
        notes = [*found.batch.notes, *(self.scores.notes if self.scores else ())]
        if self._unscored is not None:
            notes.append(f"Not scored: {self._unscored.what}")
        if len(found.columns) > SHOWN_COLUMNS:
            notes.append(f"Only {SHOWN_COLUMNS} columns are shown; the CSV file has all of them.")
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))

    def _say(self, text: str, tone: str) -> None:
        self.outcome.set_tone(tone)
        self.outcome.setText(text)

    def _update(self) -> None:
        idle = not self.background.is_working
        self.save_button.setEnabled(idle and self.found is not None)

    def _ask_chosen(self, chosen: str) -> None:
        if chosen:
            self._settings.data_folder = Path(chosen).parent
            self.ask(Path(chosen))

    # Around it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.ask(path)

    def reject(self) -> None:
        """Close, once the thread has ended."""
        if self.background.is_working:
            self._closes = True
            self.outcome.setText("Stopping…")
            self.background.cancel()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.background.is_working:
            event.ignore()
            self.reject()
            return
        super().closeEvent(event)


def _summary(found: Predictions, scores: Scores | None) -> str:
    count = f"{len(found):,} prediction{'s'[: len(found) != 1]}"
    if scores is None:
        return f"{count}."
    values = ", ".join(f"{name} {value:.4g}" for name, value in scores.values.items())
    return f"{count}. Compared with the targets in the file: {values}."
