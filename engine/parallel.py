"""How work is spread over the cores.

NumPy lets go of Python's lock while it computes, so plain threads use every
core. What is computed must not depend on who computes it: callers cut the work
by its size alone and add partial results up in a fixed order, and a run repeats
bit for bit on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from itertools import count as counter
from itertools import pairwise

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
    indices = counter()

    def work() -> None:
        # One thread inside: work that is spread again would wait for its own thread.
        token = _threads.set(1)
        try:
            while (index := next(indices)) < count:
                function(index)
        finally:
            _threads.reset(token)

    # NumPy's error state lives in the context, which threads do not inherit.
    futures = [_pool().submit(copy_context().run, work) for _ in range(helpers)]
    try:
        work()
    finally:
        running = [future for future in futures if not future.cancel()]
        errors = [error for future in running if (error := _error_of(future))]
    if errors:
        raise errors[0]


def _error_of(future: Future[None]) -> BaseException | None:
    return future.exception()


_cores = cache(available_cores)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, _cores() - 1), thread_name_prefix="netsmith-work")


if hasattr(os, "register_at_fork"):
    # A forked child inherits the pool but none of its threads.
    os.register_at_fork(after_in_child=_pool.cache_clear)
