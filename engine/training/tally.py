"""Adds up what batches tell to what an epoch tells."""

from __future__ import annotations

from collections.abc import Mapping

from engine.arrays import Array
from engine.metrics import Metric, State
from engine.network import Judgment
from engine.training.meaning import Meaning

Sums = tuple[float, int, tuple[State, ...], dict[str, float]]


def measure_names(outputs: tuple[str, ...], metrics: tuple[Metric, ...]) -> tuple[str, ...]:
    """Return what the metrics of each output are called, output by output.

    A single output's have the metric's name; of several each is named: ``node accuracy``.
    """
    if len(outputs) == 1:
        return tuple(metric.name for metric in metrics)
    return tuple(f"{node} {metric.name}" for node in outputs for metric in metrics)


class Tally:
    """Adds up the loss, and the metrics of every output, over batches."""

    def __init__(
        self,
        metrics: tuple[Metric, ...],
        meanings: Mapping[str, Meaning],
        sums: Sums | None = None,
    ) -> None:
        """``sums``: where another tally stood."""
        self._metrics, self._meanings = metrics, meanings
        nothing: Sums = (0.0, 0, ((),) * (len(metrics) * len(meanings)), {})
        self._loss, self._samples, self._states, outputs = sums or nothing
        self._outputs = dict(outputs)

    @property
    def sums(self) -> Sums:
        """The totals of the loss and the samples, each metric's state, each output's loss."""
        return self._loss, self._samples, self._states, dict(self._outputs)

    def add(self, judgment: Judgment, targets: Mapping[str, Array], y: Array) -> None:
        """Count one batch.

        Args:
            targets: what each output was compared with.
            y: the targets as the data has them.
        """
        samples = len(y)
        self._loss += judgment.loss * samples
        self._samples += samples
        if len(judgment.parts) > 1:
            for node, loss in judgment.parts.items():
                self._outputs[node] = self._outputs.get(node, 0.0) + loss * samples
        if not self._metrics:
            return
        states = iter(self._states)
        found: list[State] = []
        for node, meaning in self._meanings.items():
            true, predicted = measured(meaning, y, targets[node], judgment.outputs[node])
            found += [metric.add(next(states), true, predicted) for metric in self._metrics]
        self._states = tuple(found)

    def result(self, penalty: float = 0.0) -> dict[str, float]:
        """``"loss"``, that of each of several outputs, and each metric by its name."""
        samples = max(1, self._samples)
        found = {"loss": self._loss / samples + penalty}
        found |= {f"{node} loss": total / samples for node, total in self._outputs.items()}
        names = measure_names(tuple(self._meanings), self._metrics)
        every = self._metrics * len(self._meanings)
        for name, metric, state in zip(names, every, self._states, strict=True):
            found[name] = metric.result(state)
        return found


def measured(meaning: Meaning, y: Array, target: Array, output: Array) -> tuple[Array, Array]:
    """Return the true and the predicted values as metrics compare them.

    Labels and raw outputs, as in Keras; or numbers in the target's own unit.
    """
    if meaning.targets.classes:
        return y, output
    true = meaning.targets.in_units(target.reshape(output.shape))
    return true, meaning.read(output)
