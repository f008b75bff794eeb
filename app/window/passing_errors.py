"""Errors leave the window once what they are about is tried again."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.document import Document
from app.document.data import LoadedData
from app.document.files import DocumentFiles
from app.messages import Messages
from app.training.session import TrainingSession
from engine.errors import (
    DataError,
    ExportError,
    PlanError,
    ProjectError,
    SettingError,
    ShapeError,
    WiringError,
)


class PassingErrors(QObject):
    """Withdraws an error by its kind; what fails again is shown again.

    It must be made before whoever listens to the same signals and may show an error.
    """

    def __init__(
        self,
        document: Document,
        data: LoadedData,
        session: TrainingSession,
        files: DocumentFiles,
        messages: Messages,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._data, self._session, self._messages = data, session, messages
        self._was_loading, self._was_active = data.is_loading, session.is_active
        document.changed.connect(self._edited)
        data.changed.connect(self._data_changed)
        session.stateChanged.connect(self._run_changed)
        files.saved.connect(self._saved)

    def _edited(self, before: object) -> None:
        self._messages.withdraw(SettingError, ShapeError, WiringError)
        self._messages.pass_note()

    def _data_changed(self) -> None:
        was, self._was_loading = self._was_loading, self._data.is_loading
        if self._was_loading and not was:
            self._messages.withdraw(DataError)

    def _run_changed(self) -> None:
        was, self._was_active = self._was_active, self._session.is_active
        if self._was_active != was:  # "Training is going on" is over, too
            self._messages.withdraw(PlanError, ShapeError, ExportError)

    def _saved(self, path: object) -> None:
        self._messages.withdraw(ProjectError)
