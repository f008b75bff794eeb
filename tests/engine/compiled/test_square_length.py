"""The length of a gradient, from which a run knows that it goes on: short ones and long ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.compiled.program import BLOCK, SPREAD_FROM, square_length
from engine.parallel import using_threads

Array = np.ndarray[Any, Any]

# Short ones are NumPy's; long ones are cut into blocks, if loops are compiled.
SIZES = [1, 2, 17, BLOCK, SPREAD_FROM - 1, SPREAD_FROM, SPREAD_FROM + 1, 9 * BLOCK + 3]
every_size = pytest.mark.parametrize("size", SIZES)


def normal(size: int) -> Array:
    return np.random.default_rng(size).standard_normal(size).astype(np.float32)


@every_size
@pytest.mark.parametrize("scale", [1e-15, 1, 1e15])
def test_it_is_right(size: int, scale: float) -> None:
    x = (normal(size) * scale).astype(np.float32)
    wide = x.astype(np.float64)
    assert square_length(x) == pytest.approx(wide @ wide, rel=2e-6)


def test_nothing_has_no_length() -> None:
    assert square_length(np.empty(0, np.float32)) == 0.0


@every_size
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38, -1e20])
@pytest.mark.parametrize("place", [0, 0.5, -1])
def test_a_number_whose_square_is_not_finite_shows(size: int, bad: float, place: float) -> None:
    x = normal(size)
    x[int(place * size) if place > 0 else int(place)] = bad
    with np.errstate(over="ignore"):
        found = square_length(x)
    assert np.isnan(found) if np.isnan(bad) else found == np.inf


@pytest.mark.parametrize("size", [SPREAD_FROM - 1, 9 * BLOCK])
def test_squares_whose_sum_overflows_show(size: int) -> None:
    x = np.full(size, 1.5e19, np.float32)
    assert np.isfinite(x[:1] ** 2).all()
    with np.errstate(over="ignore"):
        assert square_length(x) == np.inf


@pytest.mark.parametrize("size", [SPREAD_FROM - 1, 9 * BLOCK])
def test_infinity_and_what_is_no_number_are_no_number(size: int) -> None:
    x = normal(size)
    x[3], x[-3] = np.inf, np.nan
    assert np.isnan(square_length(x))


@every_size
def test_the_number_of_threads_changes_no_bit(size: int) -> None:
    x, found = normal(size), set()
    for threads in (1, 2, 5):
        with using_threads(threads):
            found |= {square_length(x) for _ in range(5)}
    assert len(found) == 1


@pytest.mark.parametrize(
    "x", [normal(SPREAD_FROM).astype(np.float64), normal(2 * SPREAD_FROM)[::2]], ids=str
)
def test_others_are_left_to_numpy(x: Array) -> None:
    assert square_length(x) == float(x @ x)
