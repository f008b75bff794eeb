"""Matrix products on several cores.

BLAS has threads of its own, but they wait for each other by spinning: with
anything else running on the machine, a window that draws for instance, a step
was measured to take fourteen times as long. So training keeps BLAS to one
thread and cuts large products here, by their size alone: the result does not
depend on how many threads there are.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.parallel import for_each_shard, shards

SPREAD_FROM = 4_000_000
"""Multiplications from which on a product is spread; handing out work costs some 50 µs."""

PARTS = 4


def product(a: Array, b: Array) -> Array:
    """``a @ b`` for matrices (M, K) and (K, N)."""
    rows, columns = a.shape[0], b.shape[1]
    if rows * a.shape[1] * columns < SPREAD_FROM:
        return a @ b
    out = np.empty((rows, columns), np.result_type(a, b))
    parts = shards(max(rows, columns), PARTS)

    def by_rows(index: int) -> None:
        np.matmul(a[parts[index]], b, out=out[parts[index]])

    def by_columns(index: int) -> None:
        np.matmul(a, b[:, parts[index]], out=out[:, parts[index]])

    for_each_shard(by_rows if rows >= columns else by_columns, len(parts))
    return out
