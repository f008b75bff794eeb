"""What single layers do that no contract covers."""

from __future__ import annotations

import numpy as np
import pytest

import engine.layers as ns
from engine.errors import ShapeError
from engine.layers import Run
from engine.layers.columns import PIECE_BYTES
from engine.layers.rows import add_to_rows, column_sums
from engine.parallel import using_threads


def test_dropout_drops_its_share_and_keeps_the_mean():
    x = np.ones((200, 500), np.float32)
    y, mask = ns.Dropout(rate=0.3).forward({}, Run(training=True, rng=np.random.default_rng(0)), x)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.7)}
    (dx,), _ = ns.Dropout(rate=0.3).backward({}, mask, x)
    np.testing.assert_array_equal(dx, y)


def test_dropout_repeats_with_its_generator():
    x = np.ones((5, 50), np.float32)
    a, b, c = (
        ns.Dropout().forward({}, Run(training=True, rng=np.random.default_rng(seed)), x)[0]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_dropout_does_nothing_outside_of_training():
    x = np.ones((2, 3), np.float32)
    assert ns.Dropout().forward({}, Run(), x)[0] is x


def test_spatial_dropout_drops_whole_channels():
    for layer, shape in (
        (ns.SpatialDropout1D(), (30, 9, 20)),
        (ns.SpatialDropout2D(), (9, 4, 5, 9)),
    ):
        y, _ = layer.forward({}, Run(training=True), np.ones(shape, np.float32))
        flat = y.reshape(shape[0], -1, shape[-1])
        assert (flat == flat[:, :1]).all()
        assert set(np.unique(y)) == {0, 2}


def test_gaussian_layers_have_the_spread_of_keras():
    x, run = np.ones((300, 300), np.float32), Run(training=True, rng=np.random.default_rng(0))
    noisy = ns.GaussianNoise(stddev=0.3).forward({}, run, x)[0]
    times = ns.GaussianDropout(rate=0.2).forward({}, run, 3 * x)[0]
    assert (noisy.mean(), noisy.std()) == pytest.approx((1, 0.3), abs=0.01)
    assert (times.mean(), times.std()) == pytest.approx((3, 1.5), abs=0.02)
    assert ns.GaussianNoise().forward({}, Run(), x)[0] is x
    assert ns.GaussianDropout().forward({}, Run(), x)[0] is x


def test_equal_numbers_share_the_gradient_of_a_maximum():
    x = np.ones((1, 2))
    layer = ns.Maximum()
    kept = layer.forward({}, Run(), x, x)[1]
    a, b = layer.backward({}, kept, np.full((1, 2), 4.0))[0]
    np.testing.assert_array_equal([a, b], np.full((2, 1, 2), 2.0))


def test_a_frozen_batch_normalization_stays_as_it_is():
    x = np.random.default_rng(0).normal(3, 2, (20, 4))
    layer, run = ns.BatchNormalization(trainable=False), Run(training=True)
    assert not any(spec.trainable for spec in layer.weight_specs(((4,),)).values())
    w = {name: spec.initializer.draw(spec.shape, run.rng) + 0.5
         for name, spec in layer.weight_specs(((4,),)).items()}  # fmt: skip
    y, _ = layer.forward(w, run, x)
    np.testing.assert_array_equal(y, layer.forward(w, Run(), x)[0])
    assert not run.updates


@pytest.mark.parametrize("bad", [-1, 4, 1e30, float("nan"), float("inf")])
def test_numbers_that_an_embedding_does_not_have_are_explained(bad):
    layer = ns.Embedding(input_dim=4, output_dim=2)
    w = {"embeddings": np.arange(8.0).reshape(4, 2)}
    np.testing.assert_array_equal(layer.forward(w, Run(), np.array([[3.0]]))[0], [[[6, 7]]])
    with pytest.raises(ShapeError, match=f"0 to 3, but the number {bad:g}".replace("+", ".")):
        layer.forward(w, Run(), np.array([[0.0, bad]]))


def test_the_shares_of_a_word_seen_twice_are_added():
    layer = ns.Embedding(input_dim=4, output_dim=2)
    w = {"embeddings": np.zeros((4, 2))}
    kept = layer.forward(w, Run(), np.array([[2.0, 0.0, 2.0]]))[1]
    dy = np.arange(1.0, 7).reshape(1, 3, 2)
    grads = layer.backward(w, kept, dy)[1]
    np.testing.assert_array_equal(grads["embeddings"], [[3, 4], [0, 0], [6, 8], [0, 0]])


def test_batch_normalization_of_a_constant_batch_is_finite():
    layer = ns.BatchNormalization()
    w = {"gamma": np.ones(2), "beta": np.full(2, 0.5)}
    w |= {"moving_mean": np.zeros(2), "moving_variance": np.ones(2)}
    y, kept = layer.forward(w, Run(training=True), np.full((4, 2), 1e4))
    np.testing.assert_allclose(y, 0.5)
    (dx,), _ = layer.backward(w, kept, np.ones((4, 2)))
    assert np.isfinite(dx).all()


def test_batch_normalization_keeps_digits_far_from_zero():
    rng = np.random.default_rng(0)
    x = (1000 + rng.standard_normal((4000, 3))).astype(np.float32)
    run = Run(training=True)
    w = {"moving_mean": np.zeros(3, np.float32), "moving_variance": np.ones(3, np.float32)}
    layer = ns.BatchNormalization(momentum=0, center=False, scale=False)
    y, _ = layer.forward(w, run, x)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(run.updates["moving_variance"], exact.var(axis=0), rtol=1e-5)
    expected = (exact - exact.mean(axis=0)) / np.sqrt(exact.var(axis=0) + 1e-3)
    np.testing.assert_allclose(y, expected, atol=1e-3)


def test_batch_normalization_does_not_care_where_zero_is():
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, 4000, 3))
    w = {"gamma": rng.uniform(1, 2, 3), "beta": rng.standard_normal(3)}
    w |= {"moving_mean": np.zeros(3), "moving_variance": np.ones(3)}
    found = []
    for shift in (0, 50):
        run = Run(training=True)
        y, kept = ns.BatchNormalization().forward(w, run, x + shift)
        (dx,), grads = ns.BatchNormalization().backward(w, kept, dy)
        found.append((y, dx, grads["gamma"], grads["beta"], run.updates["moving_variance"]))
    for near, far in zip(*found, strict=True):
        np.testing.assert_allclose(far, near, rtol=1e-9, atol=1e-9)


