"""Which path the arithmetic takes: plain loops until the compiled ones are ready.

A run takes one path from its start to its end, because the same seed gives the same
bits on one path only. So a switch waits for runs that are under way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Literal

Loops = Literal["compiled", "plain"]
"""The path that the arithmetic takes: loops compiled by numba, or NumPy's operations alone."""


class _Path:
    """What is used at present, and how many runs hold on to it."""

    def __init__(self) -> None:
        self.is_plain = False
        self._lock = Lock()
        self._runs, self._is_due = 0, False

    def wait(self) -> None:
        with self._lock:
            self.is_plain, self._is_due = self.is_plain or not self._runs, False

    def switch(self) -> None:
        with self._lock:
            self._is_due = bool(self._runs)
            self.is_plain = self.is_plain and self._is_due

    def hold(self) -> None:
        with self._lock:
            self._runs += 1

    def release(self) -> None:
        with self._lock:
            self._runs -= 1
            if not self._runs and self._is_due:
                self.is_plain = self._is_due = False


_path = _Path()


def is_plain() -> bool:
    """Whether plain loops are used because the compiled ones are not ready."""
    return _path.is_plain


def wait_for_loops() -> None:
    """Use plain loops until :func:`loops_are_ready`; a run that is under way is not touched."""
    _path.wait()


def loops_are_ready() -> None:
    """Use compiled loops as soon as no run is under way."""
    _path.switch()


@contextmanager
def one_path() -> Iterator[None]:
    """Keep to the path that is taken now until the block ends."""
    _path.hold()
    try:
        yield
    finally:
        _path.release()
