"""What runs in the training thread. It knows no Qt."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from app.training.fit import Fit
from engine.compiled.notice import before_compiling
from engine.data import Dataset
from engine.errors import Cancelled
from engine.graph import Graph
from engine.network import Network
from engine.training import (
    BatchDone,
    Control,
    EpochDone,
    Event,
    Finished,
    Plan,
    RunState,
    Seen,
    train,
)


@dataclass(frozen=True)
class Ended:
    """Comes last and once: how the run ended, and what it came to.

    Attributes:
        state: where the run stands.
    """

    result: Finished | Exception
    network: Network | None
    state: RunState


@dataclass
class News:
    """What happened since somebody looked; of each asker's looks only the last."""

    batches: list[BatchDone] = field(default_factory=list)
    epochs: list[EpochDone] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)
    ended: Ended | None = None


class Worker:
    """One run: trains in the thread that calls :meth:`run`, and keeps what happens in a list.

    The graph is a value, so later edits elsewhere do not touch this run.

    Attributes:
        is_preparing: whether loops were compiled that the step under way needs.
    """

    def __init__(
        self,
        graph: Graph,
        dataset: Dataset,
        plan: Plan,
        epochs: int,
        fit: Fit | None,
        anyway: bool = False,
    ) -> None:
        """Get ready.

        Args:
            epochs: the epoch to train to.
            fit: what to go on from; None draws new weights.
            anyway: train although something is wrong, where it can be computed.
        """
        self.control = Control()
        self._graph, self._dataset, self._plan = graph, dataset, plan
        self._epochs, self._fit, self._anyway = epochs, fit, anyway
        self.is_preparing = False
        self._state = RunState()
        self._lock = threading.Lock()
        self._news = News()

    def run(self) -> None:
        """Train to the end; never raises."""
        network: Network | None = None
        # A generator that breaks its promise must not leave the window waiting.
        result: Finished | Exception = RuntimeError("The run ended without an outcome.")
        try:
            network = Network(self._graph, self._plan.seed)
            data, plan = self._dataset, self._plan
            if self._fit is not None:
                self._state = self._fit.hand_over(network, data, plan)
            with before_compiling(self._prepare):
                for event in train(
                    network,
                    data,
                    plan,
                    self.control,
                    self._state,
                    epochs=self._epochs,
                    anyway=self._anyway,
                ):
                    if isinstance(event, Finished):
                        result = event
                    else:
                        self._add(event)
        except Cancelled:
            result = self._stopped()
        except Exception as error:
            result = error
        self._add(Ended(result, network, self._state))

    def take(self) -> News:
        """Everything that happened since the last call."""
        with self._lock:
            news, self._news = self._news, News()
        return news

    def _prepare(self) -> None:
        """A loop is about to be compiled, which may take a second: do not begin in vain."""
        if self.control.is_stopping:
            raise Cancelled
        self.is_preparing = True

    def _stopped(self) -> Finished:
        """The end of a run that was stopped within a step, which was not taken then."""
        state = self._state
        return Finished("stopped", state.epoch + 1, state.step, state.seconds)

    def _add(self, event: Event | Ended) -> None:
        with self._lock:
            news = self._news
            if isinstance(event, BatchDone):
                self.is_preparing = False
                news.batches.append(event)
            elif isinstance(event, EpochDone):
                news.epochs.append(event)
            elif isinstance(event, Seen):
                news.seen[event.asker] = event
            elif isinstance(event, Ended):
                news.ended = event
