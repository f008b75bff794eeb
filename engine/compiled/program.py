"""Runs lists of tasks in compiled code, on every core."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache, lru_cache
from math import prod
from threading import Lock
from time import perf_counter_ns
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arrays import Array
from engine.compiled import loops_for
from engine.compiled.tasks import (
    ARRAY_COUNT,
    BATCH,
    COUNTERS,
    GIVE_WAY,
    SGEMM,
    SIZES,
    SQUARE,
    TASK,
    WORK,
)
from engine.parallel import OVER, POST, ask, helpers

if TYPE_CHECKING:
    from engine.compiled.jit import Work

NO_MORE = (np.empty(0, np.float32),) * ARRAY_COUNT

BLOCK = 16_384
"""How many numbers a task of a pass over memory takes."""

SPREAD_FROM = 65_536
"""From how many numbers on other cores are asked for help with a pass over memory."""

LONG_NS, LONG_SHARE = 300_000, 0.3
"""A thread that leads and has to wait so long for another one, and for such a share of the
time, has a busy machine, and does without help for a while."""

FEW, MANY = 1, 64
"""For how many programs: the first time, and at most. It may have been one hiccup, so each time
in a row makes it twice as many."""


class Program:
    """A list of tasks, to be done again and again with one array or another.

    Args:
        loops: the compiled ones.
        work: what threads do with it, one of them.
        rows: (T,) of :data:`engine.compiled.tasks.TASK`.
        groups: how many counters the tasks need.
        is_large: whether other cores are asked for help.
        sizes: of what is worked on, as ``work`` wants them.
    """

    def __init__(
        self,
        loops: ModuleType,
        work: Work,
        rows: Array,
        groups: int,
        batch: int,
        is_large: bool,
        sizes: Array | None = None,
    ) -> None:
        self.rows, self._loops, self._is_large = rows, loops, is_large
        self._fresh = np.zeros(COUNTERS + groups, np.int64)
        self._fresh[BATCH] = batch
        self._fresh[WORK] = work.address
        self._fresh[SGEMM] = loops.sgemm_address()
        self._fresh[GIVE_WAY] = loops.give_way_address()
        self._sizes = sizes
        if sizes is not None:
            self._fresh[SIZES] = sizes.ctypes.data

    def run(self, *arrays: Array) -> None:
        """Do all of the tasks.

        Args:
            arrays: what they work on, without gaps, in the order of the tasks' kinds.
        """
        flat = [each if each.ndim == 1 else each.reshape(-1) for each in arrays]
        given = (self._fresh.copy(), self.rows, *flat, *NO_MORE[len(arrays) :])
        if self._is_large:
            _prepare(self._loops)
            if _crew().lead(self._loops, given):
                return
        self._loops.lead(POST, False, *given)


@cache
def _prepare(loops: ModuleType) -> None:
    """Compile what others do before they are asked for it: a program that ends while one of its
    threads compiles is aborted."""
    loops.serve(np.zeros_like(POST), loops.give_way_address())


class _Crew:
    """The threads that help with programs, one program at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._alone, self._next_alone = 0, FEW
        self._asked = int(POST[OVER])

    def lead(self, loops: ModuleType, given: Sequence[Any]) -> bool:
        """Run a program with help; False if there is none to be had now."""
        count = helpers()
        if not count or not self._lock.acquire(blocking=False):
            return False
        try:
            if self._alone:
                self._alone -= 1
                return False
            # One that has been asked and did not come yet is not asked again. Compiled code says
            # what is over, which a thread that still waits for Python's lock could not.
            while self._asked - int(POST[OVER]) < count:
                self._asked += 1
                ask(_Service(loops))
            began = perf_counter_ns()
            waited = loops.lead(POST, True, *given)
            if waited > max(LONG_NS, LONG_SHARE * (perf_counter_ns() - began)):
                self._alone = self._next_alone
                self._next_alone = min(2 * self._next_alone, MANY)
            else:
                self._next_alone = FEW
            return True
        finally:
            self._lock.release()


class _Service:
    """What a thread does that helps with programs."""

    def __init__(self, loops: ModuleType) -> None:
        self._loops = loops

    def help(self) -> None:
        self._loops.serve(POST, self._loops.give_way_address())


@cache
def _crew() -> _Crew:
    return _Crew()


if hasattr(os, "register_at_fork"):
    # A forked child inherits none of the threads, and a lock that another one may have held.
    os.register_at_fork(after_in_child=_crew.cache_clear)


@lru_cache(64)
def over_blocks(loops: ModuleType, kind: int, size: int) -> Program:
    """One task for each block of flat arrays of this size."""
    count = -(-size // BLOCK)
    rows = np.zeros(count, TASK)
    rows["kind"], rows["y"] = kind, np.arange(count)
    rows["left"] = BLOCK * np.arange(count)
    rows["right"] = np.minimum(rows["left"] + BLOCK, size)
    return Program(loops, loops.flat_work, rows, 1, 0, size >= SPREAD_FROM)


@lru_cache(64)
def over_rows(loops: ModuleType, kind: int, count: int, width: int, height: int) -> Program:
    """One task for each ``height`` of so many rows of ``width`` numbers.

    Sums of each block of rows lie after one another, two kinds of them.
    """
    blocks = -(-count // height)
    rows = np.zeros(blocks, TASK)
    rows["kind"], rows["units"] = kind, width
    rows["top"] = height * np.arange(blocks)
    rows["bottom"] = np.minimum(rows["top"] + height, count)
    rows["y"] = width * np.arange(blocks)
    rows["dy"] = rows["y"] + width * blocks
    return Program(loops, loops.rows_work, rows, 1, 0, count * width >= SPREAD_FROM)


@lru_cache(64)
def over_pictures(loops: ModuleType, kind: int, batch: int, shape: tuple[int, ...]) -> Program:
    """One task for each picture of this shape."""
    rows = np.zeros(batch, TASK)
    rows["kind"], rows["top"] = kind, np.arange(batch)
    rows["bottom"] = rows["top"] + 1
    is_large = batch * prod(shape) >= SPREAD_FROM
    return Program(loops, loops.pool_work, rows, 1, 0, is_large, np.array(shape, np.int64))


def square_length(x: Array) -> float:
    """The sum of squares of ``x`` (N,), on every core where that is compiled."""
    loops = loops_for(x) if len(x) >= SPREAD_FROM else None
    if loops is None:
        return float(x @ x)
    program = over_blocks(loops, SQUARE, len(x))
    sums = np.empty(len(program.rows), np.float32)
    program.run(x, sums)
    return float(np.add.reduce(sums))
