"""How loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba.extending
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def exact(loop: Function) -> Function:
    """Compile a loop that gives bit for bit what NumPy's operations give one by one."""
    return cast("Function", njit(nogil=True, error_model="numpy", cache=True)(loop))


def fused(loop: Function) -> Function:
    """Compile a loop that may round a product and its sum at once, as BLAS does."""
    compiled = njit(nogil=True, error_model="numpy", cache=True, fastmath={"contract"})(loop)
    return cast("Function", compiled)


def intrinsic(generator: Function) -> Callable[..., Any]:
    """Instructions that numba has no words for, as ``numba.extending.intrinsic``."""
    return cast("Callable[..., Any]", numba.extending.intrinsic(generator))
