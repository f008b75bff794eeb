"""One training run at a time, in a thread of its own, told to the window bit by bit."""

from __future__ import annotations

import threading
from enum import StrEnum
from time import monotonic

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app.training.fit import Fit, Run
from app.training.worker import Ended, Worker
from app.widgets.switching import take_turns_as_before, take_turns_often
from engine.data import Dataset
from engine.graph import Graph
from engine.network import Network
from engine.training import BatchDone, Finished, Look, Plan
from engine.training.history import History
from engine.training.meaning import Learned
from engine.training.record import record_of
from engine.training.resuming import last_epoch

POLL_MS = 33


class State(StrEnum):
    """What the session is doing. ``FINISHED`` is after a run, however it ended."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


class TrainingSession(QObject):
    """Trains in a worker thread; lives in the GUI thread.

    Signals, sent from a timer and never per batch:
        started(): a run began; :attr:`history` is the one that it fills.
        batches(list[BatchDone]): what was done since the last time.
        epochDone(EpochDone), seen(Seen).
        finished(Finished) or failed(Exception): exactly one of them, last.
        adopted(): :attr:`fit` is one that no run of this session has just made.
        stateChanged(): :attr:`state`, :attr:`is_stopping` or :attr:`is_preparing` changed.

    Attributes:
        run: what the present run was started with, or else the fit at hand.
        history: the course of the present run, or else of the fit at hand.
        last: the last batch of it.
        dataset: what the present run trains on, or else what the fit at hand was trained on.
        began: how many seconds it had been trained before the present or last run.
        goes_on: whether the present or last run went on from another.
        is_preparing: whether the run waits for loops that are compiled for its first step.
        result: how the last run ended, or its exception; None while one runs.
        fit: what the last run came to; None while a run goes on, because then its arrays
            change under a reader. A run that failed leaves the one from before.
    """

    started = Signal()
    batches = Signal(list)
    epochDone = Signal(object)
    seen = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    adopted = Signal()
    stateChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.IDLE
        self.run: Run | None = None
        self.learned: Learned | None = None
        self.history = History()
        self.result: Finished | Exception | None = None
        self.last: BatchDone | None = None
        self.dataset: Dataset | None = None
        self.is_stopping = self.is_preparing = self.goes_on = False
        self.began = 0.0
        self._fit: Fit | None = None
        self._worker: Worker | None = None
        self._thread: threading.Thread | None = None
        self._abandoned: list[threading.Thread] = []
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_active(self) -> bool:
        """Whether a run goes on, paused or not."""
        return self._worker is not None

    @property
    def fit(self) -> Fit | None:
        return None if self.is_active else self._fit

    @property
    def network(self) -> Network | None:
        """The trained network of the fit."""
        return self.fit.network if self.fit is not None else None

    # Steering

    def start(
        self,
        graph: Graph,
        dataset: Dataset,
        plan: Plan,
        *,
        fit: Fit | None = None,
        stepwise: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Start a run; what does not fit together arrives as ``failed``.

        Args:
            fit: go on from its weights, as far as they fit, and add to its history; None draws
                new weights.
            stepwise: take one batch and pause.
            notes: what is wrong and was accepted, in words; refused where it is something else.
        """
        if self.is_active:
            raise RuntimeError("A run is already under way.")
        record = record_of(dataset, plan)
        epochs = plan.epochs if fit is None else last_epoch(fit.epochs, plan)
        self.run, self.dataset = Run(graph, plan, dataset.setup, epochs), dataset
        self.history = History(record) if fit is None else fit.history.going_on(record)
        self.goes_on, self.began = fit is not None, 0.0 if fit is None else fit.seconds
        self.result = self.last = None
        self.learned = Learned(graph, dataset.targets, plan.objective)
        self.history.notes = notes
        self._worker = Worker(graph, dataset, plan, epochs, fit, anyway=bool(notes))
        if stepwise:
            self._worker.control.step()
        take_turns_often()
        # A daemon, so that a run that cannot be ended does not keep the program alive.
        self._thread = threading.Thread(target=self._worker.run, name="training", daemon=True)
        self._thread.start()
        self._timer.start()
        self._set_state(State.PAUSED if stepwise else State.RUNNING)
        self.started.emit()

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
        """End the run after the batch that is under way, and wait for it to be told.

        A batch may take seconds: the window paints itself meanwhile, but takes no input.
        """
        if self._worker is None:
            return
        self.stop()
        wait = QEventLoop()
        self.finished.connect(wait.quit)
        self.failed.connect(wait.quit)
        wait.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def look(self, wish: Look) -> None:
        """Ask for a ``seen``; without a run nothing happens."""
        if self._worker:
            self._worker.control.look(wish)

    # What is kept

    def adopt(self, fit: Fit) -> None:
        """Take over a fit that was made earlier: one read from a file, or brought back by undo."""
        if self.is_active:
            raise RuntimeError("A run is under way.")
        self._fit, self.result, self.goes_on = fit, fit.result, False
        self._show_fit()
        self.adopted.emit()
        self._set_state(State.FINISHED)

    def forget(self) -> None:
        """End the run if there is one, and drop everything of it: another project was opened."""
        self._abandon()
        self._fit = self.result = None
        self._show_fit()
        self._set_state(State.IDLE)

    def shutdown(self, seconds: float = 10.0) -> bool:
        """End the run without telling anybody, and wait; for closing the window.

        Returns:
            Whether all threads ended within ``seconds``.
        """
        if self._abandon():
            self._set_state(State.FINISHED)
        until = monotonic() + seconds
        for thread in self._abandoned:
            thread.join(max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in self._abandoned)

    def _abandon(self) -> bool:
        """Let the run end by itself, telling nobody; whether there was one."""
        worker, thread = self._worker, self._thread
        if worker is None or thread is None:
            return False
        worker.control.stop()
        self._abandoned = [each for each in self._abandoned if each.is_alive()] + [thread]
        self._release()
        return True

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
            self.last = news.batches[-1]
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
        self.result = end = ended.result
        if isinstance(end, Finished) and ended.network is not None:
            assert self.run is not None
            assert self.dataset is not None
            self.history.test = dict(end.test)
            self.history.record = self.history.record.on_path(ended.state.loops)
            self._fit = Fit.of(
                ended.network,
                self.dataset,
                self.run,
                self.history,
                end,
                self.last,
                ended.state,
            )
        elif self._fit is not None:
            self._show_fit()  # nothing came of the run
        else:
            self.learned = None
        self._set_state(State.FINISHED)
        if isinstance(end, Finished):
            self.finished.emit(end)
        else:
            self.failed.emit(end)

    def _show_fit(self) -> None:
        """What others read is that of the fit at hand."""
        fit = self._fit
        self.run, self.last = (fit.run, fit.last) if fit else (None, None)
        self.history = fit.history if fit else History()
        self.dataset = fit.dataset() if fit and fit.dataset else None
        self.learned = fit.model.learned if fit else None

    def _release(self) -> None:
        self._timer.stop()
        self._worker = self._thread = None
        self.is_stopping = self.is_preparing = False
        take_turns_as_before()

    def _set_state(self, state: State) -> None:
        self.state = state
        self.stateChanged.emit()
