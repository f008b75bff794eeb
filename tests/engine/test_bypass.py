"""Bypassed layers are as good as not there: for shapes, training, export and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from engine.analysis.cost import costs, total_cost
from engine.data import DataSetup, prepare
from engine.diagnosis import diagnose
from engine.errors import WiringError
from engine.exporting import export_onnx
from engine.graph import Edge, Graph, Group, expanded, flat_name
from engine.layers import Activation, Add, Dense, Dropout, Input, Layer, Run, Shared
from engine.losses import MeanSquaredError
from engine.network import Network
from engine.training import Finished, Plan, train


def dense(units: int, activation: str = "tanh") -> Layer:
    return Dense.parse({"units": units, "activation": activation})


def chain(*layers: Layer, width: int = 4) -> Graph:
    return Graph.sequential((width,), layers)


def residual() -> Graph:
    graph = chain(dense(4), dense(4))
    graph, add = graph.add(Add())
    return graph.connect(Edge("dense_1", add, 0)).connect(Edge("dense", add, 1))


def test_a_bypassed_layer_costs_and_holds_nothing() -> None:
    graph = chain(dense(4), dense(4), dense(3))
    muted = graph.change("dense_1", bypassed=True)
    found = diagnose(muted)
    assert not found.problems
    assert found.shapes["dense_1"] == (4,)
    assert found.parameters("dense_1") == 0
    assert found.total_parameters == 20 + 15
    assert costs(muted)["dense_1"] == type(total_cost(muted))()
    assert not muted.computes_as(graph)


@pytest.mark.parametrize("muted", ["dense_1", "add"])
def test_the_network_computes_without_it(muted: str) -> None:
    graph = residual().change(muted, bypassed=True)
    net = Network(graph, seed=3, dtype=np.float64)
    assert f"{muted}/kernel" not in net.weights
    x = np.random.default_rng(0).normal(size=(6, 4))
    first = np.tanh(x @ net.weights["dense/kernel"] + net.weights["dense/bias"])
    if muted == "dense_1":
        wanted = 2 * first
    else:  # what comes in by the first wire is handed on
        wanted = np.tanh(first @ net.weights["dense_1/kernel"] + net.weights["dense_1/bias"])
    np.testing.assert_allclose(net.predict(x), wanted, rtol=1e-12)
    # Both ends of the doubled wire get their gradient.
    net.loss_and_gradients(x, {"add": np.zeros((6, 4))}, MeanSquaredError(), Run())
    slope, step = net.gradients.copy(), 1e-6
    for index in (0, 7, len(net.trained) - 1):
        net.trained[index] += step
        up = net.loss(x, {"add": np.zeros((6, 4))}, MeanSquaredError()).loss
        net.trained[index] -= 2 * step
        down = net.loss(x, {"add": np.zeros((6, 4))}, MeanSquaredError()).loss
        net.trained[index] += step
        assert slope[index] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-9)


def test_what_it_leaves_is_exported(tmp_path: Path) -> None:
    inner = residual().change("add", bypassed=True)
    graph = chain(dense(4), Group(body=inner), dense(3), Dropout())
    graph = graph.change("dropout", bypassed=True)
    net = Network(graph, seed=1)
    export_onnx(net, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    (y,) = session.run(None, {session.get_inputs()[0].name: x})
    np.testing.assert_allclose(y, net.predict(x), rtol=1e-5, atol=1e-6)


def test_a_network_that_ends_bypassed_is_trained_by_what_is_before() -> None:
    data = prepare(DataSetup.parse({"source": {"type": "BuiltIn", "name": "iris"}}), Path())
    graph = Graph.sequential(data.input_shape, [dense(3, "softmax"), Dropout()])
    net = Network(graph.change("dropout", bypassed=True))
    events = list(train(net, data, Plan(epochs=3)))
    assert isinstance(events[-1], Finished)
    assert events[-1].outcome == "completed"


def test_groups_pass_by_and_hold_what_is_bypassed() -> None:
    body = chain(dense(4), Activation(activation="tanh"))
    graph = chain(dense(4), Group(body=body, repeat=2), dense(3))
    whole = Network(graph.change("group", bypassed=True))
    assert set(whole.weights) == {f"dense{n}/{w}" for n in ("", "_1") for w in ("kernel", "bias")}
    inner = graph.change("group", layer=Group(body=body.change("dense", bypassed=True), repeat=2))
    assert diagnose(inner).parameters("group") == 0
    ends = expanded(inner).ends
    assert ends["group/2/dense"] == "group/1/activation"
    assert flat_name(inner, ["group", "activation"]) == "group/1/activation"
    # A group of which nothing is left hands on what it gets.
    nothing = Group(body=chain(dense(4)).change("dense", bypassed=True))
    rest = chain(dense(4), nothing, dense(3))
    assert expanded(rest).ends["group"] == "dense"
    x = np.ones((2, 4), np.float32)
    assert Network(rest).predict(x).shape == (2, 3)


def test_what_cannot_be_bypassed_is_said() -> None:
    alone = chain(dense(4)).change("dense", bypassed=True)
    (problem,) = diagnose(alone).problems
    assert "nothing else lies between" in problem.what
    assert problem.fixes[0].graph is not None
    assert not diagnose(problem.fixes[0].graph).problems
    twins = chain(dense(4))
    for name in ("one", "two"):
        twins, _ = twins.add(Dropout(), id=name)
        twins = twins.connect(Edge("dense", name)).change(name, bypassed=True)
    assert [each.node for each in diagnose(twins).problems] == ["two"]
    shared = chain(dense(4), Shared(of="dense")).change("dense", bypassed=True)
    (problem,) = diagnose(shared).problems
    assert problem.node == "shared"
    assert "which is bypassed" in problem.what


def test_it_is_kept_in_plain_data() -> None:
    graph = residual().change("dense_1", bypassed=True)
    data = graph.to_json()
    assert data["nodes"]["dense_1"]["bypassed"] is True
    assert "bypassed" not in data["nodes"]["dense"]
    again = Graph.from_json(data)
    assert again.nodes["dense_1"].bypassed
    assert again.computes_as(graph)
    with pytest.raises(WiringError, match="for bypassed"):
        Graph.from_json({"nodes": {"x": {"layer": Input().to_json(), "bypassed": 1}}})
