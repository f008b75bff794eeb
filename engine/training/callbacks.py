"""What watches a run after each epoch: when to stop, and which weights to keep.

A callback holds settings only; it judges the list of what was measured so far, so a run that
goes on after a pause is judged like one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isnan
from typing import ClassVar

from engine.spec import Family, setting


class Callback(Family, root=True):
    """Watches one number, named like ``validation loss``, or ``val_loss`` as in Keras.

    Where no data is kept for validation, the number of the training data is watched.
    """

    monitor: str = setting(
        "validation loss",
        label="Monitor",
        help='What to watch: "validation" or "training", then loss or a metric\'s name; or a name '
        "of Keras, such as val_loss.",
    )

    @property
    def keeps_best(self) -> bool:
        """Whether the best epoch's weights are wanted at the end."""
        raise NotImplementedError

    def is_best(self, watched: Sequence[float]) -> bool:
        """Whether the last epoch was better than all before it.

        Args:
            watched: the number after each epoch, lower being better; NaN is never best.
        """
        before = (value for value in watched[:-1] if not isnan(value))
        return bool(watched) and watched[-1] < min(before, default=inf)

    def stop_reason(self, watched: Sequence[float]) -> str:
        """Why to end the run after the last epoch; empty to go on."""
        return ""


class EarlyStopping(Callback):
    """Ends the run when a number stops getting better, as Keras does.

    Prechelt 1998, "Early stopping - but when?".
    """

    spellings: ClassVar[Mapping[str, str]] = {"restore_best_weights": "restore_best"}

    patience: int = setting(
        5,
        ge=1,
        le=100_000,
        unit="epochs",
        label="Patience",
        help="Epochs to wait for an improvement.",
    )
    min_delta: float = setting(
        0.0, ge=0, le=1e9, label="Least gain", help="Smaller improvements do not count."
    )
    restore_best: bool = setting(
        True, label="Restore best", help="End with the weights of the best epoch."
    )

    @property
    def keeps_best(self) -> bool:
        return self.restore_best

    def is_best(self, watched: Sequence[float]) -> bool:
        return bool(watched) and self._waited(watched) == 0

    def stop_reason(self, watched: Sequence[float]) -> str:
        waited = self._waited(watched)
        if waited < self.patience:
            return ""
        return f"Stopped early: {self.monitor} has not improved for {waited} epochs."

    def _waited(self, watched: Sequence[float]) -> int:
        best, waited = inf, 0
        for value in watched:
            if value < best - self.min_delta:
                best, waited = value, 0
            else:
                waited += 1
        return waited


class KeepBest(Callback):
    """Ends with the weights of the epoch in which a number was best."""

    @property
    def keeps_best(self) -> bool:
        return True
