"""Groups of layers used as one, and layers used again with the same weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest

from engine.analysis.cost import total_cost
from engine.data import Dataset
from engine.diagnosis import diagnose
from engine.errors import EngineError, PlanError
from engine.exporting import export_onnx
from engine.graph import Edge, Graph, Group, expanded, grouped, ungrouped
from engine.layers import (
    Activation,
    Add,
    BatchNormalization,
    Dense,
    Dropout,
    Input,
    Layer,
    Run,
    Shared,
    Subtract,
)
from engine.losses import CategoricalCrossentropy, MeanSquaredError
from engine.network import Network
from engine.training import Plan, train
from engine.training.fitting import plan_problems

Array = np.ndarray[Any, Any]


def built(nodes: dict[str, Layer], edges: list[tuple[str, str]]) -> Graph:
    graph = Graph()
    for id, layer in nodes.items():
        graph, _ = graph.add(layer, id=id)
    for source, target in edges:
        graph = graph.connect(Edge(source, target, graph.free_port(target)))
    return graph


def chain(*layers: Layer, width: int = 4) -> Graph:
    return Graph.sequential((width,), layers)


def dense(units: int, activation: str = "tanh", **more: Any) -> Dense:
    return Dense.parse({"units": units, "activation": activation, **more})


RESIDUAL = built(
    {
        "x": Input(shape=(4,)),
        "a": dense(4),
        "bn": BatchNormalization(),
        "b": dense(4, "linear"),
        "sum": Add(),
        "act": Activation(activation="tanh"),
    },
    [("x", "a"), ("a", "bn"), ("bn", "b"), ("b", "sum"), ("x", "sum"), ("sum", "act")],
)
IN_TWO = Group(
    body=built(
        {"p": Input(shape=(9,)), "q": Input(shape=(9,)), "minus": Subtract(), "d": dense(3)},
        [("p", "minus"), ("q", "minus"), ("minus", "d")],
    )
)
GRAPHS = {
    "plain": chain(dense(4), Group(body=RESIDUAL), dense(2, "softmax")),
    "repeated": chain(Group(body=RESIDUAL, repeat=3), dense(2, "softmax")),
    "nested": chain(
        Group(body=chain(Group(body=RESIDUAL, repeat=2), dense(4)), repeat=2), dense(2, "softmax")
    ),
    "the output": chain(dense(5), Group(body=chain(dense(3), dense(2, "softmax"), width=7))),
    "two ports": built(
        {
            "x": Input(shape=(4,)),
            "a": dense(6),
            "b": dense(6),
            "g": IN_TWO,
            "out": dense(2, "softmax"),
        },
        [("x", "a"), ("x", "b"), ("a", "g"), ("b", "g"), ("g", "out")],
    ),
    "frozen inside": chain(
        Group(body=chain(dense(4, trainable=False), dense(4))), dense(2, "softmax")
    ),
    "shared": built(
        {
            "x": Input(shape=(4,)),
            "a": dense(4),
            "again": Shared(of="a"),
            "out": dense(2, "softmax"),
        },
        [("x", "a"), ("a", "again"), ("again", "out")],
    ),
    "shared before": built(
        {
            "x": Input(shape=(4,)),
            "first": Shared(of="a"),
            "drop": dense(4, "elu"),
            "a": dense(4),
            "sum": Add(),
            "out": dense(2, "softmax"),
        },
        [
            ("x", "first"),
            ("first", "drop"),
            ("drop", "a"),
            ("a", "sum"),
            ("first", "sum"),
            ("sum", "out"),
        ],
    ),
    "shared in a repeated group": chain(
        Group(
            body=built(
                {
                    "x": Input(shape=(1,)),
                    "a": dense(4),
                    "bn": BatchNormalization(),
                    "b": Shared(of="a"),
                    "n": Shared(of="bn"),
                },
                [("x", "a"), ("a", "bn"), ("bn", "b"), ("b", "n")],
            ),
            repeat=2,
        ),
        dense(2, "softmax"),
    ),
    "penalized and shared": built(
        {
            "x": Input(shape=(4,)),
            "a": dense(4, kernel_regularizer="L2", kernel_constraint="UnitNorm"),
            "again": Shared(of="a"),
            "out": dense(2, "softmax"),
        },
        [("x", "a"), ("a", "again"), ("again", "out")],
    ),
}


@pytest.fixture(params=GRAPHS.values(), ids=GRAPHS)
def graph(request: pytest.FixtureRequest) -> Graph:
    found: Graph = request.param
    return found


def batch(size: int = 5) -> tuple[Array, Array]:
    rng = np.random.default_rng(4)
    return rng.normal(size=(size, 4)), np.eye(2)[rng.integers(0, 2, size)]


def test_gradients_are_slopes(graph: Graph, slopes: Callable[..., Array]) -> None:
    net = Network(graph, seed=3, dtype=np.float64)
    x, y = batch()
    (out,) = graph.outputs

    def value() -> float:
        run = Run(training=True, rng=np.random.default_rng(0))
        return net.loss_and_gradients(x, {out: y}, CategoricalCrossentropy(), run).loss

    net.trained += np.random.default_rng(1).normal(size=net.trained.shape) * 0.1
    value()
    found = net.gradients.copy()
    np.testing.assert_allclose(found, slopes(value, net.trained), rtol=2e-5, atol=2e-9)


def test_what_is_counted_is_what_the_network_has(graph: Graph) -> None:
    net, found = Network(graph), diagnose(graph)
    assert found.total_parameters == net.parameter_count
    assert found.total_trainable == net.trainable_count
    for node, shape in found.shapes.items():
        assert net.shapes[node] == shape
        assert net.outputs_of(batch()[0], (node,))[node].shape[1:] == shape
    names = [f"{node}/{name}" for node in found.weights for name in found.weights[node]]
    assert sorted(names) == sorted(net.weights)


def test_it_leaves_as_the_same_network(graph: Graph, tmp_path: Path) -> None:
    net = Network(graph, seed=1)
    for weight in net.weights.values():
        weight[...] = np.random.default_rng(weight.size).uniform(0.2, 0.9, weight.shape)
    report = export_onnx(net, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(str(report.path))
    x = batch()[0].astype(np.float32)
    (name,) = [each.name for each in session.get_inputs()]
    np.testing.assert_allclose(session.run(None, {name: x})[0], net.predict(x), atol=1e-5)


def test_it_is_read_as_it_was_written(graph: Graph) -> None:
    text = json.dumps(graph.to_json())
    again = Graph.from_json(json.loads(text))
    assert again.computes_as(graph)
    assert json.dumps(again.to_json()) == text


def test_it_trains_and_a_seed_repeats(graph: Graph) -> None:
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(40, 4)), np.arange(40) % 2)
    plan = Plan(epochs=2, batch_size=16)
    assert not plan_problems(graph, data, plan)
    one, other = Network(graph, seed=1), Network(graph, seed=1)
    before = one.trained.copy()
    list(train(one, data, plan))
    list(train(other, data, plan))
    np.testing.assert_array_equal(one.trained, other.trained)
    assert (one.trained != before).any()


def test_a_group_is_the_same_layers_drawn_flat() -> None:
    flat = built(
        {"input": Input(shape=(4,)), "dense": dense(4)}
        | {f"g_{id}": node.layer for id, node in RESIDUAL.nodes.items() if id != "x"}  # type: ignore[dict-item]
        | {"out": dense(2, "softmax")},
        [
            ("input", "dense"),
            ("dense", "g_a"),
            ("g_a", "g_bn"),
            ("g_bn", "g_b"),
            ("g_b", "g_sum"),
            ("dense", "g_sum"),
            ("g_sum", "g_act"),
            ("g_act", "out"),
        ],
    )
    grouped = Network(GRAPHS["plain"], seed=2)
    drawn = Network(flat, seed=9)
    names = {"group/": "g_", "dense_1/": "out/"}
    for name, weight in grouped.weights.items():
        other = next((name.replace(a, b, 1) for a, b in names.items() if name.startswith(a)), name)
        drawn.weights[other][...] = weight
    x, y = batch()
    (out,) = GRAPHS["plain"].outputs
    ours = grouped.loss_and_gradients(x, {out: y}, CategoricalCrossentropy(), Run(training=True))
    theirs = drawn.loss_and_gradients(x, {"out": y}, CategoricalCrossentropy(), Run(training=True))
    assert ours.loss == theirs.loss
    np.testing.assert_array_equal(ours.outputs[out], theirs.outputs["out"])
    np.testing.assert_array_equal(
        np.sort(np.abs(grouped.gradients)), np.sort(np.abs(drawn.gradients))
    )


def test_a_layer_used_twice_is_that_of_keras(keras: ModuleType) -> None:
    import jax

    inputs = [keras.Input((4,)), keras.Input((4,))]
    tower = keras.layers.Dense(3, "tanh")
    apart = keras.layers.Subtract()([tower(each) for each in inputs])
    model = keras.Model(inputs, keras.layers.Dense(1)(apart))
    graph = built(
        {
            "p": Input(shape=(4,)),
            "q": Input(shape=(4,)),
            "tower": dense(3),
            "again": Shared(of="tower"),
            "apart": Subtract(),
            "out": dense(1, "linear"),
        },
        [("p", "tower"), ("q", "again"), ("tower", "apart"), ("again", "apart"), ("apart", "out")],
    )
    net = Network(graph, seed=1)
    rng = np.random.default_rng(0)
    xs = tuple(rng.normal(size=(6, 4)).astype(np.float32) for _ in range(2))
    y = rng.normal(size=(6, 1)).astype(np.float32)
    weights = [
        net.weights[name] for name in ("tower/kernel", "tower/bias", "out/kernel", "out/bias")
    ]

    def value(variables: list[Any]) -> Any:
        outputs, _ = model.stateless_call(variables, [], list(xs))
        return ((outputs - y) ** 2).mean()

    theirs, slopes = jax.value_and_grad(value)([each.copy() for each in weights])
    ours = net.loss_and_gradients(xs, {"out": y}, MeanSquaredError(), Run(training=True))
    assert ours.loss == pytest.approx(float(theirs), rel=1e-5)
    flat = np.concatenate([np.asarray(slope).ravel() for slope in slopes])
    np.testing.assert_allclose(net.gradients, flat, rtol=1e-4, atol=1e-6)


def test_a_softmax_at_the_end_of_a_group_is_trained_by_its_logits() -> None:
    net = Network(GRAPHS["the output"], dtype=np.float64)
    net.trained *= 400  # beyond where probabilities still have a logarithm
    x, y = batch()
    value = net.loss_and_gradients(x, {"group": y}, CategoricalCrossentropy(), Run()).loss
    assert value > 20


def test_names_and_counts() -> None:
    graph = GRAPHS["nested"]
    flat = expanded(graph).graph
    assert "group/2/group/1/a" in flat.nodes
    ends = expanded(graph).ends
    assert ends["group"] == "group/2/dense"
    assert ends["group/1/group"] == "group/1/group/2/act"
    assert ends["group/2/group/1/x"] == "group/1/dense"  # an Input inside is what arrives there
    assert not ends.keys() & flat.nodes.keys()
    assert set(ends.values()) <= flat.nodes.keys()
    assert graph.nodes["group"].layer.size == 2 * (2 * 5 + 1)  # type: ignore[union-attr]
    assert total_cost(graph).multiply_adds == total_cost(flat).multiply_adds
    assert expanded(RESIDUAL).graph is RESIDUAL


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Group(body=chain()), "There are no layers in the group"),
        (
            Group(
                body=built(
                    {"x": Input(shape=(4,)), "a": dense(2), "b": dense(2)}, [("x", "a"), ("x", "b")]
                )
            ),
            "a is not connected further, like b; a group has one output",
        ),
        (Group(body=chain(dense(3)), repeat=2), "It turns 4 into 3, so that it cannot follow"),
        (Group(body=chain(Layer.parse("Conv2D"))), "Conv2D needs pictures"),
        (
            Group(body=chain(Dropout(), dense(4)), repeat=1000).changed(
                body=chain(*[Dropout()] * 30)
            ),
            "It stands for 30,000 layers",
        ),
        (Shared(of="nobody"), "shares the weights of 'nobody', which is not a layer"),
        (Shared(of="input"), "shares the weights of 'input', which is not a layer"),
        (Shared(of="shared"), "shares the weights of 'shared', which is not a layer"),
        (Shared(of="other"), "whose kernel is 7 × 3; for this input it would have to be 4 × 3"),
    ],
)
def test_what_is_wrong_is_said_on_the_node(layer: Layer, words: str) -> None:
    graph = chain(layer)
    node = next(id for id in graph.nodes if id != "input")
    if layer == Shared(of="other"):
        graph, _ = graph.add(Input(shape=(7,)), id="seven")
        graph, _ = graph.add(dense(3), id="other")
        graph = graph.connect(Edge("seven", "other"))
    problems = diagnose(graph).of(node)
    assert any(words in each.what for each in problems), [each.what for each in problems]
    for fix in (fix for each in problems for fix in each.fixes):
        assert fix.graph is not None
        assert not [each for each in diagnose(fix.graph).problems if words in each.what]
    with pytest.raises(PlanError):
        Network(graph)


def test_groups_too_deep_and_layers_unknown_inside() -> None:
    data: dict[str, Any] = chain(dense(4)).to_json()
    for _ in range(40):
        data = {
            "nodes": {
                "x": {"layer": {"type": "Input", "shape": [4]}},
                "g": {"layer": {"type": "Group", "body": data}},
            },
            "edges": [["x", "g", 0]],
        }
    with pytest.raises(EngineError, match="more than 12 deep"):
        Graph.from_json(data)
    strange = chain(dense(4)).to_json()
    strange["nodes"]["dense"]["layer"] = {"type": "Warp", "factor": 9}
    graph = Graph.from_json(
        {"nodes": {"g": {"layer": {"type": "Group", "body": strange}}}, "edges": []}
    )
    assert (
        graph.to_json()["nodes"]["g"]["layer"]["body"]["nodes"]["dense"]
        == strange["nodes"]["dense"]
    )
    (problem, *_) = diagnose(graph).of("g")
    assert "has no input" in problem.what


def test_a_layer_with_a_factor_moves_by_so_much_more() -> None:
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(8, 4)), np.arange(8) % 2)
    plan = Plan.parse({"epochs": 1, "batch_size": 8, "optimizer": "SGD"})
    steps = {}
    for factor in (1.0, 0.5):
        graph = chain(
            dense(3), Group(body=chain(dense(3, learning_rate_factor=factor))), dense(2, "softmax")
        )
        net = Network(graph, seed=1)
        assert net.factors == ([] if factor == 1 else [1, 1, 0.5, 0.5, 1, 1])
        before = net.copy_weights()
        list(train(net, data, plan))
        steps[factor] = {name: net.weights[name] - before[name] for name in before}
    for name, step in steps[1.0].items():
        share = 0.5 if name.startswith("group/") else 1.0
        np.testing.assert_allclose(steps[0.5][name], share * step, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("repeat", [1, 3])
def test_taken_apart_it_computes_the_same(repeat: int) -> None:
    graph = chain(dense(4), Group(body=RESIDUAL, repeat=repeat), dense(2, "softmax"))
    flat, new = ungrouped(graph, "group")
    assert len(new) == 5 * repeat
    assert not diagnose(flat).problems
    one, other = Network(graph, seed=1), Network(flat)
    # In the order of computation both have the same arrays.
    inside = [
        [name for id in each.expansion.graph.order for name in each.weights if _node(name) == id]
        for each in (one, other)
    ]
    for name, same in zip(*inside, strict=True):
        other.weights[same][...] = one.weights[name]
    np.testing.assert_array_equal(one.predict(batch()[0]), other.predict(batch()[0]))


def _node(weight: str) -> str:
    return weight.rpartition("/")[0]


@pytest.mark.parametrize(
    ("nodes", "inputs"), [(("a", "bn", "b", "sum"), 1), (("bn", "b"), 1), (("sum", "act"), 2)]
)
def test_put_in_and_taken_out_is_what_it_was(nodes: tuple[str, ...], inputs: int) -> None:
    graph, group = grouped(RESIDUAL, nodes, diagnose(RESIDUAL).shapes)
    assert not diagnose(graph).problems
    assert graph.nodes[group].layer.arity == (inputs, inputs)  # type: ignore[union-attr]
    assert diagnose(graph).total_parameters == diagnose(RESIDUAL).total_parameters
    again, new = ungrouped(graph, group)
    assert set(new) == set(nodes)
    assert again.computes_as(RESIDUAL)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (("x", "a"), "x is where data enters"),
        (("a", "bn", "sum"), "2 of these layers lead out: bn, sum"),
        (("a", "b", "sum"), "lead out: a, sum"),
        (("bn", "sum", "act"), "2 of these layers lead out"),
    ],
)
def test_what_cannot_be_a_group_is_said(nodes: tuple[str, ...], words: str) -> None:
    with pytest.raises(EngineError) as error:
        grouped(RESIDUAL, nodes)
    assert words in error.value.what
    assert error.value.fix


def test_sharing_across_the_border_are_refused() -> None:
    shared = GRAPHS["shared"]
    with pytest.raises(EngineError, match="only one of them is selected"):
        grouped(shared, ("again",))
    graph, group = grouped(shared, ("a", "again"))
    assert not diagnose(graph).problems
    assert ungrouped(graph, group)[0].computes_as(shared)
    with pytest.raises(EngineError, match="have no input"):
        grouped(shared.disconnect(shared.edges), ("out",))
    with pytest.raises(EngineError, match="is not a group"):
        ungrouped(shared, "out")
