"""What callbacks and schedules watch, and where numbers stopped being finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays import Array
from engine.metrics import Metric
from engine.network import Network


def named(train: Mapping[str, float], validation: Mapping[str, float]) -> dict[str, float]:
    """What an epoch measured, by names like ``validation loss``."""
    found = {f"training {name}": float(value) for name, value in train.items()}
    return found | {f"validation {name}": float(value) for name, value in validation.items()}


def watched(
    monitor: str, history: Sequence[Mapping[str, float]], metrics: Sequence[Metric]
) -> list[float]:
    """The monitored number after each epoch, its sign such that lower is better.

    Where nothing was measured on validation data, that of the training data.
    """
    measure = monitor.partition(" ")[2]
    higher = any(each.name == measure and each.better == "higher" for each in metrics)
    instead = f"training {measure}"
    values = [epoch[monitor] if monitor in epoch else epoch[instead] for epoch in history]
    return [-value for value in values] if higher else values


def where_it_began(network: Network, x: Array) -> str:
    """``" at <node>"``: the first node whose output for this batch or gradient is not finite."""
    with np.errstate(all="ignore"):
        outputs = network.outputs_of(x, network.expansion.graph.order)
    for node in network.expansion.graph.order:
        if not np.isfinite(outputs[node]).all():
            return f", first at {node}"
    # The gradient goes backward, so the last node is where it began.
    arrays = [name for name, each in network.weights.items() if network.is_trained(each)]
    for name, part in reversed(list(zip(arrays, network.slices, strict=True))):
        gradient = network.gradients[part]
        with np.errstate(all="ignore"):
            square = gradient @ gradient  # what optimizers cannot take, either
        if not np.isfinite(square):
            return f", first in the gradient of {name.rpartition('/')[0]}"
    return ""
