"""Compiled exponentials and what is made of them, against NumPy in double precision.

Errors are counted in units in the last place of single precision (ulp).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.activations import Sigmoid, Softmax, Tanh
from engine.compiled import loops_for

numba = pytest.importorskip("numba", reason="there is no numba")

from engine.compiled.curves import exponential  # noqa: E402 needs numba

Array = np.ndarray[Any, Any]

TINY = float(np.finfo(np.float32).tiny)
"""The smallest normal number; below it digits are lost."""

LENGTHS = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 1001]


@numba.njit
def _exponentials(x: Array, out: Array) -> None:
    for i in range(len(x)):
        out[i] = exponential(x[i])


def exponentials(x: Array) -> Array:
    out = np.empty_like(x)
    _exponentials(x, out)
    return out


def sigmoid(x: Array) -> Array:
    """In double precision."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x.astype(np.float64)))


def tanh(x: Array) -> Array:
    """In double precision."""
    return np.tanh(x.astype(np.float64))


@pytest.fixture(scope="module")
def every_size() -> Array:
    """Finite numbers of every sign and exponent, and more of those where curves bend."""
    bits = np.arange(0, 2**32, 5003, np.uint64).astype(np.uint32)
    far = bits.view(np.float32)
    near = np.concatenate([np.linspace(-105, 95, 200_001), np.linspace(-10, 10, 200_001)])
    return np.concatenate([far[np.isfinite(far)], near.astype(np.float32)])


def ulps(found: Array, expected: Array) -> Array:
    """How far off each number is."""
    unit = np.spacing(np.maximum(np.abs(expected), TINY).astype(np.float32))
    return np.abs(found - expected) / unit


def test_the_exponential_is_right_to_two_ulps(every_size: Array) -> None:
    x = every_size[(every_size >= -87.3) & (every_size <= 88.37)]
    assert len(x) > 300_000
    assert ulps(exponentials(x), np.exp(x.astype(np.float64))).max() <= 2


def test_beyond_normal_numbers_the_exponential_stays_where_it_was(every_size: Array) -> None:
    ends = np.array([-np.inf, -87.3, 88.37, np.inf], np.float32)
    low, _, _, high = exponentials(ends)
    assert TINY <= low < 1.3e-38
    assert 2e38 < high < np.finfo(np.float32).max
    assert set(exponentials(every_size[every_size < -87.3])) == {low}
    assert set(exponentials(every_size[every_size > 88.37])) == {high}


def test_sigmoid_is_right_to_three_ulps(every_size: Array) -> None:
    found, expected = Sigmoid().forward(every_size), sigmoid(every_size)
    is_normal = expected >= 2 * TINY
    assert ulps(found, expected)[is_normal].max() <= 3
    assert np.abs(found - expected)[~is_normal].max() <= 2 * TINY


def test_tanh_is_right_to_five_ulps(every_size: Array) -> None:
    found, expected = Tanh().forward(every_size), tanh(every_size)
    is_normal = np.abs(expected) >= 1e-35
    assert ulps(found, expected)[is_normal].max() <= 5
    assert np.abs(found - expected)[~is_normal].max() <= 2e-42


def test_far_from_zero_tanh_is_one() -> None:
    """Else a unit at its limit would have a slope."""
    x = np.array([7.91, 9, 20, 1e4, 3e38, np.inf], np.float32)
    y = Tanh().forward(np.concatenate([x, -x]))
    assert y.tolist() == [1.0] * len(x) + [-1.0] * len(x)
    assert not Tanh().backward(np.ones_like(y), None, y).any()


@pytest.mark.parametrize("curve", [exponentials, Sigmoid().forward, Tanh().forward])
def test_what_is_no_number_stays_none(curve: Callable[[Array], Array]) -> None:
    for place in (0, 5, 36):
        x = np.linspace(-3, 3, 37, dtype=np.float32)
        expected = curve(x)
        x[place] = expected[place] = np.nan
        np.testing.assert_array_equal(curve(x), expected)


