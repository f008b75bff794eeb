"""A network and a plan that fit their data fit other data, once they have followed it."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Dense, Input, Layer
from engine.training.fitting import plan_problems
from engine.training.following import follow_data
from engine.training.plan import Plan

N = 24


def classes(count: int, width: int = 4) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset.from_arrays(rng.normal(size=(N, width)), np.arange(N) % count)


def numbers(count: int = 1, width: int = 4) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset.from_arrays(rng.normal(size=(N, width)), rng.normal(size=(N, count)))


def net(*layers: Any) -> Graph:
    return Graph.sequential((4,), [Layer.parse(each) for each in layers])


def dense(units: int, activation: str = "linear") -> dict[str, Any]:
    return {"type": "Dense", "units": units, "activation": activation}


def plan(loss: Any, *metrics: str) -> Plan:
    return Plan.parse({"loss": loss, "metrics": metrics})


DATA = {
    "2 classes": classes(2, 3),
    "3 classes": classes(3, 5),
    "10 classes": classes(10),
    "a number": numbers(1, 7),
    "3 numbers": numbers(3),
}
LOGITS = {"type": "SparseCategoricalCrossentropy", "from_logits": True}
SOFTMAX = {"type": "Activation", "activation": "softmax"}
START = {
    "softmax": (net(dense(8), dense(3, "softmax")), classes(3), plan("scce", "accuracy")),
    "one-hot": (net(dense(3, "softmax")), classes(3), plan("cce")),
    "softmax layer": (net(dense(3), SOFTMAX), classes(3), plan("scce", "accuracy")),
    "logits": (net(dense(3)), classes(3), plan(LOGITS)),
    "two classes": (net(dense(2, "softmax")), classes(2), plan("scce", "accuracy")),
    "binary": (net(dense(1, "sigmoid")), classes(2), plan("bce", "accuracy")),
    "regression": (net(dense(8, "relu"), dense(1)), numbers(), plan("mse", "rmse")),
    "absolute": (net(dense(2)), numbers(2), plan("mae", "mae")),
}


@pytest.mark.parametrize("start", START)
@pytest.mark.parametrize(("first", "second"), list(permutations(DATA, 2)))
def test_what_fitted_fits_after_following(start: str, first: str, second: str) -> None:
    graph, data, its_plan = START[start]
    assert not plan_problems(graph, data, its_plan)
    for name in (first, second):
        other = DATA[name]
        graph, its_plan = follow_data(graph, its_plan, other, data.targets)
        assert not plan_problems(graph, other, its_plan), name
        data = other


def test_the_same_data_changes_nothing() -> None:
    for graph, data, its_plan in START.values():
        followed, its = follow_data(graph, its_plan, data, data.targets)
        assert followed is graph
        assert its is its_plan


def test_an_output_of_ones_own_stays() -> None:
    graph, other = net(dense(7, "tanh")), classes(5, 6)
    followed, _ = follow_data(graph, plan("scce"), other, classes(3).targets)
    layers = [followed.nodes[id].layer for id in followed.order]
    assert layers[0] == Input(shape=(6,))
    assert layers[1] == Dense.parse(dense(7, "tanh"))


def test_without_data_before_only_the_input_follows() -> None:
    graph, other = net(dense(3, "softmax")), classes(5, 6)
    followed, _ = follow_data(graph, plan("scce"), other, None)
    assert [followed.nodes[id].layer for id in followed.order][1] == graph.nodes["dense"].layer
