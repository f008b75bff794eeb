"""Regularizers: the gradient is the slope of the penalty, and Keras agrees on the penalty."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "jax"

from engine.regularizers import Regularizer

SAMPLES = [
    Regularizer.parse(value)
    for value in (
        {"type": "L1", "l1": 0.3},
        {"type": "L2", "l2": 0.2},
        {"type": "L1L2", "l1": 0.3, "l2": 0.2},
        {"type": "OrthogonalRegularizer", "factor": 0.4},
        {"type": "OrthogonalRegularizer", "factor": 0.4, "mode": "columns"},
    )
]
every = pytest.mark.parametrize("regularizer", SAMPLES, ids=lambda each: str(each.to_json()))


def test_every_kind_has_a_row():
    assert {regularizer.kind for regularizer in SAMPLES} == set(Regularizer.kinds)


@every
@pytest.mark.parametrize("shape", [(4, 5), (5, 4), (2, 2, 3, 2), (6,)])
def test_gradient_is_the_slope_of_the_penalty(regularizer, shape):
    rng = np.random.default_rng(0)
    weight, along = (
        rng.uniform(0.1, 2, shape) * rng.choice([-1, 1], shape),
        rng.normal(size=shape),
    )
    step = 1e-6
    rise = regularizer.penalty(weight + step * along) - regularizer.penalty(weight - step * along)
    assert rise / (2 * step) == pytest.approx(
        (regularizer.gradient(weight) * along).sum(), rel=1e-6, abs=1e-9
    )
    assert regularizer.gradient(weight.astype(np.float32)).dtype == np.float32


@every
def test_penalty_and_gradient_are_those_of_keras(regularizer):
    import jax
    import keras

    weight = np.random.default_rng(1).normal(size=(6, 7)).astype(np.float32)
    settings = {name: getattr(regularizer, name) for name in type(regularizer).model_fields}
    twin = getattr(keras.regularizers, regularizer.kind)(**settings)
    value, slopes = jax.value_and_grad(twin)(weight)
    assert regularizer.penalty(weight) == pytest.approx(float(value), rel=1e-5)
    np.testing.assert_allclose(regularizer.gradient(weight), slopes, rtol=1e-5, atol=1e-6)


@every
@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (3, 4), (0, 3)])
def test_zeros_have_no_penalty_and_no_slope(regularizer, shape):
    weight = np.zeros(shape)
    assert regularizer.penalty(weight) == 0
    assert not np.any(regularizer.gradient(weight))
    assert np.shape(regularizer.gradient(weight)) == shape


def test_orthogonal_columns_have_no_penalty():
    weight = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 4)))[0] * 3
    columns = Regularizer.parse({"type": "OrthogonalRegularizer", "mode": "columns"})
    assert columns.penalty(weight) == pytest.approx(0, abs=1e-12)
    assert columns.penalty(np.ones((6, 4))) == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_short_names_mean_what_they_mean_in_keras(name):
    import keras

    theirs = keras.regularizers.get(name).get_config()
    ours = Regularizer.parse(name)
    for each, value in theirs.items():
        assert getattr(ours, each) == pytest.approx(value)
