"""Matrix products on several cores.

BLAS has threads of its own, but they wait for each other by spinning: with
anything else running on the machine, a window that draws for instance, a step
was measured to take fourteen times as long. So training keeps BLAS to one
thread and cuts large products here, by their size alone: the result does not
depend on how many threads there are.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.arrays import Array
from engine.parallel import Later, for_each_shard, shards

SPREAD_FROM, LATER_FROM = 8_000_000, 4_000_000
"""Multiplications from which on a product is spread; a thread takes some 35 µs to wake up,
which costs less where nobody waits for it."""

PARTS, PART_FROM = 4, 2_000_000
"""Into how many parts a product is cut at most, and how many multiplications make a part."""


def product(a: Array, b: Array, plus: Array | None = None) -> Array:
    """``a @ b`` for matrices (M, K) and (K, N), plus a vector (N,) if there is one."""
    if _size(a, b) < SPREAD_FROM:
        out: Array = a @ b
        if plus is not None:
            out += plus
        return out
    out = np.empty((a.shape[0], b.shape[1]), np.result_type(a, b))
    pieces = _pieces(a, b, out)

    def work(index: int) -> None:
        rows, columns = pieces[index]
        part = np.matmul(a[rows], b[:, columns], out=out[rows, columns])
        if plus is not None:
            part += plus[columns]

    for_each_shard(work, len(pieces))
    return out


def multiply_later(later: Later, a: Array, b: Array, out: Array) -> None:
    """Let ``out`` (M, N) become ``a @ b``; one too small for other cores is done at once."""
    if _size(a, b) < LATER_FROM:
        np.matmul(a, b, out=out)
        return

    def work(rows: slice, columns: slice) -> None:
        np.matmul(a[rows], b[:, columns], out=out[rows, columns])

    later.add([partial(work, *piece) for piece in _pieces(a, b, out)])


def _size(a: Array, b: Array) -> int:
    """How many multiplications a product takes."""
    size: int = a.size * b.shape[1]
    return size


def _pieces(a: Array, b: Array, out: Array) -> list[tuple[slice, slice]]:
    """A product cut along its longer side, so that the smaller factor is gone through again."""
    rows, columns = out.shape
    parts = shards(max(rows, columns), min(PARTS, _size(a, b) // PART_FROM))
    whole = slice(None)
    return [(part, whole) if rows >= columns else (whole, part) for part in parts]
