"""What runs in the training thread. It knows no Qt."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.arrays import Array
from engine.compiled.notice import before_compiling
from engine.data import Dataset
from engine.errors import Cancelled
from engine.graph import Graph
from engine.network import Network
from engine.training import BatchDone, Control, EpochDone, Event, Finished, Plan, Seen, train


@dataclass(frozen=True)
class Ended:
    """Comes last and once: how the run ended, and the network it trained."""

    result: Finished | Exception
    network: Network | None


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
        self, graph: Graph, dataset: Dataset, plan: Plan, weights: Mapping[str, Array] | None
    ) -> None:
        self.control = Control()
        self._graph, self._dataset, self._plan = graph, dataset, plan
        self._weights = weights
        self.is_preparing = False
        self._last: BatchDone | None = None
        self._lock = threading.Lock()
        self._news = News()

    def run(self) -> None:
        """Train to the end; never raises."""
        network: Network | None = None
        # A generator that breaks its promise must not leave the window waiting.
        result: Finished | Exception = RuntimeError("The run ended without an outcome.")
        try:
            network = Network(self._graph, self._plan.seed)
            if self._weights is not None:
                network.load_weights(self._weights)
            with before_compiling(self._prepare):
                for event in train(network, self._dataset, self._plan, self.control):
                    if isinstance(event, Finished):
                        result = event
                    else:
                        self._add(event)
        except Cancelled:
            result = self._stopped()
        except Exception as error:
            result = error
        self._add(Ended(result, network))

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
        last = self._last
        if last is None:
            return Finished("stopped", 1, 0, 0.0)
        return Finished("stopped", last.epoch, last.step, last.seconds)

    def _add(self, event: Event | Ended) -> None:
        with self._lock:
            news = self._news
            if isinstance(event, BatchDone):
                self._last, self.is_preparing = event, False
                news.batches.append(event)
            elif isinstance(event, EpochDone):
                news.epochs.append(event)
            elif isinstance(event, Seen):
                news.seen[event.asker] = event
            elif isinstance(event, Ended):
                news.ended = event
