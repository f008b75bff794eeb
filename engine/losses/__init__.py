"""Losses, with Keras' names and formulas.

Each gives the mean over the batch and its gradient in one call, so the number
on the curve is the number whose gradient is used. Cross-entropies work on
logits: for an output that ends in softmax or sigmoid the network hands them the
values from before it, as Keras does, which is exact where the probability
itself has been rounded to 0 or 1.
"""

from __future__ import annotations

from engine.losses.base import EPSILON, Loss, Target, target_shape
from engine.losses.crossentropy import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    SparseCategoricalCrossentropy,
    log_softmax,
)
from engine.losses.margin import CategoricalHinge, Hinge, SquaredHinge
from engine.losses.objective import Objective
from engine.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
)

__all__ = [
    "EPSILON",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Objective",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Target",
    "log_softmax",
    "target_shape",
]
