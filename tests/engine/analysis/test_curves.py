"""Curves of activations: the slope is that of the curve."""

from __future__ import annotations

import numpy as np
import pytest

from engine.activations import Activation, LeakyRelu, Relu
from engine.analysis.curves import activation_curve, function_of
from engine.layers import Dense, Layer


@pytest.mark.parametrize("kind", list(Activation.kinds))
def test_slope_is_that_of_the_curve(kind: str) -> None:
    x, y, slope = activation_curve(Activation.parse(kind), -4.1, 4.2, 20_001)
    assert x[0] == -4.1
    assert x[-1] == 4.2
    assert x.shape == y.shape == slope.shape == (20_001,)
    assert y.dtype == slope.dtype == np.float64
    measured = np.gradient(y, x)
    off = ~np.isclose(slope, measured, rtol=1e-3, atol=1e-3)
    # Beside a corner or a jump differences are no slopes.
    assert off.sum() <= 6, x[off]


def test_softmax_is_the_share_of_one_against_zero() -> None:
    x, y, slope = activation_curve(Activation.parse({"type": "softmax", "axis": 1}))
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-x)), rtol=1e-12)
    np.testing.assert_allclose(slope, y * (1 - y), rtol=1e-9)


def test_settings_shape_the_curve() -> None:
    x, y, slope = activation_curve(Relu(max_value=2.0, negative_slope=0.5), -2, 4, 13)
    np.testing.assert_allclose(y, np.where(x > 0, np.minimum(x, 2), x / 2))
    assert set(slope) == {0.0, 0.5, 1.0}


def test_a_step_shows_the_gradient_that_training_uses() -> None:
    step = Activation.parse({"type": "binary_step", "gradient": "clipped"})
    x, y, slope = activation_curve(step)
    np.testing.assert_array_equal(y, x >= 0)
    np.testing.assert_array_equal(slope, np.abs(x) <= 1)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Dense(), Activation.parse("linear")),
        (Dense(activation="tanh"), Activation.parse("tanh")),
        (Layer.parse({"type": "LeakyReLU", "negative_slope": 0.4}), LeakyRelu(negative_slope=0.4)),
        (Layer.parse({"type": "ReLU", "max_value": 6}), Relu(max_value=6)),
        (Layer.parse("PReLU"), LeakyRelu(negative_slope=0)),
        (
            Layer.parse(
                {"type": "PReLU", "alpha_initializer": {"type": "Constant", "value": 0.25}}
            ),
            LeakyRelu(negative_slope=0.25),
        ),
        (Layer.parse("Flatten"), None),
    ],
    ids=repr,
)
def test_each_layer_has_its_function(layer: Layer, expected: Activation | None) -> None:
    assert function_of(layer) == expected
