"""How long work says how far it is, and how it is told to stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then by long work.

    ``what`` says in a word or two what is counted ("pictures"). It may raise
    :class:`engine.errors.Cancelled`, which the work lets through.
    """

    def __call__(self, done: int, total: int, what: str) -> None: ...


def no_progress(done: int, total: int, what: str) -> None:
    """For callers who do not want to know."""
