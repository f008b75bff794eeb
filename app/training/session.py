"""One training run at a time, in a thread of its own, told to the window bit by bit."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from app.training.worker import Ended, Worker
from app.widgets.switching import take_turns_as_before, take_turns_often
from engine.arrays import Array
from engine.data import Dataset
from engine.graph import Graph
from engine.network import Network
from engine.training import Finished, Look, Plan
from engine.training.history import History
from engine.training.meaning import Learned

POLL_MS = 33


class State(StrEnum):
    """What the session is doing. ``FINISHED`` is after a run, however it ended."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


@dataclass(frozen=True)
class Run:
    """What a run was started with."""

    graph: Graph
    dataset: Dataset
    plan: Plan


class TrainingSession(QObject):
    """Trains in a worker thread; lives in the GUI thread.

    Signals, sent from a timer and never per batch:
        started(): a run began; :attr:`history` is the one that it fills.
        batches(list[BatchDone]): what was done since the last time.
        epochDone(EpochDone), seen(Seen).
        finished(Finished) or failed(Exception): exactly one of them, last.
        stateChanged(): :attr:`state`, :attr:`is_stopping` or :attr:`is_preparing` changed.

    Attributes:
        run: what the present or last run was started with.
        history: the course of the present or last run.
        is_preparing: whether the run waits for loops that are compiled for its first step.
        result: how the last run ended, or its exception; None while one runs.
        network: the trained network; None while a run goes on, because then its
            arrays change under a reader. A run that failed leaves the one from
            before.
        learned: what the outputs mean of the network that is trained, or was trained last.
    """

    started = Signal()
    batches = Signal(list)
    epochDone = Signal(object)
    seen = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    stateChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.IDLE
        self.run: Run | None = None
        self.learned: Learned | None = None
        self._learned_before: Learned | None = None
        self.history = History()
        self.result: Finished | Exception | None = None
        self.is_stopping = self.is_preparing = False
        self._trained: Network | None = None
        self._worker: Worker | None = None
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_active(self) -> bool:
        """Whether a run goes on, paused or not."""
        return self._worker is not None

    @property
    def network(self) -> Network | None:
        return None if self.is_active else self._trained

    # Steering

    def start(
        self,
        graph: Graph,
        dataset: Dataset,
        plan: Plan,
        *,
        weights: Mapping[str, Array] | None = None,
        stepwise: bool = False,
    ) -> None:
        """Start a run; what does not fit together arrives as ``failed``.

        Args:
            weights: start from these and add to the present history; the
                optimizer's moments start anew. None draws new weights.
            stepwise: take one batch and pause.
        """
        if self.is_active:
            raise RuntimeError("A run goes on already.")
        self.run = Run(graph, dataset, plan)
        self._learned_before = self.learned
        self.learned = Learned(graph, dataset.targets, plan.objective)
        if weights is None:
            self.history = History()
        else:
            self.history.go_on()
        self.result = None
        self._worker = Worker(graph, dataset, plan, weights)
        if stepwise:
            self._worker.control.step()
        take_turns_often()
        # A daemon, so that a run that cannot be ended does not keep the program alive.
        self._thread = threading.Thread(target=self._worker.run, name="training", daemon=True)
        self._thread.start()
        self._timer.start()
        self._set_state(State.PAUSED if stepwise else State.RUNNING)
        self.started.emit()

    def weights(self) -> dict[str, Array] | None:
        """A copy of the trained weights, to go on from."""
        return self.network.copy_weights() if self.network else None

    def pause(self) -> None:
        """Wait after the batch that is under way."""
        if self._worker and self.state is State.RUNNING:
            self._worker.control.pause()
            self._set_state(State.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        if self._worker and self.state is State.PAUSED:
            self._worker.control.resume()
            self._set_state(State.RUNNING)

    def step(self) -> None:
        """Take one batch and pause."""
        if self._worker:
            self._worker.control.step()
            self._set_state(State.PAUSED)

    def stop(self) -> None:
        """End the run after the batch that is under way."""
        if self._worker and not self.is_stopping:
            self.is_stopping = True
            self._worker.control.stop()
            self.stateChanged.emit()

    def finish(self) -> None:
        """End the run after the batch that is under way, and wait for it to be told."""
        worker, thread = self._worker, self._thread
        if worker is None or thread is None:
            return
        self.stop()
        thread.join()
        self._poll()

    def look(self, wish: Look) -> None:
        """Ask for a ``seen``; without a run nothing happens."""
        if self._worker:
            self._worker.control.look(wish)

    # What is kept

    def adopt(
        self, network: Network, history: History | None = None, learned: Learned | None = None
    ) -> None:
        """Take over a network that was trained earlier, such as one read from a file."""
        if self.is_active:
            raise RuntimeError("A run goes on.")
        self._trained, self.history, self.result = network, history or History(), None
        self.learned = learned
        self._set_state(State.FINISHED)

    def forget(self) -> None:
        """End the run if there is one, and drop everything of it: another project was opened."""
        self.shutdown()
        self._trained, self.history, self.result, self.run = None, History(), None, None
        self.learned = None
        self._set_state(State.IDLE)

    def shutdown(self, seconds: float = 10.0) -> bool:
        """End the run without telling anybody; for closing the window.

        Returns:
            Whether the thread ended within ``seconds``.
        """
        worker, thread = self._worker, self._thread
        if worker is None or thread is None:
            return True
        worker.control.stop()
        thread.join(seconds)
        self._release()
        self._set_state(State.FINISHED)
        return not thread.is_alive()

    # Listening

    def _poll(self) -> None:
        worker = self._worker
        if worker is None:
            return
        news = worker.take()
        self.history.add_batches(news.batches)
        for epoch in news.epochs:
            self.history.add_epoch(epoch)
        if news.batches:
            self.batches.emit(news.batches)
        # After the batches: what waited for the first of them need not say that it starts.
        if worker.is_preparing != self.is_preparing and self._worker is worker:
            self.is_preparing = worker.is_preparing
            self.stateChanged.emit()
        for epoch in news.epochs:
            self.epochDone.emit(epoch)
        for seen in news.seen.values():
            self.seen.emit(seen)
        if news.ended is not None and self._worker is worker:
            self._end(news.ended)

    def _end(self, ended: Ended) -> None:
        assert self._thread is not None
        self._thread.join()  # it has nothing left to do
        self._release()
        self.result = ended.result
        self.history.test = dict(getattr(ended.result, "test", {}))
        if isinstance(ended.result, Finished):
            self._trained = ended.network
        else:
            self.learned = self._learned_before
        self._set_state(State.FINISHED)
        if isinstance(ended.result, Finished):
            self.finished.emit(ended.result)
        else:
            self.failed.emit(ended.result)

    def _release(self) -> None:
        self._timer.stop()
        self._worker = self._thread = None
        self.is_stopping = self.is_preparing = False
        take_turns_as_before()

    def _set_state(self, state: State) -> None:
        self.state = state
        self.stateChanged.emit()
