"""Runs lists of tasks in compiled code, on every core."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from types import ModuleType
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.compiled import loops_for
from engine.compiled.tasks import ARRAY_COUNT, BATCH, COUNTERS, GIVE_WAY, SGEMM, SQUARE, TASK
from engine.parallel import POST, READY, ask, helpers

NOTHING = np.empty(0, np.float32)

BLOCK = 16_384
"""How many numbers a task of a pass over memory takes."""

SPREAD_FROM = 65_536
"""From how many numbers on other cores are asked for help with a pass over memory."""

_one_leads = Lock()


class Tasks(NamedTuple):
    """What is to be done; the same list serves again and again.

    Attributes:
        rows: (T,) of :data:`engine.compiled.tasks.TASK`.
        groups: how many counters they need.
        is_large: whether other cores are asked for help.
    """

    rows: Array
    groups: int = 1
    is_large: bool = False


def run(loops: ModuleType, tasks: Tasks, *arrays: Array, batch: int = 0) -> None:
    """Do all of the tasks.

    Args:
        loops: the compiled ones.
        arrays: what they work on, as :func:`engine.compiled.crew.lead` says.
    """
    program = np.zeros(COUNTERS + tasks.groups, np.int64)
    program[BATCH] = batch
    program[SGEMM], program[GIVE_WAY] = loops.sgemm_address(), loops.give_way_address()
    given = (*arrays, *[NOTHING] * (ARRAY_COUNT - len(arrays)))
    count = helpers() if tasks.is_large else 0
    # A thread that predicts while another one trains leads alone.
    if not count or not _one_leads.acquire(blocking=False):
        loops.lead(POST, False, program, tasks.rows, *given)
        return
    try:
        for _ in range(count - int(POST[READY])):
            ask(_Service(loops))
        loops.lead(POST, True, program, tasks.rows, *given)
    finally:
        _one_leads.release()


@lru_cache(64)
def over_blocks(kind: int, size: int) -> Tasks:
    """One task for each block of flat arrays of this size."""
    count = -(-size // BLOCK)
    rows = np.zeros(count, TASK)
    rows["kind"], rows["y"] = kind, np.arange(count)
    rows["left"] = BLOCK * np.arange(count)
    rows["right"] = np.minimum(rows["left"] + BLOCK, size)
    return Tasks(rows, is_large=size >= SPREAD_FROM)


def square_length(x: Array) -> float:
    """The sum of squares of ``x`` (N,), on every core where that is compiled."""
    loops = loops_for(x) if len(x) >= SPREAD_FROM else None
    if loops is None:
        return float(x @ x)
    tasks = over_blocks(SQUARE, len(x))
    sums = np.empty(len(tasks.rows), np.float32)
    run(loops, tasks, x, sums)
    return float(np.add.reduce(sums))


class _Service:
    """What threads do that help with programs."""

    def __init__(self, loops: ModuleType) -> None:
        self._loops = loops

    def help(self) -> None:
        self._loops.serve(POST)
