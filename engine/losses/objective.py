"""What a network with several outputs is trained for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.losses.base import Loss


@dataclass(frozen=True)
class Objective:
    """A loss for every output, and how much each counts; their weighted sum is made small.

    Attributes:
        loss: that of outputs which have none of their own.
        own: losses of single outputs, by node.
        weights: how much an output's loss counts, by node; 1 where nothing is said. Keras'
            ``loss_weights``.
    """

    loss: Loss
    own: Mapping[str, Loss] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, loss: Loss | Objective) -> Objective:
        """A single loss as the objective of every output."""
        return loss if isinstance(loss, Objective) else cls(loss)

    def loss_of(self, node: str) -> Loss:
        """The loss of an output."""
        return self.own.get(node, self.loss)

    def weight_of(self, node: str) -> float:
        """How much the loss of an output counts."""
        return self.weights.get(node, 1.0)
