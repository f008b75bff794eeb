"""The trained network beside its project: saved with it, and there again when it is opened."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Document
from app.document.files import DocumentFiles
from app.messages import Messages
from app.training.fit import Fit
from app.training.session import TrainingSession
from engine.data import Dataset
from engine.errors import EngineError
from engine.project.trained import (
    TrainedModel,
    model_path,
    read_trained,
    weights_missing,
    write_trained,
)


class TrainedFiles(QObject):
    """Writes what was trained when the project is saved; reads it when opened.

    Until then it is unsaved work, kept beside the crash journal.

    Attributes:
        model: what was trained last or read, with all that its use needs.
        dataset: what it was trained on, if that was since the project was opened.
    """

    def __init__(
        self,
        document: Document,
        files: DocumentFiles,
        session: TrainingSession,
        messages: Messages,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._messages = document, session, messages
        self.dataset: Dataset | None = None
        self._files = files
        files.saved.connect(self._write)
        files.opened.connect(self._read)
        files.leaving.connect(session.finish)
        document.replaced.connect(self._forget)
        session.epochDone.connect(self._mark)
        session.finished.connect(self._run_ended)
        session.adopted.connect(self._fit_adopted)

    @property
    def model(self) -> TrainedModel | None:
        return self._files.model

    @model.setter
    def model(self, model: TrainedModel | None) -> None:
        self._files.model = model

    def _run_ended(self, event: object) -> None:
        if self._session.fit is None:
            return
        self.dataset, self.model = self._session.dataset, self._session.fit.model
        self._mark()
        self._keep_from_crash()

    def _fit_adopted(self) -> None:
        """Undo or redo has brought back another fit, which is saved nowhere."""
        fit = self._session.fit
        if fit is None or fit.model is self.model:
            return
        self.dataset, self.model = self._session.dataset, fit.model
        self._document.mark_unsaved()
        self._keep_from_crash()

    def _keep_from_crash(self) -> None:
        if self.model is not None and not self._document.is_clean:
            self._files.safety.keep_trained(self.model)

    def _mark(self, epoch: object = None) -> None:
        """What was learned so far is work, and asked about before it is lost."""
        self._document.mark_unsaved()

    def _write(self, project: Path) -> None:
        if self.model is None or self._files.in_one_file:
            return
        try:
            write_trained(self.model, model_path(project))
        except EngineError as error:
            self._document.mark_unsaved()
            self._messages.error(error)

    def _read(self, path: Path) -> None:
        if not path.is_file():
            if self._document.whole.was_trained and self._document.path is not None:
                self._messages.error(weights_missing(self._document.path))
            return
        try:
            fit = Fit.read(read_trained(path))
        except EngineError as error:
            self._messages.error(error)
            return
        self.model = fit.model
        self._session.adopt(fit)
        self._keep_from_crash()

    def _forget(self) -> None:
        self.model = self.dataset = None
        self._session.forget()
