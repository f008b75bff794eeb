"""What a plan measures and watches: what does not suit is told with a fix, the rest arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Dense
from engine.metrics import ConfusionMatrix, Metric, Scatter
from engine.network import Network
from engine.training import (
    EpochDone,
    Finished,
    Plan,
    RunState,
    read_checkpoint,
    train,
    write_checkpoint,
)
from engine.training.fitting import plan_problems

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
THREE = Dataset.from_arrays(X, np.arange(40) % 3, validation=(X, np.arange(40) % 3))
TWO = Dataset.from_arrays(X, np.arange(40) % 2, test=(X, np.arange(40) % 2))
NUMBERS = Dataset.from_arrays(X, X[:, :2], test=(X, X[:, :2]))


def graph(units: int, activation: str = "softmax") -> Graph:
    return Graph.sequential((4,), [Dense.parse({"units": units, "activation": activation})])


def plan(*metrics: Any, **settings: Any) -> Plan:
    return Plan.parse({"metrics": metrics, "epochs": 2, "batch_size": 16, **settings})


@pytest.mark.parametrize(
    ("units", "data", "settings", "what"),
    [
        (3, THREE, plan("Precision"), "Precision is that of one class of two, but the network"),
        (3, THREE, plan({"type": "TopKCategoricalAccuracy", "k": 3}), "Top-3 accuracy is always 1"),
        (2, TWO, plan({"type": "TopKCategoricalAccuracy", "k": 9}), "Top-9 accuracy is always 1"),
        (3, THREE, plan("mse"), "MSE is for regression, but the data is for classification"),
        (3, THREE, plan("accuracy", "accuracy"), "Accuracy is measured twice"),
        (
            3,
            THREE,
            plan(callbacks=[{"type": "EarlyStopping", "monitor": "validation macro F1"}]),
            "EarlyStopping watches 'validation macro F1', which is not measured",
        ),
        (
            3,
            THREE,
            plan(callbacks=[{"type": "EarlyStopping", "monitor": "validation accuracy"}]),
            "watches 'validation accuracy'",
        ),
    ],
)
def test_what_does_not_suit_is_said_and_every_fix_mends_it(
    units: int, data: Dataset, settings: Plan, what: str
) -> None:
    problem = plan_problems(graph(units), data, settings)[0]
    assert what in problem.what
    assert problem.fixes
    for fix in problem.fixes:
        assert fix.plan is not None
        assert not plan_problems(graph(units), data, fix.plan)


def test_a_threshold_of_one_half_says_nothing_about_logits() -> None:
    loss = {"type": "BinaryCrossentropy", "from_logits": True}
    settings = plan("accuracy", "Precision", "AUC", loss=loss)
    problem = plan_problems(graph(1, "linear"), TWO, settings)[0]
    assert "separates no from yes at 0" in problem.what
    (fix,) = problem.fixes
    assert fix.plan is not None
    assert [getattr(each, "threshold", None) for each in fix.plan.metrics] == [0, 0, None]


@pytest.mark.parametrize("after", [1, 4])
@pytest.mark.parametrize("kind", Metric.kinds)
def test_every_metric_goes_on_from_a_checkpoint(kind: str, after: int, tmp_path: Path) -> None:
    settings = plan(kind)
    if Metric.kinds[kind].task == "regression":
        data, drawn = NUMBERS, graph(2, "linear")
        settings = settings.changed(loss="MeanSquaredError")
    elif kind == "TopKCategoricalAccuracy":
        data, drawn = THREE, graph(3)
        settings = plan({"type": kind, "k": 2})
    else:
        data, drawn = TWO, graph(2)
    whole = list(train(Network(drawn), data, settings))
    network, state, told = Network(drawn), RunState(), []
    for event in train(network, data, settings, state=state):
        told.append(event)
        if len(told) == after:
            break
    write_checkpoint(tmp_path / "run", network, state)
    second = Network(drawn, seed=5)
    told += train(second, data, settings, state=read_checkpoint(tmp_path / "run", second))
    scores = [each.train for each in told if isinstance(each, EpochDone)]
    assert scores == [each.train for each in whole if isinstance(each, EpochDone)]
    name = settings.metrics[0].name
    assert all(np.isfinite(each[name]) for each in scores)


def test_a_run_ends_with_true_against_predicted() -> None:
    network = Network(graph(3))
    *_, last = train(network, THREE, plan("accuracy"))
    assert isinstance(last, Finished)
    (matrix,) = last.comparisons.values()
    assert isinstance(matrix, ConfusionMatrix)
    assert (matrix.part, matrix.classes, matrix.total) == ("validation", ("0", "1", "2"), 40)
    expected = confusion_matrix(THREE.validation.y, network.predict(X).argmax(axis=1))
    np.testing.assert_array_equal(matrix.counts, expected)


def test_numbers_are_compared_in_their_own_unit() -> None:
    network = Network(graph(2, "linear"))
    *_, last = train(network, NUMBERS, plan("mae", loss="mse"))
    assert isinstance(last, Finished)
    (scatter,) = last.comparisons.values()
    assert isinstance(scatter, Scatter)
    assert scatter.part == "test"
    np.testing.assert_allclose(scatter.true, X[:, :2], rtol=1e-6)
    np.testing.assert_allclose(scatter.predicted, network.predict(X), rtol=1e-6)
