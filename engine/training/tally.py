"""Adds up what batches tell to what an epoch tells."""

from __future__ import annotations

from engine.arrays import Array
from engine.metrics import Metric, State
from engine.network import Judgment

Sums = tuple[float, int, tuple[State, ...], dict[str, float]]


class Tally:
    """Adds up loss and metrics over batches."""

    def __init__(self, metrics: tuple[Metric, ...], sums: Sums | None = None) -> None:
        """``sums``: where another tally stood."""
        self._metrics = metrics
        nothing: Sums = (0.0, 0, ((),) * len(metrics), {})
        self._loss, self._samples, self._states, outputs = sums or nothing
        self._outputs = dict(outputs)

    @property
    def sums(self) -> Sums:
        """The totals of the loss and the samples, each metric's state, each output's loss."""
        return self._loss, self._samples, self._states, dict(self._outputs)

    def add(self, judgment: Judgment, y: Array) -> None:
        """Count one batch with its targets. Of several outputs the last one is measured."""
        samples = len(y)
        self._loss += judgment.loss * samples
        self._samples += samples
        if len(judgment.parts) > 1:
            for node, loss in judgment.parts.items():
                self._outputs[node] = self._outputs.get(node, 0.0) + loss * samples
        prediction = list(judgment.outputs.values())[-1]
        self._states = tuple(
            metric.add(state, y, prediction)
            for metric, state in zip(self._metrics, self._states, strict=True)
        )

    def result(self, penalty: float = 0.0) -> dict[str, float]:
        """``"loss"``, that of each of several outputs, and each metric by its name."""
        samples = max(1, self._samples)
        found = {"loss": self._loss / samples + penalty}
        found |= {f"{node} loss": total / samples for node, total in self._outputs.items()}
        for metric, state in zip(self._metrics, self._states, strict=True):
            found[metric.name] = metric.result(state)
        return found
