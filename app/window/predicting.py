"""Predictions with the trained network: from the menu, and for files that are dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.document.files import DocumentFiles
from app.messages import Messages
from app.predicting.choice import DropDialog
from app.predicting.dialog import PredictDialog, Question
from app.settings import Settings
from app.workbench import Workbench
from engine.errors import PlanError
from engine.project import Project


class Predicting(QObject):
    """Opens the dialogs around predictions; lives as long as the window."""

    def __init__(
        self,
        files: DocumentFiles,
        workbench: Workbench,
        project: Callable[[], Project],
        settings: Settings,
        messages: Messages,
        parent: QWidget,
    ) -> None:
        """Wait to be asked.

        Args:
            project: returns the open project.
        """
        super().__init__(parent)
        self._files, self._workbench, self._project = files, workbench, project
        self._settings, self._messages, self._window = settings, messages, parent

    @property
    def is_possible(self) -> bool:
        """Whether there is a trained network."""
        return self._files.model is not None

    def predict(self) -> None:
        """Open the dialog, empty."""
        self._open()

    def predict_on(self, path: Path) -> None:
        """Open the dialog, with predictions about a file or folder."""
        dialog = self._open()
        if dialog is not None:
            dialog.ask(path)

    def choose(self, path: Path, train: Callable[[Path], object]) -> None:
        """Ask whether a file is to be predicted on, or trained on."""
        model = self._files.model
        assert model is not None
        dialog = DropDialog(path, model, self._files.title, self._window)
        dialog.predictChosen.connect(self.predict_on)
        dialog.trainChosen.connect(train)
        dialog.open()
        dialog.start()

    def _open(self) -> PredictDialog | None:
        model = self._files.model
        if model is None:
            self._messages.error(
                PlanError("Nothing has been trained yet.", "Press Start, then predict.")
            )
            return None
        project = self._project()
        asked = Question(
            model, project.plan, self._files.title, is_outdated=not model.is_of(project.graph)
        )
        dialog = PredictDialog(asked, self._settings, self._window)
        dialog.open()
        return dialog
