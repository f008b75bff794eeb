"""The crash journal of the open document: written while one works, gone when all is saved."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal

from app.document.document import Document
from engine.atomic import remove_stale
from engine.errors import EngineError, ProjectError, reason_of
from engine.project.journal import (
    SUFFIX,
    Journal,
    journal_path,
    project_of,
    trained_path,
)
from engine.project.trained import TrainedModel, write_trained

SETTLE_MS = 100
"""Edits of one gesture come in crowds; at most these milliseconds of work can be lost."""
RETRY_MS = 5_000
"""How often writing is tried again after it failed, besides at each edit."""


def default_state_folder() -> Path:
    """Where the journals of projects lie that were never saved."""
    place = QStandardPaths.StandardLocation.GenericStateLocation
    return Path(QStandardPaths.writableLocation(place)) / "netsmith"


class LeftOver(NamedTuple):
    """A journal that a crash has left, and the project file it is of, if that is known."""

    journal: Path
    project: Path | None


class Safety(QObject):
    """Keeps a journal for the document.

    A lock beside each journal says that a running program writes to it, so that
    a journal without one is what a crash has left. Where the project's folder is full
    or cannot be written, the journal goes to the state folder. Where that fails too,
    what was written before stays, and writing is tried again until it works.

    Signals:
        failed(EngineError): unsaved work is not guarded at present.
        restored(): it is again.

    Attributes:
        trouble: why unsaved work is not guarded at present; None while it is.
    """

    failed = Signal(object)
    restored = Signal()

    def __init__(self, document: Document, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._folder = document, folder
        self._journal: Journal | None = None
        self._lock: QLockFile | None = None
        self._trained: TrainedModel | None = None
        self._is_whole_wanted = self._is_trained_wanted = False
        self.trouble: EngineError | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.note_now)
        self._retry = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._retry.timeout.connect(self.note_now)
        document.changed.connect(self._document_changed)
        remove_stale(folder)

    @property
    def path(self) -> Path | None:
        """Where the journal of the open document lies, or will."""
        return self._journal.path if self._journal else None

    def begin(self) -> None:
        """The document is saved, new or just opened: start over with it as it is."""
        self.end()
        for place in self._places():
            self._lock = _locked(place)
            if self._lock is not None:
                self._journal = Journal(place, self._document.whole, self._document.path)
                return
        self._fail("no folder for a crash journal can be written")

    def take_over(self) -> None:
        """Write the document down as it is: it was recovered and is saved nowhere else."""
        self._is_whole_wanted = True
        self._write_down()

    def keep_trained(self, model: TrainedModel) -> None:
        """Write down what was trained, which is saved nowhere else."""
        self._trained, self._is_trained_wanted = model, True
        self.take_over()

    def keep(self) -> None:
        """The document was saved, but its trained network was not: the journal stays."""
        if self.path != next(self._places()):
            self._move()

    def end(self) -> None:
        """Remove the journal: all is saved, or the user wants to lose it."""
        self._timer.stop()
        self._trained, self._is_whole_wanted, self._is_trained_wanted = None, False, False
        self._leave()
        self._succeed()

    def note_now(self) -> None:
        """Write down what has changed."""
        self._timer.stop()
        if self._document.is_clean:
            self.begin()  # undone back to what is saved
        else:
            self._write_down()

    def left_over(self, projects: Iterable[Path]) -> list[LeftOver]:
        """Journals that a crash has left, of these projects and of unsaved ones; latest first."""
        found = [LeftOver(journal_path(each), each) for each in projects]
        found += [LeftOver(each, project_of(each)) for each in self._in_state_folder()]
        latest = {each.journal: each for each in found if each.journal != self.path}
        left = (each for each in latest.values() if each.journal.is_file())
        return sorted(
            (each for each in left if not _is_in_use(each.journal)),
            key=lambda each: _age(each.journal),
        )

    def left_over_of(self, project: Path) -> list[LeftOver]:
        """Journals that a crash has left of this project, latest first."""
        here = project.resolve()
        return [
            each
            for each in self.left_over([project])
            if each.project is not None and each.project.resolve() == here
        ]

    def _document_changed(self, before: object) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _in_state_folder(self) -> Iterable[Path]:
        with suppress(OSError):
            return sorted(self._folder.glob(f"*{SUFFIX}"))
        return ()

    def _places(self) -> Iterator[Path]:
        """Where the journal could lie, the best place first."""
        path = self._document.path
        if path is not None:
            yield journal_path(path)
        yield self._folder / f"unsaved-{os.getpid()}-{id(self):x}{SUFFIX}"

    # Writing, and what happens if that fails

    def _write_down(self) -> None:
        """Write what is not written yet; where it cannot be, go elsewhere or try again later."""
        try:
            if self._journal is None:
                raise ProjectError("No folder for a crash journal can be written.")
            self._write_to(self._journal)
        except (OSError, EngineError) as error:
            if not self._move():
                self._fail(reason_of(error) if isinstance(error, OSError) else error.what)
                return
        self._succeed()

    def _write_to(self, journal: Journal) -> None:
        if self._is_whole_wanted:
            journal.start()
            self._is_whole_wanted = False
        journal.note(self._document.whole)
        if self._is_trained_wanted and self._trained is not None:
            _write_trained(self._trained, journal.path)
            self._is_trained_wanted = False

    def _move(self) -> bool:
        """Write everything to another place; whether that worked. Else all stays as it was."""
        for place in self._places():
            if place == self.path or (lock := _locked(place)) is None:
                continue
            journal = Journal(place, self._document.whole, self._document.path)
            try:
                journal.start()
                if self._trained is not None:
                    _write_trained(self._trained, place)
            except (OSError, EngineError):
                with suppress(OSError):
                    journal.remove()
                lock.unlock()
                continue
            self._leave()
            self._journal, self._lock = journal, lock
            self._is_whole_wanted = self._is_trained_wanted = False
            return True
        return False

    def _leave(self) -> None:
        """Delete the journal that is written to, with its network and lock."""
        journal, self._journal = self._journal, None
        if journal is not None:
            with suppress(OSError):
                journal.remove()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _fail(self, reason: str) -> None:
        self._retry.start()
        if self.trouble is None:
            self.trouble = ProjectError(
                f"Unsaved work would not survive a crash: {reason.rstrip('.')}.",
                "Make room or save the project; writing the crash journal is tried again "
                "every few seconds.",
            )
            self.failed.emit(self.trouble)

    def _succeed(self) -> None:
        self._retry.stop()
        if self.trouble is not None:
            self.trouble = None
            self.restored.emit()


def _write_trained(model: TrainedModel, journal: Path) -> None:
    """Write a network beside a journal, unless it is plain that there is no room for it.

    Raises:
        OSError, ProjectError: there is no room, or the folder cannot be written.
    """
    size = sum(each.nbytes for each in model.weights.values())
    if shutil.disk_usage(journal.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write_trained(model, trained_path(journal))


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
