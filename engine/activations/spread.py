"""Activations of large arrays on several cores."""

from __future__ import annotations

import numpy as np

from engine.activations.base import Activation
from engine.arrays import Array
from engine.compiled import loops_for
from engine.compiled.program import over_blocks
from engine.parallel import SHARDS, for_each_shard, shards

# Numbers in a part at least. Smaller parts would stay in the cache, but threads that
# call NumPy every few microseconds wait for Python's lock: they were slower than one.
PART = 262_144


def activate(activation: Activation, x: Array, out: Array | None) -> Array:
    """``activation.forward(x, out)``."""
    kinds = activation.task_kinds
    loops = loops_for(x) if kinds and (out is None or out.flags.c_contiguous) else None
    if kinds and loops is not None:
        y = np.empty(x.shape, x.dtype) if out is None else out
        over_blocks(loops, kinds[0], x.size).run(x, y)
        return y
    parts = _parts(activation, x)
    if len(parts) < 2:
        return activation.forward(x, out)
    y = np.empty_like(x) if out is None else out
    xs, ys = x.reshape(-1), y.reshape(-1)

    def work(index: int) -> None:
        target = ys[parts[index]]
        found = activation.forward(xs[parts[index]], target)
        if found is not target:
            target[...] = found

    for_each_shard(work, len(parts))
    return y


def slope(activation: Activation, dy: Array, x: Array | None, y: Array) -> Array:
    """``activation.backward(dy, x, y)``."""
    kinds = activation.task_kinds
    loops = loops_for(dy, y) if kinds else None
    if kinds and loops is not None:
        dx = np.empty(dy.shape, dy.dtype)
        over_blocks(loops, kinds[1], dy.size).run(dy, y, dx)
        return dx
    parts = _parts(activation, dy, y, y if x is None else x)
    if len(parts) < 2:
        return activation.backward(dy, x, y)
    dx = np.empty_like(dy)
    dys, ys, dxs = dy.reshape(-1), y.reshape(-1), dx.reshape(-1)
    xs = None if x is None else x.reshape(-1)

    def work(index: int) -> None:
        part = parts[index]
        of_x = None if xs is None else xs[part]
        activation.backward_into(dxs[part], dys[part], of_x, ys[part])

    for_each_shard(work, len(parts))
    return dx


def _parts(activation: Activation, *arrays: Array) -> list[slice]:
    """Parts of the flattened arrays; none where they cannot be cut, or are too small for it."""
    if arrays[0].size < 2 * PART:
        return []
    fits = activation.elementwise and all(each.flags.c_contiguous for each in arrays)
    return shards(arrays[0].size, min(SHARDS, arrays[0].size // PART)) if fits else []
