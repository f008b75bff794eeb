"""Initializers: mean, spread and limits of what they draw, and fans as Keras counts them."""

from __future__ import annotations

import os
from math import sqrt

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "jax"

from engine.errors import SettingError, ShapeError
from engine.initializers import Initializer, fans
from engine.layers import WeightSpec

KERNEL = (3, 3, 40, 60)
IN, OUT = 9 * 40, 9 * 60

# The mean, the spread, and how far from 0 a draw may lie.
EXPECTED = {
    "Zeros": (0, 0, 0),
    "Ones": (1, 0, 1),
    "Normal": (0, 0.05, np.inf),
    "Uniform": (0, 0.05 / sqrt(3), 0.05),
    "GlorotUniform": (0, sqrt(2 / (IN + OUT)), sqrt(6 / (IN + OUT))),
    "GlorotNormal": (0, sqrt(2 / (IN + OUT)), 2 * sqrt(2 / (IN + OUT)) / 0.8796),
    "HeUniform": (0, sqrt(2 / IN), sqrt(6 / IN)),
    "HeNormal": (0, sqrt(2 / IN), 2 * sqrt(2 / IN) / 0.8796),
    "Constant": (0, 0, 0),
    "TruncatedNormal": (0, 0.05 * 0.8796, 0.1),
    "LecunUniform": (0, sqrt(1 / IN), sqrt(3 / IN)),
    "LecunNormal": (0, sqrt(1 / IN), 2 * sqrt(1 / IN) / 0.8796),
    "VarianceScaling": (0, sqrt(1 / IN), 2 * sqrt(1 / IN) / 0.8796),
    # Columns of length 1, so that is the mean square of their numbers; any may be long.
    "Orthogonal": (0, sqrt(1 / IN), np.inf),
}
MATRICES = {"Orthogonal", "Identity"}
"""Those that not every shape can be drawn from."""
KERAS_NAMES = {"Normal": "RandomNormal", "Uniform": "RandomUniform"}


def test_every_kind_has_a_row():
    assert set(EXPECTED) | {"Identity"} == set(Initializer.kinds)


@pytest.mark.parametrize("kind", EXPECTED)
def test_mean_spread_and_limits(kind):
    mean, spread, limit = EXPECTED[kind]
    draws = Initializer.parse(kind).draw(KERNEL, np.random.default_rng(0))
    assert draws.shape == KERNEL
    assert draws.mean() == pytest.approx(mean, abs=5 * spread / sqrt(draws.size))
    assert draws.std() == pytest.approx(spread, rel=0.02)
    assert np.abs(draws).max() <= limit * 1.0001
    if spread and np.isfinite(limit):
        assert np.abs(draws).max() > 0.99 * limit


@pytest.mark.parametrize("kind", EXPECTED)
def test_distribution_is_that_of_keras(kind):
    import keras

    seed = {} if kind in ("Zeros", "Ones", "Constant") else {"seed": 1}
    name = KERAS_NAMES.get(kind, kind)
    theirs = np.asarray(getattr(keras.initializers, name)(**seed)(KERNEL))
    ours = Initializer.parse(kind).draw(KERNEL, np.random.default_rng(0))
    points = np.linspace(0, 1, 21)[1:-1]
    scale = EXPECTED[kind][1] or 1
    np.testing.assert_allclose(
        np.quantile(ours, points) / scale, np.quantile(theirs, points) / scale, atol=0.06
    )


@pytest.mark.parametrize(
    "shape", [(), (5,), (4, 7), (3, 4, 7), (3, 3, 4, 7), (1, 2, 2, 5), (2, 3, 4, 5, 6)]
)
def test_fans_are_those_of_keras(shape):
    from keras.src.initializers.random_initializers import compute_fans

    assert fans(shape) == compute_fans(shape)


