"""Small kernels by Winograd's tiles against gathered windows, on any pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.layers as ns
from engine.layers import Run
from engine.layers import winograd as tiled
from engine.layers.columns import correlate_columns, input_gradient, kernel_gradient
from engine.layers.windows import windows_on
from engine.parallel import using_threads

sizes = st.integers(1, 15)


def NUMPY_ONLY(*arrays):
    """Stands for ``loops_for`` where numba is not installed."""


def case(data, dtype):
    """Pictures of any size, a kernel, and a gradient from above."""
    size = data.draw(st.sampled_from([3, 5]))
    padding = data.draw(st.sampled_from(["same", "valid"]))
    least = size if padding == "valid" else 1
    shape = (data.draw(sizes) + least - 1, data.draw(sizes) + least - 1)
    batch, channels, filters = (data.draw(st.integers(1, 6)) for _ in range(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    windows = windows_on("Conv2D", (*shape, channels), (size, size), (1, 1), padding)
    x = rng.standard_normal((batch, *shape, channels)).astype(dtype)
    kernel = rng.standard_normal((size, size, channels, filters)).astype(dtype)
    dy = rng.standard_normal((batch, *windows.places, filters)).astype(dtype)
    return x, kernel, rng.standard_normal(filters).astype(dtype), dy, windows


def assert_all_close(found, expected, tolerance):
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        size = max(1, np.abs(theirs).max())
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * size)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 1e-5)])
@pytest.mark.parametrize("piece_bytes", [tiled.PIECE_BYTES, 3000])
@pytest.mark.parametrize("loops_for", [tiled.loops_for, NUMPY_ONLY])
def test_tiles_give_what_gathered_windows_give(
    dtype, tolerance, piece_bytes, loops_for, monkeypatch
):
    monkeypatch.setattr(tiled, "loops_for", loops_for)
    # Small pieces cut pictures by rows of tiles.
    monkeypatch.setattr(tiled, "PIECE_BYTES", piece_bytes)

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(data=st.data())
    def check(data):
        x, kernel, bias, dy, windows = case(data, dtype)
        y = tiled.correlate_tiles(x, kernel, bias, windows)
        found = tiled.tile_gradients(x, dy, kernel, windows, passes_back=True)
        expected = (
            correlate_columns(x, kernel, bias, windows, 1),
            input_gradient(x.shape, dy, kernel, windows, 1),
            *kernel_gradient(x, dy, kernel, windows, 1),
        )
        assert_all_close((y, *found), expected, tolerance)
        nothing, *rest = tiled.tile_gradients(x, dy, kernel, windows, passes_back=False)
        assert nothing is None
        assert_all_close(rest, found[1:], 0)

    check()


def test_rounding_does_little_more_harm_than_in_plain_sums():
    rng = np.random.default_rng(0)
    windows = windows_on("Conv2D", (18, 18, 64), (3, 3), (1, 1), "valid")
    x = np.maximum(rng.standard_normal((4, 18, 18, 64)), 0)
    kernel = rng.standard_normal((3, 3, 64, 32))
    exact = correlate_columns(x, kernel, None, windows, 1)
    found = tiled.correlate_tiles(x.astype(np.float32), kernel.astype(np.float32), None, windows)
    assert np.abs(found - exact).max() < 3e-6 * np.abs(exact).max()


@pytest.mark.parametrize(
    ("layer", "channels", "is_tiled"),
    [
        (ns.Conv2D(filters=32), 32, True),
        (ns.Conv2D(filters=64, kernel_size=5), 32, True),
        (ns.Conv2D(filters=32, padding="same"), 32, True),
        (ns.Conv2D(filters=32), 3, False),
        (ns.Conv2D(filters=1), 32, False),
        (ns.Conv2D(filters=32, strides=2), 32, False),
        (ns.Conv2D(filters=32, dilation_rate=2), 32, False),
        (ns.Conv2D(filters=32, groups=2), 32, False),
        (ns.Conv2D(filters=32, kernel_size=(3, 5)), 32, False),
        (ns.Conv2D(filters=32, kernel_size=1), 32, False),
    ],
    ids=repr,
)
def test_tiles_are_used_where_they_pay(layer, channels, is_tiled):
    windows = layer.windows((16, 16, channels))
    assert tiled.pays(windows, channels, layer.filters, layer.groups) is is_tiled


@pytest.mark.parametrize("size", [3, 5])
def test_the_number_of_threads_changes_no_bit(size):
    layer = ns.Conv2D(filters=32, kernel_size=size, padding="same")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((33, 21, 18, 32), np.float32)
    w = {"kernel": rng.standard_normal((size, size, 32, 32), np.float32), "bias": np.ones(32, "f")}
    assert tiled.pays(layer.windows(x.shape[1:]), 32, 32, 1)
    found = []
    for threads in (1, 2, 4):
        with using_threads(threads):
            y, kept = layer.forward(w, Run(), x)
            (dx,), grads = layer.backward(w, kept, y)
        found.append([each.tobytes() for each in (y, dx, grads["kernel"], grads["bias"])])
    assert found[0] == found[1] == found[2]


def pictures(value=1.0):
    windows = windows_on("Conv2D", (12, 12, 8), (3, 3), (1, 1), "same")
    x = np.ones((4, 12, 12, 8), np.float32)
    x[0, 0, 0, 0] = value
    kernel = np.ones((3, 3, 8, 8), np.float32)
    return x, kernel, windows


def flagged(monkeypatch):
    """Let every product set the flag of invalid operations, as BLAS does now and then."""
    matmul = np.matmul

    def with_flag(*given, **more):
        np.subtract(np.float32(np.inf), np.float32(np.inf))
        return matmul(*given, **more)

    monkeypatch.setattr(np, "matmul", with_flag)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_flag_without_an_invalid_number_is_no_warning(monkeypatch, threads):
    monkeypatch.setattr(tiled, "loops_for", NUMPY_ONLY)
    x, kernel, windows = pictures()
    expected = tiled.correlate_tiles(x, kernel, None, windows)
    flagged(monkeypatch)
    with using_threads(threads):  # a warning would be an error
        np.testing.assert_array_equal(tiled.correlate_tiles(x, kernel, None, windows), expected)
        dx, dkernel, _ = tiled.tile_gradients(x, expected, kernel, windows, True)
    assert np.isfinite(dx).all()
    assert np.isfinite(dkernel).all()


def test_an_invalid_number_is_warned_of_as_ever(monkeypatch):
    monkeypatch.setattr(tiled, "loops_for", NUMPY_ONLY)
    x, kernel, windows = pictures(np.inf)
    with pytest.warns(RuntimeWarning, match="invalid value"):
        found = tiled.correlate_tiles(x, kernel, None, windows)
    assert np.isnan(found).any()
    with pytest.raises(FloatingPointError), np.errstate(invalid="raise"):
        tiled.correlate_tiles(x, kernel, None, windows)
    with np.errstate(invalid="ignore"):
        tiled.correlate_tiles(x, kernel, None, windows)
