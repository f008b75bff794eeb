"""Products cut in pieces: the same numbers as NumPy's, on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from engine.parallel import Later, using_threads
from engine.products import LATER_FROM, SPREAD_FROM, multiply_later, product

# By rows, by columns, too small to be cut, and nothing at all.
SHAPES = [(700, 120, 130), (130, 120, 700), (5, 7, 3), (0, 7, 3)]


@pytest.fixture(params=SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def matrices(request):
    rows, inner, columns = request.param
    rng = np.random.default_rng(1)
    a, b = rng.random((rows, inner), np.float32), rng.random((inner, columns), np.float32)
    return a, b, rng.random(columns, np.float32)


def test_the_shapes_are_on_both_sides_of_the_thresholds():
    sizes = [rows * inner * columns for rows, inner, columns in SHAPES]
    assert max(sizes) > SPREAD_FROM > LATER_FROM > min(sizes)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_product_plus_a_vector(matrices, threads):
    a, b, vector = matrices
    with using_threads(threads):
        np.testing.assert_allclose(product(a, b), a @ b, rtol=1e-5)
        np.testing.assert_allclose(product(a, b, vector), a @ b + vector, rtol=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_product_that_is_worked_out_later(matrices, threads):
    a, b, _ = matrices
    out = np.full((len(a), b.shape[1]), np.nan, np.float32)
    with using_threads(threads), Later() as later:
        multiply_later(later, a, b, out)
    np.testing.assert_allclose(out, a @ b, rtol=1e-5)


def test_bits_do_not_depend_on_the_number_of_threads(matrices):
    a, b, vector = matrices
    found = []
    for threads in (1, 2, 4):
        with using_threads(threads):
            found.append(product(a, b, vector))
    assert all(np.array_equal(found[0], each) for each in found[1:])
