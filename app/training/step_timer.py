"""What a training step takes, while others go by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from statistics import median

from engine.training import BatchDone

_KEPT = 501
WARM_UP = 3
"""The first steps of a run meet cold caches."""


class StepTimer:
    """The median of the last steps; what lies between two epochs is no step."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_KEPT)
        self._last: BatchDone | None = None

    def add(self, batches: Iterable[BatchDone]) -> None:
        """Count what was done, in order."""
        for batch in batches:
            last, self._last = self._last, batch
            if last is not None and last.epoch == batch.epoch and batch.step > WARM_UP:
                self._times.append(batch.seconds - last.seconds)

    @property
    def seconds(self) -> float | None:
        """Of one step; None before there was one to measure."""
        return median(self._times) if self._times else None