@pytest.mark.parametrize("kind", EXPECTED)
def test_same_generator_same_draws(kind):
    a, b = (Initializer.parse(kind).draw((4, 5), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", sorted(set(EXPECTED) - MATRICES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (1, 1)])
def test_any_shape_can_be_drawn(kind, shape):
    assert np.shape(Initializer.parse(kind).draw(shape, np.random.default_rng(0))) == shape


def test_limits_may_be_equal_and_zero_spread_is_the_mean():
    rng = np.random.default_rng(0)
    assert (
        Initializer.parse({"type": "Uniform", "minval": 2, "maxval": 2}).draw((3,), rng) == 2
    ).all()
    assert (
        Initializer.parse({"type": "Normal", "mean": 2, "stddev": 0}).draw((3,), rng) == 2
    ).all()


@pytest.mark.parametrize("shape", [(5, 5), (9, 4), (4, 9), (3, 3, 2, 7), (2, 1, 2, 9), (1, 1)])
def test_orthogonal_matrices_turn_and_do_not_stretch(shape):
    initializer = Initializer.parse({"type": "Orthogonal", "gain": 1.5})
    drawn = initializer.draw(shape, np.random.default_rng(0))
    assert drawn.shape == shape
    matrix = drawn.reshape(-1, shape[-1])
    product = matrix @ matrix.T if len(matrix) < shape[-1] else matrix.T @ matrix
    np.testing.assert_allclose(product, 1.5**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_matrices_have_no_preferred_sign():
    orthogonal = Initializer.parse("Orthogonal")
    drawn = [orthogonal.draw((3, 3), np.random.default_rng(seed)) for seed in range(400)]
    np.testing.assert_allclose(np.mean(drawn, axis=0), 0, atol=0.15)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (4, 1)])
def test_identity_is_that_of_keras(shape):
    import keras

    ours = Initializer.parse({"type": "Identity", "gain": 2}).draw(shape, np.random.default_rng(0))
    np.testing.assert_array_equal(ours, keras.initializers.Identity(gain=2)(shape))


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("Identity", (3,)), ("Identity", (3, 3, 1, 2)), ("Orthogonal", ()), ("Orthogonal", (7,))],
)
def test_what_is_no_matrix_is_refused(kind, shape):
    with pytest.raises(ShapeError, match=f"{kind} makes a weight with"):
        WeightSpec(shape, Initializer.parse(kind))


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
def test_variance_is_scaled_as_in_keras(mode, distribution):
    import keras

    settings = {"scale": 3, "mode": mode, "distribution": distribution}
    initializer = Initializer.parse({"type": "VarianceScaling", **settings})
    ours = initializer.draw(KERNEL, np.random.default_rng(0))
    theirs = np.asarray(keras.initializers.VarianceScaling(**settings, seed=1)(KERNEL))
    points = np.linspace(0, 1, 21)[1:-1]
    np.testing.assert_allclose(
        np.quantile(ours, points) / ours.std(), np.quantile(theirs, points) / ours.std(), atol=0.06
    )
    count = {"fan_in": IN, "fan_out": OUT, "fan_avg": (IN + OUT) / 2}[mode]
    assert ours.std() == pytest.approx(sqrt(3 / count), rel=0.02)


def test_constant_and_mean_are_heeded():
    rng = np.random.default_rng(0)
    assert (Initializer.parse({"type": "Constant", "value": -2.5}).draw((3, 2), rng) == -2.5).all()
    draws = Initializer.parse({"type": "TruncatedNormal", "mean": 3, "stddev": 0.5})
    found = draws.draw((2000,), rng)
    assert found.mean() == pytest.approx(3, abs=0.05)
    assert 2 <= found.min() < 2.1
    assert 3.9 < found.max() <= 4


def test_defaults_are_those_of_keras():
    from inspect import signature

    import keras

    for name, kind in Initializer.kinds.items():
        theirs = signature(getattr(keras.initializers, KERAS_NAMES.get(name, name))).parameters
        for setting in kind.model_fields:
            assert getattr(kind(), setting) == theirs[setting].default, (name, setting)


@pytest.mark.parametrize(
    "spelling", ["lecun_normal", "glorot_uniform", "he_normal", "RandomNormal", "zeros"]
)
def test_spellings_of_keras_are_understood(spelling):
    assert isinstance(Initializer.parse(spelling), Initializer)


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        {"type": "Normal", "stddev": -1},
        {"type": "Normal", "mean": float("nan")},
        {"type": "Uniform", "minval": 1, "maxval": 0},
        {"type": "Uniform", "maxval": 1e300},
        {"type": "VarianceScaling", "scale": 0},
        {"type": "VarianceScaling", "mode": "fan_none"},
        {"type": "TruncatedNormal", "stddev": -0.1},
        {"type": "Orthogonal", "gain": float("inf")},
        {"type": "Constant", "value": "one"},
    ],
)
def test_bad_values_are_refused(bad):
    with pytest.raises(SettingError) as caught:
        Initializer.parse(bad)
    assert caught.value.what
    assert caught.value.fix
