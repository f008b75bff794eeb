"""Peers in processes of their own, asked in turns for the time of a step.

Threads of one library that wait by spinning would slow another one down, so each
has its process, which lives as long as the contest and does nothing between its turns.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter, process_time, sleep
from types import TracebackType
from typing import Any, Self

from benchmarks.peers.base import Peer
from benchmarks.workloads import Workload, named

PATIENCE_SECONDS = 300.0
RUNS = 5
CALM_SECONDS = 0.03
"""Before each turn, so that threads of the one before have stopped spinning."""


@dataclass
class Result:
    """What one peer gave for one workload.

    Attributes:
        turns: milliseconds for one step, one entry for each turn.
        failure: why there are none; empty where there are.
    """

    parameters: int = 0
    turns: list[float] = field(default_factory=list)
    failure: str = ""

    @property
    def ms(self) -> float | None:
        return median(self.turns) if self.turns and not self.failure else None


class PeerError(Exception):
    """A peer could not do what it was asked for; says why."""


class Worker:
    """One peer in its process.

    Args:
        on_one_core: whether it gets a single core, and processor time is counted instead
            of time: that says less, but holds on a machine where others are at work.
    """

    def __init__(self, peer: Peer, on_one_core: bool = False) -> None:
        self.peer = peer
        context = get_context("spawn")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, peer, on_one_core), daemon=True)
        self._process.start()
        there.close()

    def ask(self, command: str, *arguments: Any) -> Any:
        """The answer to ``prepare`` or ``run``.

        Raises:
            PeerError: the process said so, has ended, or takes too long.
        """
        try:
            self._connection.send((command, arguments))
            if not self._connection.poll(PATIENCE_SECONDS):
                raise PeerError(f"no answer within {PATIENCE_SECONDS:.0f} s")
            is_fine, answer = self._connection.recv()
        except (EOFError, OSError) as error:
            self._process.join(5)
            raise PeerError(f"its process ended with {self._process.exitcode}") from error
        if not is_fine:
            raise PeerError(answer)
        return answer

    def close(self) -> None:
        """End the process, by force if it does not listen."""
        self._connection.close()
        self._process.join(2)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(connection: Connection, peer: Peer, on_one_core: bool) -> None:
    """What the process does: prepare workloads and run steps until nobody asks any more."""
    os.environ.update(peer.environment)
    if on_one_core:  # before the peer is imported and counts them
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    prepared = None
    while True:
        try:
            command, arguments = connection.recv()
        except EOFError:
            return
        try:
            if command == "prepare":
                prepared = None  # makes room before the next is built
                prepared = importlib.import_module(peer.module).prepare(named(*arguments))
                prepared.steps(1)
                answer: Any = prepared.parameters
            else:
                assert prepared is not None
                measure = _processor_milliseconds if on_one_core else _milliseconds
                answer = measure(prepared.steps, *arguments)
            connection.send((True, answer))
        except Exception as error:  # told to the one who asked
            connection.send((False, f"{type(error).__name__}: {error}"))


def _milliseconds(steps: Any, seconds: float) -> float:
    """The mean time of a step, over as many steps as fit into ``seconds``."""
    began = perf_counter()
    steps(1)
    sample = perf_counter() - began
    count = max(1, round(seconds / max(sample, 1e-6) / 10))
    began = perf_counter()
    steps(count)
    sample = (perf_counter() - began) / count
    count = max(1, round(seconds / max(sample, 1e-6)))
    began = perf_counter()
    steps(count)
    return 1000 * (perf_counter() - began) / count


def _processor_milliseconds(steps: Any, seconds: float) -> float:
    """The least mean processor time of a step, over a few runs that fit into ``seconds``."""
    began = process_time()
    steps(1)
    sample = process_time() - began
    count = max(1, round(seconds / max(sample, 1e-6) / RUNS))
    least = inf
    for _ in range(RUNS):
        began = process_time()
        steps(count)
        least = min(least, (process_time() - began) / count)
    return 1000 * least


class Contest:
    """Peers that take turns; to be used in a ``with`` block, which ends their processes."""

    def __init__(self, peers: Sequence[Peer], on_one_core: bool = False) -> None:
        self.peers = peers
        self._on_one_core = on_one_core
        self._workers: dict[str, Worker] = {}
        self._failures: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            for peer in self.peers:
                if peer.missing:
                    self._failures[peer.name] = f"{' and '.join(peer.missing)} not installed"
                else:
                    self._workers[peer.name] = Worker(peer, self._on_one_core)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def measure(self, workload: Workload, turns: int, seconds: float) -> dict[str, Result]:
        """By the peer's name what it took.

        Args:
            turns: how often each is asked; the median of its turns counts.
            seconds: how long it runs in each turn.
        """
        results = {peer.name: Result() for peer in self.peers}
        for name, failure in self._failures.items():
            results[name].failure = failure
        for name, worker in self._workers.items():
            with _noting_failure(results[name]):
                results[name].parameters = worker.ask("prepare", workload.name)
        for turn in range(turns):
            # Who begins takes turns too: nobody always follows the same one.
            names = list(self._workers)
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                if not results[name].failure:
                    sleep(CALM_SECONDS)
                    with _noting_failure(results[name]):
                        results[name].turns.append(self._workers[name].ask("run", seconds))
        return results


@contextmanager
def _noting_failure(result: Result) -> Iterator[None]:
    """A failure inside of the block becomes part of the result."""
    try:
        yield
    except PeerError as error:
        result.failure = str(error)
