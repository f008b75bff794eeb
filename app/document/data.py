"""The data of the document, loaded in the background and kept in step with its setup."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from app.document.document import Document
from engine.data import Dataset, DataSetup, prepare
from engine.errors import Cancelled, DataError, EngineError

LoadState = Literal["none", "loading", "ready", "failed"]

POLL_MS = 33
SETTLE_MS = 250
"""Loading starts when the setup has not changed for this long, so that typing loads once."""


@dataclass(frozen=True)
class Loading:
    """How far loading is: ``done`` of ``total``, counted in ``what``; a total of 0 is unknown."""

    done: int = 0
    total: int = 0
    what: str = ""


class LoadedData(QObject):
    """Loads what ``document.project.data`` says, in a thread, whenever that changes.

    The data set shown and the one trained on are the same object. While another
    is loading, the one before stays; ``is_loading`` says that it is outdated.

    Signals:
        changed(): state, data set or error are new.
        progressed(): only :attr:`progress` is new.

    Attributes:
        columns: all that the table has whose data set or error is shown; none for no table.
    """

    changed = Signal()
    progressed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.dataset: Dataset | None = None
        self.error: EngineError | None = None
        self.columns: tuple[str, ...] = ()
        self.progress = Loading()
        self._setup: DataSetup | None = None
        self._job: _Job | None = None
        self._abandoned: list[_Job] = []
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.reload)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        document.changed.connect(self._project_changed)
        document.replaced.connect(self._replaced)
        self._replaced()

    @property
    def setup(self) -> DataSetup | None:
        """What :attr:`dataset` and :attr:`error` belong to, or what is being loaded."""
        return self._setup

    @property
    def is_loading(self) -> bool:
        """Whether data is on its way, or about to be."""
        return self._job is not None or self._settle.isActive()

    @property
    def state(self) -> LoadState:
        """Where loading stands."""
        if self._setup is None:
            return "none"
        if self.is_loading:
            return "loading"
        return "failed" if self.error is not None else "ready"

    def reload(self) -> None:
        """Load the data now, even if nothing changed; a file may have."""
        self._settle.stop()
        self._abandon()
        if self._setup is None:
            return
        self.error, self.progress = None, Loading()
        self._job = _Job(self._setup, self._document.base)
        self._job.start()
        self._poll.start()
        self.changed.emit()

    def cancel(self) -> None:
        """Stop loading; the user may ask for it again by :meth:`reload`."""
        if not self.is_loading:
            return
        self._settle.stop()
        self._abandon()
        error = DataError("Loading was cancelled.", "Load it again, or choose other data.")
        self._finish(None, error)

    def shutdown(self) -> None:
        """Stop loading and wait for the thread; the object is of no use afterwards."""
        self._settle.stop()
        self._abandon()
        self._poll.stop()
        for job in self._abandoned:
            job.join()
        self._abandoned = []

    def _project_changed(self, before: object) -> None:
        setup = self._document.project.data
        if setup == self._setup:
            return
        self._setup = setup
        if setup is None:
            self._forget()
        else:
            self._settle.start()
            self.changed.emit()

    def _replaced(self) -> None:
        self._setup = self._document.project.data
        self._forget()
        self.reload()

    def _forget(self) -> None:
        self._settle.stop()
        self._abandon()
        self.columns = ()
        self._finish(None, None)

    def _abandon(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._abandoned.append(self._job)
            self._job = None

    def _look(self) -> None:
        self._abandoned = [job for job in self._abandoned if job.is_alive()]
        job = self._job
        if job is None:
            if not self._abandoned:
                self._poll.stop()
            return
        if job.is_alive():
            if job.progress != self.progress:
                self.progress = job.progress
                self.progressed.emit()
            return
        self._job = None
        if isinstance(job.outcome, Dataset):
            self.columns = job.outcome.samples.file_columns
            self._finish(job.outcome, None)
        elif isinstance(job.outcome, EngineError):
            self.columns = job.columns
            self._finish(None, job.outcome)
        else:
            self._finish(
                None, DataError("The data could not be read because of a bug in Netsmith.")
            )
            if job.outcome is not None:
                raise job.outcome

    def _finish(self, dataset: Dataset | None, error: EngineError | None) -> None:
        self.dataset, self.error, self.progress = dataset, error, Loading()
        self._document.sample_shape = dataset.input_shape if dataset is not None else None
        self.changed.emit()


class _Job(threading.Thread):
    """Prepares one data set; the GUI thread looks now and then whether it is done.

    Attributes:
        outcome: the data set or the exception; read it when the thread has ended.
        columns: those of a table that cannot be used as it is set; read it then, too.
        progress: a whole value, replaced and never written to, so no lock is needed.
    """

    def __init__(self, setup: DataSetup, base: Path) -> None:
        super().__init__(name="loading data", daemon=True)
        self._setup, self._base = setup, base
        self._cancelled = threading.Event()
        self.outcome: Dataset | BaseException | None = None
        self.columns: tuple[str, ...] = ()
        self.progress = Loading()

    def cancel(self) -> None:
        """Let it end at the next time that it reports how far it is."""
        self._cancelled.set()

    def run(self) -> None:
        try:
            self.outcome = prepare(self._setup, self._base, self._report)
        except DataError as error:
            self.outcome = error
            with suppress(EngineError, OSError, MemoryError):
                self.columns = self._setup.source.column_names(self._base)
        except MemoryError:
            what = "There is not enough memory for this data."
            self.outcome = DataError(what, "Use fewer samples, or close other programs.")
        except BaseException as error:  # handed to the GUI thread, which raises what is a bug
            self.outcome = error

    def _report(self, done: int, total: int, what: str) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self.progress = Loading(done, total, what)
