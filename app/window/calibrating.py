"""Measures the machine, and the layers that are drawn, while nothing else is going on."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from app.document import Document
from app.training.session import TrainingSession
from app.widgets.background import Background
from app.widgets.switching import is_busy
from engine.analysis.calibration import measure_layers, measure_network, measure_speed
from engine.analysis.speed import Speed
from engine.errors import Cancelled
from engine.graph import Graph
from engine.parallel import available_cores
from engine.progress import Progress
from engine.training import Plan

SETTLE_MS = 1_500
"""So long after the window opened, an edit was made or a run ended."""

_known: dict[int, Speed] = {}
"""What was measured by this process, by the number of threads."""


class Calibration(QObject):
    """Tells the document's costs how fast the machine is, as soon as that is known.

    A run that begins breaks it off: both would be slower, and the numbers wrong.
    """

    def __init__(self, document: Document, session: TrainingSession, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self._told: Speed | None = None
        self._measured: _Measurement | None = None
        self.background = Background(self)
        self.background.found.connect(self._learn)
        self.background.ended.connect(self._ended)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._begin)
        session.stateChanged.connect(self._refresh)
        document.changed.connect(self._refresh)
        document.replaced.connect(self._refresh)
        self._refresh()

    def shutdown(self) -> None:
        """Break off and wait for the thread; the object is of no use afterwards."""
        self._settle.stop()
        self.background.shutdown()

    @property
    def _wanted(self) -> _Measurement:
        project = self._document.whole
        return _Measurement(project.graph, project.plan)

    def _refresh(self, before: object = None) -> None:
        wanted = self._wanted
        self._tell(_known.get(wanted.threads))
        if self._session.is_active:
            self.background.cancel()
        is_due = not (self._session.is_active or self.background.is_working)
        if is_due and not wanted.asks_as(self._measured):
            self._settle.start()
        else:
            self._settle.stop()

    def _tell(self, speed: Speed | None) -> None:
        if speed is not None and speed is not self._told:
            self._told = speed
            self._document.costs.set_speed(speed)

    def _begin(self) -> None:
        if is_busy():
            self._settle.start()  # what is measured beside other work is wrong
        else:
            self._measured = self._wanted
            self.background.start(self._measured.work)

    def _learn(self, found: list[Speed]) -> None:
        assert self._measured is not None
        _known[self._measured.threads] = found[-1]
        self._tell(_known.get(self._wanted.threads))

    def _ended(self, error: BaseException | None) -> None:
        if error is not None:
            self._measured = None
        self._refresh()
        if error is not None and not isinstance(error, Cancelled):
            raise error


@dataclass(frozen=True, eq=False)
class _Measurement:
    """What is measured: the machine, if it is not known yet, then the layers of a network."""

    graph: Graph
    plan: Plan

    @property
    def threads(self) -> int:
        return self.plan.threads or available_cores()

    def asks_as(self, other: _Measurement | None) -> bool:
        """Whether the other tells as much."""
        if other is None or self.graph is not other.graph:
            return False
        return (self.threads, self.plan.batch_size) == (other.threads, other.plan.batch_size)

    def work(self, progress: Progress) -> Generator[object, None, None]:
        """Yields the speed each time that more of it is known."""
        speed = _known.get(self.threads)
        if speed is None:
            speed = measure_speed(self.threads, progress)
            yield speed
        known = None
        while known is not speed:
            known = speed
            speed = measure_layers(known, self.graph, self.plan, self.threads, progress)
            yield speed
        yield measure_network(speed, self.graph, self.plan, self.threads)
