"""Metrics against Keras and scikit-learn, over batches of several sizes."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine import metrics
from engine.metrics import Metric

Array = np.ndarray[Any, Any]
BATCHES = (32, 32, 7, 1)


def over_batches(metric: Metric, y_true: Array, y_pred: Array) -> float:
    total, count, start = 0.0, 0, 0
    for size in BATCHES:
        part = slice(start, start + size)
        more, samples = metric.sums(y_true[part], y_pred[part])
        total, count, start = total + more, count + samples, start + size
    assert start == len(y_true)
    return metric.result(total, count)


def of_keras(theirs: Any, y_true: Array, y_pred: Array) -> float:
    start = 0
    for size in BATCHES:
        theirs.update_state(y_true[start : start + size], y_pred[start : start + size])
        start += size
    return float(theirs.result())


def labels_and_scores(outputs: int, classes: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(11)
    size = sum(BATCHES)
    return rng.integers(0, classes, size), rng.random((size, outputs), np.float32)


def test_accuracy_of_several_classes(keras: ModuleType) -> None:
    from sklearn.metrics import accuracy_score

    y, p = labels_and_scores(4, 4)
    found = over_batches(metrics.Accuracy(), y, p)
    assert found == pytest.approx(of_keras(keras.metrics.SparseCategoricalAccuracy(), y, p))
    assert found == pytest.approx(accuracy_score(y, p.argmax(axis=1)))


def test_accuracy_of_one_output(keras: ModuleType) -> None:
    y, p = labels_and_scores(1, 2)
    found = over_batches(metrics.Accuracy(), y, p)
    assert found == pytest.approx(of_keras(keras.metrics.BinaryAccuracy(), y[:, None], p))


@pytest.mark.parametrize("threshold", [0.5, 0.2, 0.0])
def test_binary_accuracy(threshold: float, keras: ModuleType) -> None:
    y, p = labels_and_scores(1, 2)
    p = p - (threshold == 0) * np.float32(0.5)  # logits
    found = over_batches(metrics.BinaryAccuracy(threshold=threshold), y, p)
    theirs = keras.metrics.BinaryAccuracy(threshold=threshold)
    assert found == pytest.approx(of_keras(theirs, y[:, None], p))


def test_binary_accuracy_of_several_outputs_takes_labels_as_one_hot(keras: ModuleType) -> None:
    y, p = labels_and_scores(3, 3)
    found = over_batches(metrics.BinaryAccuracy(), y, p)
    assert found == pytest.approx(of_keras(keras.metrics.BinaryAccuracy(), np.eye(3)[y], p))


@pytest.mark.parametrize("kind", ["MeanAbsoluteError", "RootMeanSquaredError"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_regression(kind: str, outputs: int, keras: ModuleType) -> None:
    rng = np.random.default_rng(2)
    y, p = rng.normal(size=(2, sum(BATCHES), outputs)).astype(np.float32) * 100
    found = over_batches(Metric.parse(kind), y, p)
    assert found == pytest.approx(of_keras(getattr(keras.metrics, kind)(), y, p), rel=1e-5)


def test_regression_against_scikit_learn() -> None:
    from sklearn.metrics import mean_absolute_error, root_mean_squared_error

    rng = np.random.default_rng(2)
    y, p = rng.normal(size=(2, sum(BATCHES), 1))
    for kind, theirs in (
        (metrics.MeanAbsoluteError, mean_absolute_error),
        (metrics.RootMeanSquaredError, root_mean_squared_error),
    ):
        assert over_batches(kind(), y, p) == pytest.approx(theirs(y, p))


def test_large_sums_keep_their_digits() -> None:
    """Squares are added up in double precision, whatever the network computes in."""
    error = np.full((4_000_000, 1), 0.1, np.float32)
    total, count = metrics.RootMeanSquaredError().sums(np.zeros_like(error), error)
    assert metrics.RootMeanSquaredError().result(total, count) == pytest.approx(0.1, rel=1e-7)


@pytest.mark.parametrize("kind", Metric.kinds.values(), ids=lambda kind: kind.kind)
def test_declarations(kind: type[Metric]) -> None:
    assert kind.label
    assert kind.better == ("higher" if kind.task == "classification" else "lower")
    assert np.isnan(kind().result(0.0, 0)), "nothing was measured"


def test_labels_are_different() -> None:
    assert len({kind.label for kind in Metric.kinds.values()}) == len(Metric.kinds)
