"""Adds up what batches tell to what an epoch tells."""

from __future__ import annotations

from collections.abc import Mapping

from engine.arrays import Array
from engine.metrics import Metric

Sums = tuple[float, int, list[tuple[float, int]]]


class Tally:
    """Adds up loss and metrics over batches."""

    def __init__(self, metrics: tuple[Metric, ...], sums: Sums | None = None) -> None:
        """``sums``: where another tally stood."""
        self._metrics = metrics
        self._loss, self._samples, parts = sums or (0.0, 0, [(0.0, 0)] * len(metrics))
        self._sums = [(total, count) for total, count in parts]

    @property
    def sums(self) -> Sums:
        """Where it stands: the loss's total, the samples, each metric's total and count."""
        return self._loss, self._samples, list(self._sums)

    def add(self, loss: float, y: Array, outputs: Mapping[str, Array], samples: int) -> None:
        """Count one batch. With several outputs the metrics are those of the last one."""
        self._loss += loss * samples
        self._samples += samples
        prediction = list(outputs.values())[-1]
        for place, metric in enumerate(self._metrics):
            total, count = metric.sums(y, prediction)
            before = self._sums[place]
            self._sums[place] = before[0] + total, before[1] + count

    def result(self, penalty: float = 0.0) -> dict[str, float]:
        """``"loss"`` and each metric by its label."""
        found = {"loss": self._loss / max(1, self._samples) + penalty}
        for metric, (total, count) in zip(self._metrics, self._sums, strict=True):
            found[metric.label] = metric.result(total, count)
        return found
