"""Loops compiled by numba, which is installed wherever it has a wheel.

NumPy goes through memory once for each operation. Where that costs most there is a
loop here that does all of them at once, and lets go of Python's lock meanwhile. Each
stands beside NumPy code that does the same, and is used where numba is installed.

A loop is compiled when it is first called, which takes a second or two, and kept on
disk for the next time. The program has all of them compiled by a process of its own
(:mod:`engine.training.fast_loops`) and uses plain ones until then.
"""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.path import is_plain

OFF = "NETSMITH_NUMPY_ONLY"
"""In the environment, it keeps to NumPy even where numba is installed."""


def loops_for(*arrays: Array) -> Any:
    """The module of compiled loops; None without numba, or if they cannot take these arrays."""
    for each in arrays:
        if each.dtype != np.float32 or not each.flags.c_contiguous:
            return None
    return None if is_plain() else _loops()


def is_compiled() -> bool:
    """Whether compiled loops are used at all."""
    return not is_plain() and _loops() is not None


@cache
def _loops() -> ModuleType | None:
    if os.environ.get(OFF):
        return None
    try:
        from engine.compiled import loops
    except ImportError:  # not installed, or not for this version of NumPy
        return None
    return loops
