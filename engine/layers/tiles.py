"""Winograd's tiles: how they lie on pictures, and what turns them into numbers and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from engine.arrays import Array

# A tile's side, and how many numbers it has.
SIDE = 6
NUMBERS = SIDE * SIDE

# Where the polynomials behind the transforms are evaluated, besides infinity. With
# the paper's 0, ±1, ±2, rounding in single precision does two to four times the harm.
POINTS = (0.0, 0.75, -0.75, 1.5, -1.5)


@dataclass(frozen=True, slots=True)
class Tiles:
    """How pictures are covered with tiles.

    Attributes:
        step: how many answers a tile gives per side, so how far apart tiles begin.
        before: padding at the top and left, in pixels.
        down, across: how many tiles lie below and beside each other.
    """

    step: int
    before: tuple[int, int]
    down: int
    across: int


@dataclass(frozen=True, slots=True)
class Transforms:
    """The matrices that turn flattened squares into 36 numbers and back.

    Attributes:
        pixels: (36, 36).
        kernel: (36, kernel size squared).
        answers: (step squared, 36).
        pixels_by_side: what :attr:`pixels` does along one side, (6, 6).
    """

    pixels: Array
    kernel: Array
    answers: Array
    pixels_by_side: Array


@cache
def transforms(size: int, dtype: Any) -> Transforms:
    """The transforms for a kernel of ``size`` × ``size``, from Toom and Cook.

    One side's transforms evaluate polynomials at the points, or solve for them;
    in two directions they are applied one after the other, which is one matrix.
    """
    step = SIDE + 1 - size

    def evaluated(count: int) -> Array:
        rows = [[point**power for power in range(count)] for point in POINTS]
        return np.array([*rows, [0.0] * (count - 1) + [1.0]])

    answers, kernel = evaluated(step).T, evaluated(size)
    pixels = np.linalg.inv(evaluated(SIDE)).T
    # Numbers of like size on both sides of the products.
    scale = np.abs(kernel).sum(axis=1, keepdims=True)
    pixels = pixels * scale

    def both(side: Array) -> Array:
        return np.kron(side, side).astype(dtype)

    return Transforms(both(pixels), both(kernel / scale), both(answers), pixels.astype(dtype))
