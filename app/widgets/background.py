"""Work in a thread that tells one thing after another; the window looks now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing

from PySide6.QtCore import QObject, QTimer, Signal

from app.widgets.switching import take_turns_as_before, take_turns_often
from engine.compiled.notice import before_compiling
from engine.errors import Cancelled
from engine.progress import Progress

POLL_MS = 33

Work = Callable[[Progress], Generator[object, None, None]]
"""Yields what it finds and says by the given function how far it is, which may stop it."""


class Background(QObject):
    """Runs one piece of work in a thread of its own; lives in the GUI thread.

    Signals:
        found(list): what was found since the last time.
        progressed(done, total).
        preparing(bool): it waits for loops that are compiled, or goes on.
        ended(object): last and once: None if it went through, else the exception;
            ``Cancelled`` if it was stopped.
    """

    found = Signal(list)
    progressed = Signal(int, int)
    preparing = Signal(bool)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: _Job | None = None
        self._is_preparing = False
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)

    @property
    def is_working(self) -> bool:
        """Whether work goes on."""
        return self._job is not None

    def start(self, work: Work) -> None:
        """Start it; what was started before must have ended."""
        assert self._job is None
        take_turns_often()
        self._job = _Job(work)
        self._job.start()
        self._poll.start()

    def cancel(self) -> None:
        """Let it end as soon as it can; ``ended`` comes afterwards."""
        if self._job is not None:
            self._job.cancelled.set()

    def shutdown(self) -> None:
        """Break off and wait for the thread, telling nobody; for closing the window."""
        job = self._job
        if job is not None:
            job.cancelled.set()
            job.join()
            self._release()

    def _look(self) -> None:
        job = self._job
        if job is None:
            return
        is_over = not job.is_alive()
        found = job.take()
        if found:
            self.found.emit(found)
        self.progressed.emit(*job.progress)
        if job.is_preparing != self._is_preparing:
            self._is_preparing = job.is_preparing
            self.preparing.emit(job.is_preparing)
        if is_over and self._job is job:
            self._release()
            self.ended.emit(job.error)

    def _release(self) -> None:
        self._poll.stop()
        self._job, self._is_preparing = None, False
        take_turns_as_before()


class _Job(threading.Thread):
    """One piece of work.

    Attributes:
        progress: how much is done, of how much; a whole value, so no lock is needed.
        is_preparing: whether loops were compiled for what is found next.
        error: what ended it; read it when the thread has ended.
    """

    def __init__(self, work: Work) -> None:
        # A daemon, so that work that cannot be ended does not keep the program alive.
        super().__init__(name="background", daemon=True)
        self._work = work
        self._lock = threading.Lock()
        self._found: list[object] = []
        self.cancelled = threading.Event()
        self.progress = (0, 0)
        self.is_preparing = False
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            # Closed at once, since it may hold on to settings of the whole process.
            with before_compiling(self._prepare), closing(self._work(self._report)) as finds:
                for each in finds:
                    self.is_preparing = False
                    with self._lock:
                        self._found.append(each)
                    self._check()
        except BaseException as error:  # handed to the GUI thread, which raises what is a bug
            self.error = error

    def take(self) -> list[object]:
        """What was found since the last call."""
        with self._lock:
            found, self._found = self._found, []
        return found

    def _report(self, done: int, total: int, what: str) -> None:
        self._check()
        self.progress = done, total

    def _prepare(self) -> None:
        """A loop is about to be compiled, which may take a second: do not begin in vain."""
        self._check()
        self.is_preparing = True

    def _check(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled
