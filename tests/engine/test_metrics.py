"""Metrics against scikit-learn and Keras, however the samples are split into batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import metrics
from engine.metrics import Metric
from engine.metrics import ranking as ranking_module
from engine.metrics.comparison import confusion

Array = np.ndarray[Any, Any]
AVERAGES = ("macro", "micro", "weighted")


def over_batches(metric: Metric, y_true: Array, y_pred: Array, sizes: list[int]) -> float:
    """The metric of all samples, given in batches of these sizes, then the rest."""
    ends = [0, *np.minimum(np.cumsum(sizes), len(y_true)).tolist(), len(y_true)]
    state: metrics.State = ()
    for start, end in itertools.pairwise(ends):
        if end > start:
            state = metric.add(state, y_true[start:end], y_pred[start:end])
    return metric.result(state)


def _ratio_of(function: Callable[..., float]) -> Callable[..., dict[str, float]]:
    """scikit-learn's answers for each way to average."""

    def found(y: Array, p: Array) -> dict[str, float]:
        classes = max(2, p.shape[1])
        guess = (p[:, 0] > 0.5).astype(int) if p.shape[1] == 1 else p.argmax(axis=1)
        there = [c for c in range(classes) if c in y or c in guess]
        answers = {
            average: function(y, guess, labels=there, average=average, zero_division=0)
            for average in AVERAGES
        }
        if classes == 2:
            answers["binary"] = function(y, guess, average="binary", zero_division=0)
        return answers

    return found


def _top_k(y: Array, p: Array) -> dict[str, float]:
    return {
        str(k): theirs.top_k_accuracy_score(y, p, k=k, labels=np.arange(p.shape[1]))
        for k in range(1, p.shape[1])
    }


def _accuracy(y: Array, p: Array) -> float:
    guess = (p[:, 0] > 0.5).astype(int) if p.shape[1] == 1 else p.argmax(axis=1)
    return float(theirs.accuracy_score(y, guess))


def _binary_accuracy(y: Array, p: Array) -> float:
    one_hot = y[:, None] if p.shape[1] == 1 else np.eye(p.shape[1])[y]
    return float(((p > 0.5) == (one_hot > 0.5)).mean())


def _auc(y: Array, p: Array) -> float:
    # Beyond two outputs scikit-learn wants every class and rows that sum to 1.
    columns = [p.shape[1] - 1] if p.shape[1] <= 2 else range(p.shape[1])
    areas = [
        theirs.roc_auc_score(y == (column if p.shape[1] > 1 else 1), p[:, column])
        for column in columns
        if len(np.unique(y == (column if p.shape[1] > 1 else 1))) == 2
    ]
    return float(np.mean(areas)) if areas else float("nan")


# For each kind: what others say of the same samples, by settings where there are any.
ANSWERS: dict[str, Callable[[Array, Array], Any]] = {
    "Accuracy": _accuracy,
    "CategoricalAccuracy": _accuracy,
    "BinaryAccuracy": _binary_accuracy,
    "TopKCategoricalAccuracy": _top_k,
    "Precision": _ratio_of(theirs.precision_score),
    "Recall": _ratio_of(theirs.recall_score),
    "F1Score": _ratio_of(theirs.f1_score),
    "AUC": _auc,
    "MeanSquaredError": theirs.mean_squared_error,
    "RootMeanSquaredError": lambda y, p: theirs.mean_squared_error(y, p) ** 0.5,
    "MeanAbsoluteError": theirs.mean_absolute_error,
    "R2Score": theirs.r2_score,
}


@st.composite
def classified(draw: st.DrawFn) -> tuple[Array, Array, list[int]]:
    outputs = draw(st.integers(1, 5))
    size = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    # Few different scores, so that some are ties; never on the threshold.
    p = rng.integers(0, draw(st.sampled_from([4, 1000])), (size, outputs)) * 2 + 1
    y = rng.integers(0, max(2, outputs), size)
    return y, (p / 2003).astype(np.float32), draw(st.lists(st.integers(1, 9), max_size=5))


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Array, Array, list[int]]:
    shape = draw(st.integers(2, 40)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    y = rng.normal(draw(st.sampled_from([0, 1e4])), draw(st.sampled_from([0.1, 50])), shape)
    p = y + rng.normal(0, draw(st.sampled_from([0.1, 50])), shape)
    return y, p, draw(st.lists(st.integers(1, 9), max_size=5))


def test_every_metric_has_an_answer_to_compare_with() -> None:
    assert ANSWERS.keys() == Metric.kinds.keys()


@pytest.mark.parametrize("kind", [k for k, c in Metric.kinds.items() if c.task == "classification"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=classified())
def test_of_classes(kind: str, data: tuple[Array, Array, list[int]]) -> None:
    y, p, sizes = data
    # scikit-learn decides ties by the order of the classes; Keras and we do not.
    if kind == "TopKCategoricalAccuracy":
        p = p + np.arange(p.shape[1]) * 1e-5 + np.arange(len(p))[:, None] * 1e-6
        if p.shape[1] < 3:
            return
    if kind == "CategoricalAccuracy" and p.shape[1] == 1:
        return  # always 1, as in Keras
    answers = ANSWERS[kind](y, p)
    name = "k" if kind == "TopKCategoricalAccuracy" else "average"
    by_setting = answers.items() if isinstance(answers, dict) else [("", answers)]
    for value, expected in by_setting:
        metric = Metric.parse({"type": kind, **({name: value} if value else {})})
        found = over_batches(metric, y, p, sizes)
        assert found == pytest.approx(expected, rel=1e-9, nan_ok=True), value


@pytest.mark.parametrize("kind", [k for k, c in Metric.kinds.items() if c.task == "regression"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=numbers())
def test_of_numbers(kind: str, data: tuple[Array, Array, list[int]]) -> None:
    y, p, sizes = data
    found = over_batches(Metric.parse(kind), y, p, sizes)
    assert found == pytest.approx(ANSWERS[kind](y, p), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("ours", "keras_name"),
    [
        (metrics.Accuracy(), "SparseCategoricalAccuracy"),
        (metrics.TopKCategoricalAccuracy(k=2), "SparseTopKCategoricalAccuracy"),
        (metrics.MeanSquaredError(), "MeanSquaredError"),
        (metrics.RootMeanSquaredError(), "RootMeanSquaredError"),
        (metrics.MeanAbsoluteError(), "MeanAbsoluteError"),
        (metrics.R2Score(), "R2Score"),
    ],
)
def test_those_of_keras_are_the_same(ours: Metric, keras_name: str, keras: ModuleType) -> None:
    rng = np.random.default_rng(5)
    if ours.task == "classification":
        y, p = rng.integers(0, 4, 50), rng.random((50, 4), np.float32)
    else:
        y, p = rng.normal(size=(2, 50, 3)).astype(np.float32)
    same = getattr(keras.metrics, keras_name)(**({"k": 2} if "TopK" in keras_name else {}))
    for part in (slice(0, 31), slice(31, 50)):
        same.update_state(y[part], p[part])
    assert over_batches(ours, y, p, [31]) == pytest.approx(float(same.result()), rel=1e-5)


@pytest.mark.parametrize("name", ["Precision", "Recall", "BinaryAccuracy"])
@pytest.mark.parametrize("threshold", [0.5, 0.2])
def test_yes_or_no_is_that_of_keras(name: str, threshold: float, keras: ModuleType) -> None:
    rng = np.random.default_rng(5)
    y, p = rng.integers(0, 2, 50), rng.random((50, 1), np.float32)
    arguments = {"threshold" if name == "BinaryAccuracy" else "thresholds": threshold}
    same = getattr(keras.metrics, name)(**arguments)
    same.update_state(y[:, None], p)
    metric = Metric.parse({"type": name, "threshold": threshold})
    assert over_batches(metric, y, p, [9]) == pytest.approx(float(same.result()), rel=1e-6)


def test_the_area_stays_near_the_exact_one_when_scores_are_joined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 5000)
    p = (y + rng.normal(0, 1.5, 5000))[:, None]
    exact = theirs.roc_auc_score(y, p[:, 0])
    assert over_batches(metrics.AUC(), y, p, [64] * 78) == pytest.approx(exact, rel=1e-12)
    monkeypatch.setattr(ranking_module, "MAX_SCORES", 512)
    joined = over_batches(metrics.AUC(), y, p, [64] * 78)
    assert joined != exact
    assert joined == pytest.approx(exact, abs=1 / (8 * 256 * 0.25))


def test_the_matrix_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 4, 60), rng.random((60, 4))
    expected = theirs.confusion_matrix(y, p.argmax(axis=1), labels=np.arange(4))
    np.testing.assert_array_equal(confusion(y, p.argmax(axis=1), 4), expected)
    yes = rng.integers(0, 2, 60)
    expected = theirs.confusion_matrix(yes, p[:, 0] > 0.3)
    np.testing.assert_array_equal(confusion(yes, p[:, 0] > 0.3, 2), expected)


def test_large_sums_keep_their_digits() -> None:
    """Squares are added up in double precision, whatever the network computes in."""
    error = np.full((4_000_000, 1), 0.1, np.float32)
    metric = metrics.RootMeanSquaredError()
    found = metric.result(metric.add((), np.zeros_like(error), error))
    assert found == pytest.approx(0.1, rel=1e-7)


@pytest.mark.parametrize("kind", Metric.kinds.values(), ids=lambda kind: kind.kind)
def test_declarations(kind: type[Metric]) -> None:
    assert kind.label
    lower = kind.task == "regression" and kind is not metrics.R2Score
    assert kind.better == ("lower" if lower else "higher")
    assert np.isnan(kind().result(())), "nothing was measured"
    y, p = np.zeros((3, 1)), np.full((3, 1), 0.7)
    before = kind().add((), y, p)
    copies = [each.copy() for each in before]
    kind().add(before, y, p)
    for each, copy in zip(before, copies, strict=True):
        np.testing.assert_array_equal(each, copy)


def test_labels_are_different() -> None:
    assert len({kind.label for kind in Metric.kinds.values()}) == len(Metric.kinds)
