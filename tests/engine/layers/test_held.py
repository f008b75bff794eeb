"""Penalties and limits: every layer with weights offers them for each, and they arrive."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constraints import MaxNorm
from engine.graph import Graph
from engine.layers import Layer, Run
from engine.losses import MeanSquaredError
from engine.network import Network
from engine.regularizers import L1L2


def settings_ending(layer, end):
    return [name for name in type(layer).model_fields if name.endswith(end)]


def with_all(layer, end, value):
    names = [name for name in settings_ending(layer, end) if not name.startswith("activity")]
    return layer.changed(**dict.fromkeys(names, value))


def test_every_learned_weight_can_be_held_back(sample):
    kept, limited = (
        with_all(sample.layer, "_regularizer", L1L2()),
        with_all(sample.layer, "_constraint", MaxNorm()),
    )
    for name, spec in kept.weights(sample.shapes).items():
        assert (spec.regularizer == L1L2()) == spec.trainable, name
    for name, spec in limited.weights(sample.shapes).items():
        assert (spec.constraint == MaxNorm()) == spec.trainable, name


def test_each_setting_is_that_of_one_weight(sample):
    for end, value in (("_regularizer", L1L2()), ("_constraint", MaxNorm())):
        for name in settings_ending(sample.layer, end):
            if name.startswith("activity"):
                continue
            specs = sample.layer.changed(**{name: value}).weights(sample.shapes)
            found = [weight for weight, spec in specs.items() if value in held(spec)]
            assert len(found) <= 1, name
            # Where there is no bias there is nothing to hold back.
            part = name.removesuffix(end)
            assert found or not getattr(sample.layer, f"use_{part}", False), name
            assert all(part in weight or weight == "kernel" for weight in found), name


def held(spec):
    return (spec.regularizer, spec.constraint)


def test_layers_that_weigh_and_apply_a_function_can_hold_outputs_back():
    for kind, cls in Layer.palette().items():
        learns = "trainable" in cls.model_fields
        both = learns and "activation" in cls.model_fields
        assert ("activity_regularizer" in cls.model_fields) == both, kind


@pytest.mark.parametrize(
    "kind", [k for k, c in Layer.palette().items() if "activity_regularizer" in c.model_fields]
)
def test_penalties_on_outputs_count_in_the_loss_and_its_gradient(kind):
    shape = {"Dense": (4,), "Conv1D": (6, 2)}.get(kind, (5, 4, 2))
    size = {"units": 3} if kind == "Dense" else {"kernel_size": 2}
    held_back = Layer.parse(
        {"type": kind, **size, "activation": "tanh", "activity_regularizer": {"type": "L1L2"}}
    )
    net = Network(Graph.sequential(shape, [held_back]), seed=1, dtype=np.float64)
    x = np.random.default_rng(2).normal(size=(3, *shape))
    (node,) = net.graph.outputs
    targets = {node: np.zeros((3, *net.shapes[node]))}
    y = net.predict(x)
    found = net.loss_and_gradients(x, targets, MeanSquaredError(), Run())
    assert found.loss == pytest.approx(np.square(y).mean() + L1L2().penalty(y) / 3, rel=1e-9)

    def loss() -> float:
        return net.loss_and_gradients(x, targets, MeanSquaredError(), Run()).loss

    gradients, trained = net.gradients.copy(), net.trained
    rng = np.random.default_rng(3)
    along = rng.normal(size=trained.shape)
    start, ends = trained.copy(), []
    for step in (1e-6, -1e-6):
        trained[...] = start + step * along
        ends.append(loss())
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(float(gradients @ along), rel=1e-6)
