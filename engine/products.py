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

SPREAD_FROM = 8_000_000
"""Multiplications from which on products are spread; a thread takes some 35 µs to wake up."""

PARTS, PART_FROM = 4, 2_000_000
"""Into how many parts a product is cut at most, and how many multiplications make a part."""

Product = tuple[Array, Array, Array]
"""Matrices (M, K) and (K, N), and where their product (M, N) goes."""


def product(a: Array, b: Array) -> Array:
    """``a @ b`` for matrices (M, K) and (K, N)."""
    out = np.empty((a.shape[0], b.shape[1]), np.result_type(a, b))
    multiply((a, b, out))
    return out


def multiply(*products: Product) -> None:
    """Work out products that do not need each other, all at once."""
    if sum(map(_size, products)) < SPREAD_FROM:
        for a, b, out in products:
            np.matmul(a, b, out=out)
        return
    pieces = [piece for each in products for piece in _pieces(each)]

    def work(index: int) -> None:
        a, b, out = pieces[index]
        np.matmul(a, b, out=out)

    for_each_shard(work, len(pieces))


def _size(product: Product) -> int:
    """How many multiplications it takes."""
    a, _, out = product
    return out.size * a.shape[1]


def _pieces(product: Product) -> list[Product]:
    """A product cut along its longer side, so that the smaller factor is gone through again."""
    a, b, out = product
    rows, columns = out.shape
    parts = shards(max(rows, columns), min(PARTS, max(1, _size(product) // PART_FROM)))
    if rows >= columns:
        return [(a[part], b, out[part]) for part in parts]
    return [(a, b[:, part], out[:, part]) for part in parts]
