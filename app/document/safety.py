"""The crash journal of the open document: written while one works, gone when all is saved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal

from app.document.document import Document
from engine.errors import EngineError
from engine.project.journal import SUFFIX, Journal, journal_path, trained_path
from engine.project.trained import TrainedModel, write_trained

SETTLE_MS = 100
"""Edits of one gesture come in crowds; at most these milliseconds of work can be lost."""


def default_state_folder() -> Path:
    """Where the journals of projects lie that were never saved."""
    place = QStandardPaths.StandardLocation.GenericStateLocation
    return Path(QStandardPaths.writableLocation(place)) / "netsmith"


class Safety(QObject):
    """Keeps a journal for the document.

    A lock beside each journal says that a running program writes to it, so that
    a journal without one is what a crash has left.

    Signals:
        failed(str): the journal cannot be written; said once per document.
    """

    failed = Signal(str)

    def __init__(self, document: Document, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._folder = document, folder
        self._journal: Journal | None = None
        self._lock: QLockFile | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.note_now)
        document.changed.connect(self._document_changed)

    @property
    def path(self) -> Path | None:
        """Where the journal of the open document lies, or will."""
        return self._journal.path if self._journal else None

    def begin(self) -> None:
        """The document is saved, new or just opened: start over with it as it is."""
        self.end()
        path = self._document.path
        places = [] if path is None else [journal_path(path)]
        places.append(self._folder / f"unsaved-{os.getpid()}-{id(self):x}{SUFFIX}")
        for place in places:
            self._lock = _locked(place)
            if self._lock is not None:
                self._journal = Journal(place, self._document.whole, path)
                return
        self.failed.emit("Nothing guards against a crash: no folder for a journal is writable.")

    def take_over(self) -> None:
        """Write the document down as it is: it was recovered and is saved nowhere else."""
        if self._journal is not None:
            try:
                self._journal.start()
            except OSError as error:
                self._give_up(error)

    def keep_trained(self, model: TrainedModel) -> None:
        """Write down what was trained, which is saved nowhere else."""
        self.take_over()
        if self._journal is not None:
            try:
                write_trained(model, trained_path(self._journal.path))
            except EngineError as error:
                self.failed.emit(f"The trained network would not survive a crash: {error.what}")

    def end(self) -> None:
        """Remove the journal: all is saved, or the user wants to lose it."""
        self._timer.stop()
        journal, self._journal = self._journal, None
        if journal is not None:
            with suppress(OSError):
                journal.remove()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def note_now(self) -> None:
        """Write down what has changed."""
        self._timer.stop()
        if self._journal is None:
            return
        if self._document.is_clean:
            self.begin()  # undone back to what is saved
            return
        try:
            self._journal.note(self._document.whole)
        except OSError as error:
            self._give_up(error)

    def left_over(self, projects: Iterable[Path]) -> list[Path]:
        """Journals that a crash has left, of these projects and of unsaved ones; latest first."""
        places = [journal_path(each) for each in projects]
        places += self._folder.glob(f"*{SUFFIX}") if self._folder.is_dir() else []
        others = (each for each in dict.fromkeys(places) if each != self.path and each.is_file())
        return sorted((each for each in others if not _is_in_use(each)), key=_age)

    def _document_changed(self, before: object) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _give_up(self, error: OSError) -> None:
        self.end()
        self.failed.emit(f"Nothing guards against a crash: {error.strerror or error}.")


def _locked(journal: Path) -> QLockFile | None:
    """The lock of a journal, if no other program holds it and the folder can be written."""
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    lock = QLockFile(f"{journal}.lock")
    # Stale is what belongs to a program that runs no more, however old it is.
    lock.setStaleLockTime(0)
    return lock if lock.tryLock(0) else None


def _is_in_use(journal: Path) -> bool:
    lock = _locked(journal)
    if lock is None:
        return True
    lock.unlock()
    return False


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
