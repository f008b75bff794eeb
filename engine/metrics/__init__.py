"""Metrics, with Keras' names: numbers for people, not for gradients.

Each is accumulated over batches, and what it comes to depends on the samples
alone, not on how they were split into batches. A table of true against
predicted classes is no number: see :mod:`engine.metrics.comparison`.
"""

from __future__ import annotations

from engine.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from engine.metrics.base import Better, Metric, Misfit, State
from engine.metrics.classes import F1Score, Precision, Recall
from engine.metrics.comparison import Comparison, ConfusionMatrix, Scatter
from engine.metrics.ranking import AUC
from engine.metrics.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    R2Score,
    RootMeanSquaredError,
)

__all__ = [
    "AUC",
    "Accuracy",
    "Better",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Comparison",
    "ConfusionMatrix",
    "F1Score",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Misfit",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "Scatter",
    "State",
    "TopKCategoricalAccuracy",
]
