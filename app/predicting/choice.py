"""The question after a drop on a trained project: predict with the file, or train on it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from app.widgets.background import Background
from app.widgets.labels import ToneLabel
from engine.errors import Cancelled
from engine.predicting import Fit, fit_of
from engine.progress import Progress
from engine.project.trained import TrainedModel

WIDTH = 480


class DropDialog(QDialog):
    """Asks what a dropped file is for, and says what it fits; it looks into it in a thread.

    Signals:
        predictChosen(Path), trainChosen(Path).
    """

    predictChosen = Signal(object)
    trainChosen = Signal(object)

    def __init__(
        self, path: Path, model: TrainedModel, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("What is this file for?")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self._path, self._model = path, model
        self._code: QDialog.DialogCode | None = None
        self.fit: Fit | None = None
        self.background = Background(self)
        self.background.found.connect(self._show)
        self.background.ended.connect(self._ended)
        self.head = ToneLabel(f"{path.name} and the trained network “{title}”", "text", bold=True)
        self.text = ToneLabel(f"Looking into {path.name}…", "text")
        self.hint = ToneLabel(
            "Predicting leaves the project as it is. Training replaces the project's data by this "
            "file; Undo brings the old data back.",
            "muted",
        )
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.predict_button = QPushButton("&Predict with it")
        self.train_button = QPushButton("&Train on it")
        for button in (self.predict_button, self.train_button):
            self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.predict_button.clicked.connect(self._predict)
        self.train_button.clicked.connect(self._train)
        self.buttons.rejected.connect(self.reject)
        for each in self.buttons.buttons():
            assert isinstance(each, QPushButton)
            each.setAutoDefault(False)
        self.predict_button.setDefault(True)
        self.predict_button.setFocus()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for widget in (self.head, self.text, self.hint, self.buttons):
            column.addWidget(widget)

    def start(self) -> None:
        """Look into the file."""
        self.background.start(self._work)

    def reject(self) -> None:
        """Close without doing anything."""
        self._close_as(QDialog.DialogCode.Rejected)

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        yield fit_of(self._path, self._model.preprocessing, self._model.targets, progress)

    def _show(self, found: list[Fit]) -> None:
        self.fit = found[-1]
        self.text.setText(self.fit.text)
        self.predict_button.setEnabled(self.fit.can_predict)
        if not self.fit.can_predict:
            self.train_button.setDefault(True)
            self.train_button.setFocus()
        self.adjustSize()

    def _ended(self, error: BaseException | None) -> None:
        if self._code is not None:
            super().done(self._code.value)
        if error is not None and not isinstance(error, Cancelled):
            self.text.setText("The file could not be read because of a bug in Netsmith.")
            raise error

    def _close_as(self, code: QDialog.DialogCode) -> None:
        """Hide now, and end once the thread has."""
        if self.background.is_working:
            self._code = code
            self.background.cancel()
            self.hide()
        else:
            super().done(code.value)

    def _predict(self) -> None:
        self._close_as(QDialog.DialogCode.Accepted)
        self.predictChosen.emit(self._path)

    def _train(self) -> None:
        self._close_as(QDialog.DialogCode.Accepted)
        self.trainChosen.emit(self._path)
