"""The check that users run: right networks pass, a wrong layer is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine.analysis.gradient_check import check_gradients
from engine.data import Dataset, prepare
from engine.graph import Graph, Group
from engine.layers import Layer
from engine.layers.base import Kept, Weights
from engine.layers.core import Dense
from engine.network import Network
from engine.parallel import Later
from engine.project import read_project
from engine.project.examples import examples
from engine.training import Plan

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 6, 6, 1))
DATA = Dataset.from_arrays(X, np.arange(30) % 3)


def chain(*layers: Any, data: Dataset = DATA) -> Graph:
    return Graph.sequential(data.input_shape, [Layer.parse(each) for each in layers])


SOFTMAX = {"type": "Dense", "units": 3, "activation": "softmax"}
CONV = {"type": "Conv2D", "filters": 4, "activation": "relu", "padding": "same"}
RIGHT = {
    "dropout": chain("Flatten", {"type": "Dense", "units": 5}, "Dropout", SOFTMAX),
    "normalized": chain(CONV, "BatchNormalization", "MaxPooling2D", "Flatten", SOFTMAX),
    "noise": chain(CONV, {"type": "GaussianNoise", "stddev": 0.3}, "Flatten", SOFTMAX),
    "penalty": chain("Flatten", {**SOFTMAX, "kernel_regularizer": "l1_l2"}),
}


@pytest.mark.parametrize("graph", RIGHT.values(), ids=RIGHT)
def test_right_networks_pass(graph: Graph) -> None:
    network = Network(graph)
    before = network.copy_weights()
    found = list(check_gradients(network, DATA.train, DATA.targets, Plan()))
    learning = [id for id in graph.order if any(n.startswith(f"{id}/") for n in network.weights)]
    assert [each.node for each in found] == learning
    assert all(each.verdict == "right" for each in found), found
    assert sum(each.weights for each in found) == network.trainable_count
    for name, weight in before.items():
        np.testing.assert_array_equal(network.weights[name], weight)


@pytest.mark.parametrize("name", [each.name for each in examples()])
def test_every_example_passes(name: str) -> None:
    project = read_project(next(each.path for each in examples() if each.name == name))
    assert project.data is not None
    data = prepare(project.data)
    network = Network(project.graph)
    found = list(check_gradients(network, data.train, data.targets, project.plan))
    assert found
    assert all(each.verdict == "right" for each in found), found


@pytest.fixture
def crooked() -> Iterator[type[Dense]]:
    """A layer whose gradient is two percent too long."""

    class Crooked(Dense, kind="Crooked"):
        def fill_gradients(
            self, w: Weights, kept: Kept, dy: Array, grads: Weights, passes: bool, later: Later
        ) -> tuple[Array, ...]:
            with Later() as at_once:
                dxs = super().fill_gradients(w, kept, dy, grads, passes, at_once)
            grads["kernel"] *= 1.02
            return dxs

    yield Crooked
    del Layer.kinds["Crooked"]


def test_a_wrong_layer_is_named(crooked: type[Dense]) -> None:
    body = Graph.sequential((8,), [Dense(units=8), crooked(units=8)])
    graph = chain("Flatten", Group(body=body), SOFTMAX)
    network = Network(graph)
    found = {each.node: each for each in check_gradients(network, DATA.train, DATA.targets, Plan())}
    assert {node for node, each in found.items() if each.verdict == "wrong"} == {"group/crooked"}
    assert found["group/crooked"].worst.startswith("kernel")
    assert found["group/crooked"].error == pytest.approx(0.02, rel=0.1)


def test_an_estimated_slope_is_no_mistake() -> None:
    step = {"type": "binary_step", "gradient": "straight_through"}
    graph = chain("Flatten", {"type": "Dense", "units": 5, "activation": step}, SOFTMAX)
    first, last = check_gradients(Network(graph), DATA.train, DATA.targets, Plan())
    assert first.verdict == "doubtful"
    assert first.error > 0.1
    assert "dense steps" in first.note
    assert (last.verdict, last.note) == ("right", "")
