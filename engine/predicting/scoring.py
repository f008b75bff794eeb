"""How good a trained network is on a file that holds the targets, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.data import Part
from engine.errors import DataError
from engine.network import Network
from engine.predicting.batch import Batch
from engine.project.trained import TrainedModel
from engine.training import Plan, evaluate
from engine.training.weighting import OutputLoss


@dataclass(frozen=True)
class Scores:
    """What the samples of a file came to.

    Attributes:
        samples: how many were scored.
        values: ``loss`` and metrics, by name.
        notes: what was left out.
    """

    samples: int
    values: dict[str, float]
    notes: tuple[str, ...] = ()


def score(model: TrainedModel, plan: Plan, batch: Batch, network: Network | None = None) -> Scores:
    """Compare predictions with the targets in a file.

    The loss is the one that the network was trained by, and the metrics are the plan's.

    Raises:
        DataError: the file holds no targets, or one that the network does not know.
    """
    known, targets = batch.with_truth, model.targets
    if targets.are_inputs:
        y, known = batch.x, np.arange(len(batch))
    elif not len(known):
        raise DataError(
            f"{batch.place} holds no targets to compare with: {_where(batch, model)}.",
            "Choose a file that holds them, or predict instead.",
        )
    else:
        y = targets.encode(_truth(batch, known))
    part = Part(batch.x[known], y)
    network = network or model.network()
    values = evaluate(network, part, _plan_of(model, plan), targets)
    left_out = len(batch) - len(known)
    many = "1 sample has" if left_out == 1 else f"{left_out:,} samples have"
    notes = (f"{many} no target and did not count.",) if left_out else ()
    return Scores(len(known), values, notes)


def _truth(batch: Batch, known: Array) -> Array | list[str]:
    if isinstance(batch.truth, np.ndarray):
        return batch.truth[known]
    assert batch.truth is not None
    return [str(batch.truth[i]).strip() for i in known]


def _where(batch: Batch, model: TrainedModel) -> str:
    if batch.what == "row":
        return f"there is no column {model.targets.names[0]!r}, or it is empty"
    if batch.what == "file":
        return "its folders are not named after the classes"
    return "it has no labels beside the samples"


def _plan_of(model: TrainedModel, plan: Plan) -> Plan:
    """Return the plan with the losses that the network was trained by."""
    losses, targets = model.objective, model.targets
    goals = tuple(
        OutputLoss(output=node, loss=losses.loss_of(node), weight=plan.objective.weight_of(node))
        for node in model.graph.outputs
    )
    metrics = tuple(each for each in plan.metrics if each.task == targets.task)
    return plan.changed(
        loss=goals[-1].loss, outputs=goals if len(goals) > 1 else (), metrics=metrics
    )
