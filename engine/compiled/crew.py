"""How threads share a program inside of compiled code.

Python's lock, and the 50 µs that a thread takes to wake up, cost more than many a layer of a
small network. So a thread that has helped stays in compiled code for a moment, and looks
whether the next program is open: :func:`serve`. The thread that leads opens a program, takes
its share of the tasks, and closes it when nobody is inside any more: :func:`lead`. A task
may need that others before it in the list are done; whoever claims it too early waits, first
by looking again and again, then by letting others of the machine's threads go ahead.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

from numba import carray

from engine.arrays import Array
from engine.compiled.atomics import call, count, floats_at, integers_at, seen, tasks_at, tell
from engine.compiled.dense import dense_task
from engine.compiled.elementwise import adam, square
from engine.compiled.jit import exact
from engine.compiled.tasks import (
    ADAM,
    ARRAYS,
    BATCH,
    COUNT,
    COUNTERS,
    GIVE_WAY,
    NEXT,
    SGEMM,
    SQUARE,
    TASKS,
)
from engine.parallel import CALLS, INSIDE, OPEN, OVER, TURN

PATIENCE, STAY = 2_000, 200
"""How often a thread looks for what it waits for before it begins to let others go ahead, some
microseconds, and how often it does that before it stops looking for the next program: 50 µs."""

LOOK_NS, YIELD_NS = 1, 300
"""About how many nanoseconds these take."""

ENDLESS = 1 << 40
"""The size of an array of which only the address is known."""


@cache
def give_way_address() -> int:
    """Where the system's call lies that lets other threads go ahead."""
    if sys.platform == "win32":
        call = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        call = ctypes.CDLL(None).sched_yield
    return ctypes.cast(call, ctypes.c_void_p).value or 0


@exact
def _array(program: Array, index: int) -> Array:
    array: Array = carray(floats_at(program[ARRAYS + index]), (ENDLESS,))
    return array


@exact
def _work(program: Array) -> int:
    """Take tasks until there are none: about how many ns it waited for others."""
    waited = 0
    tasks = carray(tasks_at(program[TASKS]), (program[COUNT],))
    first, second, third, fourth = (
        _array(program, 0), _array(program, 1), _array(program, 2), _array(program, 3)
    )  # fmt: skip
    fifth, sixth, seventh = _array(program, 4), _array(program, 5), _array(program, 6)
    while True:
        index = count(program, NEXT, 1)
        if index >= len(tasks):
            return waited
        task = tasks[index]
        if task.least > 0:
            waited += _wait_until(program, COUNTERS + task.needs, task.least)
        if task.kind == ADAM:
            part = slice(task.left, task.right)
            adam(first[part], second[part], third[part], fourth[part],
                 fifth[0], fifth[1], fifth[2], fifth[3])  # fmt: skip
        elif task.kind == SQUARE:
            second[task.y] = square(first[task.left : task.right])
        else:
            dense_task(task, program[BATCH], program[SGEMM],
                       first, second, third, fourth, fifth, sixth, seventh)  # fmt: skip
        count(program, COUNTERS + task.done, 1)


@exact
def _wait_until(program: Array, index: int, least: int) -> int:
    """Return when a program's counter is ``least`` or more: about how many ns that took."""
    looks = yields = 0
    while seen(program, index) < least:
        looks += 1
        if looks > PATIENCE:
            yields += 1
            call(program[GIVE_WAY])
    return looks * LOOK_NS + yields * YIELD_NS


@exact
def lead(
    post: Array, is_shared: bool, program: Array, tasks: Array, first: Array, second: Array,
    third: Array, fourth: Array, fifth: Array, sixth: Array, seventh: Array,
) -> int:  # fmt: skip
    """Run a program, together with the threads that are ready if it ``is_shared``.

    Args:
        post: of int64, where threads look: :data:`engine.parallel.POST`.
        program: (COUNTERS and one for each group of tasks,) of int64: zeros, but for the
            samples and the addresses of calls; to be used once.
        tasks: (T,) of :data:`engine.compiled.tasks.TASK`.
        first, ..., seventh: float32, flat; of a chain of Dense layers what
            :func:`engine.compiled.dense.dense_task` names, of Adam weights, gradients, mean,
            square and its four numbers, of a sum of squares the summands and the sums.

    Returns:
        About how many ns it waited for others.
    """
    program[TASKS], program[COUNT] = tasks.ctypes.data, len(tasks)
    program[ARRAYS], program[ARRAYS + 1] = first.ctypes.data, second.ctypes.data
    program[ARRAYS + 2], program[ARRAYS + 3] = third.ctypes.data, fourth.ctypes.data
    program[ARRAYS + 4], program[ARRAYS + 5] = fifth.ctypes.data, sixth.ctypes.data
    program[ARRAYS + 6] = seventh.ctypes.data
    if not is_shared:
        return _work(program)
    tell(post, OPEN, program.ctypes.data)
    count(post, TURN, 1)
    waited = _work(program)
    tell(post, OPEN, 0)
    looks = yields = 0
    while seen(post, INSIDE) > 0:  # what is inside may still be at its last task
        looks += 1
        if looks > PATIENCE:
            yields += 1
            call(program[GIVE_WAY])
    return waited + looks * LOOK_NS + yields * YIELD_NS


@exact
def serve(post: Array, give_way: int) -> None:
    """Help with programs; return when none has come for a while, or something else waits."""
    turn, looks, calls = -1, 0, seen(post, CALLS)
    while looks < PATIENCE + STAY and seen(post, CALLS) == calls:
        looks += 1
        if looks > PATIENCE:
            call(give_way)
        if seen(post, TURN) == turn:
            continue
        # Inside first, and only then a look at what is open: so nothing is closed in between.
        count(post, INSIDE, 1)
        turn = seen(post, TURN)
        address = seen(post, OPEN)
        if address:
            _work(carray(integers_at(address), (ENDLESS,)))
            looks = 0
        count(post, INSIDE, -1)
    count(post, OVER, 1)
