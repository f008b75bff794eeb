"""The share of samples that are right, in several senses of right."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.metrics.base import HALF, Metric, Misfit, Summed, Thresholded, predicted_classes
from engine.spec import capitalized, setting


class Accuracy(Summed, aliases=("acc",)):
    """The share of samples whose largest output is the right class.

    With a single output, the share on the right side of one half. As Keras, which makes
    ``"accuracy"`` a categorical or a binary accuracy by the shape of the output.
    """

    label = "accuracy"

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        return _share(predicted_classes(y_pred) == y_true.reshape(-1))

    def for_logits(self, outputs: int) -> Metric:
        return BinaryAccuracy(threshold=0) if outputs == 1 else self


class CategoricalAccuracy(Summed, aliases=("sparse_categorical_accuracy",)):
    """The share of samples whose largest output is the right class; for several outputs.

    Keras' ``CategoricalAccuracy`` and ``SparseCategoricalAccuracy`` are the same number,
    and differ only in how labels are written. Of a single output it is 1 whatever is predicted,
    as Keras' ``CategoricalAccuracy``: the largest of one is always the same.
    """

    label = "categorical accuracy"

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        if y_pred.shape[-1] == 1:
            return _share(np.ones(y_true.size, bool))
        return _share(predicted_classes(y_pred) == y_true.reshape(-1))

    def misfit(self, outputs: int, classes: int) -> Misfit | None:
        return _one_output(self, "It is always 1.") if outputs == 1 else None


class BinaryAccuracy(Thresholded, Summed):
    """The share of yes/no outputs on the right side of a threshold.

    As Keras: with several outputs, each of them is one question.
    """

    label = "binary accuracy"
    threshold: float = setting(
        HALF, ge=-1e6, le=1e6, label="Threshold", help="Outputs above it mean yes; 0 for logits."
    )

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        guess = y_pred > self.threshold
        if y_pred.shape[-1] > 1 and y_true.ndim < y_pred.ndim:
            y_true = y_true[..., None] == np.arange(y_pred.shape[-1])
        return _share(guess == y_true.reshape(guess.shape))


class TopKCategoricalAccuracy(
    Summed, aliases=("top_k_accuracy", "sparse_top_k_categorical_accuracy")
):
    """The share of samples whose right class is among the k largest outputs.

    As Keras: the right class counts while fewer than k others are strictly larger, so a tie
    at the border counts; scikit-learn decides ties by the order of the classes.
    """

    label = "top-k accuracy"
    k: int = setting(
        5, ge=1, le=1000, label="k", help="How many of the top classes count as a hit."
    )

    @property
    def name(self) -> str:
        return f"top-{self.k} accuracy"

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        rows = y_pred.reshape(-1, y_pred.shape[-1])
        right = np.take_along_axis(rows, y_true.reshape(-1, 1).astype(np.int64), axis=1)
        return _share(((rows > right).sum(axis=1) < self.k) & np.isfinite(right[:, 0]))

    def misfit(self, outputs: int, classes: int) -> Misfit | None:
        if outputs == 1:
            return _one_output(self, "")
        if self.k < outputs:
            return None
        fewer = f"Choose a k below {outputs}." if outputs > 2 else "Use accuracy."
        return Misfit(
            f"Top-{self.k} accuracy is always 1, because the network has {outputs} outputs.",
            fewer,
            self.changed(k=outputs - 1) if outputs > 2 else Accuracy(),
            "It is always 1.",
        )


def _share(right: Array) -> Array:
    return np.array([right.sum(), right.size], np.float64)


def _one_output(metric: Metric, anyway: str) -> Misfit:
    what = f"{capitalized(metric.name)} compares outputs, but the network has only one."
    return Misfit(what, "Use accuracy.", Accuracy(), anyway)
