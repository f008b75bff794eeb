"""How a network is to be trained."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import model_validator

from engine.errors import SettingError
from engine.losses import Loss, Objective, SparseCategoricalCrossentropy
from engine.metrics import Accuracy, Metric
from engine.optimizers import Adam, Optimizer
from engine.schedules import Constant, Schedule
from engine.spec import Spec, plain_name, setting
from engine.training.callbacks import Callback
from engine.training.weighting import ClassWeights, OutputGoal, OutputLoss


class Plan(Spec):
    """Everything that decides a training run besides network and data."""

    epochs: int = setting(
        10, ge=1, le=100_000, label="Epochs", help="The number of passes over the training data."
    )
    batch_size: int = setting(
        32, ge=1, le=65_536, unit="samples", label="Batch size", help="Samples per step."
    )
    optimizer: Optimizer = setting(
        Adam(), label="Optimizer", help="The rule by which weights are updated."
    )
    loss: Loss = setting(
        SparseCategoricalCrossentropy(), label="Loss", help="The function that training minimizes."
    )
    metrics: tuple[Metric, ...] = setting(
        (Accuracy(),), label="Metrics", help="Further measures, computed after each epoch."
    )
    schedule: Schedule = setting(
        Constant(),
        label="Schedule",
        help="How the learning rate changes during the run.",
        advanced=True,
    )
    shuffle: bool = setting(
        True, label="Shuffle", help="Take the samples in a new order each epoch.", advanced=True
    )
    seed: int = setting(
        0,
        ge=0,
        le=2**32 - 1,
        label="Seed",
        help="The same seed gives the same run.",
        advanced=True,
    )
    threads: int = setting(
        0,
        ge=0,
        le=256,
        label="Threads",
        help="The number of cores to use; 0 takes all. Results do not depend on it.",
        advanced=True,
    )
    class_weights: ClassWeights | None = setting(
        None,
        label="Class weights",
        help="How much the samples of each class count in training; none counts all equally.",
        advanced=True,
    )
    outputs: tuple[OutputGoal, ...] = setting(
        (),
        label="Outputs",
        help="Where the network has several: how much the loss of each counts. All are compared "
        "with the one target of the data; metrics are those of the last.",
        advanced=True,
    )
    callbacks: tuple[Callback, ...] = setting(
        (),
        label="Callbacks",
        help="What to watch after each epoch: when to stop, which weights to keep.",
        advanced=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _plateau_as_schedule(cls, value: Any) -> Any:
        """Take Keras' ``ReduceLROnPlateau``, a callback there, as the schedule that it is here."""
        if not isinstance(value, dict) or not isinstance(value.get("callbacks"), list | tuple):
            return value
        found = [each for each in value["callbacks"] if _is_plateau(each)]
        if not found:
            return value
        schedule = value.get("schedule", Constant())
        others = [each for each in value["callbacks"] if not _is_plateau(each)]
        if len(found) > 1 or Schedule.parse(schedule) != Constant():
            raise SettingError(
                "ReduceLROnPlateau changes the learning rate, and so does something else.",
                "Keep one of them.",
            )
        return {**value, "callbacks": others, "schedule": found[0]}

    @cached_property
    def objective(self) -> Objective:
        """What is made small: the loss, or those of several outputs."""
        goals = [each for each in self.outputs if isinstance(each, OutputLoss)]
        return Objective(
            self.loss,
            {each.output: each.loss for each in goals if each.loss is not None},
            {each.output: each.weight for each in goals},
        )


def _is_plateau(callback: object) -> bool:
    name = callback.get("type") if isinstance(callback, dict) else callback
    return isinstance(name, str) and plain_name(name) in ("reducelronplateau", "reduceonplateau")
