"""Winograd's tiles as programs of compiled tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import ModuleType

import numpy as np

from engine.arrays import Array, Shape, aligned
from engine.compiled.program import Program
from engine.compiled.tasks import (
    CORRELATE,
    GEOMETRY,
    KERNEL_GRADIENT,
    KERNEL_NUMBERS,
    TASK,
    TILE_GRADIENTS,
    TURNED_KERNEL_NUMBERS,
)
from engine.layers.pieces import Piece
from engine.layers.tiles import NUMBERS, POINTS, SIDE, Tiles, transforms
from engine.parallel import SHARDS, most_threads, shards

# How many of the kernel's columns are turned together.
COLUMNS = 2048

# What the counters count: parts of the kernel that are turned, parts of the batch that are
# done, and parts of the kernel's gradient.
KERNEL, PARTS, END = range(3)

# Where the numbers that are not 0 stand in the transform of pixels along one side; those
# for a point and for its negative differ in signs alone.
TERMS = [0, 0, 0, 1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5], [0, 2, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 3, 5]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a convolution's program depends on.

    Attributes:
        pictures, answers: (B, H, W, C) and (B, *places, filters).
        parts: the tasks, of which each does some pieces; of each piece its first picture, the
            one after its last, and so for rows of tiles.
    """

    tiles: Tiles
    pictures: Shape
    answers: Shape
    parts: tuple[tuple[tuple[int, int, int, int], ...], ...]


def as_parts(parts: list[list[Piece]]) -> tuple[tuple[tuple[int, int, int, int], ...], ...]:
    """Pieces as :class:`Sizes` keeps them."""
    return tuple(tuple((a.start, a.stop, b.start, b.stop) for a, b in pieces) for pieces in parts)


def correlate(
    loops: ModuleType, sizes: Sizes, x: Array, kernel: Array, bias: Array | None
) -> Array:
    """What a convolution gives, (B, *places, filters)."""
    program, rooms = _program(loops, CORRELATE, sizes, True)
    y = np.empty(sizes.answers, x.dtype)
    if bias is None:
        bias = np.zeros(sizes.answers[-1], x.dtype)
    program.run(aligned((rooms,)), _numbers(len(kernel)), x, kernel, bias, y)
    return y


def gradients(
    loops: ModuleType, sizes: Sizes, x: Array, dy: Array, kernel: Array, passes_back: bool
) -> tuple[Array | None, Array, Array]:
    """The gradients for the pictures, where they are passed back, the kernel and the bias."""
    program, rooms = _program(loops, TILE_GRADIENTS, sizes, passes_back)
    parts, filters = len(sizes.parts), kernel.shape[-1]
    totals = np.empty(parts * (filters + NUMBERS * kernel[0, 0].size), x.dtype)
    grad, dx = np.empty_like(kernel), np.empty(sizes.pictures if passes_back else 0, x.dtype)
    program.run(aligned((rooms,)), _numbers(len(kernel)), x, kernel, dy, totals, dx, grad)
    bias = totals[: parts * filters].reshape(parts, filters).sum(axis=0)
    return dx if passes_back else None, grad, bias


@lru_cache(64)
def _program(loops: ModuleType, kind: int, sizes: Sizes, passes_back: bool) -> tuple[Program, int]:
    """The program, and how many numbers the rooms of all threads hold."""
    pieces = [piece for part in sizes.parts for piece in part]
    geometry = _geometry(sizes, pieces)
    channels, filters = int(geometry["channels"][0]), int(geometry["filters"][0])
    begin = KERNEL_NUMBERS if kind == CORRELATE else TURNED_KERNEL_NUMBERS
    count = channels * filters if kind == CORRELATE else filters
    before = _columns(begin, count, channels * filters)
    rows = np.zeros(len(sizes.parts), TASK)
    rows["kind"], rows["done"], rows["needs"], rows["least"] = kind, PARTS, KERNEL, len(before)
    rows["bottom"] = np.cumsum([len(part) for part in sizes.parts])
    rows["top"][1:] = rows["bottom"][:-1]
    index = np.arange(len(rows))
    rows["dy"] = filters * index
    rows["y"] = filters * len(rows) + NUMBERS * channels * filters * index
    rows["dx"] = 0 if passes_back else -1
    after = _columns(KERNEL_GRADIENT, channels * filters, channels * filters)
    after["done"], after["needs"], after["least"] = END, PARTS, len(rows)
    tasks = np.concatenate([before, rows, after] if kind == TILE_GRADIENTS else [before, rows])
    words = (geometry.view(np.int64), np.array(pieces, np.int64).reshape(-1))
    program = Program(loops, loops.tiles_work, tasks, 3, 0, len(rows) > 1, np.concatenate(words))
    shared, of_each = loops.room_sizes(geometry)
    return program, shared + min(len(tasks), most_threads()) * of_each


def _columns(kind: int, count: int, size: int) -> Array:
    """Tasks for parts of so many columns of a kernel of this size."""
    parts = shards(count, min(SHARDS, -(-size // COLUMNS)))
    rows = np.zeros(len(parts), TASK)
    rows["kind"], rows["done"] = kind, KERNEL
    rows["left"], rows["right"] = zip(*((part.start, part.stop) for part in parts), strict=True)
    return rows


def _geometry(sizes: Sizes, pieces: Sequence[tuple[int, int, int, int]]) -> Array:
    tiles, geometry = sizes.tiles, np.zeros(1, GEOMETRY)
    for name, value in {
        "step": tiles.step,
        "top": tiles.before[0],
        "left": tiles.before[1],
        "across": tiles.across,
        "side": SIDE + 1 - tiles.step,
        "channels": sizes.pictures[-1],
        "filters": sizes.answers[-1],
        "batch": sizes.pictures[0],
        "high": sizes.pictures[1],
        "wide": sizes.pictures[2],
        "down": sizes.answers[1],
        "over": sizes.answers[2],
        "most": max((end - first) * (bottom - top) for first, end, top, bottom in pieces),
        "parts": len(sizes.parts),
    }.items():
        geometry[name] = value
    return geometry


@cache
def _numbers(side: int) -> Array:
    """What the compiled transforms multiply by, for kernels of this side."""
    turn = transforms(side, np.dtype(np.float32))
    parts = turn.pixels_by_side[TERMS], POINTS[1::2], turn.kernel.reshape(-1)
    return np.concatenate(parts).astype(np.float32)
