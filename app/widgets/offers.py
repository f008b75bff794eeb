"""What can be put on the canvas: layer types by their names, blocks by ``block/name``."""

from __future__ import annotations

_BLOCK = "block/"


def block_key(name: str) -> str:
    """How a block is told apart from a layer type; no type has a slash."""
    return f"{_BLOCK}{name}"


def block_in(key: str) -> str | None:
    """The name of a block; None for a layer type."""
    return key.removeprefix(_BLOCK) if key.startswith(_BLOCK) else None


def shown_name(key: str) -> str:
    """What people call it."""
    return block_in(key) or key
