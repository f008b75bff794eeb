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

from engine.arrays import Array
from engine.compiled.atomics import call, call_with, count, seen, tell
from engine.compiled.jit import exact
from engine.compiled.programs import program_at, tasks_of
from engine.compiled.tasks import ARRAYS, COUNT, COUNTERS, GIVE_WAY, NEXT, ROOMS, TASKS, WORK
from engine.parallel import CALLS, INSIDE, OPEN, OVER, TURN

PATIENCE, STAY = 2_000, 200
"""How often a thread looks for what it waits for before it begins to let others go ahead, some
microseconds, and how often it does that before it stops looking for the next program: 50 µs."""

LOOK_NS, YIELD_NS = 1, 300
"""About how many nanoseconds these take."""


@cache
def give_way_address() -> int:
    """Where the system's call lies that lets other threads go ahead."""
    if sys.platform == "win32":
        call = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        call = ctypes.CDLL(None).sched_yield
    return ctypes.cast(call, ctypes.c_void_p).value or 0


@exact
def _work(address: int) -> int:
    """Take a program's tasks until there are none: about how many ns it waited for others."""
    program, room, waited = program_at(address), -1, 0
    tasks = tasks_of(program)
    while True:
        index = count(program, NEXT, 1)
        if index >= len(tasks):
            return waited
        if room < 0:  # those that come too late for a task need none
            room = count(program, ROOMS, 1)
        if tasks[index].least > 0:
            waited += _wait_until(program, COUNTERS + tasks[index].needs, tasks[index].least)
        call_with(program[WORK], address, index, room)
        count(program, COUNTERS + tasks[index].done, 1)


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
    third: Array, fourth: Array, fifth: Array, sixth: Array, seventh: Array, eighth: Array,
) -> int:  # fmt: skip
    """Run a program, together with the threads that are ready if it ``is_shared``.

    Args:
        post: of int64, where threads look: :data:`engine.parallel.POST`.
        program: (COUNTERS and one for each group of tasks,) of int64: zeros, but for the
            samples and the addresses of calls; to be used once.
        tasks: (T,) of :data:`engine.compiled.tasks.TASK`.
        first, ..., eighth: float32, flat; what they are, the functions say that do the tasks.

    Returns:
        About how many ns it waited for others.
    """
    program[TASKS], program[COUNT] = tasks.ctypes.data, len(tasks)
    program[ARRAYS], program[ARRAYS + 1] = first.ctypes.data, second.ctypes.data
    program[ARRAYS + 2], program[ARRAYS + 3] = third.ctypes.data, fourth.ctypes.data
    program[ARRAYS + 4], program[ARRAYS + 5] = fifth.ctypes.data, sixth.ctypes.data
    program[ARRAYS + 6], program[ARRAYS + 7] = seventh.ctypes.data, eighth.ctypes.data
    address = program.ctypes.data
    if not is_shared:
        return _work(address)
    tell(post, OPEN, address)
    count(post, TURN, 1)
    waited = _work(address)
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
            _work(address)
            looks = 0
        count(post, INSIDE, -1)
    count(post, OVER, 1)
