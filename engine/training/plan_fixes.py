"""Plans with a loss and metrics that suit the targets of the data."""

from __future__ import annotations

from engine.data import Dataset
from engine.diagnosis import Fix
from engine.losses import MeanSquaredError, SparseCategoricalCrossentropy
from engine.metrics import Accuracy, Metric, RootMeanSquaredError
from engine.training.plan import Plan


def squares(plan: Plan) -> Fix:
    """Return the fix that takes the squared error."""
    better = plan.changed(loss=MeanSquaredError(), metrics=numeric_metrics(plan))
    return Fix("Use mean squared error", plan=better)


def for_numbers(plan: Plan) -> Plan:
    """Return the plan with a loss and metrics of numbers, where its own are not."""
    loss = plan.loss if plan.loss.target == "numbers" else MeanSquaredError()
    return plan.changed(loss=loss, metrics=numeric_metrics(plan))


def suggest_plan(data: Dataset, plan: Plan) -> Plan:
    """Return the plan with a loss and metrics that suit the data's task, where its own do not."""
    if data.targets.task == "regression":
        # Values of pixels may be learned as probabilities; numbers in general may not.
        is_for_pixels = data.targets.are_inputs and "regression" in plan.loss.tasks
        return plan if plan.loss.target == "numbers" or is_for_pixels else for_numbers(plan)
    if plan.loss.target == "numbers":
        return plan.changed(loss=SparseCategoricalCrossentropy(), metrics=(Accuracy(),))
    return plan


def numeric_metrics(plan: Plan) -> tuple[Metric, ...]:
    """Return those of the plan's metrics that are of numbers, or else another one."""
    metrics = tuple(each for each in plan.metrics if each.task == "regression")
    return metrics or (RootMeanSquaredError(),)
