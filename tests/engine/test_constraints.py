"""Constraints: Keras agrees, and what holds already stays."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "jax"

from engine.constraints import Constraint
from engine.errors import SettingError, ShapeError
from engine.initializers import Zeros
from engine.layers import WeightSpec

SAMPLES = [
    Constraint.parse(value)
    for value in (
        *Constraint.kinds,
        {"type": "MaxNorm", "max_value": 1.2, "axis": 1},
        {"type": "MaxNorm", "max_value": 0},
        {"type": "MinMaxNorm", "min_value": 2, "max_value": 2.5, "rate": 0.3},
        {"type": "MinMaxNorm", "min_value": 3, "max_value": 4, "axis": -1},
        {"type": "UnitNorm", "axis": [0, 1]},
    )
]
every = pytest.mark.parametrize("constraint", SAMPLES, ids=lambda each: str(each.to_json()))


@every
@pytest.mark.parametrize("shape", [(6, 5), (3, 2, 4, 5)])
def test_agrees_with_keras(constraint, shape):
    import keras

    weight = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    settings = {name: getattr(constraint, name) for name in type(constraint).model_fields}
    theirs = getattr(keras.constraints, constraint.kind)(**settings)(weight)
    ours = constraint.applied(weight)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_defaults_are_those_of_keras():
    import keras

    for name, kind in Constraint.kinds.items():
        theirs = getattr(keras.constraints, name)().get_config()
        for setting in kind.model_fields:
            value = theirs[setting]
            assert getattr(kind(), setting) == ((value,) if setting == "axis" else value)


@every
def test_zeros_stay_finite_and_nothing_is_written_to(constraint):
    weight = np.zeros((4, 3), np.float32)
    weight.flags.writeable = False
    assert np.isfinite(constraint.applied(weight)).all()


@every
def test_json_brings_the_same_back(constraint):
    assert Constraint.parse(constraint.to_json()) == constraint


@pytest.mark.parametrize("axis", [(2,), (-3,), (0, 5), (0, 0), (0, -2)])
def test_axes_that_the_weight_does_not_have_are_refused(axis):
    constraint = Constraint.parse({"type": "MaxNorm", "axis": axis})
    with pytest.raises(ShapeError, match=r"MaxNorm works along .* but the weight is 4 × 3\."):
        WeightSpec((4, 3), Zeros(), constraint=constraint)


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        {"type": "MaxNorm", "max_value": -1},
        {"type": "MaxNorm", "axis": []},
        {"type": "MaxNorm", "axis": 20},
        {"type": "MaxNorm", "axis": True},
        {"type": "MinMaxNorm", "min_value": 2, "max_value": 1},
        {"type": "MinMaxNorm", "rate": 1.5},
    ],
)
def test_bad_values_are_refused(bad):
    with pytest.raises(SettingError) as caught:
        Constraint.parse(bad)
    assert caught.value.what
    assert caught.value.fix
