"""Metrics, with Keras' names: numbers for people, not for gradients.

Each is accumulated over batches: ``sums`` gives what is added up for a batch,
``result`` turns the totals into the metric.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.spec import Family, setting

Better = Literal["higher", "lower"]


class Metric(Family, root=True):
    """A number that says how good predictions are.

    Attributes:
        label: its name on plots.
        better: whether higher or lower is better.
        task: the kind of data it is for.
    """

    label: ClassVar[str] = ""
    better: ClassVar[Better] = "higher"
    task: ClassVar[Literal["classification", "regression"]] = "classification"

    def sums(self, y_true: Array, y_pred: Array) -> tuple[float, int]:
        """The batch's total and the count that it is a total of.

        Args:
            y_true: (B,) labels for classification, (B, outputs) numbers else.
            y_pred: (B, ...) what the network puts out.
        """
        raise NotImplementedError

    def result(self, total: float, count: int) -> float:
        """The metric from the summed totals and counts of all batches."""
        return total / count if count else float("nan")


class Accuracy(Metric, aliases=("acc", "categorical_accuracy", "sparse_categorical_accuracy")):
    """The share of samples whose largest output is the right class.

    With a single output, the share on the right side of one half.
    """

    label = "accuracy"

    def sums(self, y_true: Array, y_pred: Array) -> tuple[float, int]:
        if y_pred.shape[-1] == 1:
            guess = y_pred.reshape(-1) > 0.5
        else:
            guess = y_pred.argmax(axis=-1).reshape(-1)
        return float((guess == y_true.reshape(-1)).sum()), guess.size


class BinaryAccuracy(Metric):
    """The share of yes/no outputs on the right side of a threshold."""

    label = "binary accuracy"
    threshold: float = setting(
        0.5, ge=-1e6, le=1e6, label="Threshold", help="Above it means yes; 0 for logits."
    )

    def sums(self, y_true: Array, y_pred: Array) -> tuple[float, int]:
        guess = y_pred > self.threshold
        if y_pred.shape[-1] > 1 and y_true.ndim < y_pred.ndim:
            y_true = y_true[..., None] == np.arange(y_pred.shape[-1])
        return float((guess == (y_true.reshape(guess.shape) > 0.5)).sum()), guess.size


class MeanAbsoluteError(Metric, aliases=("mae",)):
    """The mean distance between prediction and truth, in the target's unit."""

    label, better, task = "MAE", "lower", "regression"

    def sums(self, y_true: Array, y_pred: Array) -> tuple[float, int]:
        error = np.abs(y_true.reshape(y_pred.shape) - y_pred, dtype=np.float64)
        return float(error.sum()), error.size


class RootMeanSquaredError(Metric, aliases=("rmse",)):
    """The root of the mean squared distance, in the target's unit."""

    label, better, task = "RMSE", "lower", "regression"

    def sums(self, y_true: Array, y_pred: Array) -> tuple[float, int]:
        error = np.square(y_true.reshape(y_pred.shape) - y_pred, dtype=np.float64)
        return float(error.sum()), error.size

    def result(self, total: float, count: int) -> float:
        return float(np.sqrt(super().result(total, count)))
