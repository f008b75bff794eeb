"""What callbacks and schedules watch, and where numbers stopped being finite."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays import Array
from engine.metrics import Metric
from engine.network import Network
from engine.spec import plain_name
from engine.training.tally import measure_names


def named(train: Mapping[str, float], validation: Mapping[str, float]) -> dict[str, float]:
    """What an epoch measured, by names like ``validation loss``."""
    found = {f"training {name}": float(value) for name, value in train.items()}
    return found | {f"validation {name}": float(value) for name, value in validation.items()}


def measured_names(outputs: tuple[str, ...], metrics: tuple[Metric, ...]) -> dict[str, bool]:
    """Return what an epoch measures, by name, and whether higher is better.

    Args:
        outputs: the output nodes of the network.
    """
    of_outputs = [f"{node} loss" for node in outputs] if len(outputs) > 1 else []
    found = dict.fromkeys(("loss", *of_outputs), False)
    every = metrics * len(outputs)
    for name, metric in zip(measure_names(outputs, metrics), every, strict=True):
        found[name] = metric.better == "higher"
    return found


def resolved(monitor: str, outputs: tuple[str, ...], metrics: tuple[Metric, ...]) -> str | None:
    """Return the full name of what is monitored, like ``validation loss``; None if unknown.

    Keras' names are understood as well: ``val_loss``, ``loss``, ``val_accuracy``, ``val_acc``,
    and ``val_<output>_accuracy``. With several outputs a metric without one is the last's.
    """
    match = _PART.match(monitor.strip())
    assert match is not None
    part, measure = match.groups()
    where = "validation" if part.lower().startswith("val") else "training"
    names = _spellings(outputs, metrics)
    found = names.get(measure) or names.get(plain_name(measure) or measure)
    return f"{where} {found}" if found else None


_PART = re.compile(r"((?:validation|training|val|train)[ _]|)(.*)", re.IGNORECASE | re.DOTALL)


def _spellings(outputs: tuple[str, ...], metrics: tuple[Metric, ...]) -> dict[str, str]:
    """What each measure may be called, exactly and without punctuation."""
    found: dict[str, str] = {}
    for metric in metrics:
        name = measure_names(outputs, (metric,))[-1]
        for spelling in (metric.name, metric.kind, *metric.aliases):
            for each in dict.fromkeys((spelling, plain_name(spelling))):
                found.setdefault(each, name)
        for node in outputs if len(outputs) > 1 else ():
            for spelling in (metric.name, metric.kind, *metric.aliases):
                found.setdefault(plain_name(f"{node} {spelling}"), f"{node} {metric.name}")
    for name in measured_names(outputs, metrics):
        found[name] = name
        found.setdefault(plain_name(name), name)
    found.pop("", None)
    return found


def watched(
    monitor: str, history: Sequence[Mapping[str, float]], names: Mapping[str, bool]
) -> list[float]:
    """Return the monitored number after each epoch, its sign such that lower is better.

    Where nothing was measured on validation data, that of the training data.

    Args:
        monitor: its full name, see :func:`resolved`.
        names: see :func:`measured_names`.
    """
    measure = monitor.partition(" ")[2]
    higher = names[measure]
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
