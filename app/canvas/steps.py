"""What undo steps are called."""

from __future__ import annotations


def counted(verb: str, count: int, what: str = "layer") -> str:
    """``Delete layer``, ``Delete 3 layers``."""
    return f"{verb} {what}" if count == 1 else f"{verb} {count} {what}s"
