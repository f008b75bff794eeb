"""Collects true and predicted values while a part of the data is gone over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.data import Dataset
from engine.data.samples import PartName
from engine.metrics.comparison import MAX_POINTS, Comparison, ConfusionMatrix, Scatter, confusion
from engine.network import Network
from engine.progress import Progress, no_progress
from engine.training.encoding import encode_targets
from engine.training.meaning import Meaning

BATCH = 256
COMPARED: tuple[PartName, ...] = ("test", "validation")


def compared_part(data: Dataset) -> PartName | None:
    """The part on which predictions are compared with the truth: test, else validation."""
    return next((name for name in COMPARED if len(data.part(name))), None)


def compare(
    network: Network,
    meanings: Mapping[str, Meaning],
    data: Dataset,
    part: PartName,
    progress: Progress = no_progress,
) -> dict[str, Comparison]:
    """Return true against predicted values of a part of the data, for each output by node.

    Empty where the part is.

    Raises:
        Cancelled: ``progress`` asked for it.
    """
    x, y = data.part(part).x, data.part(part).y
    comparing = Comparing(network, meanings, data, part)
    for start in range(0, len(x), BATCH):
        progress(start, len(x), "comparing")
        chosen = slice(start, start + BATCH)
        comparing.add(network.outputs_of(x[chosen], meanings), y[chosen])
    return comparing.result() if len(x) else {}


class Comparing:
    """Compares every output with the truth, batch by batch, in the order of the part."""

    def __init__(
        self, network: Network, meanings: Mapping[str, Meaning], data: Dataset, part: PartName
    ) -> None:
        count = len(data.part(part))
        self._each = {
            node: _Classes(meaning, network.shapes[node][-1], part)
            if data.targets.classes
            else _Numbers(meaning, count, part)
            for node, meaning in meanings.items()
        }

    def add(self, outputs: Mapping[str, Array], y: Array) -> None:
        """Count one batch: raw outputs by node, and the targets as the data has them."""
        for node, each in self._each.items():
            each.add(y, outputs[node])

    def result(self) -> dict[str, Comparison]:
        """What all batches came to, for each output by node."""
        return {node: each.result() for node, each in self._each.items()}


class _Classes:
    def __init__(self, meaning: Meaning, outputs: int, part: PartName) -> None:
        self._meaning, self._part = meaning, part
        self._names = meaning.class_names(max(2, outputs))
        self._counts = np.zeros((len(self._names), len(self._names)), np.int64)

    def add(self, y: Array, output: Array) -> None:
        chosen = self._meaning.choose(self._meaning.read(output))
        self._counts += confusion(y, chosen, len(self._names))

    def result(self) -> ConfusionMatrix:
        return ConfusionMatrix(self._counts, self._names, self._part)


class _Numbers:
    def __init__(self, meaning: Meaning, count: int, part: PartName) -> None:
        self._meaning, self._part = meaning, part
        self._names = meaning.targets.names
        # Numbers that have no names of their own are compared one by one.
        self._total = count * (meaning.targets.size if meaning.targets.shape else 1)
        self._seen = 0
        self._every = -(-self._total // MAX_POINTS)
        self._points: list[tuple[Array, Array]] = []

    def add(self, y: Array, output: Array) -> None:
        true = encode_targets(y, "numbers", 0, output.shape[1:])
        width = len(self._names)
        rows = self._meaning.targets.in_units(true).reshape(-1, width)
        guessed = self._meaning.read(output).reshape(-1, width)
        chosen = slice(-self._seen % self._every, None, self._every)
        self._seen += len(rows)
        self._points.append((rows[chosen], guessed[chosen]))

    def result(self) -> Scatter:
        true, predicted = (
            np.concatenate(each).astype(np.float64) for each in zip(*self._points, strict=True)
        )
        return Scatter(true, predicted, self._names, self._part, self._total)
