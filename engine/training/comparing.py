"""Collects true and predicted values while a part of the data is gone over."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.data import Dataset
from engine.data.samples import PartName
from engine.metrics.base import HALF
from engine.metrics.comparison import MAX_POINTS, Comparison, ConfusionMatrix, Scatter, confusion
from engine.network import Network
from engine.training.measuring import gives_logits
from engine.training.plan import Plan

COMPARED: tuple[PartName, ...] = ("test", "validation")


def compared_part(data: Dataset) -> PartName | None:
    """The part on which predictions are compared with the truth: test, else validation."""
    return next((name for name in COMPARED if len(data.part(name))), None)


class Comparing:
    """Compares the last output with the truth, batch by batch, in the order of the part."""

    def __init__(self, network: Network, data: Dataset, plan: Plan, part: PartName) -> None:
        self._targets, self._part = data.targets, part
        # Numbers that have no names of their own are compared one by one.
        self._total = len(data.part(part)) * (data.targets.size if data.targets.shape else 1)
        self._seen = 0
        self._every = -(-self._total // MAX_POINTS)
        classes = len(data.targets.classes)
        self._counts = np.zeros((classes, classes), np.int64)
        self._points: list[tuple[Array, Array]] = []
        node = network.graph.outputs[-1]
        activation = network.layer_of(node).applied_activation
        is_logits = gives_logits(network.shapes[node], activation, plan.objective.loss_of(node))
        self._threshold = 0.0 if is_logits else HALF

    def add(self, y_true: Array, y_pred: Array) -> None:
        """One batch: y_true (B,) labels or (B, *targets), y_pred (B, *outputs)."""
        if self._targets.classes:
            self._counts += confusion(y_true, y_pred, len(self._counts), self._threshold)
            return
        true, predicted = (y.reshape(-1, len(self._targets.names)) for y in (y_true, y_pred))
        chosen = slice(-self._seen % self._every, None, self._every)
        self._seen += len(true)
        self._points.append((true[chosen], predicted[chosen]))

    def result(self) -> Comparison:
        """What all batches came to."""
        if self._targets.classes:
            return ConfusionMatrix(self._counts, self._targets.classes, self._part)
        true, predicted = (
            np.concatenate(each).astype(np.float64) for each in zip(*self._points, strict=True)
        )
        return Scatter(true, predicted, self._targets.names, self._part, self._total)
