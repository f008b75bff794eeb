"""How work is spread over the cores.

NumPy lets go of Python's lock while it computes, so plain threads use every
core. What is computed must not depend on who computes it: callers cut the work
by its size alone and add partial results up in a fixed order, and a run repeats
bit for bit on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from itertools import count as counter
from itertools import pairwise
from queue import SimpleQueue
from threading import Lock, Thread

SHARDS = 8
"""Into how many parts a batch is cut at most; enough to keep eight cores busy."""

_threads: ContextVar[int] = ContextVar("threads", default=0)


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def using_threads(count: int) -> Iterator[None]:
    """Spread work over this many threads inside the block; 0 takes every core."""
    # Set back by value: a generator that spreads work may be closed from a context
    # other than the one it began in, where a token would be refused.
    before = _threads.get()
    _threads.set(count)
    try:
        yield
    finally:
        _threads.set(before)


def shards(size: int, most: int = SHARDS) -> list[slice]:
    """``range(size)`` cut into at most ``most`` runs of nearly equal length, in order."""
    parts = min(most, size)
    if not parts:
        return []
    edges = [size * part // parts for part in range(parts + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def for_each_shard(function: Callable[[int], None], count: int) -> None:
    """Call ``function(0)`` to ``function(count - 1)``, in any order, on several cores.

    The calling thread takes its share. Returns when all are done, and raises the
    first exception that a call raised.
    """
    helpers = min(_threads.get() or _cores(), count) - 1
    if helpers <= 0:
        for index in range(count):
            function(index)
        return
    job, queue = _Job(function, count), _jobs()
    for _ in range(helpers):
        queue.put(job)
    job.finish()


class _Job:
    """Calls that wait for a thread; whoever is free takes the next."""

    __slots__ = ("_context", "_count", "_function", "_indices", "_is_closed", "_lock", "_others",
                 "_over", "_wrong")  # fmt: skip

    def __init__(self, function: Callable[[int], None], count: int) -> None:
        self._function, self._count, self._indices = function, count, counter()
        # NumPy's error state lives in the context, which threads do not inherit.
        self._context = copy_context()
        self._wrong: list[BaseException] = []
        self._lock, self._over = Lock(), Lock()
        self._over.acquire()
        self._others, self._is_closed = 0, False

    def help(self) -> None:
        """Take calls in a helping thread, unless it comes too late."""
        with self._lock:
            if self._is_closed:
                return
            self._others += 1
        self._context.copy().run(self._work)
        with self._lock:
            self._others -= 1
            if self._is_closed and not self._others:
                self._over.release()

    def finish(self) -> None:
        """Take calls in the thread that wants them done, and wait for those who helped.

        Raises:
            BaseException: the first that a call raised.
        """
        self._work()
        with self._lock:
            self._is_closed = True
            has_to_wait = self._others > 0
        if has_to_wait:
            self._over.acquire()
        if self._wrong:
            raise self._wrong[0]

    def _work(self) -> None:
        # One thread inside: work that is spread again would wait for its own thread.
        token = _threads.set(1)
        try:
            while not self._wrong and (index := next(self._indices)) < self._count:
                self._function(index)
        except BaseException as error:  # raised again in the thread that waits
            self._wrong.append(error)
        finally:
            _threads.reset(token)


_cores = cache(available_cores)


@cache
def _jobs() -> SimpleQueue[_Job]:
    """Where a thread for each core but one waits for jobs."""
    queue: SimpleQueue[_Job] = SimpleQueue()
    for index in range(max(1, _cores() - 1)):
        Thread(target=_help, args=(queue,), name=f"netsmith-work-{index}", daemon=True).start()
    return queue


def _help(queue: SimpleQueue[_Job]) -> None:
    while True:
        # Not kept in a name: a thread that waits must not hold on to a batch's arrays.
        queue.get().help()


if hasattr(os, "register_at_fork"):
    # A forked child inherits the queue but none of the threads.
    os.register_at_fork(after_in_child=_jobs.cache_clear)
