"""Knowing when a loop is about to be compiled, which makes the first step of all take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from engine.compiled import is_compiled

PREPARING = "Preparing fast loops (first time only)…"
"""What is said while loops are compiled."""

_call: ContextVar[Callable[[], None] | None] = ContextVar("before compiling", default=None)


@contextmanager
def before_compiling(call: Callable[[], None]) -> Iterator[None]:
    """Have this called before each loop that is compiled for the work in the block.

    It is called in whichever thread needs the loop. What it raises comes out of the work,
    and the loop stays uncompiled; so work that is to end need not wait for all of them.
    A loop that is read from the disk is not told.
    """
    if is_compiled():
        _listen()
    # Set back by value: a generator may be closed from a context other than it began in.
    before = _call.get()
    _call.set(call)
    try:
        yield
    finally:
        _call.set(before)


@cache
def _listen() -> None:
    """Begin to hear of what numba compiles; it stays so."""
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc, no-any-unimported, unused-ignore]
        def on_start(self, event: object) -> None:
            call = _call.get()
            if call is not None:
                call()

        def on_end(self, event: object) -> None:
            pass

    event.register("numba:compile", Listener())
