"""How well single classes are found: precision, recall, and F1 of both."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.metrics.accuracy import Accuracy
from engine.metrics.base import HALF, Misfit, Summed, Thresholded, predicted_classes
from engine.spec import capitalized, setting

Average = Literal["binary", "macro", "micro", "weighted"]


class ClassScore(Thresholded, Summed, abstract=True):
    """A ratio of counts per class, averaged as scikit-learn does.

    ``binary`` is that of the second of two classes. ``macro`` is the mean over classes,
    ``weighted`` the same weighted by how often each class occurs, ``micro`` the ratio of the
    counts of all classes together, which for one class per sample is the accuracy. A class that
    neither occurs nor is predicted is left out; Keras' ``F1Score`` counts it as 0. A ratio of
    nothing to nothing is 0. Manning, Raghavan & Schütze 2008, "Introduction to Information
    Retrieval", 8.3 and 13.6.
    """

    average: Average = setting(
        "binary",
        label="Average",
        help="Which classes count: binary takes the second of two, the others average all.",
    )
    threshold: float = setting(
        HALF,
        ge=-1e6,
        le=1e6,
        label="Threshold",
        help="A single yes/no output above it means yes; 0 for logits.",
    )

    @property
    def name(self) -> str:
        return self.label if self.average == "binary" else f"{self.average} {self.label}"

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        """Per class how often it was found, predicted and true: (3, classes)."""
        classes = max(2, y_pred.shape[-1])
        truth = y_true.reshape(-1).astype(np.int64)
        guess = predicted_classes(y_pred, self.threshold)
        counted = (truth[truth == guess], guess, truth)
        return np.array([np.bincount(each, minlength=classes) for each in counted], np.float64)

    def value(self, sums: Array) -> float:
        found, predicted, true = sums
        if self.average == "binary":
            return float(self._ratio(found[1], predicted[1], true[1]))
        if self.average == "micro":
            return float(self._ratio(found.sum(), predicted.sum(), true.sum()))
        weights = true if self.average == "weighted" else (predicted + true > 0).astype(float)
        return float(np.average(self._ratio(found, predicted, true), weights=weights))

    def _ratio(self, found: Array, predicted: Array, true: Array) -> Array:
        raise NotImplementedError

    def misfit(self, outputs: int, classes: int) -> Misfit | None:
        if outputs == 1 and classes > 2:
            return Misfit(
                f"{capitalized(self.name)} of one output is for two classes, not {classes}.",
                "Use accuracy.",
                Accuracy(),
            )
        if self.average != "binary" or outputs <= 2:
            return None
        return Misfit(
            f"{capitalized(self.name)} is that of one class of two, but the network has {outputs}.",
            "Average it over the classes.",
            self.changed(average="macro"),
            "It is that of the second class alone.",
        )


class Precision(ClassScore):
    """Of the samples predicted as a class, the share that are of it.

    As ``keras.metrics.Precision`` for one output, and scikit-learn's ``precision_score``.
    """

    label = "precision"

    def _ratio(self, found: Array, predicted: Array, true: Array) -> Array:
        return found / np.maximum(predicted, 1)


class Recall(ClassScore, aliases=("sensitivity",)):
    """Of the samples of a class, the share that were predicted as it.

    As ``keras.metrics.Recall`` for one output, and scikit-learn's ``recall_score``.
    """

    label = "recall"

    def _ratio(self, found: Array, predicted: Array, true: Array) -> Array:
        return found / np.maximum(true, 1)


class F1Score(ClassScore, aliases=("f1",)):
    """The harmonic mean of precision and recall.

    As ``keras.metrics.F1Score`` and scikit-learn's ``f1_score``. van Rijsbergen 1979,
    "Information Retrieval", chapter 7.
    """

    label = "F1"

    def _ratio(self, found: Array, predicted: Array, true: Array) -> Array:
        ratio: Array = 2 * found / np.maximum(predicted + true, 1)
        return ratio