def test_textbook_convolution_and_pooling():
    picture = np.zeros((1, 5, 5, 1), np.float32)
    picture[0, :, :, 0] = [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]
    kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], np.float32).reshape(3, 3, 1, 1)
    conv = ns.Conv2D(filters=1, kernel_size=3, use_bias=False)
    y = conv.forward({"kernel": kernel}, Run(), picture)[0]
    np.testing.assert_array_equal(y[0, :, :, 0], [[4, 3, 4], [2, 4, 3], [2, 3, 4]])

    grid = np.array(
        [[12, 20, 30, 0], [8, 12, 2, 0], [34, 70, 37, 4], [112, 100, 25, 12]], np.float32
    )
    grid = grid.reshape(1, 4, 4, 1)
    largest = ns.MaxPooling2D().forward({}, Run(), grid)[0]
    mean = ns.AveragePooling2D().forward({}, Run(), grid)[0]
    np.testing.assert_array_equal(largest[0, :, :, 0], [[20, 30], [112, 37]])
    np.testing.assert_array_equal(mean[0, :, :, 0], [[13, 8], [79, 19.5]])


def test_textbook_sum_over_three_channels():
    # Of each channel one window: 298 - 491 + 487 and the bias 1 make 295.
    picture = np.array([298, 491, 487], np.float32).reshape(1, 1, 1, 3)
    kernel = np.array([1, -1, 1], np.float32).reshape(1, 1, 3, 1)
    w = {"kernel": kernel, "bias": np.ones(1, np.float32)}
    assert ns.Conv2D(filters=1, kernel_size=1).forward(w, Run(), picture)[0].item() == 295
    w = {"kernel": kernel, "bias": np.zeros(3, np.float32)}
    each = ns.DepthwiseConv2D(kernel_size=1).forward(w, Run(), picture)[0]
    np.testing.assert_array_equal(each.ravel(), [298, -491, 487])


