"""Names of what is watched: ours and Keras'; and several outputs, each measured by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.data import Dataset
from engine.graph import Edge, Graph
from engine.layers import Input, Layer
from engine.metrics import Metric
from engine.network import Network
from engine.training import EpochDone, Finished, Plan, RunState, evaluate, train
from engine.training.fitting import plan_problems
from engine.training.monitoring import resolved

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
DATA = Dataset.from_arrays(X, np.arange(40) % 2, validation=(X, np.arange(40) % 2))
METRICS = ("accuracy", "F1Score", {"type": "TopKCategoricalAccuracy", "k": 3}, "mse")


@pytest.mark.parametrize(
    ("monitor", "name"),
    [
        ("validation loss", "validation loss"),
        ("val_loss", "validation loss"),
        ("loss", "training loss"),
        ("accuracy", "training accuracy"),
        ("val_accuracy", "validation accuracy"),
        ("val_acc", "validation accuracy"),
        ("training F1", "training F1"),
        ("val_f1_score", "validation F1"),
        ("val_top_k_categorical_accuracy", "validation top-3 accuracy"),
        ("val_mean_squared_error", "validation MSE"),
        ("val_mse", "validation MSE"),
        ("val_precision", None),
        ("val_", None),
        ("", None),
        ("lr", None),
    ],
)
def test_keras_names_are_understood(monitor: str, name: str | None) -> None:
    metrics = tuple(Metric.parse(each) for each in METRICS)
    assert resolved(monitor, ("dense",), metrics) == name


def test_outputs_are_named_as_in_keras() -> None:
    metrics = (Metric.parse("accuracy"),)
    outputs = ("head_a", "head_b")
    assert resolved("val_head_a_accuracy", outputs, metrics) == "validation head_a accuracy"
    assert resolved("head_a_loss", outputs, metrics) == "training head_a loss"
    assert resolved("validation head_b accuracy", outputs, metrics) == "validation head_b accuracy"
    # As in files from before every output was measured.
    assert resolved("validation accuracy", outputs, metrics) == "validation head_b accuracy"


def two_heads() -> Graph:
    graph, start = Graph().add(Input(shape=(3,)))
    for id in ("head_a", "head_b"):
        head = Layer.parse({"type": "Dense", "units": 2, "activation": "softmax"})
        graph, end = graph.add(head, id=id)
        graph = graph.connect(Edge(start, end))
    return graph


def plan(**more: Any) -> Plan:
    return Plan.parse({"epochs": 12, "batch_size": 8, **more})


def test_every_output_is_measured_by_name() -> None:
    network, settings = Network(two_heads(), seed=1), plan()
    *_, last = train(network, DATA, settings)
    assert isinstance(last, Finished)
    assert list(last.comparisons) == ["head_a", "head_b"]
    found = evaluate(network, DATA.validation, settings, DATA.targets)
    for node, y in zip(("head_a", "head_b"), network.predict(X), strict=True):
        share = float((y.argmax(axis=1) == DATA.validation.y).mean())
        assert found[f"{node} accuracy"] == pytest.approx(share)
        assert last.comparisons[node].right / 40 == pytest.approx(share)
    heads = {f"{node} {name}" for node in ("head_a", "head_b") for name in ("loss", "accuracy")}
    assert set(found) == {"loss", *heads}


def test_a_run_watches_what_keras_calls_it_and_goes_on_bit_for_bit() -> None:
    callbacks = [
        {"type": "EarlyStopping", "monitor": "val_head_a_accuracy", "patience": 9},
        {"type": "ReduceLROnPlateau", "monitor": "val_loss", "patience": 1, "min_delta": 0.5},
    ]
    settings = plan(callbacks=callbacks)
    assert not plan_problems(two_heads(), DATA, settings)
    whole = Network(two_heads(), seed=1)
    events = list(train(whole, DATA, settings))
    rates = [each.learning_rate for each in events if isinstance(each, EpochDone)]
    assert rates[-1] < rates[0]
    again, state = Network(two_heads(), seed=1), RunState()
    for event in train(again, DATA, settings, state=state):
        if isinstance(event, EpochDone) and event.epoch == 3:
            break
    left = list(train(again, DATA, settings, state=state.copy()))
    more = [each.learning_rate for each in left if isinstance(each, EpochDone)]
    assert more == rates[3:]
    np.testing.assert_array_equal(whole.trained, again.trained)


def test_an_unknown_name_is_told_with_those_that_are_known() -> None:
    watching = plan(callbacks=[{"type": "EarlyStopping", "monitor": "val_lss"}])
    (problem,) = plan_problems(two_heads(), DATA, watching)
    assert problem.what == "EarlyStopping watches 'val_lss', which is not measured."
    assert "validation loss, validation head_a loss" in problem.todo
    assert "val_loss" in problem.todo
    assert not plan_problems(two_heads(), DATA, problem.fixes[-1].plan)
    measuring = plan(callbacks=[{"type": "EarlyStopping", "monitor": "val_f1_score"}])
    (problem,) = plan_problems(two_heads(), DATA, measuring)
    assert problem.fixes[0].label == "Measure F1"
    assert not plan_problems(two_heads(), DATA, problem.fixes[0].plan)
