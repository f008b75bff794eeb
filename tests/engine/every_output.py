"""Every kind of output: each loss, each ending, one unit and several; and what it must mean.

The meanings are written down here a second time, by hand, from the losses' formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Activation
from engine.data import Dataset, Targets
from engine.graph import Graph
from engine.layers import Dense
from engine.losses import Loss
from engine.network import Network

ENDINGS = tuple(kind for kind in Activation.kinds if kind != "binary_step")
CLASSES = ("ant", "bee", "cat")


@dataclass(frozen=True)
class Case:
    """One output: a dense layer that ends in ``ending``, trained by ``loss``."""

    loss: Loss
    ending: str
    units: int
    task: str = "classification"
    inputs: int = 4

    @property
    def classes(self) -> tuple[str, ...]:
        return CLASSES[: max(2, self.units)]

    @property
    def network(self) -> Network:
        """A network whose outputs reach far below 0 and above 1."""
        graph = Graph.sequential(
            (self.inputs,), [Dense.parse({"units": self.units, "activation": self.ending})]
        )
        network = Network(graph)
        rng = np.random.default_rng(0)
        network.trained[...] = rng.normal(0, 0.7, len(network.trained))
        return network

    @property
    def dataset(self) -> Dataset:
        rng = np.random.default_rng(1)
        x = rng.normal(size=(40, self.inputs)).astype(np.float32)
        if self.task == "classification":
            return Dataset.from_arrays(x, np.arange(40) % len(self.classes), classes=self.classes)
        return Dataset.from_arrays(x, rng.normal(size=(40, self.units)))

    @property
    def targets(self) -> Targets:
        return self.dataset.targets

    def expected(self, x: np.ndarray) -> np.ndarray:
        """The values that people should read, float64 (N, units), from the layer's sums."""
        network = self.network
        kernel, bias = (each.astype(np.float64) for each in network.weights.values())
        z = x.astype(np.float64) @ kernel + bias
        y = Activation.parse(self.ending).forward(z)
        if self.loss.expects_logits and self.ending not in ("softmax", "sigmoid"):
            return 1 / (1 + np.exp(-y)) if self.is_yes_or_no else softmax(y)
        if self.task == "regression":
            return y
        return np.exp(y) if self.ending == "log_softmax" else y

    @property
    def is_yes_or_no(self) -> bool:
        return self.loss.kind in ("BinaryCrossentropy", "BinaryFocalCrossentropy")

    @property
    def is_probability(self) -> bool:
        """Whether the values may be called probabilities."""
        closed = self.loss.expects_logits and self.ending not in ("softmax", "sigmoid")
        if self.units == 1:
            squashed = self.ending in ("sigmoid", "hard_sigmoid")
            one_of = ("CategoricalCrossentropy", "SparseCategoricalCrossentropy",
                      "KLDivergence", "CategoricalHinge")  # fmt: skip
            return (closed or squashed) and self.loss.kind not in one_of
        return closed or self.ending in ("sigmoid", "hard_sigmoid", "softmax", "log_softmax")

    @property
    def threshold(self) -> float:
        """Where a single value says yes."""
        squashed = ("sigmoid", "hard_sigmoid", "softmax", "log_softmax")
        if self.loss.kind in ("Hinge", "SquaredHinge", "CategoricalHinge"):
            return 0.5 if self.ending in squashed else 0.0
        return 0.5


def softmax(z: np.ndarray) -> np.ndarray:
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def loss_name(loss: Loss) -> str:
    return f"{loss.kind}{'-logits' if loss.expects_logits else ''}"


def every_loss() -> list[Loss]:
    """Each loss, those of logits told of logits and not."""
    kinds = Loss.kinds.values()
    told = [kind(from_logits=True) for kind in kinds if kind.takes_logits]
    return [kind() for kind in kinds] + told


def cases_of(loss: Loss, inputs: int = 4) -> list[Case]:
    """A loss with each ending, one unit and three, and numbers where it is for them."""
    tasks = [("classification", 1), ("classification", 3)]
    if "regression" in loss.tasks:
        tasks.append(("regression", 1))
    return [Case(loss, end, units, task, inputs) for end in ENDINGS for task, units in tasks]
