"""A rate for each weight, from the squares of its gradients."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.optimizers.base import Optimizer, State
from engine.spec import setting


class Adagrad(Optimizer):
    """Divides by the root of the sum of all squared gradients. Duchi et al. 2011.

    ``a += g²``; ``w -= rate * g / sqrt(a + epsilon)``. The original paper uses a rate of 1.
    """

    initial_accumulator_value: float = setting(
        0.1,
        ge=0,
        le=1e6,
        label="Initial sum",
        help="The initial sum of squares.",
        advanced=True,
    )
    epsilon: float = setting(
        1e-7, gt=0, le=1, label="Epsilon", help="Avoids division by zero.", advanced=True
    )

    def start(self, weights: Array) -> State:
        return {"sum": np.full_like(weights, self.initial_accumulator_value)}

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        total = state["sum"]
        total += g * g
        w -= rate * g / np.sqrt(total + self.epsilon)


class Adadelta(Optimizer):
    """Steps in the unit of the weights, from moving mean squares. Zeiler 2012.

    The root mean square of past steps over that of past gradients takes the place of a
    rate; the original paper multiplies by 1, Keras by ``learning_rate``.
    """

    rho: float = setting(0.95, ge=0, lt=1, label="Rho", help="Decay of the moving mean squares.")
    epsilon: float = setting(
        1e-7,
        gt=0,
        le=1,
        label="Epsilon",
        help="Makes the first steps possible; avoids division by zero.",
        advanced=True,
    )

    def start(self, weights: Array) -> State:
        return {"square": np.zeros_like(weights), "moved": np.zeros_like(weights)}

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        square, moved = state["square"], state["moved"]
        square *= self.rho
        square += (1 - self.rho) * (g * g)
        move = g * np.sqrt(moved + self.epsilon) / np.sqrt(square + self.epsilon)
        moved *= self.rho
        moved += (1 - self.rho) * (move * move)
        w -= rate * move


class RMSprop(Optimizer):
    """Divides by a moving root mean square of the gradient. Tieleman & Hinton 2012."""

    rho: float = setting(0.9, ge=0, lt=1, label="Rho", help="Decay of the moving mean square.")
    momentum: float = setting(
        0.0, ge=0, lt=1, label="Momentum", help="The share of the last step that is kept."
    )
    epsilon: float = setting(
        1e-7, gt=0, le=1, label="Epsilon", help="Avoids division by zero.", advanced=True
    )
    centered: bool = setting(
        False, label="Centered", help="Subtract the moving mean's square.", advanced=True
    )

    def start(self, weights: Array) -> State:
        names = ["square", *["velocity"] * bool(self.momentum), *["mean"] * self.centered]
        return {name: np.zeros_like(weights) for name in names}

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        square = state["square"]
        square *= self.rho
        square += (1 - self.rho) * (g * g)
        spread = square
        if self.centered:
            mean = state["mean"]
            mean *= self.rho
            mean += (1 - self.rho) * g
            spread = np.maximum(square - mean * mean, 0)  # rounding can bring it below
        move = g * (rate / np.sqrt(spread + self.epsilon))
        if self.momentum:
            v = state["velocity"]
            v *= self.momentum
            v += move
            move = v
        w -= move
