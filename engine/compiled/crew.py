"""How threads share a list of tasks inside of compiled code, without Python's lock.

Each thread claims the next task of the list until there are none. A task may need that
others before it in the list are done; whoever claims it too early waits for them, first
by looking again and again, then by letting other threads of the machine go ahead.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.arrays import Array
from engine.compiled.jit import exact, intrinsic

PATIENCE = 2_000
"""How often a thread looks before it lets others go ahead: some microseconds."""


@cache
def give_way_address() -> int:
    """Where the system's call lies that lets other threads go ahead."""
    if sys.platform == "win32":
        call = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        call = ctypes.CDLL(None).sched_yield
    return ctypes.cast(call, ctypes.c_void_p).value or 0


def _place(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """The address of ``counters[index]``."""
    kind = signature.args[0]
    counters = context.make_array(kind)(context, builder, values[0])
    return cgutils.get_item_pointer(context, builder, kind, counters, [values[1]])


@intrinsic
def count_up(typing: Any, counters: Any, index: Any) -> Any:
    """Add one to ``counters[index]`` and return what it was, as one deed."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        one = ir.Constant(ir.IntType(64), 1)
        place = _place(context, builder, signature, values)
        return builder.atomic_rmw("add", place, one, "acq_rel")

    return types.int64(counters, types.intp), generate


@intrinsic
def seen(typing: Any, counters: Any, index: Any) -> Any:
    """``counters[index]`` as other threads left it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature, values)
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(counters, types.intp), generate


@intrinsic
def _call(typing: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.intp), generate


@exact
def wait_until(counters: Array, index: int, least: int, give_way: int) -> None:
    """Return when ``counters[index]`` is ``least`` or more."""
    looks = 0
    while seen(counters, index) < least:
        looks += 1
        if looks > PATIENCE:
            _call(give_way)
