"""A graph with weights: gradients of whole networks, prediction, loading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.data import Dataset, DataSetup, prepare, sources
from engine.diagnosis import MAX_PARAMETERS, diagnose
from engine.errors import PlanError, ShapeError
from engine.graph import Edge, Graph, UnknownLayer
from engine.layers import Dense, Dropout, Input, Layer, Run
from engine.losses import (
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from engine.network import Network
from engine.training import EpochDone, Plan, train

Array = np.ndarray[Any, Any]


def built(nodes: dict[str, Any], edges: list[str]) -> Graph:
    """A graph from layers by name, and edges as ``"source target port"``."""
    graph = Graph()
    for name, layer in nodes.items():
        graph, _ = graph.add(Layer.parse(layer), id=name)
    for edge in edges:
        source, target, *port = edge.split()
        graph = graph.connect(Edge(source, target, int(*port)))
    return graph


def dense(units: int, activation: Any = "tanh", **more: Any) -> dict[str, Any]:
    return {"type": "Dense", "units": units, "activation": activation, **more}


def image(*shape: int) -> dict[str, Any]:
    return {"type": "Input", "shape": shape}


BRANCHES = built(
    {"x": image(3), "wide": dense(4), "left": dense(4), "right": dense(4, "sigmoid"), "sum": "Add"}
    | {"all": "Concatenate", "out": dense(2, "linear")},
    ["x wide", "wide left", "wide right", "left sum", "right sum 1", "sum all"],
)
for _edge in (Edge("wide", "all", 1), Edge("x", "all", 2), Edge("all", "out")):
    BRANCHES = BRANCHES.connect(_edge)
RESIDUAL = built(
    {"x": image(4), "a": dense(4), "plus": "Add", "act": {"type": "Activation"}, "b": dense(4)}
    | {"plus2": "Add", "out": dense(3, "softmax")},
    ["x a", "a plus", "x plus 1", "plus act", "act b", "b plus2", "plus plus2 1", "plus2 out"],
)
TWO_IN_TWO_OUT = built(
    {"x": image(3), "y": image(2), "a": dense(4), "b": dense(4), "sum": "Add"}
    | {"one": dense(2, "linear"), "two": dense(3, "linear"), "mid": dense(5)},
    ["x a", "y b", "a sum", "b sum 1", "sum one", "sum mid", "mid two"],
)
INPUT_IN_TWO_PLACES = built(
    {"x": image(3), "a": dense(3), "sum": "Add", "act": {"type": "Activation"}},
    ["x a", "x sum", "a sum 1", "sum act"],
)
PENALIZED = built(
    {"x": image(3), "a": dense(4, kernel_regularizer={"type": "L2", "l2": 0.1})}
    | {"out": dense(2, "linear", kernel_regularizer={"type": "L1L2", "l1": 0.05, "l2": 0.02})},
    ["x a", "a out"],
)
L1L2 = {"type": "L1L2", "l1": 0.05, "l2": 0.1}
PENALIZED_OUTPUTS = built(
    {"x": image(3), "a": dense(4, activity_regularizer=L1L2, bias_regularizer=L1L2)}
    | {"b": dense(3, "softplus", activity_regularizer="OrthogonalRegularizer")}
    | {"out": dense(2, "softmax", activity_regularizer=L1L2)},
    ["x a", "a b", "b out"],
)
PICTURES = built(
    {"x": image(6, 6, 2), "conv": {"type": "Conv2D", "filters": 3, "activation": "tanh"}}
    | {"norm": "BatchNormalization", "pool": "AveragePooling2D", "flat": "Flatten"}
    | {"scale": {"type": "Rescaling", "scale": 0.5}, "out": dense(2, "sigmoid")},
    ["x scale", "scale conv", "conv norm", "norm pool", "pool flat", "flat out"],
)


def smooth(graph: Graph) -> Graph:
    """Nothing but smooth functions, so that differences see no kinks."""
    for node in graph.nodes.values():
        if isinstance(node.layer, Layer) and node.layer.kind == "Activation":
            graph = graph.change(node.id, layer=node.layer.changed(activation="tanh"))
    return graph


def cases() -> Iterator[Any]:
    yield pytest.param(BRANCHES, MeanSquaredError(), id="branches")
    yield pytest.param(smooth(RESIDUAL), CategoricalCrossentropy(), id="residual")
    yield pytest.param(TWO_IN_TWO_OUT, MeanSquaredError(), id="two in, two out")
    yield pytest.param(smooth(INPUT_IN_TWO_PLACES), MeanSquaredError(), id="input twice")
    yield pytest.param(PENALIZED, MeanSquaredError(), id="penalized")
    yield pytest.param(PENALIZED_OUTPUTS, MeanSquaredError(), id="penalized outputs")
    yield pytest.param(PENALIZED_OUTPUTS, CategoricalCrossentropy(), id="penalized shares")
    yield pytest.param(PICTURES, CategoricalCrossentropy(), id="pictures")


def batch(net: Network, size: int = 4) -> tuple[tuple[Array, ...], dict[str, Array]]:
    rng = np.random.default_rng(8)
    xs = tuple(rng.normal(size=(size, *net.shapes[node])) for node in net.graph.inputs)
    return xs, {
        node: np.eye(net.shapes[node][-1])[rng.integers(0, net.shapes[node][-1], size)]
        for node in net.graph.outputs
    }


@pytest.mark.parametrize(("graph", "loss"), list(cases()))
def test_gradients_are_slopes(graph: Graph, loss: Loss, slopes: Callable[..., Array]) -> None:
    net = Network(graph, seed=3, dtype=np.float64)
    xs, targets = batch(net)

    def value() -> float:
        return net.loss_and_gradients(xs, targets, loss, Run(training=True))[0]

    # Weights of zero have no slope under L1, and zero biases can hide mistakes.
    net.trained += np.random.default_rng(1).normal(size=net.trained.shape) * 0.1
    value()
    found = net.gradients.copy()
    assert np.abs(found).min() > 0 or graph is PICTURES, "a weight without effect checks nothing"
    np.testing.assert_allclose(found, slopes(value, net.trained), rtol=2e-5, atol=2e-9)


@pytest.mark.parametrize(("graph", "loss"), list(cases()))
def test_single_precision_stays_and_inputs_are_not_written_to(graph: Graph, loss: Loss) -> None:
    net = Network(graph)
    xs, targets = batch(net)
    xs = tuple(x.astype(np.float32) for x in xs)
    for array in (*xs, *targets.values()):
        array.flags.writeable = False
    before = [x.copy() for x in xs]
    tape = net.forward(xs, Run(training=True))
    assert {value.dtype for value in tape.values} == {np.dtype(np.float32)}
    net.loss_and_gradients(xs, targets, loss, Run(training=True))
    assert net.gradients.dtype == np.float32
    for x, old in zip(xs, before, strict=True):
        np.testing.assert_array_equal(x, old)


@pytest.mark.parametrize(("graph", "loss"), list(cases()))
def test_prediction_is_the_forward_pass(graph: Graph, loss: Loss) -> None:
    net = Network(graph, dtype=np.float64)
    xs, _ = batch(net, 7)
    tape = net.forward(xs, Run())
    expected = [tape.values[graph.order.index(node)] for node in graph.outputs]
    for batch_size in (1, 3, 7, 256):
        found = net.predict(xs, batch_size)
        found = found if isinstance(found, tuple) else (found,)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
    everything = net.outputs_of(xs, graph.nodes)
    for node, value in everything.items():
        np.testing.assert_allclose(value, tape.values[graph.order.index(node)], atol=1e-15)
        assert not any(np.shares_memory(value, weight) for weight in net.weights.values())
        assert not any(np.shares_memory(value, x) for x in xs)


@pytest.mark.parametrize(("graph", "loss"), list(cases()))
def test_inferred_shapes_are_the_real_ones(graph: Graph, loss: Loss) -> None:
    net = Network(graph)
    xs, _ = batch(net, 2)
    for node, value in net.outputs_of(xs, graph.nodes).items():
        assert value.shape == (2, *diagnose(graph).shapes[node])
    none = tuple(x[:0] for x in xs)
    for node, value in net.outputs_of(none, graph.nodes).items():
        assert value.shape == (0, *diagnose(graph).shapes[node])


def test_gradients_do_not_linger_where_nothing_is_asked() -> None:
    net = Network(TWO_IN_TWO_OUT, dtype=np.float64)
    xs, targets = batch(net)
    net.loss_and_gradients(xs, targets, MeanSquaredError(), Run(training=True))
    net.loss_and_gradients(xs, {"one": targets["one"]}, MeanSquaredError(), Run(training=True))
    lone = Network(TWO_IN_TWO_OUT, dtype=np.float64)
    lone.loss_and_gradients(xs, {"one": targets["one"]}, MeanSquaredError(), Run(training=True))
    np.testing.assert_array_equal(net.gradients, lone.gradients)
    assert (net.gradients == 0).sum() == 4 * 5 + 5 + 5 * 3 + 3


def test_the_loss_of_several_outputs_is_their_sum() -> None:
    net = Network(TWO_IN_TWO_OUT, dtype=np.float64)
    xs, targets = batch(net)
    loss = MeanSquaredError()
    both = net.loss(xs, targets, loss)[0]
    assert both == pytest.approx(
        sum(net.loss(xs, {node: y}, loss)[0] for node, y in targets.items())
    )


def test_penalties_are_in_the_training_loss_only() -> None:
    net = Network(PENALIZED, dtype=np.float64)
    xs, targets = batch(net)
    bare, _, _ = net.loss(xs, targets, MeanSquaredError())
    value, _, _ = net.loss_and_gradients(xs, targets, MeanSquaredError(), Run(training=True))
    a, out = net.weights["a/kernel"], net.weights["out/kernel"]
    expected = 0.1 * (a**2).sum() + 0.05 * np.abs(out).sum() + 0.02 * (out**2).sum()
    assert value - bare == pytest.approx(expected)
    assert net.penalty() == pytest.approx(expected)


def test_one_array_goes_to_every_input() -> None:
    graph = built(
        {"x": image(3), "y": image(3), "sum": "Add", "out": dense(1)},
        ["x sum", "y sum 1", "sum out"],
    )
    x = np.random.default_rng(0).normal(size=(2, 3))
    net = Network(graph)
    np.testing.assert_array_equal(net.predict(x), net.predict((x, x)))


def test_weights_are_drawn_from_the_seed() -> None:
    one, same, other = (Network(RESIDUAL, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.trained, same.trained)
    assert (one.trained != other.trained).any()
    assert not one.weights["a/bias"].any()
    limit = np.sqrt(6 / 8)
    assert np.abs(one.weights["a/kernel"]).max() <= limit
    assert not np.array_equal(one.weights["a/kernel"], one.weights["b/kernel"])


def test_weights_are_views_of_what_is_trained() -> None:
    net = Network(PICTURES)
    net.trained[:] = 7
    moving = {"norm/moving_mean", "norm/moving_variance"}
    assert set(net.weights) > moving
    for name, weight in net.weights.items():
        assert (weight == 7).all() == (name not in moving)
    assert net.parameter_count == diagnose(PICTURES).total_parameters
    assert net.trainable_count == diagnose(PICTURES).total_trainable == net.parameter_count - 6


def test_weights_come_back_as_saved() -> None:
    net, other = Network(PICTURES, seed=1), Network(PICTURES, seed=2)
    saved = net.copy_weights()
    other.load_weights(saved)
    for name, weight in other.weights.items():
        np.testing.assert_array_equal(weight, saved[name])
        assert not np.shares_memory(net.weights[name], saved[name])
    xs, _ = batch(net)
    np.testing.assert_array_equal(other.predict(xs), net.predict(xs))


@pytest.mark.parametrize("spoil", ["missing", "unknown", "shape"])
def test_weights_that_do_not_fit_change_nothing(spoil: str) -> None:
    net = Network(PENALIZED)
    before = net.copy_weights()
    weights = {name: weight + 1 for name, weight in before.items()}
    match spoil:
        case "missing":
            del weights["out/kernel"]
        case "unknown":
            weights["zzz/kernel"] = np.zeros(3)
        case "shape":
            weights["out/kernel"] = weights["out/kernel"].T
    with pytest.raises(ShapeError, match=r"kernel.*Train the network again\."):
        net.load_weights(weights)
    for name, weight in net.weights.items():
        np.testing.assert_array_equal(weight, before[name])


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (Graph(), "no layers"),
        (Graph().add(Input(shape=(2,)))[0], "no layers"),
        (Graph().add(Dense())[0], "no Input"),
        (Graph.sequential((2,), []).add(Dense())[0], "has no input"),
        (Graph.sequential((2,), []).add(UnknownLayer("Warp", "Warp"))[0], "does not know"),
        (
            Graph.sequential((60_000,), [Dense(units=60_000)]),
            f"{60_000**2 + 60_000:,} parameters; {MAX_PARAMETERS:,} are possible",
        ),
    ],
)
def test_what_cannot_run_is_refused(graph: Graph, words: str) -> None:
    with pytest.raises(PlanError, match=words) as caught:
        Network(graph)
    assert caught.value.fix


def test_samples_of_another_shape_are_refused() -> None:
    net = Network(TWO_IN_TWO_OUT)
    with pytest.raises(ShapeError, match="x takes samples of 3, but these are 5"):
        net.predict((np.zeros((2, 5)), np.zeros((2, 2))))
    with pytest.raises(ShapeError, match="has 2 inputs, but 3 arrays came"):
        net.predict((np.zeros((2, 3)),) * 3)


def test_statistics_of_a_batch_that_overflowed_are_not_kept() -> None:
    net = Network(PICTURES)
    xs, _ = batch(net)
    with np.errstate(all="ignore"):
        net.forward((xs[0] * np.inf,), Run(training=True))
    assert all(np.isfinite(weight).all() for weight in net.weights.values())


def test_predicting_leaves_statistics_alone() -> None:
    net = Network(PICTURES)
    before = net.copy_weights()
    net.predict(batch(net)[0])
    for name, weight in net.weights.items():
        np.testing.assert_array_equal(weight, before[name])


COURSE_CNN = Graph.sequential(
    (28, 28, 1),
    [
        Layer.parse({"type": "Conv2D", "filters": 32, "kernel_size": 3, "activation": "relu"}),
        Layer.parse("MaxPooling2D"),
        Layer.parse({"type": "Conv2D", "filters": 64, "kernel_size": 3, "activation": "relu"}),
        Layer.parse("MaxPooling2D"),
        Layer.parse("Flatten"),
        Layer.parse({"type": "Dense", "units": 10, "activation": "sigmoid"}),
    ],
)


def test_the_cnn_of_the_course_has_its_printed_sizes() -> None:
    found = diagnose(COURSE_CNN)
    printed = {
        "conv2d": ((26, 26, 32), 320),
        "max_pooling2d": ((13, 13, 32), 0),
        "conv2d_1": ((11, 11, 64), 18_496),
        "max_pooling2d_1": ((5, 5, 64), 0),
        "flatten": ((1600,), 0),
        "dense": ((10,), 16_010),
    }
    for node, (shape, parameters) in printed.items():
        assert (found.shapes[node], found.parameters(node)) == (shape, parameters)
    assert found.total_parameters == 34_826
    net = Network(COURSE_CNN)
    assert (net.parameter_count, net.trainable_count) == (34_826, 34_826)
    assert net.predict(np.zeros((2, 28, 28, 1))).shape == (2, 10)


def same_mlp(keras: ModuleType) -> tuple[Network, Any]:
    relu, last = dense(16, "relu"), dense(3, "softmax")
    net = Network(Graph.sequential((5,), [Layer.parse(relu), Layer.parse(last)]), seed=4)
    theirs = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    theirs.set_weights([weight.copy() for weight in net.weights.values()])
    return net, theirs


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_epochs_of_training_are_those_of_keras(keras: ModuleType) -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(203, 5)).astype(np.float32)
    y = rng.integers(0, 3, 203)
    net, theirs = same_mlp(keras)
    theirs.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    history = theirs.fit(x, y, batch_size=32, epochs=2, shuffle=False, verbose=0).history
    plan = Plan.parse(
        {
            "loss": SparseCategoricalCrossentropy(),
            "optimizer": {"type": "Adam", "learning_rate": 0.01},
            "epochs": 2,
            "shuffle": False,
        }
    )
    data = Dataset.from_arrays(x, y)
    done = [event for event in train(net, data, plan) if isinstance(event, EpochDone)]
    for name, ours in (("loss", "loss"), ("accuracy", "accuracy")):
        found = [event.train[ours] for event in done]
        np.testing.assert_allclose(found, history[name], rtol=1e-5)
    for ours, weight in zip(net.weights.values(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours, weight, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("axis", "is_recognized"), [(-1, True), (2, True), (1, False), (-2, False)]
)
def test_only_a_softmax_over_the_classes_gives_its_logits(axis: int, is_recognized: bool) -> None:
    softmax = {"type": "softmax", "axis": axis}
    graph = built({"x": image(3, 2), "out": dense(4, softmax)}, ["x out"])
    net = Network(graph, dtype=np.float64)
    net.trained *= 40  # shares that rounding turns to 0, where the two ways differ
    x, labels = np.random.default_rng(0).normal(size=(5, 3, 2)), np.zeros((5, 3), int)
    value, _, _ = net.loss_and_gradients(x, {"out": labels}, SparseCategoricalCrossentropy(), Run())
    share = net.predict(x) / net.predict(x).sum(axis=-1, keepdims=True)
    exact = -np.log(share[..., 0]).mean()
    clipped = -np.log(np.clip(share[..., 0], 1e-7, 1 - 1e-7)).mean()
    assert abs(exact - clipped) > 1e-3
    assert value == pytest.approx(exact if is_recognized else clipped, rel=1e-9)


def test_penalties_on_outputs_are_those_of_keras(keras: ModuleType) -> None:
    import jax

    net = Network(PENALIZED_OUTPUTS, seed=1)
    net.trained += 0.1
    xs, targets = batch(net, 6)
    layers = keras.layers
    penalty = keras.regularizers.L1L2(0.05, 0.1)
    orthogonal = keras.regularizers.OrthogonalRegularizer()
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4, "tanh", activity_regularizer=penalty, bias_regularizer=penalty),
            layers.Dense(3, "softplus", activity_regularizer=orthogonal),
            layers.Dense(2, "softmax", activity_regularizer=penalty),
        ]
    )
    weights = [
        net.weights[f"{node}/{name}"] for node in ["a", "b", "out"] for name in ("kernel", "bias")
    ]
    loss = keras.losses.CategoricalCrossentropy()

    def value(variables: list[Any]) -> Any:
        outputs, _, penalties = model.stateless_call(
            variables, [], xs[0].astype(np.float32), return_losses=True
        )
        return loss(targets["out"], outputs) + sum(penalties)

    theirs, slopes = jax.value_and_grad(value)(weights)
    ours, _, _ = net.loss_and_gradients(xs, targets, CategoricalCrossentropy(), Run(training=True))
    assert ours == pytest.approx(float(theirs), rel=1e-5)
    flat = np.concatenate([np.asarray(slope).ravel() for slope in slopes])
    np.testing.assert_allclose(net.gradients, flat, rtol=1e-5, atol=1e-6)
    seen, _, _ = net.loss(xs, targets, CategoricalCrossentropy())
    assert seen + net.penalty() == pytest.approx(float(theirs), rel=1e-5)


def test_weights_are_held_to_their_constraints() -> None:
    iris = prepare(DataSetup(source=sources.BuiltIn(name="iris")))
    limited = {"kernel_constraint": {"type": "MaxNorm", "max_value": 0.5}}
    graph = built(
        {"x": image(4), "a": dense(8, "relu", **limited)}
        | {"out": dense(3, "softmax", kernel_constraint="UnitNorm", bias_constraint="NonNeg")},
        ["x a", "a out"],
    )
    net = Network(graph)
    plan = Plan.parse({"epochs": 3, "optimizer": {"type": "Adam", "learning_rate": 0.05}})
    events = list(train(net, iris, plan))
    lengths = np.linalg.norm(net.weights["a/kernel"], axis=0)
    assert lengths.max() <= 0.5001
    assert lengths.max() > 0.49, "nothing was held back"
    assert net.weights["out/bias"].min() == 0
    np.testing.assert_allclose(np.linalg.norm(net.weights["out/kernel"], axis=0), 1, rtol=1e-5)
    losses = [event.train["loss"] for event in events if isinstance(event, EpochDone)]
    assert losses[-1] < losses[0]


def freeze(graph: Graph, *nodes: str) -> Graph:
    for node in nodes:
        layer = graph.nodes[node].layer
        assert isinstance(layer, Layer)
        graph = graph.change(node, layer=layer.changed(trainable=False))
    return graph


def test_frozen_layers_do_not_learn_and_those_before_them_do() -> None:
    frozen = freeze(PICTURES, "norm", "out")
    net, whole = Network(frozen, seed=2), Network(PICTURES, seed=2)
    before = net.copy_weights()
    assert net.parameter_count == whole.parameter_count
    assert net.trainable_count == net.weights["conv/kernel"].size + net.weights["conv/bias"].size
    assert diagnose(frozen).trainable_parameters("norm") == 0
    assert diagnose(frozen).parameters("norm") == diagnose(PICTURES).parameters("norm")
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(weight, before[name])  # they start the same
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(40, 6, 6, 2)), rng.normal(size=(40, 2)))
    plan = Plan.parse({"loss": "mse", "epochs": 2, "metrics": [], "optimizer": "Adam"})
    for _ in train(net, data, plan):
        pass
    moved = {name for name, weight in net.weights.items() if (weight != before[name]).any()}
    assert moved == {"conv/kernel", "conv/bias"}


def test_gradients_are_slopes_around_frozen_layers(slopes: Callable[..., Array]) -> None:
    net = Network(freeze(PICTURES, "norm", "out"), seed=3, dtype=np.float64)
    xs, targets = batch(net)

    def value() -> float:
        run = Run(training=True)
        return net.loss_and_gradients(xs, targets, CategoricalCrossentropy(), run)[0]

    value()
    found = net.gradients.copy()
    np.testing.assert_allclose(found, slopes(value, net.trained), rtol=2e-5, atol=2e-9)


def test_a_frozen_batch_normalization_is_that_of_keras(keras: ModuleType) -> None:
    layer = Layer.parse({"type": "BatchNormalization", "trainable": False})
    rng = np.random.default_rng(0)
    shapes = ((5, 3),)
    w = {name: rng.uniform(0.5, 2, 3).astype(np.float32) for name in layer.weights(shapes)}
    x = rng.normal(size=(4, 5, 3)).astype(np.float32)
    twin = keras.layers.BatchNormalization(trainable=False)
    twin.build((None, 5, 3))
    for variable in twin.weights:
        variable.assign(w[variable.name])
    run = Run(training=True)
    ours, _ = layer.forward(w, run, x)
    np.testing.assert_allclose(ours, twin(x, training=True), rtol=1e-5, atol=1e-5)
    assert not run.updates


def test_a_frozen_layer_has_no_penalty() -> None:
    assert Network(PENALIZED).penalty() > 0
    assert Network(freeze(PENALIZED, "a", "out")).penalty() == 0


def test_frozen_layers_stay_frozen_in_a_file() -> None:
    frozen = freeze(PICTURES, "conv", "norm")
    again = Graph.from_json(frozen.to_json())
    assert diagnose(again).total_trainable == diagnose(frozen).total_trainable
    old = PICTURES.to_json()
    for node in old["nodes"].values():
        if isinstance(node["layer"], dict):
            node["layer"].pop("trainable", None)
    assert Graph.from_json(old).computes_as(PICTURES), "files from before the setting"


def test_predictions_make_no_random_generator(monkeypatch):
    net = Network(Graph.sequential((3,), [Dense(units=2), Dropout(rate=0.5)]), seed=0)
    x = np.ones((1, 3), np.float32)
    before = net.predict(x)
    monkeypatch.setattr(np.random, "default_rng", None)
    np.testing.assert_array_equal(net.predict(x), before)
