"""The list of tasks of a chain of Dense layers: see :mod:`engine.network.chain`.

Tasks are cut by their size alone, so the number of threads changes no bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.compiled.tasks import (
    BIAS_GRADIENT,
    FEW_INPUT_GRADIENTS,
    FORWARD,
    INPUT_GRADIENT,
    LINEAR,
    OUTSIDE,
    TASK,
    WEIGHT_GRADIENT,
)
from engine.layers.core import FEW_ROWS
from engine.parallel import shards


class Tasks(NamedTuple):
    """What is to be done for a batch.

    Attributes:
        rows: (T,) of :data:`engine.compiled.tasks.TASK`.
        groups: how many counters they need.
        is_large: whether other cores are asked for help.
        room: how many numbers lie between the layers, or come out of them.
    """

    rows: Array
    groups: int
    is_large: bool
    room: int


SPREAD_FROM = 2_000_000
"""Multiplications from which on other cores are asked for help; one takes some 35 µs to wake
up, in which a core multiplies about as often."""

PARTS, PIECE_FROM, EDGE = 4, 2_000_000, 16
"""Into how many pieces a product is cut at most, how many multiplications make one at least,
and of what its edges are multiples: BLAS computes blocks of about that size."""


class Link(NamedTuple):
    """One Dense layer of a chain.

    Attributes:
        inputs, units: the kernel's shape.
        kernel, bias: where they lie in the network's flat vectors; -1 for no bias.
        activation: what is done to each piece at once; of the last layer nothing.
    """

    inputs: int
    units: int
    kernel: int
    bias: int
    activation: int


def forward_tasks(links: Sequence[Link], batch: int) -> Tasks:
    """From the first layer to the last, each as soon as the one before is done."""
    rows: list[Array] = []
    x, y, least = OUTSIDE, 0, 0
    for group, link in enumerate(links, start=1):
        pieces = _pieces(batch, link.units, link.inputs)
        rows += [
            _task(FORWARD, link, piece, x=x, y=y, activation=link.activation,
                  needs=group - 1, least=least, done=group)
            for piece in pieces
        ]  # fmt: skip
        x, y, least = y, y + batch * link.units, len(pieces)
    size = batch * sum(link.inputs * link.units for link in links)
    return Tasks(np.array(rows), 1 + len(links), size >= SPREAD_FROM, y)


def backward_tasks(links: Sequence[Link], passes_back: bool, batch: int, is_watched: bool) -> Tasks:
    """From the last layer to the first: of each what the one before waits for, then the rest.

    Args:
        passes_back: whether the gradient of what went in is asked for.
        is_watched: whether each gradient is kept as it is before the activation's slope.
    """
    inner = batch * sum(link.inputs for link in links[1:])
    used = inner * (2 if is_watched else 1)
    room = used + batch * max(link.inputs for link in links)
    kind = FEW_INPUT_GRADIENTS if batch <= FEW_ROWS else INPUT_GRADIENT
    rest = 1 + len(links)  # the counter of what nobody waits for
    rows: list[Array] = []
    dy, least, size = OUTSIDE, 0, 0
    for index, link in reversed(list(enumerate(links))):
        group = 1 + index
        x = batch * sum(link.units for link in links[: index - 1]) if index else OUTSIDE
        dx = batch * sum(link.inputs for link in links[1:index]) if index else OUTSIDE
        common = {"x": x, "dy": dy, "needs": group + 1 if least else 0, "least": least}
        area = link.inputs * link.units
        if index or passes_back:
            before = links[index - 1].activation if index else LINEAR
            sloped = dx + (inner if is_watched and before != LINEAR else 0)
            pieces = _pieces(batch, link.inputs, link.units, kind == FEW_INPUT_GRADIENTS)
            rows += [
                _task(kind, link, piece, **common, done=group,
                      dx=dx, sloped=sloped, activation=before, room=used)
                for piece in pieces
            ]  # fmt: skip
            dy, least, size = sloped, len(pieces), size + batch * area
        rows += [
            _task(WEIGHT_GRADIENT, link, piece, **common, done=rest)
            for piece in _pieces(link.inputs, link.units, batch)
        ]
        if link.bias >= 0:
            whole = slice(0, batch), slice(0, link.units)
            rows.append(_task(BIAS_GRADIENT, link, whole, **common, done=rest))
        size += batch * area
    return Tasks(np.array(rows), 1 + rest, size >= SPREAD_FROM, room)


def _task(kind: int, link: Link, piece: tuple[slice, slice], **fields: int) -> Array:
    rows, columns = piece
    task = np.zeros((), TASK)
    fields |= {
        "kind": kind, "inputs": link.inputs, "units": link.units, "kernel": link.kernel,
        "bias": link.bias, "top": rows.start, "bottom": rows.stop,
        "left": columns.start, "right": columns.stop,
    }  # fmt: skip
    for name, value in fields.items():
        task[name] = value
    return task


def _pieces(
    rows: int, columns: int, inner: int, keeps_rows: bool = False
) -> list[tuple[slice, slice]]:
    """A product (rows, inner) @ (inner, columns) cut along its longer side, or into columns."""
    cuts_columns = keeps_rows or columns >= rows
    length = columns if cuts_columns else rows
    most = max(1, min(PARTS, rows * columns * inner // PIECE_FROM))
    parts = [
        slice(part.start * EDGE, min(part.stop * EDGE, length))
        for part in shards(-(-length // EDGE), most)
    ]
    if cuts_columns:
        return [(slice(0, rows), part) for part in parts]
    return [(part, slice(0, columns)) for part in parts]
