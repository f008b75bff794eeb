"""Activations: gradients, Keras as the second opinion, extreme inputs."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "jax"

from engine.activations import Activation, spread
from engine.errors import SettingError

SAMPLES = [
    Activation.parse(value)
    for value in (
        *Activation.kinds,
        {"type": "leaky_relu", "negative_slope": 0},
        {"type": "leaky_relu", "negative_slope": 0.9},
        {"type": "elu", "alpha": 0.3},
        {"type": "elu", "alpha": 2.5},
        {"type": "gelu", "approximate": True},
        {"type": "relu", "max_value": 2},
        {"type": "relu", "negative_slope": 0.3},
        {"type": "relu", "threshold": 1.5},
        {"type": "relu", "max_value": 3, "negative_slope": 0.1, "threshold": 0.7},
        {"type": "relu", "max_value": 6, "negative_slope": 0.1},
        {"type": "relu", "max_value": 1, "threshold": 2},
        {"type": "softmax", "axis": 1},
        {"type": "log_softmax", "axis": 1},
    )
]
SURROGATES = [
    Activation.parse({"type": "binary_step", "gradient": gradient})
    for gradient in ("straight_through", "clipped")
]
OURS = {"binary_step", "arctan"}
"""What Keras does not have."""


def named(activation: Activation) -> str:
    return str(activation.to_json())


every = pytest.mark.parametrize("activation", SAMPLES, ids=named)
every_and_surrogates = pytest.mark.parametrize("activation", SAMPLES + SURROGATES, ids=named)
in_keras = pytest.mark.parametrize(
    "activation", [each for each in SAMPLES if each.kind not in OURS], ids=named
)


def test_every_kind_is_sampled():
    assert {activation.kind for activation in SAMPLES} == set(Activation.kinds)


def away_from_zero(dtype) -> np.ndarray:
    """Numbers from -5 to 5 in random order, none close to the kink at 0."""
    values = np.linspace(-5, 5, 60)
    return np.random.default_rng(0).permutation(values).reshape(3, 4, 5).astype(dtype)


@every
def test_gradient_is_the_slope(activation):
    x = away_from_zero(np.float64)
    rng = np.random.default_rng(1)
    dy, along = rng.normal(size=x.shape), rng.normal(size=x.shape)
    y = activation.forward(x)
    dx = activation.backward(dy, x if activation.keeps_input else None, y)
    step = 1e-6
    slope = (activation.forward(x + step * along) - activation.forward(x - step * along)) * dy
    assert slope.sum() / (2 * step) == pytest.approx((dx * along).sum(), rel=1e-7, abs=1e-7)


@every_and_surrogates
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_stays_and_nothing_is_written_to(activation, dtype):
    x = away_from_zero(dtype)
    x.flags.writeable = False
    y = activation.forward(x)
    y.flags.writeable = False
    dy = np.ones_like(x)
    dy.flags.writeable = False
    dx = activation.backward(dy, x if activation.keeps_input else None, y)
    assert y.dtype == dx.dtype == dtype
    assert y.shape == dx.shape == x.shape


@every_and_surrogates
def test_may_overwrite_its_input_when_told(activation):
    x = away_from_zero(np.float32)
    spare = x.copy()
    y = activation.forward(spare, spare)
    np.testing.assert_array_equal(y, activation.forward(x))
    assert np.may_share_memory(y, spare)


@every_and_surrogates
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_inputs_give_finite_numbers(activation, dtype):
    x = np.array([[-1e4, -1e4, 1e4], [-1e4, -80, 80], [0, 1e4, 1e4], [-750, 0, 750]], dtype)
    with np.errstate(all="raise", under="ignore"):
        y = activation.forward(x)
        dx = activation.backward(np.ones_like(x), x if activation.keeps_input else None, y)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


@every_and_surrogates
def test_an_empty_batch_passes(activation):
    x = np.zeros((0, 4), np.float32)
    y = activation.forward(x)
    assert y.shape == activation.backward(y, x, y).shape == (0, 4)


def test_what_keras_does_not_have():
    x = np.array([-2, -0.5, 0, 0.5, 2], np.float32)
    step = Activation.parse("binary_step").forward(x)
    np.testing.assert_array_equal(step, [0, 0, 1, 1, 1])
    np.testing.assert_allclose(Activation.parse("arctan").forward(np.tan(x / 2)), x / 2, rtol=1e-6)


def test_gradient_passes_straight_through_a_step():
    x = np.array([-2, -0.5, 0, 0.5, 2], np.float32)
    dy = np.arange(1, 6, dtype=np.float32)
    found = {}
    for activation in (Activation.parse("binary_step"), *SURROGATES):
        found[activation.gradient] = activation.backward(dy, x, activation.forward(x))
    np.testing.assert_array_equal(found["zero"], np.zeros(5))
    np.testing.assert_array_equal(found["straight_through"], dy)
    np.testing.assert_array_equal(found["clipped"], [0, 2, 3, 4, 0])


def test_exponential_is_cut_below_infinity():
    x = np.array([1e4, 88, 709], np.float32)
    assert (Activation.parse("exponential").forward(x) == np.exp(np.float32(88))).all()


@in_keras
def test_agrees_with_keras(activation):
    import jax
    import keras

    rng = np.random.default_rng(2)
    x = (3 * rng.standard_normal((4, 6))).astype(np.float32)
    dy = rng.standard_normal((4, 6)).astype(np.float32)
    settings = {name: getattr(activation, name) for name in type(activation).model_fields}
    function = getattr(keras.activations, activation.kind)
    theirs, pull = jax.vjp(lambda value: function(value, **settings), x)
    y = activation.forward(x)
    dx = activation.backward(dy, x if activation.keeps_input else None, y)
    np.testing.assert_allclose(y, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(dx, pull(dy)[0], rtol=1e-5, atol=2e-6)


def test_defaults_are_those_of_keras():
    import inspect

    import keras

    for kind in (each for name, each in Activation.kinds.items() if name not in OURS):
        parameters = inspect.signature(getattr(keras.activations, kind.kind)).parameters
        for name, setting in kind.settings().items():
            assert setting.default == parameters[name].default


@every_and_surrogates
def test_json_brings_the_same_back(activation):
    assert Activation.parse(activation.to_json()) == activation


@pytest.mark.parametrize(
    ("spelling", "kind"), [("silu", "swish"), ("ReLU", "relu"), ("LeakyReLU", "leaky_relu")]
)
def test_other_spellings_are_understood(spelling, kind):
    assert Activation.parse(spelling).kind == kind


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        {"type": "elu", "alpha": 0},
        {"type": "elu", "alpha": float("inf")},
        {"type": "leaky_relu", "negative_slope": 1},
        {"type": "leaky_relu", "negative_slope": -0.1},
        {"type": "relu", "alpha": 1},
        {"type": "relu", "max_value": 0},
        {"type": "relu", "negative_slope": -1},
        {"type": "relu", "threshold": -1},
        {"type": "binary_step", "gradient": "one"},
        {"type": "softmax", "axis": 0},
        {"type": "softmax", "axis": 9},
        {"type": "softmax", "axis": 1.5},
    ],
)
def test_values_outside_of_the_declaration_are_refused(bad):
    with pytest.raises(SettingError):
        Activation.parse(bad)


@every_and_surrogates
def test_parts_of_large_arrays_give_what_the_whole_gives(activation, monkeypatch):
    monkeypatch.setattr(spread, "PART", 7)
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, 6, 5, 3)).astype(np.float32)
    y = activation.forward(x)
    np.testing.assert_allclose(spread.activate(activation, x, None), y, rtol=1e-6)
    before = x if activation.keeps_input else None
    dx = activation.backward(dy, before, y)
    np.testing.assert_allclose(spread.slope(activation, dy, before, y), dx, rtol=1e-6)
    assert spread.activate(activation, x, x) is x or activation.kind == "linear"
    np.testing.assert_allclose(x, y, rtol=1e-6)
