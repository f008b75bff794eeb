"""Adds up what batches tell to what an epoch tells."""

from __future__ import annotations

from collections.abc import Mapping

from engine.arrays import Array
from engine.metrics import Metric, State

Sums = tuple[float, int, tuple[State, ...]]


class Tally:
    """Adds up loss and metrics over batches."""

    def __init__(self, metrics: tuple[Metric, ...], sums: Sums | None = None) -> None:
        """``sums``: where another tally stood."""
        self._metrics = metrics
        self._loss, self._samples, self._states = sums or (0.0, 0, ((),) * len(metrics))

    @property
    def sums(self) -> Sums:
        """Where it stands: the loss's total, the samples, each metric's state."""
        return self._loss, self._samples, self._states

    def add(self, loss: float, y: Array, outputs: Mapping[str, Array], samples: int) -> None:
        """Count one batch. With several outputs the metrics are those of the last one."""
        self._loss += loss * samples
        self._samples += samples
        prediction = list(outputs.values())[-1]
        self._states = tuple(
            metric.add(state, y, prediction)
            for metric, state in zip(self._metrics, self._states, strict=True)
        )

    def result(self, penalty: float = 0.0) -> dict[str, float]:
        """``"loss"`` and each metric by its name."""
        found = {"loss": self._loss / max(1, self._samples) + penalty}
        for metric, state in zip(self._metrics, self._states, strict=True):
            found[metric.name] = metric.result(state)
        return found
