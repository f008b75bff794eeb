"""How loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, TypeVar, cast

import numba.extending
from numba import njit, types
from numba.core.caching import FunctionCache
from numba.core.ccallback import CFunc

from engine.compiled.place import forget_ready, loops_folder

Function = TypeVar("Function", bound=Callable[..., Any])


def exact(loop: Function) -> Function:
    """Compile a loop that gives bit for bit what NumPy's operations give one by one."""
    return _compiled(loop)


def fused(loop: Function) -> Function:
    """Compile a loop that may round a product and its sum at once, as BLAS does."""
    return _compiled(loop, "contract")


def reordered(loop: Function) -> Function:
    """Compile a loop whose sums may be added up in any order."""
    return _compiled(loop, "contract", "reassoc", "nsz")


def intrinsic(generator: Function) -> Callable[..., Any]:
    """Instructions that numba has no words for, as ``numba.extending.intrinsic``."""
    return cast("Callable[..., Any]", numba.extending.intrinsic(generator))


class Work:
    """What threads do with a program of some kind, a loop to be called by its address.

    It takes the program's address, the number of a task, and that of the thread's room. It is
    compiled when its address is first asked for.
    """

    def __init__(self, loop: Callable[[int, int, int], None]) -> None:
        self._loop = loop

    @cached_property
    def address(self) -> int:
        """Where compiled code calls it."""
        options = {"nopython": True, "error_model": "numpy"}
        compiled = CFunc(self._loop, ((types.int64,) * 3, types.void), {}, options)
        _keep(compiled, self._loop)
        compiled.compile()
        address: int = compiled.address  # type: ignore[assignment]
        return address


def _compiled(loop: Function, *liberties: str) -> Function:
    compiled = njit(nogil=True, error_model="numpy", fastmath=set(liberties))(loop)
    _keep(compiled, loop)
    return cast("Function", compiled)


def _keep(compiled: Any, loop: Callable[..., Any]) -> None:
    """Keep what is compiled on the disk."""
    usual = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = usual or str(loops_folder())
    try:
        compiled._cache = _Kept(loop)
    except RuntimeError:  # no folder can be written: it is compiled anew each time
        pass
    finally:
        numba.config.CACHE_DIR = usual


class _Kept(FunctionCache):  # type: ignore[misc, no-any-unimported, unused-ignore]
    """The versions of a loop that are on the disk; whatever is wrong there, it is compiled."""

    def load_overload(self, *given: Any) -> Any:
        try:
            return super().load_overload(*given)
        except Exception:  # a damaged file is read by pickle, which may raise anything
            with suppress(OSError):
                self.flush()
            forget_ready()
            return None

    def save_overload(self, *given: Any) -> None:
        with suppress(OSError):  # the disk is full, or its folder is gone
            super().save_overload(*given)
