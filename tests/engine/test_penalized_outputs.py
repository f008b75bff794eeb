"""Penalties on what layers put out, wherever the layer stands: value and gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.graph import Edge, Graph, Group
from engine.layers import Add, Dense, Dropout, Layer, Run, Shared
from engine.losses import CategoricalCrossentropy, Loss, MeanSquaredError
from engine.network import Network
from engine.regularizers import L1L2

Array = np.ndarray[Any, Any]

PENALTY = L1L2(l1=0.05, l2=0.1)


def dense(units: int, activation: str = "tanh", **more: Any) -> Layer:
    return Dense.parse({"units": units, "activation": activation, **more})


def penalized(units: int, activation: str = "tanh", **more: Any) -> Layer:
    return dense(units, activation, activity_regularizer=PENALTY, **more)


def chain(*layers: Layer, width: int = 4) -> Graph:
    return Graph.sequential((width,), layers)


def bypassed(graph: Graph, *nodes: str) -> Graph:
    for node in nodes:
        graph = graph.change(node, bypassed=True)
    return graph


def fed_twice(second: Layer) -> Graph:
    """A softmax that is an output through a bypassed layer, and feeds another output."""
    graph = chain(dense(5), penalized(3, "softmax"), Dropout())
    graph, id = graph.add(second)
    return bypassed(graph.connect(Edge("dense_1", id)), "dropout")


def shared(last: Layer) -> Graph:
    graph = chain(penalized(4), Shared(of="dense"), dense(4))
    graph, add = graph.add(Add())
    graph = graph.connect(Edge("shared", add, 0)).connect(Edge("dense_1", add, 1))
    graph, out = graph.add(last)
    return graph.connect(Edge(add, out))


GROUP = Group(body=chain(dense(3), penalized(2, "softmax"), width=7))
CASES = {
    "a group as the output": chain(dense(5), GROUP),
    "groups in each other": chain(dense(5), Group(body=chain(GROUP, width=9))),
    "a repeated group": chain(dense(4), Group(body=chain(penalized(4), width=4), repeat=3)),
    "inside of a group": chain(Group(body=chain(penalized(4), dense(3))), dense(2, "softmax")),
    "behind it a bypassed layer": bypassed(
        chain(dense(5), penalized(3, "softmax"), Dropout()), "dropout"
    ),
    "bypassed in a group": chain(
        Group(body=bypassed(chain(penalized(3, "softmax"), Dropout()), "dropout"))
    ),
    "itself bypassed": bypassed(chain(dense(4), penalized(4), dense(2, "softmax")), "dense_1"),
    "an output that feeds another": fed_twice(dense(2, "softmax")),
    "used twice": shared(dense(2, "softmax")),
    "used twice, frozen": chain(
        dense(4), penalized(4, trainable=False), Shared(of="dense_1"), dense(2, "softmax")
    ),
    "a frozen output": chain(dense(5), penalized(3, "softmax", trainable=False)),
    "frozen and first": chain(penalized(5, trainable=False), dense(3, "softmax")),
}


def batch(net: Network, size: int = 5) -> tuple[Array, dict[str, Array]]:
    rng = np.random.default_rng(8)
    targets = {
        node: np.eye(net.shapes[node][-1])[rng.integers(0, net.shapes[node][-1], size)]
        for node in net.graph.outputs
    }
    return rng.normal(size=(size, 4)), targets


@pytest.mark.parametrize(
    "loss", [CategoricalCrossentropy(), MeanSquaredError()], ids=["cce", "mse"]
)
@pytest.mark.parametrize("graph", CASES.values(), ids=CASES)
def test_gradients_are_slopes(graph: Graph, loss: Loss, slopes: Callable[..., Array]) -> None:
    net = Network(graph, seed=3, dtype=np.float64)
    net.trained += np.random.default_rng(1).normal(size=net.trained.shape) * 0.1
    x, targets = batch(net)

    def value() -> float:
        return net.loss_and_gradients(x, targets, loss, Run(training=True)).loss

    value()
    found = net.gradients.copy()
    np.testing.assert_allclose(found, slopes(value, net.trained), rtol=2e-5, atol=2e-9)


@pytest.mark.parametrize("graph", CASES.values(), ids=CASES)
def test_the_loss_holds_each_penalty_once(graph: Graph) -> None:
    net = Network(graph, seed=3, dtype=np.float64)
    x, targets = batch(net)
    tape = net.forward(x, Run())
    flat = net.expansion.graph
    put_out = [
        value
        for id, value in zip(flat.order, tape.values, strict=True)
        if getattr(flat.layer_of(id), "activity_regularizer", None) is not None
    ]
    assert put_out or graph is CASES["itself bypassed"]
    penalties = sum(0.05 * abs(y).sum() + 0.1 * (y**2).sum() for y in put_out) / len(x)
    judged = net.loss(x, targets, MeanSquaredError())
    assert judged.loss - sum(judged.parts.values()) == pytest.approx(penalties, rel=1e-9, abs=1e-12)


def test_a_compiled_chain_keeps_them() -> None:
    """In single precision, where chains of Dense layers are one call."""
    for graph in CASES.values():
        exact, fast = Network(graph, seed=3, dtype=np.float64), Network(graph, seed=3)
        exact.trained[...] = fast.trained
        for name, weight in fast.weights.items():
            exact.weights[name][...] = weight
        x, targets = batch(exact)
        found = []
        for net in (exact, fast):
            net.loss_and_gradients(x, targets, CategoricalCrossentropy(), Run(training=True))
            found.append(net.gradients.copy())
        np.testing.assert_allclose(found[1], found[0], rtol=1e-4, atol=1e-6)
