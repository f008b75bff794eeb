"""Steps along the gradient, with or without momentum, and along its sign."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.optimizers.base import Optimizer, State
from engine.spec import setting


class SGD(Optimizer):
    """``w -= rate * g``, with momentum (Polyak 1964) or Nesterov's look ahead.

    ``v = momentum * v - rate * g``; ``w += v``, or with Nesterov
    ``w += momentum * v - rate * g``, as Keras writes it.
    """

    learning_rate: float = setting(
        0.01, gt=0, le=100, label="Learning rate", help="The size of each step."
    )
    momentum: float = setting(
        0.0, ge=0, lt=1, label="Momentum", help="The share of the last step that is kept."
    )
    nesterov: bool = setting(False, label="Nesterov", help="Look ahead along the momentum.")

    def start(self, weights: Array) -> State:
        return {"velocity": np.zeros_like(weights)} if self.momentum else {}

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        g *= rate
        if not self.momentum:
            w -= g
            return
        v = state["velocity"]
        v *= self.momentum
        v -= g
        if self.nesterov:
            w += self.momentum * v
            w -= g
        else:
            w += v


class Lion(Optimizer):
    """Steps of one size along the sign of a moving mean. Chen et al. 2023.

    ``w -= rate * sign(beta_1 * m + (1 - beta_1) * g)``, then
    ``m = beta_2 * m + (1 - beta_2) * g``.
    """

    beta_1: float = setting(
        0.9, gt=0, le=1, label="Beta 1", help="Weight of the mean in a step.", advanced=True
    )
    beta_2: float = setting(
        0.99, ge=0, lt=1, label="Beta 2", help="Decay of the moving mean.", advanced=True
    )

    def start(self, weights: Array) -> State:
        return {"mean": np.zeros_like(weights)}

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        mean = state["mean"]
        w -= rate * np.sign(self.beta_1 * mean + (1 - self.beta_1) * g)
        mean *= self.beta_2
        mean += (1 - self.beta_2) * g
