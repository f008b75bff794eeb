"""What every metric is: a number that grows out of batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from engine.arrays import Array
from engine.spec import Family

Better = Literal["higher", "lower"]
State = tuple[Array, ...]
"""What a metric keeps between batches, float64; ``()`` before the first."""

HALF = 0.5
"""From here on a probability means yes."""


@dataclass(frozen=True)
class Misfit:
    """Why a metric does not suit a network.

    Attributes:
        what, todo: what is wrong, with the actual values, and what to do.
        instead: the metric that would suit.
        anyway: what it shows all the same; empty where it cannot be computed.
    """

    what: str
    todo: str
    instead: Metric
    anyway: str = ""


class Metric(Family, root=True):
    """A number that says how good predictions are.

    Attributes:
        label: what it is called in menus and, unless settings make a difference, on plots.
        better: whether higher or lower is better.
        task: the kind of data it is for.
    """

    better: ClassVar[Better] = "higher"
    task: ClassVar[Literal["classification", "regression"]] = "classification"

    @property
    def name(self) -> str:
        """What its numbers are called on plots and in tables: ``top-5 accuracy``."""
        return self.label

    def add(self, state: State, y_true: Array, y_pred: Array) -> State:
        """The state after one more batch; ``state`` itself stays as it is.

        Args:
            y_true: (B,) labels for classification, (B, outputs) numbers else.
            y_pred: (B, outputs) what the network puts out.
        """
        raise NotImplementedError

    def result(self, state: State) -> float:
        """The metric of all samples that were added; NaN where it is not defined."""
        raise NotImplementedError

    def misfit(self, outputs: int, classes: int) -> Misfit | None:
        """Return why it says little about so many outputs for so many classes; None if it does."""
        return None

    def for_logits(self, outputs: int) -> Metric:
        """What to use where the output is logits: yes begins at 0, not at one half."""
        return self


class Summed(Metric, abstract=True):
    """A metric of numbers that are added up over samples."""

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        """What a batch adds, float64 and of the same shape for each batch."""
        raise NotImplementedError

    def value(self, sums: Array) -> float:
        """The metric from the sums over all samples: at first, total and count."""
        return float(sums[0] / sums[1])

    def add(self, state: State, y_true: Array, y_pred: Array) -> State:
        sums = self.sums(y_true, y_pred)
        return (state[0] + sums,) if state else (sums,)

    def result(self, state: State) -> float:
        return self.value(state[0]) if state else float("nan")


class Thresholded(Metric, abstract=True):
    """A metric with a setting ``threshold``: a yes/no output above it means yes."""

    threshold: float

    def for_logits(self, outputs: int) -> Self:
        return self.changed(threshold=0) if outputs == 1 and self.threshold == HALF else self


def predicted_classes(y_pred: Array, threshold: float = HALF) -> Array:
    """The class that each row of outputs means, int64 (B,).

    Of several outputs the largest; a single one means class 1 above the threshold, else 0.
    """
    rows = y_pred.reshape(-1, y_pred.shape[-1])
    if rows.shape[1] == 1:
        return (rows[:, 0] > threshold).astype(np.int64)
    largest: Array = rows.argmax(axis=1)
    return largest
