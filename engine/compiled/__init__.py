"""Loops compiled by numba, an optional package: ``pip install "netsmith[fast]"``.

NumPy goes through memory once for each operation. Where that costs most there is a
loop here that does all of them at once, and lets go of Python's lock meanwhile. Each
stands beside NumPy code that does the same, and is used where numba is installed.

A loop is compiled when it is first called, which takes a second or two, and kept on
disk for the next time.
"""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from engine.arrays import Array

OFF = "NETSMITH_NUMPY_ONLY"
"""In the environment, it keeps to NumPy even where numba is installed."""


def loops_for(*arrays: Array) -> Any:
    """The module of compiled loops; None without numba, or if they cannot take these arrays."""
    for each in arrays:
        if each.dtype != np.float32 or not each.flags.c_contiguous:
            return None
    return _loops()


def is_compiled() -> bool:
    """Whether compiled loops are used at all."""
    return _loops() is not None


@cache
def _loops() -> ModuleType | None:
    if os.environ.get(OFF):
        return None
    try:
        from engine.compiled import loops
    except ImportError:  # not installed, or not for this version of NumPy
        return None
    return loops
