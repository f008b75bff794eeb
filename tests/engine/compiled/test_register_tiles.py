"""Products in register tiles against NumPy's, in whole numbers that no order of sums rounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

numba = pytest.importorskip("numba", reason="there is no numba")

from engine.compiled.register_tiles import (  # noqa: E402
    DEPTH,
    FARTHEST,
    IS_FOR_THIS,
    ROWS,
    WIDTH,
    multiply_tiles,
    suits,
)

Array = np.ndarray[Any, Any]


@numba.njit
def product(
    a: Array, b: Array, c: Array, rows: int, columns: int, inner: int, turned: bool
) -> None:
    """``c = a @ b``, or ``a.T @ b``, of arrays that may be wider than that."""
    a_row, a_column = (1, a.shape[1]) if turned else (a.shape[1], 1)
    multiply_tiles(a.ctypes.data, a_row, a_column, b.ctypes.data, b.shape[1],
                   c.ctypes.data, c.shape[1], rows, columns, inner)  # fmt: skip


def whole(rng: np.random.Generator, *shape: int) -> Array:
    return rng.integers(-8, 9, shape).astype(np.float32)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    rows=st.integers(1, 2 * ROWS + 5),
    registers=st.integers(1, 5),
    inner=st.sampled_from([0, 1, 7, DEPTH - 1, DEPTH, DEPTH + 1, 2 * DEPTH + 3]),
    wider=st.integers(0, 3),
    turned=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_size(
    rows: int, registers: int, inner: int, wider: int, turned: bool, seed: int
) -> None:
    rng, columns = np.random.default_rng(seed), registers * WIDTH
    a = whole(rng, *((inner, rows + wider) if turned else (rows, inner + wider)))
    b = whole(rng, inner, columns + wider)
    c = np.full((rows + 1, columns + wider), np.nan, np.float32)
    product(a, b, c, rows, columns, inner, turned)
    left = a[:, :rows].T if turned else a[:, :inner]
    assert np.array_equal(c[:rows, :columns], left @ b[:, :columns])
    assert np.isnan(c[rows:]).all()
    assert np.isnan(c[:, columns:]).all()


def test_what_is_no_number_stays_in_its_place() -> None:
    a, b = np.ones((3, 4), np.float32), np.ones((4, WIDTH), np.float32)
    a[1, 2], b[0, 5] = np.nan, np.inf
    c = np.empty((3, WIDTH), np.float32)
    product(a, b, c, 3, WIDTH, 4, False)
    np.testing.assert_array_equal(c, a @ b)


def test_only_whole_registers_of_near_rows_are_suited() -> None:
    assert suits(2 * WIDTH, 2 * WIDTH, 32) is IS_FOR_THIS
    assert not suits(2 * WIDTH, WIDTH + 1, 32)
    assert not suits(FARTHEST + WIDTH, WIDTH, 32)
