"""True against predicted, sample by sample: what a single number cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

MAX_POINTS = 2000
"""A scatter keeps so many samples, spread evenly."""


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often samples of each class were taken for each class.

    Attributes:
        counts: int64 (classes, classes); row = true class, column = predicted class.
        classes: their names.
        part: of which part of the data: ``"test"``, ``"validation"`` or ``"train"``.
    """

    counts: Array
    classes: tuple[str, ...]
    part: str = "test"

    @property
    def total(self) -> int:
        """How many samples were counted."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """How many of them are on the diagonal."""
        return int(np.trace(self.counts))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConfusionMatrix):
            return NotImplemented
        same = (self.classes, self.part) == (other.classes, other.part)
        return same and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Scatter:
    """Predicted numbers beside the true ones, of all samples or of some spread evenly.

    Attributes:
        true, predicted: float64 (N, targets).
        names: what each target is called.
        part: as in :class:`ConfusionMatrix`.
        total: how many samples there were to choose from.
    """

    true: Array
    predicted: Array
    names: tuple[str, ...]
    part: str = "test"
    total: int = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scatter):
            return NotImplemented
        same = (self.names, self.part, self.total) == (other.names, other.part, other.total)
        return (
            same
            and np.array_equal(self.true, other.true)
            and np.array_equal(self.predicted, other.predicted, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]


Comparison = ConfusionMatrix | Scatter


def confusion(y_true: Array, predicted: Array, classes: int) -> Array:
    """Return counts int64 (classes, classes); row = true class, column = predicted class.

    Args:
        y_true, predicted: (B,) labels.
    """
    places = y_true.reshape(-1).astype(np.int64) * classes + predicted
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes)
