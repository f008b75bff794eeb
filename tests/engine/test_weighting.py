"""Weights of classes, samples and outputs: what they do, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from engine.data import Dataset
from engine.errors import DataError
from engine.graph import Edge, Graph
from engine.layers import Dense, Input, Layer
from engine.network import Network
from engine.training import (
    BatchDone,
    EpochDone,
    Finished,
    Plan,
    RunState,
    read_checkpoint,
    train,
    write_checkpoint,
)
from engine.training.fitting import plan_problems
from engine.training.weighting import Balanced, sample_weights

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 4)), RNG.choice(3, 30, p=[0.7, 0.2, 0.1])
WEIGHTS = RNG.uniform(0, 3, 30)


def plan(**settings: Any) -> Plan:
    return Plan.parse({"epochs": 2, "batch_size": 8, "optimizer": "SGD", **settings})


def two_heads() -> Graph:
    """A trunk with two outputs, ``first`` and ``second``, of three classes each."""
    graph, start = Graph().add(Input(shape=(4,)))
    graph, trunk = graph.add(Dense(units=5, activation="tanh"))
    graph = graph.connect(Edge(start, trunk))
    for id in ("first", "second"):
        graph, head = graph.add(Dense(units=3, activation="softmax"), id=id)
        graph = graph.connect(Edge(trunk, head))
    return graph


def one_head() -> Graph:
    return Graph.sequential((4,), [Dense(units=3, activation="softmax")])


def trained(graph: Graph, data: Dataset, settings: Plan) -> tuple[Network, list[Any]]:
    network = Network(graph, seed=1)
    return network, list(train(network, data, settings))


def test_balanced_is_that_of_scikit_learn() -> None:
    ours = Balanced().of_classes(Y, 3)
    np.testing.assert_allclose(ours, compute_class_weight("balanced", classes=np.arange(3), y=Y))
    assert Balanced().of_classes(np.array([0, 2]), 3).tolist() == [2 / 3, 0, 2 / 3]


def test_class_weights_are_sample_weights_by_class() -> None:
    by_class = {"type": "ByClass", "weights": [0.5, 2, 4]}
    weights = np.array([0.5, 2, 4])[Y]
    classes, told = trained(one_head(), Dataset.from_arrays(X, Y), plan(class_weights=by_class))
    samples, same = trained(one_head(), Dataset.from_arrays(X, Y, weights=weights), plan())
    np.testing.assert_array_equal(classes.trained, samples.trained)
    assert [each.loss for each in told if isinstance(each, BatchDone)] == [
        each.loss for each in same if isinstance(each, BatchDone)
    ]


def test_both_kinds_multiply_and_leave_validation_alone() -> None:
    data = Dataset.from_arrays(X, Y, weights=WEIGHTS, validation=(X, Y))
    found = sample_weights(data.train, slice(2, 5), np.array([1.0, 2.0, 3.0]))
    assert found is not None
    np.testing.assert_allclose(found, WEIGHTS[2:5] * (1 + Y[2:5]), rtol=1e-6)
    _, weighted = trained(one_head(), data, plan(class_weights="Balanced", epochs=1))
    plain = Dataset.from_arrays(X, Y, validation=(X, Y))
    network = Network(one_head(), seed=1)
    epoch = next(each for each in weighted if isinstance(each, EpochDone))
    again = list(train(network, plain, plan(epochs=1)))
    other = next(each for each in again if isinstance(each, EpochDone))
    assert epoch.train["loss"] != other.train["loss"]
    assert data.validation.weights is not None
    assert data.validation.weights.tolist() == [1.0] * 30


def test_a_sample_of_weight_zero_teaches_nothing() -> None:
    weights = np.where(Y == 2, 0.0, 1.0)
    data = Dataset.from_arrays(X, Y, weights=weights)
    other = Dataset.from_arrays(X, np.where(Y == 2, 0, Y), weights=weights, classes=("a", "b", "c"))
    one, _ = trained(one_head(), data, plan())
    two, _ = trained(one_head(), other, plan())
    np.testing.assert_array_equal(one.trained, two.trained)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_two_outputs_with_loss_weights_follow_keras(keras: ModuleType) -> None:
    goals = [
        {"type": "OutputLoss", "output": "first", "weight": 0.3},
        {"type": "OutputLoss", "output": "second", "weight": 2.0, "loss": "KLDivergence"},
    ]
    data = Dataset.from_arrays(X, Y, weights=WEIGHTS)
    network = Network(two_heads(), seed=1)
    inputs = keras.Input((4,))
    trunk = keras.layers.Dense(5, "tanh")
    heads = [keras.layers.Dense(3, "softmax", name=name) for name in ("first", "second")]
    model = keras.Model(inputs, [head(trunk(inputs)) for head in heads])
    model.compile(
        keras.optimizers.SGD(0.01),
        loss=[keras.losses.SparseCategoricalCrossentropy(), keras.losses.KLDivergence()],
        loss_weights=[0.3, 2.0],
    )
    for node, layer in (("dense", trunk), ("first", heads[0]), ("second", heads[1])):
        # Copies: JAX may go on looking at the very memory that is trained.
        layer.set_weights([network.weights[f"{node}/{name}"].copy() for name in ("kernel", "bias")])
    told = list(train(network, data, plan(outputs=goals, shuffle=False)))
    losses = []
    for start in [0, 8, 16, 24] * 2:
        chosen = slice(start, start + 8)
        y = [Y[chosen], np.eye(3)[Y[chosen]]]
        weights = [WEIGHTS[chosen]] * 2
        logs = model.train_on_batch(X[chosen], y, weights, return_dict=True)
        losses.append(logs)
        model.reset_metrics()
    ours = [each.loss for each in told if isinstance(each, BatchDone)]
    np.testing.assert_allclose(ours, [float(each["loss"]) for each in losses], rtol=1e-5)
    for node, layer in (("dense", trunk), ("first", heads[0]), ("second", heads[1])):
        for name, theirs in zip(("kernel", "bias"), layer.get_weights(), strict=True):
            np.testing.assert_allclose(network.weights[f"{node}/{name}"], theirs, atol=1e-5)


def test_each_output_tells_its_loss_and_the_sum_is_what_is_shown() -> None:
    goals = [{"type": "OutputLoss", "output": "first", "weight": 0.25}]
    data = Dataset.from_arrays(X, Y, validation=(X, Y))
    _, told = trained(two_heads(), data, plan(outputs=goals))
    for each in told:
        if isinstance(each, EpochDone):
            for found in (each.train, each.validation):
                assert list(found)[:3] == ["loss", "first loss", "second loss"]
                assert found["loss"] == pytest.approx(
                    0.25 * found["first loss"] + found["second loss"]
                )
    assert isinstance(told[-1], Finished)


@pytest.mark.parametrize("after", [1, 3, 6])
def test_a_run_with_weights_goes_on_bit_for_bit(after: int, tmp_path: Path) -> None:
    settings = plan(
        class_weights="Balanced", outputs=[{"type": "OutputLoss", "output": "first", "weight": 3}]
    )
    data = Dataset.from_arrays(X, Y, weights=WEIGHTS, validation=(X, Y))
    whole, expected = trained(two_heads(), data, settings)
    first, state = Network(two_heads(), seed=1), RunState()
    told = []
    for event in train(first, data, settings, state=state):
        told.append(event)
        if len(told) == after:
            break
    write_checkpoint(tmp_path / "run", first, state)
    second = Network(two_heads())
    told += train(second, data, settings, state=read_checkpoint(tmp_path / "run", second))
    np.testing.assert_array_equal(second.trained, whole.trained)
    epochs = [dict(each.train) for each in told if isinstance(each, EpochDone)]
    assert epochs == [dict(each.train) for each in expected if isinstance(each, EpochDone)]


NUMBERS = Dataset.from_arrays(X, X[:, :1])
CLASSES = Dataset.from_arrays(X, Y, classes=("a", "b", "c"))


@pytest.mark.parametrize(
    ("data", "settings", "what"),
    [
        (CLASSES, {"class_weights": {"type": "ByClass", "weights": [1, 2]}}, "2 class weights for"),
        (CLASSES, {"class_weights": {"type": "ByClass", "weights": [1, 2, -1]}}, "are 1, 2, -1."),
        (CLASSES, {"class_weights": {"type": "ByClass", "weights": [0, 0, 0]}}, "are 0, 0, 0."),
        (NUMBERS, {"class_weights": "Balanced", "loss": "mse"}, "the target is numbers"),
        (CLASSES, {"outputs": ["OutputLoss"]}, "'an output without a name'"),
        (CLASSES, {"outputs": [{"type": "OutputLoss", "output": "trunk"}]}, "'trunk', which is no"),
        (
            CLASSES,
            {"outputs": [{"type": "OutputLoss", "output": "dense"}] * 2},
            "two goals for dense",
        ),
        (
            CLASSES,
            {"outputs": [{"type": "OutputLoss", "output": "dense", "weight": 0}]},
            "counts 0 in the loss",
        ),
        (
            CLASSES,
            {"outputs": [{"type": "OutputLoss", "output": "dense", "loss": "Poisson"}]},
            "Poisson of dense is not for classification",
        ),
    ],
)
def test_what_is_wrong_is_said_and_every_fix_mends_it(
    data: Dataset, settings: dict[str, Any], what: str
) -> None:
    units = 3 if data is CLASSES else 1
    activation = "softmax" if data is CLASSES else "linear"
    graph = Graph.sequential((4,), [Dense.parse({"units": units, "activation": activation})])
    metrics = ["accuracy"] if data is CLASSES else ["rmse"]
    wrong = plan(metrics=metrics, **settings)
    problem = plan_problems(graph, data, wrong)[0]
    assert what in problem.what
    assert problem.fixes
    for fix in problem.fixes:
        assert fix.plan is not None
        assert not plan_problems(graph, data, fix.plan)


def test_a_loss_that_no_output_takes_is_not_looked_at() -> None:
    goals = [{"type": "OutputLoss", "output": id, "loss": "scce"} for id in ("first", "second")]
    how = plan(loss="Poisson", outputs=goals)
    assert not plan_problems(two_heads(), CLASSES, how)
    found = plan_problems(two_heads(), CLASSES, plan(loss="Poisson"))
    assert "Poisson compares numbers" in found[0].what


def test_targets_that_an_own_loss_is_not_defined_for_are_told() -> None:
    goals = [{"type": "OutputLoss", "output": "dense", "loss": "msle"}]
    graph = Graph.sequential((4,), [Dense(units=1)])
    data = Dataset.from_arrays(X, np.linspace(-1, 1, len(X)))
    (problem,) = plan_problems(graph, data, plan(loss="mse", metrics=["mae"], outputs=goals))
    assert "needs targets of at least 0" in problem.what
    assert problem.node == "dense"


def test_metrics_of_the_last_output_go_by_its_own_loss() -> None:
    goals = [
        {"type": "OutputLoss", "output": "second", "loss": {"type": "scce", "from_logits": True}}
    ]
    graph = two_heads().change("second", layer=Dense(units=3))
    how = plan(outputs=goals, metrics=["auc"])
    (problem,) = plan_problems(graph, CLASSES, how)
    assert "compares probabilities, but the output is logits" in problem.what
    assert problem.fixes[0].plan is not None
    assert problem.fixes[0].plan.loss == how.loss
    assert not plan_problems(graph, CLASSES, problem.fixes[0].plan)


@pytest.mark.parametrize("weights", [np.ones(5), np.ones((len(X), 2)), np.ones(())])
def test_weights_are_one_for_each_sample(weights: Array) -> None:
    with pytest.raises(DataError, match="weights of shape"):
        Dataset.from_arrays(X, Y, weights=weights)


def test_an_output_with_a_loss_of_its_own_is_judged_by_it() -> None:
    goals = [{"type": "OutputLoss", "output": "second", "loss": "Hinge"}]
    problems = plan_problems(two_heads(), CLASSES, plan(outputs=goals))
    assert [each.node for each in problems] == ["second"]
    assert all(fix.plan is None for each in problems for fix in each.fixes)
    layer: Layer = Layer.parse({"type": "Dense", "units": 3})
    mended = two_heads().change("second", layer=layer)
    assert not plan_problems(mended, CLASSES, plan(outputs=goals))