def test_textbook_blur_and_edge():
    picture = np.zeros((1, 4, 5, 1), np.float32)
    picture[0, :, 2:] = 9
    blur = {"kernel": np.full((3, 3, 1, 1), 1 / 9, np.float32)}
    y = ns.Conv2D(filters=1, kernel_size=3, use_bias=False).forward(blur, Run(), picture)[0]
    np.testing.assert_allclose(y[0, :, :, 0], [[3, 6, 9]] * 2, rtol=1e-6)
    edge = {"kernel": np.array([-1, 1], np.float32).reshape(1, 2, 1, 1)}
    y = ns.Conv2D(filters=1, kernel_size=(1, 2), use_bias=False).forward(edge, Run(), picture)[0]
    np.testing.assert_array_equal(y[0, :, :, 0], [[0, 9, 0, 0]] * 4)


def test_the_first_of_equal_values_gets_the_gradient():
    x = np.zeros((1, 2, 2, 1), np.float32)
    layer = ns.MaxPooling2D()
    y, kept = layer.forward({}, Run(), x)
    (dx,), _ = layer.backward({}, kept, np.full_like(y, 3))
    np.testing.assert_array_equal(dx.ravel(), [3, 0, 0, 0])


def test_a_picture_too_large_for_the_cache_is_cut_by_rows():
    layer = ns.Conv2D(filters=2, kernel_size=3, padding="same", strides=2)
    x = np.random.default_rng(0).standard_normal((2, 200, 220, 8))
    windows = layer.windows(x.shape[1:])
    assert windows.places[0] * windows.places[1] * 72 * x.itemsize > 2 * PIECE_BYTES
    rng = np.random.default_rng(1)
    w = {"kernel": rng.standard_normal((3, 3, 8, 2)), "bias": rng.standard_normal(2)}
    y, kept = layer.forward(w, Run(), x)
    padded = windows.pad(x)
    expected = w["bias"] + sum(
        windows.at(padded, i, j) @ w["kernel"][i, j] for i, j in windows.offsets
    )
    np.testing.assert_allclose(y, expected, atol=1e-10)
    dy = rng.standard_normal(y.shape)
    (dx,), grads = layer.backward(w, kept, dy)
    for i, j in windows.offsets:
        slope = np.tensordot(windows.at(padded, i, j), dy, axes=([0, 1, 2], [0, 1, 2]))
        np.testing.assert_allclose(grads["kernel"][i, j], slope, atol=1e-8)
    np.testing.assert_allclose(grads["bias"], dy.sum(axis=(0, 1, 2)), atol=1e-8)
    # The product of a linear map's gradient and its input is that of output and dy.
    assert (dx * x).sum() == pytest.approx(((y - w["bias"]) * dy).sum(), rel=1e-9)


@pytest.mark.parametrize(("count", "width"), [(0, 3), (1, 5), (7, 3), (64, 3), (96, 1), (8, 5000)])
def test_long_rows_give_the_same_sums(count, width):
    rows = np.random.default_rng(0).standard_normal((count, width))
    np.testing.assert_allclose(column_sums(rows), rows.sum(axis=0), atol=1e-12)
    changed = rows.copy()
    add_to_rows(changed, np.arange(float(width)))
    np.testing.assert_array_equal(changed, rows + np.arange(float(width)))


def test_the_number_of_threads_changes_no_bit():
    layer = ns.Conv2D(filters=16, kernel_size=3)
    x = np.random.default_rng(0).standard_normal((33, 20, 20, 16), np.float32)
    rng = np.random.default_rng(1)
    w = {"kernel": rng.standard_normal((3, 3, 16, 16), np.float32), "bias": np.ones(16, np.float32)}
    found = []
    for threads in (1, 2, 2):
        with using_threads(threads):
            y, kept = layer.forward(w, Run(), x)
            (dx,), grads = layer.backward(w, kept, y)
        found.append((y.tobytes(), dx.tobytes(), grads["kernel"].tobytes()))
    assert found[0] == found[1] == found[2]
