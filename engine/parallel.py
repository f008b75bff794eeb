"""How work is spread over the cores.

NumPy lets go of Python's lock while it computes, so plain threads use every
core. What is computed must not depend on who computes it: callers cut the work
by its size alone and add partial results up in a fixed order, and a run repeats
bit for bit on any number of threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from functools import cache, partial
from itertools import pairwise
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, NoReturn, Protocol, Self

import numpy as np

SHARDS = 8
"""Into how many parts a batch is cut at most; enough to keep eight cores busy."""

OPEN, TURN, INSIDE, OVER, CALLS = range(0, 40, 8)
"""What threads tell each other in :data:`POST`, each on a cache line of its own: the address of
the compiled program that is open or 0, how many were opened, how many threads help with it, how
often one stopped looking out for the next, and how often another call was put down for them."""

POST = np.zeros(40, np.int64)

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


_blas_lock = Lock()
_blas_users = 0
_blas_limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS use one thread while any such block is open, in whichever thread.

    Work is spread by the callers; BLAS' own threads would come on top. The limit is the
    process's, so a block that ends must not lift it under another.
    """
    from threadpoolctl import threadpool_limits

    global _blas_users, _blas_limit  # noqa: PLW0603
    with _blas_lock:
        if not _blas_users:
            _blas_limit = threadpool_limits(1, user_api="blas")
        _blas_users += 1
    try:
        yield
    finally:
        with _blas_lock:
            _blas_users -= 1
            if not _blas_users:
                _blas_limit.restore_original_limits()


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
    if count == 1 or not helpers():
        for index in range(count):
            function(index)
        return
    with Later() as later:
        later.add([partial(function, index) for index in range(count)], most=count - 1)


def helpers() -> int:
    """How many threads may help the calling one."""
    return min(_threads.get() or _cores(), most_threads()) - 1


def most_threads() -> int:
    """How many threads may ever work at once, the calling one among them."""
    return 1 + _thread_count()


class Job(Protocol):
    """What a thread can be asked to do."""

    def help(self) -> None:
        """Do it, in that thread."""


def ask(job: Job) -> None:
    """Let the next thread that is free help with a job."""
    _waiting().put(job)
    POST[CALLS] += 1  # whoever looks out for a program looks here too


class Later:
    """Calls that other cores take while the calling thread goes on.

    The end of the ``with`` block takes a share of those that are left, and waits for all.
    Calls must not depend on one another. The first exception that one raised is raised there.
    """

    __slots__ = ("_calls", "_context", "_errors", "_is_closed", "_lock", "_others", "_over")

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self._errors: list[BaseException] = []
        self._lock, self._over = Lock(), Lock()
        self._over.acquire()
        self._others, self._is_closed = 0, False
        self._context: Context | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._context is None:  # nobody was asked for help
            return
        if error is not None:
            self._calls.clear()
        self._work()
        with self._lock:
            self._is_closed = True
            has_to_wait = self._others > 0
        if has_to_wait:
            self._over.acquire()
        if self._errors and error is None:
            raise self._errors[0]

    def add(self, calls: Sequence[Callable[[], None]], most: int = SHARDS) -> None:
        """Let at most so many threads begin with these; without any, the caller does them now."""
        count = min(helpers(), most, len(calls))
        if not count:
            for call in calls:
                call()
            return
        self._calls.extend(calls)
        if self._context is None:
            # NumPy's error state lives in the context, which threads do not inherit.
            self._context = copy_context()
        for _ in range(count):
            ask(self)

    def help(self) -> None:
        """Take calls in a helping thread, unless it comes too late."""
        if self._began():
            assert self._context is not None
            self._context.copy().run(self._work)
            self._ended()

    def _began(self) -> bool:
        with self._lock:
            self._others += not self._is_closed
            return not self._is_closed

    def _ended(self) -> None:
        with self._lock:
            self._others -= 1
            if self._is_closed and not self._others:
                self._over.release()

    def _work(self) -> None:
        # One thread inside: work that is spread again would wait for its own thread.
        token = _threads.set(1)
        try:
            while (call := self._next()) is not None:
                call()
        except BaseException as error:  # raised again in the thread that waits
            self._errors.append(error)
            self._calls.clear()
        finally:
            _threads.reset(token)

    def _next(self) -> Callable[[], None] | None:
        try:
            return self._calls.popleft()
        except IndexError:
            return None


_cores = cache(available_cores)


def _thread_count() -> int:
    """How many threads wait for work: one for each core but that of the caller."""
    return max(1, _cores() - 1)


@cache
def _waiting() -> SimpleQueue[Job]:
    """Where threads wait for work."""
    queue: SimpleQueue[Job] = SimpleQueue()
    for index in range(_thread_count()):
        Thread(target=_help, args=(queue,), name=f"netsmith-work-{index}", daemon=True).start()
    return queue


def _help(queue: SimpleQueue[Job]) -> NoReturn:
    while True:
        # Not kept in a name: a thread that waits must not hold on to a batch's arrays.
        queue.get().help()


def _forget_threads() -> None:
    _waiting.cache_clear()
    POST.fill(0)


if hasattr(os, "register_at_fork"):
    # A forked child inherits the queue and what threads told, but none of the threads.
    os.register_at_fork(after_in_child=_forget_threads)
