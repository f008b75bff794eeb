"""Axes as settings name them: counted as in Keras, where 0 is the batch."""

from __future__ import annotations

from engine.errors import ShapeError


def sample_axis(kind: str, axis: int, rank: int) -> int:
    """The place of an axis among those of one sample, from 0.

    Args:
        kind: the layer's name, for messages.
        axis: 1 is the first axis of a sample, -1 the last.
        rank: how many axes a sample has.

    Raises:
        ShapeError: a sample has no such axis.
    """
    # Axis 0 is the batch, whose samples are not to be mixed.
    place = axis - 1 if axis >= 0 else axis + rank
    if not 0 <= place < rank:
        raise ShapeError(
            f"{kind} works on axis {axis}, which an input with {rank} "
            f"{'axis' if rank == 1 else 'axes'} does not have.",
            f"Choose -1, or a number from 1 to {rank}." if rank else "Put a Reshape before it.",
            needs=f"at least {max(abs(axis), 1)} axes" if abs(axis) > 1 else "at least one axis",
        )
    return place
