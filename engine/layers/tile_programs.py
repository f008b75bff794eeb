"""Winograd's tiles as programs of compiled tasks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

import numpy as np

from engine.arrays import Array, Shape
from engine.compiled.program import Program
from engine.compiled.tasks import CORRELATE, TASK, TILE_GRADIENTS
from engine.layers.pieces import Piece
from engine.layers.tiles import NUMBERS, POINTS, Tiles, Transforms
from engine.parallel import most_threads

# How many bytes of memory go into the cache together.
LINE = 64

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
    loops: ModuleType, sizes: Sizes, turn: Transforms, x: Array, factors: Array, bias: Array | None
) -> Array:
    """What a convolution gives, (B, *places, filters).

    Args:
        factors: the kernel's numbers, (36, C, filters).
    """
    program, rooms = _program(loops, CORRELATE, sizes, True)
    y = np.empty(sizes.answers, x.dtype)
    if bias is None:
        bias = np.zeros(sizes.answers[-1], x.dtype)
    program.run(_rooms(rooms), _numbers(turn), x, factors, bias, y)
    return y


def gradients(
    loops: ModuleType, sizes: Sizes, turn: Transforms, x: Array, dy: Array, turned: Array,
    passes_back: bool,
) -> tuple[Array | None, Array, Array]:  # fmt: skip
    """What the pictures get, and what kernel and bias get from each part.

    Args:
        turned: the kernel's numbers, (36, filters, C).

    Returns:
        (B, H, W, C), where it is wanted, (parts, 36, C, filters) and (parts, filters).
    """
    program, rooms = _program(loops, TILE_GRADIENTS, sizes, passes_back)
    filters, channels = turned.shape[1:]
    totals = np.empty((len(sizes.parts), NUMBERS, channels, filters), x.dtype)
    bias_sums = np.empty((len(sizes.parts), filters), x.dtype)
    dx = np.empty(sizes.pictures if passes_back else 0, x.dtype)
    program.run(_rooms(rooms), _numbers(turn), x, dy, turned, bias_sums, totals, dx)
    return dx if passes_back else None, totals, bias_sums


@lru_cache(64)
def _program(loops: ModuleType, kind: int, sizes: Sizes, passes_back: bool) -> tuple[Program, int]:
    """The program, and how many numbers the rooms of all threads hold."""
    tiles, channels, filters = sizes.tiles, sizes.pictures[-1], sizes.answers[-1]
    pieces = [piece for part in sizes.parts for piece in part]
    most = max((end - first) * (bottom - top) for first, end, top, bottom in pieces)
    numbers = [
        tiles.step, *tiles.before, tiles.across, channels, filters,
        *sizes.pictures[:3], *sizes.answers[1:3], most,
        *(each for piece in pieces for each in piece),
    ]  # fmt: skip
    rows = np.zeros(len(sizes.parts), TASK)
    rows["kind"] = kind
    rows["bottom"] = np.cumsum([len(part) for part in sizes.parts])
    rows["top"][1:] = rows["bottom"][:-1]
    index = np.arange(len(rows))
    rows["y"], rows["dy"] = NUMBERS * channels * filters * index, filters * index
    rows["dx"] = 0 if passes_back else -1
    of_each: int = loops.room_size(np.array(numbers, np.int64))
    program = Program(loops, loops.tiles_work, rows, 1, 0, len(rows) > 1, numbers)
    return program, min(len(rows), most_threads()) * of_each


def _rooms(count: int) -> Array:
    """Memory for so many numbers, which begins with one of the cache's lines."""
    line = LINE // 4
    room = np.empty(count + line, np.float32)
    start = -(room.ctypes.data // 4) % line
    return room[start : start + count]


def _numbers(turn: Transforms) -> Array:
    """What the compiled transforms multiply by."""
    return np.array([*turn.pixels_by_side[TERMS], *POINTS[1::2]], np.float32)
