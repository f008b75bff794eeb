"""How often threads take turns while work goes on beside the window."""

from __future__ import annotations

import sys

# Python's own 5 ms would let a tight loop hold up the window for several of them; this
# costs the training of a tiny network a tenth of its speed, others nothing.
INTERVAL_S = 0.0005

_holders = 0
_before = 0.0


def take_turns_often() -> None:
    """Begin; for each call there must be one of :func:`take_turns_as_before`. GUI thread only."""
    global _holders, _before  # noqa: PLW0603
    if not _holders:
        _before = sys.getswitchinterval()
        sys.setswitchinterval(INTERVAL_S)
    _holders += 1


def is_busy() -> bool:
    """Whether work goes on beside the window."""
    return _holders > 0


def take_turns_as_before() -> None:
    """End; once all have, it is as it was."""
    global _holders  # noqa: PLW0603
    _holders -= 1
    if not _holders:
        sys.setswitchinterval(_before)
