"""Compiled loops against the NumPy code beside which they stand."""

from __future__ import annotations

import numpy as np
import pytest

import engine as ns
from engine import compiled
from engine.activations import Relu, activate, slope, spread
from engine.layers import BatchNormalization, MaxPooling2D, Run, normalization, pooling, winograd
from engine.losses import Loss
from engine.network import Network
from engine.optimizers import Adam, AdamW, adam
from engine.parallel import using_threads

pytest.importorskip("numba", reason="there is no numba")

USERS = (adam, spread, pooling, normalization, winograd)


@pytest.fixture
def both_ways(monkeypatch):
    """Calls a function with compiled loops, and with NumPy alone; both results."""

    def call(function):
        found = [function()]
        with monkeypatch.context() as patch:
            for module in USERS:
                patch.setattr(module, "loops_for", lambda *arrays: None)
            found.append(function())
        return found

    return call


def normal(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def test_they_are_used_where_they_are_installed():
    assert compiled.is_compiled()
    assert compiled.loops_for(normal(3, 4)) is not None


@pytest.mark.parametrize("array", [normal(4).astype(np.float64), normal(4, 4).T, normal(4)[::2]])
def test_they_take_single_precision_in_one_piece_of_memory(array):
    assert compiled.loops_for(normal(3), array) is None


def test_the_environment_can_keep_to_numpy(monkeypatch):
    monkeypatch.setenv(compiled.OFF, "1")
    compiled._loops.cache_clear()
    try:
        assert not compiled.is_compiled()
    finally:
        monkeypatch.undo()
        compiled._loops.cache_clear()


@pytest.mark.parametrize("optimizer", [Adam(), AdamW(), Adam(beta_1=0.5, epsilon=0.1)], ids=repr)
def test_adam_changes_no_bit(optimizer, both_ways):
    def steps():
        w = normal(1001)
        state = optimizer.start(w)
        for step in range(1, 6):
            optimizer.step(w, np.sin(step * w), state, step, 0.01)
        return [each.tobytes() for each in (w, *state.values())]

    ours, numpys = both_ways(steps)
    assert ours == numpys


def test_the_slope_of_relu_changes_no_bit(both_ways):
    dy, y = normal(64), np.maximum(normal(64), 0)
    dy[:4] = [np.inf, -np.inf, np.nan, -0.0]
    y[4] = np.nan

    def bits():
        return slope(Relu(), dy, None, y).view(np.int32).tolist()

    with np.errstate(invalid="ignore"):
        ours, numpys = both_ways(bits)
    finite = np.isfinite(dy)
    assert np.array_equal(np.array(ours)[finite], np.array(numpys)[finite])
    both = (np.array(each, np.int32).view(np.float32) for each in (ours, numpys))
    np.testing.assert_array_equal(*both)


@pytest.mark.parametrize("in_place", [True, False])
def test_relu_changes_no_number(in_place, both_ways):
    given = normal(100)
    given[:5] = [np.inf, -np.inf, np.nan, -0.0, 0]

    def values():
        x = given.copy()
        y = activate(Relu(), x, x if in_place else None)
        assert (y is x) is in_place
        return y

    np.testing.assert_array_equal(*both_ways(values))


@pytest.mark.parametrize("shape", [(5, 8, 6, 3), (2, 7, 9, 20), (1, 2, 2, 1)])
def test_pooling_changes_no_bit(shape, both_ways):
    x = np.maximum(normal(*shape), 0)  # with ties
    x[:, 0, 0] = np.nan

    def both_passes():
        layer = MaxPooling2D(padding="valid")
        y, kept = layer.forward({}, Run(), x)
        (dx,), _ = layer.backward({}, kept, normal(*y.shape))
        return y.tobytes(), dx.tobytes()

    ours, numpys = both_ways(both_passes)
    assert ours == numpys


@pytest.mark.parametrize("mean", [0, 30], ids=["near 0", "far from 0"])
@pytest.mark.parametrize("shape", [(40, 9, 9, 8), (300, 5)])
def test_normalization_gives_the_same(mean, shape, both_ways):
    x = normal(*shape) + np.float32(mean)
    layer = BatchNormalization()
    specs = layer.weights((shape[1:],))
    w = {name: np.full(spec.shape, 0.5, np.float32) for name, spec in specs.items()}

    def both_passes():
        y, kept = layer.forward(w, Run(training=True), x)
        (dx,), grads = layer.backward(w, kept, normal(*shape)[::-1].copy())
        return y, dx, grads["gamma"], grads["beta"]

    for ours, numpys in zip(*both_ways(both_passes), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, numpys, rtol=1e-5, atol=1e-5 * np.abs(numpys).max())


def small_network():
    layers = [
        ns.layers.Conv2D(filters=16, padding="same"),
        ns.layers.BatchNormalization(),
        ns.layers.Activation(activation="relu"),
        ns.layers.MaxPooling2D(),
        ns.layers.Conv2D(filters=16, kernel_size=5, padding="same", activation="relu"),
        ns.layers.Flatten(),
        ns.layers.Dense(units=4, activation="softmax"),
    ]
    return Network(ns.Graph.sequential((12, 12, 16), layers), seed=0)


def trained(threads):
    network, optimizer = small_network(), Adam()
    state = optimizer.start(network.trained)
    x, labels = normal(24, 12, 12, 16), np.arange(24) % 4
    loss = Loss.parse("sparse_categorical_crossentropy")
    with using_threads(threads):
        for step in range(1, 4):
            network.loss_and_gradients(
                x, {network.graph.outputs[0]: labels}, loss, Run(training=True)
            )
            optimizer.step(network.trained, network.gradients, state, step, 1e-3)
    return network.trained


def test_a_network_learns_the_same_both_ways(both_ways):
    ours, numpys = both_ways(lambda: trained(2))
    np.testing.assert_allclose(ours, numpys, rtol=0, atol=3e-4)
    assert np.abs(ours - numpys).mean() < 1e-6


def test_the_number_of_threads_changes_no_bit():
    one, two, five = (trained(threads).tobytes() for threads in (1, 2, 5))
    assert one == two == five