@pytest.mark.parametrize(
    ("curve", "at"),
    [
        (Sigmoid(), [(0, 0.5), (-0.0, 0.5), (np.inf, 1), (1e-45, 0.5), (-1e-39, 0.5)]),
        (Tanh(), [(0, 0), (-0.0, -0.0), (np.inf, 1), (-np.inf, -1)]),
    ],
    ids=["sigmoid", "tanh"],
)
def test_special_numbers(curve: Sigmoid | Tanh, at: list[tuple[float, float]]) -> None:
    x, expected = np.array(at, np.float32).T.copy()
    assert curve.forward(x).tobytes() == expected.tobytes()


def test_sigmoid_of_minus_infinity_is_nearly_zero() -> None:
    (y,) = Sigmoid().forward(np.array([-np.inf], np.float32))
    assert 0 <= y < TINY


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("curve", "exact"), [(Sigmoid(), sigmoid), (Tanh(), tanh)])
def test_each_number_is_by_itself(
    curve: Sigmoid | Tanh, exact: Callable[[Array], Array], length: int
) -> None:
    """Where it stands, and how many stand beside it, changes no bit; nor does the place of y."""
    x = np.random.default_rng(length).normal(0, 4, length).astype(np.float32)
    y = curve.forward(x)
    np.testing.assert_allclose(y, exact(x), rtol=1e-6)
    alone = [curve.forward(each.reshape(1)) for each in x]
    assert y.tobytes() == b"".join(each.tobytes() for each in alone)
    in_place = x.copy()
    assert curve.forward(in_place, in_place) is in_place
    assert in_place.tobytes() == y.tobytes()


@pytest.mark.parametrize("shape", [(0,), (1,), (17,), (3, 5), (2, 3, 7)])
def test_slopes(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, dy = (rng.normal(0, 2, shape).astype(np.float32) for _ in range(2))
    for curve, slope in (
        (Sigmoid(), lambda y: y * (1 - y)),
        (Tanh(), lambda y: 1 - y * y),
    ):
        y = curve.forward(x)
        dx = curve.backward(dy, None, y)
        assert (dx.shape, dx.dtype) == (shape, np.float32)
        # The difference from 1 is of numbers near it: its error is one of 1's.
        exact = dy.astype(np.float64) * slope(y.astype(np.float64))
        assert (np.abs(dx - exact) <= 3e-7 * np.abs(dy)).all()


# Softmax


def shares(x: Array) -> Array:
    """In double precision."""
    wide = np.exp(x.astype(np.float64) - x.max(axis=-1, keepdims=True))
    return wide / wide.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("spread", [0.01, 1, 10, 1e4])
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 2), (5, 3), (7, 7), (32, 10), (3, 33), (2, 1000), (2, 3, 5)]
)
def test_softmax_is_right(shape: tuple[int, ...], spread: float) -> None:
    rng = np.random.default_rng(0)
    x = (spread * rng.standard_normal(shape)).astype(np.float32)
    before = x.copy()
    y = Softmax().forward(x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(y, shares(x), rtol=1e-5, atol=2 * TINY)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-6)
    assert Softmax().forward(x, x) is x
    assert x.tobytes() == y.tobytes()


def test_softmax_of_no_samples() -> None:
    assert Softmax().forward(np.empty((0, 5), np.float32)).shape == (0, 5)


def test_softmax_takes_the_largest_numbers_there_are() -> None:
    most = np.finfo(np.float32).max
    x = np.array([[most, most, -most], [-most, 0, most], [-np.inf, 0, 0]], np.float32)
    with np.errstate(over="ignore"):  # NumPy's path says so
        y = Softmax().forward(x)
    np.testing.assert_allclose(y, [[0.5, 0.5, 0], [0, 0, 1], [0, 0.5, 0.5]], atol=2 * TINY)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, 1, 8])
def test_softmax_spoils_no_row_but_the_one_with_what_is_no_number(bad: float, place: int) -> None:
    x = np.random.default_rng(0).standard_normal((4, 9)).astype(np.float32)
    expected = Softmax().forward(x)
    x[2, place] = bad
    y = Softmax().forward(x)
    assert np.isnan(y[2, place])
    assert not np.isfinite(y[2]).all()
    kept = [0, 1, 3]
    assert y[kept].tobytes() == expected[kept].tobytes()


def test_rows_are_shared_out_along_the_last_axis_alone() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 5)).astype(np.float32)
    assert loops_for(x) is not None
    y = Softmax(axis=1).forward(x)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
