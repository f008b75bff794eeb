"""The memory in which threads turn pictures into tiles' numbers and back.

First comes what all threads share, the kernel's numbers (36, C, F) and room to turn it, then a
room for each thread: :func:`parts_of`.
"""

from __future__ import annotations

from typing import Any

from engine.arrays import Array
from engine.compiled.jit import exact

SIDE, NUMBERS = 6, 36
"""A tile's side, and how many numbers it has."""

LINE = 16
"""How many numbers a line of the cache holds. Rooms begin with one: vectors would straddle two
else. And so many numbers lie between planes: those a power of two apart would share the same
few places in the cache."""


@exact
def room_sizes(geometry: Array) -> tuple[int, int]:
    """How many numbers the part that is shared holds, and how many each thread's room."""
    g = geometry[0]
    return _shared_size(g), _ends(g)[6]


@exact
def _shared_size(g: Any) -> int:
    width = g.channels * g.filters
    return lines(NUMBERS * width) + lines(g.side * g.side * width)


@exact
def parts_of(g: Any, rooms: Array, index: int) -> tuple[Array, ...]:
    """What a thread works with.

    Returns:
        The numbers of a piece's tiles (36, tiles * C and more), and of its answers (36, tiles * F
        and more). Then room for one row of tiles, before and after the first of two transforms:
        of pixels (6, step, (across + more) * C) twice, of their shares (6, across * C), of
        answers (step, step, across * F) and (6, step, across * F).
    """
    e = _ends(g)
    begin = _shared_size(g) + index * e[6]
    room, step = rooms[begin : begin + e[6]], g.step
    pixels = SIDE * step * (g.across + (SIDE - 1) // step) * g.channels
    answers = step * g.across * g.filters
    return (
        room[: e[0]].reshape(NUMBERS, e[0] // NUMBERS),
        room[e[0] : e[1]].reshape(NUMBERS, (e[1] - e[0]) // NUMBERS),
        room[e[1] : e[1] + pixels].reshape(SIDE, step, pixels // (SIDE * step)),
        room[e[2] : e[2] + pixels].reshape(SIDE, step, pixels // (SIDE * step)),
        room[e[3] : e[3] + SIDE * g.across * g.channels].reshape(SIDE, g.across * g.channels),
        room[e[4] : e[4] + step * answers].reshape(step, step, answers // step),
        room[e[5] : e[5] + SIDE * answers].reshape(SIDE, step, answers // step),
    )


@exact
def _ends(g: Any) -> tuple[int, int, int, int, int, int, int]:
    """Where each part of a thread's room ends."""
    pixels = lines(SIDE * g.step * (g.across + (SIDE - 1) // g.step) * g.channels)
    numbers = NUMBERS * (lines(g.most * g.across * g.channels) + LINE)
    products = numbers + NUMBERS * (lines(g.most * g.across * g.filters) + LINE)
    under_pixels = products + pixels
    half_pixels = under_pixels + pixels
    shares = half_pixels + lines(SIDE * g.across * g.channels)
    under_answers = shares + lines(g.step * g.step * g.across * g.filters)
    half_answers = under_answers + lines(SIDE * g.step * g.across * g.filters)
    return numbers, products, under_pixels, half_pixels, shares, under_answers, half_answers


@exact
def lines(size: int) -> int:
    """So many numbers, rounded up to whole lines of the cache."""
    return -(-size // LINE) * LINE
