"""Measures the machine once, in a thread, while nothing else is going on."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer

from app.document import Document
from app.training.session import TrainingSession
from engine.analysis.calibration import measure_speed
from engine.analysis.speed import Speed
from engine.errors import Cancelled
from engine.parallel import available_cores

SETTLE_MS = 1_500
"""So long after the window opened or a run ended."""
POLL_MS = 100

_known: dict[int, Speed] = {}
"""What was measured by this process, by the number of threads."""


class Calibration(QObject):
    """Tells the document's costs how fast the machine is, as soon as that is known.

    A run that begins breaks it off: both would be slower, and the numbers wrong.
    """

    def __init__(self, document: Document, session: TrainingSession, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self._job: _Job | None = None
        self._told: Speed | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._begin)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        session.stateChanged.connect(self._refresh)
        document.changed.connect(self._refresh)
        document.replaced.connect(self._refresh)
        self._refresh()

    def shutdown(self) -> None:
        """Break off and wait for the thread; the object is of no use afterwards."""
        self._settle.stop()
        self._poll.stop()
        if self._job is not None:
            self._job.cancelled.set()
            self._job.join()
            self._job = None

    @property
    def _threads(self) -> int:
        return self._document.project.plan.threads or available_cores()

    def _refresh(self, before: object = None) -> None:
        speed = _known.get(self._threads)
        if speed is not None:
            if speed is not self._told:
                self._told = speed
                self._document.costs.set_speed(speed)
        elif self._session.is_active:
            self._settle.stop()
            if self._job is not None:
                self._job.cancelled.set()
        elif self._job is None and not self._settle.isActive():
            self._settle.start()

    def _begin(self) -> None:
        if self._job is not None:
            return
        self._job = _Job(self._threads)
        self._job.start()
        self._poll.start()

    def _look(self) -> None:
        job = self._job
        if job is None or job.is_alive():
            return
        self._poll.stop()
        self._job = None
        if job.speed is not None:
            _known[job.threads] = job.speed
        elif job.error is not None:
            raise job.error
        self._refresh()


class _Job(threading.Thread):
    """One measurement; read the outcome when the thread has ended."""

    def __init__(self, threads: int) -> None:
        super().__init__(name="measuring the machine", daemon=True)
        self.threads = threads
        self.cancelled = threading.Event()
        self.speed: Speed | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.speed = measure_speed(self.threads, self._goes_on)
        except Cancelled:
            pass
        except Exception as error:  # a bug; the GUI thread raises it
            self.error = error

    def _goes_on(self) -> bool:
        return not self.cancelled.is_set()
