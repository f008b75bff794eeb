"""Edits that mend what is wrong with a graph; each is tried before it is offered."""

from engine.mending.fix import Fix, insert_on_edge
from engine.mending.mends import mends

__all__ = ["Fix", "insert_on_edge", "mends"]
