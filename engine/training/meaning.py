"""What a network's outputs mean: known from its ending, its loss and the targets of the data.

This is the only place that knows it. The sample card, the decision surface, the pictures on the
canvas, ``predict``, the confusion matrix and the ONNX file all ask here, so that they agree.
Nothing is inferred from the numbers themselves: a logit may happen to lie between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from engine.activations import Activation, Exponential, LogSoftmax, Sigmoid, Softmax
from engine.arrays import Array
from engine.data import Targets
from engine.diagnosis import diagnose
from engine.graph import Graph, expanded
from engine.layers import Layer
from engine.losses import Loss, Objective
from engine.metrics.base import HALF
from engine.network import has_logits
from engine.training.endings import ending_of

Kind = Literal["distribution", "probability", "independent", "scores", "numbers", "reconstruction"]


@dataclass(frozen=True)
class Meaning:
    """How to read one output of a network.

    Attributes:
        node: the output.
        kind: what :meth:`read` returns.

            - ``distribution``: a probability for each class; they add up to 1.
            - ``probability``: a single number, the probability of the second of two classes.
            - ``independent``: a probability for each class, whatever the others are.
            - ``scores``: no probabilities; the largest one wins.
            - ``numbers``: predicted numbers, in the target's own unit.
            - ``reconstruction``: the inputs again, in their own unit.
        targets: the targets of the data.
        closing: what the loss applied to the output, or the inverse of what the network applied:
            softmax or sigmoid of logits, exponential of log-probabilities; often None.
        threshold: where there is a single value for classes, a greater one means the second.
    """

    node: str
    kind: Kind
    targets: Targets
    closing: Activation | None = None
    threshold: float = HALF

    @property
    def has_probabilities(self) -> bool:
        """Whether the values are probabilities."""
        return self.kind in ("distribution", "probability", "independent")

    def read(self, y: Array) -> Array:
        """Return the values that raw outputs stand for, (N, ...) as ``y``.

        Probabilities or scores of classes, or numbers in their own unit.
        """
        values = y if self.closing is None else self.closing.forward(y)
        return values if self.targets.classes else self.targets.in_units(values)

    def choose(self, values: Array) -> Array:
        """Return the class that each row of read values (N, outputs) stands for, int64 (N,)."""
        rows = values.reshape(len(values), -1)
        if rows.shape[1] == 1:
            return (rows[:, 0] > self.threshold).astype(np.int64)
        largest: Array = rows.argmax(axis=1)
        return largest

    def shares(self, values: Array) -> Array:
        """Return how strongly each row speaks for each class, (N, classes or more), 0 to 1.

        Where the values are no probabilities, all of it goes to the chosen class.
        """
        rows = values.reshape(len(values), -1)
        if self.kind == "probability":
            return np.concatenate([1 - rows, rows], axis=1)
        if self.has_probabilities:
            return rows
        width = max(len(self.targets.classes), 2, rows.shape[1])
        return np.eye(width)[self.choose(values)]

    def class_names(self, count: int = 0) -> tuple[str, ...]:
        """Return the names of at least ``count`` classes; outputs beyond them are numbered."""
        names = self.targets.classes
        return (*names, *(f"output {i + 1}" for i in range(len(names), count)))


@dataclass(frozen=True)
class Learned:
    """What a network was trained for: enough to read its outputs.

    Attributes:
        graph: the network that was trained.
        targets: of the data that it was trained on.
        loss: what it was trained by; None where that is unknown.
    """

    graph: Graph
    targets: Targets
    loss: Loss | Objective | None

    @cached_property
    def meanings(self) -> Mapping[str, Meaning]:
        """What each output means, by node."""
        return meanings_of(self.graph, self.targets, self.loss)


def meanings_of(
    graph: Graph, targets: Targets, loss: Loss | Objective | None
) -> dict[str, Meaning]:
    """Return what each output of a graph without problems means, by node.

    Args:
        targets: of the data that the network is trained on.
        loss: what it is trained by; None where that is unknown.
    """
    objective = None if loss is None else Objective.of(loss)
    return {
        node: meaning_of(
            graph, node, targets, None if objective is None else objective.loss_of(node)
        )
        for node in graph.outputs
    }


def meaning_of(graph: Graph, node: str, targets: Targets, loss: Loss | None) -> Meaning:
    """Return what one output means; see :func:`meanings_of`."""
    if targets.task == "regression":
        kind: Kind = "reconstruction" if targets.are_inputs else "numbers"
        return Meaning(node, kind, targets, _applied_by_loss(graph, node, loss))
    width = (1, *diagnose(graph).shapes[node])[-1]
    closing, ending = closing_of(graph, node, loss), ending_of(graph, node)
    is_single = width == 1
    # A single output is the probability of the second class only where a loss can teach it that.
    is_binary = len(targets.classes) == 2 and (loss is None or loss.target in ("binary", "numbers"))
    if isinstance(closing, Sigmoid) or (closing is None and ending.gives_probabilities):
        if is_single:
            is_one = is_binary and not isinstance(ending.activation, Softmax)
            return Meaning(node, "probability" if is_one else "scores", targets, closing)
        is_whole = isinstance(ending.activation, Softmax) and ending.keeps_rows
        return Meaning(node, "distribution" if is_whole else "independent", targets, closing)
    if closing is not None:
        return Meaning(node, "scores" if is_single else "distribution", targets, closing)
    return Meaning(node, "scores", targets, None, HALF if loss is None else loss.threshold)


def closing_of(graph: Graph, node: str, loss: Loss | None) -> Activation | None:
    """Return the activation still to be applied to an output to get probabilities, or None.

    Sigmoid or softmax where the loss takes the output for logits, as it was told to; the
    exponential of log-probabilities.
    """
    applied = _applied_by_loss(graph, node, loss)
    if applied is not None:
        return applied
    ending = ending_of(graph, node)
    if isinstance(ending.activation, LogSoftmax) and ending.keeps_rows and ending.is_direct:
        return Exponential()
    return None


def _applied_by_loss(graph: Graph, node: str, loss: Loss | None) -> Activation | None:
    """What a loss applies to an output that it takes for logits.

    Nothing to a final softmax or sigmoid: it takes what went into that.
    """
    if loss is None or not loss.takes_logits or not loss.expects_logits:
        return None
    found = expanded(graph)
    layer = found.graph.layer_of(found.ends.get(node, node))
    assert isinstance(layer, Layer)
    if has_logits(layer.applied_activation, diagnose(graph).shapes[node]):
        return None
    return Sigmoid() if loss.target == "binary" else Softmax()
