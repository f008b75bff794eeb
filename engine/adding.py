"""Sums of large arrays on several cores."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.compiled import loops_for
from engine.compiled.program import over_blocks
from engine.compiled.tasks import ADD
from engine.parallel import for_each_shard, shards

# From how many numbers other cores are asked for help.
LARGE = 1 << 18


def added(x: Array, y: Array, out: Array | None = None) -> Array:
    """``x + y``, which may stretch as NumPy's do.

    Args:
        out: where it is written to; it may be one of them.
    """
    if x.shape != y.shape or x.dtype != y.dtype or x.size < LARGE:
        return np.add(x, y, out=out)
    total = np.empty(x.shape, x.dtype) if out is None else out
    loops, parts = loops_for(x, y, total), shards(len(x))
    if loops is not None:
        over_blocks(loops, ADD, x.size).run(x, y, total)
        return total

    def work(part: int) -> None:
        here = parts[part]
        np.add(x[here], y[here], out=total[here])

    for_each_shard(work, len(parts))
    return total
