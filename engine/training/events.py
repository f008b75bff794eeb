"""What a training run tells: frozen values, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.arrays import Array
from engine.metrics import Comparison
from engine.training.health import Health

Comparisons = Mapping[str, Comparison]
"""True against predicted values of each output, by node."""
Outcome = Literal["completed", "stopped", "diverged"]


@dataclass(frozen=True, slots=True)
class BatchDone:
    """One step was taken.

    Attributes:
        step: counts from 1 over the whole run.
        epoch, batch: count from 1; ``batches`` is how many an epoch has.
        samples: how many samples the step took.
        seconds: how long the run has computed so far, pauses not counted.
        loss: of this batch, penalties included.
        learning_rate: that of this step.
    """

    step: int
    epoch: int
    batch: int
    batches: int
    samples: int
    seconds: float
    loss: float
    learning_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class EpochDone:
    """All training data was gone through once.

    Attributes:
        train, validation: ``"loss"`` and each metric by its name; validation is
            empty where no data is kept for it.
        seconds: how long the run has computed so far, pauses not counted.
        samples_per_second: training speed of this epoch, validation not counted.
        learning_rate: that of the last step.
    """

    epoch: int
    epochs: int
    step: int
    train: Mapping[str, float]
    validation: Mapping[str, float]
    seconds: float
    samples_per_second: float
    learning_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Copies of what somebody asked to see: see :class:`engine.training.control.Control`.

    Attributes:
        step: after how many steps of the run.
        outputs: what nodes put out for the asked samples, by node id, (B, ...).
        prediction: what the network puts out for other points that were asked
            for (a decision surface), or None.
        glances: small pictures of nodes, by id; see :func:`engine.training.glances.glance`.
        health: of the last step that was watched, or None.
        asker: who asked.
        seconds: what the answer, and watching for it, held the run up.
    """

    step: int
    outputs: Mapping[str, Array]
    prediction: Array | None = None
    glances: Mapping[str, Array] = field(default_factory=dict)
    health: Health | None = None
    asker: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has ended; comes exactly once, last.

    Attributes:
        epochs: the epoch in which it ended, counted from 1.
        test: loss and metrics on the test part; empty where there is none.
        note: why, where the outcome needs words.
        comparisons: true against predicted values of the test part, else of the validation
            part, for each output by node; empty where both are, or the run was not completed.
    """

    outcome: Outcome
    epochs: int
    step: int
    seconds: float
    test: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    comparisons: Comparisons = field(default_factory=dict)


Event = BatchDone | EpochDone | Seen | Finished
