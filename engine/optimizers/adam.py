"""Adam and its relatives: a moving mean of gradients over a moving spread of them."""

from __future__ import annotations

from math import sqrt

import numpy as np

from engine.arrays import Array
from engine.compiled import loops_for
from engine.compiled.program import over_blocks
from engine.compiled.tasks import ADAM
from engine.optimizers.base import Optimizer, State
from engine.spec import setting


class Adam(Optimizer):
    """Momentum and a moving mean square, both corrected for their start. Kingma & Ba 2015.

    As in Keras, epsilon is added after the correction has gone into the rate, and AMSGrad
    (Reddi et al. 2018) takes the peak of the uncorrected mean square.
    """

    beta_1: float = setting(
        0.9, ge=0, lt=1, label="Beta 1", help="Decay of the moving mean.", advanced=True
    )
    beta_2: float = setting(
        0.999, ge=0, lt=1, label="Beta 2", help="Decay of the moving mean square.", advanced=True
    )
    epsilon: float = setting(
        1e-7, gt=0, le=1, label="Epsilon", help="Avoids division by zero.", advanced=True
    )

    amsgrad: bool = setting(
        False, label="AMSGrad", help="Never let the mean square decrease.", advanced=True
    )

    def start(self, weights: Array) -> State:
        names = ["mean", "square", *["peak"] * self.amsgrad]
        return {name: np.zeros_like(weights) for name in names}

    def scales(self, step: int, rate: float) -> tuple[float, ...]:
        return (rate * sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step),)

    def move_all(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        loops = None if self.amsgrad else loops_for(w, g, state["mean"], state["square"])
        if loops is None:
            super().move_all(w, g, state, scales)
            return
        numbers = np.array((1 - self.beta_1, 1 - self.beta_2, self.epsilon, *scales), np.float32)
        over_blocks(loops, ADAM, len(w)).run(w, g, state["mean"], state["square"], numbers)

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        mean, square = state["mean"], state["square"]
        work = g - mean
        work *= 1 - self.beta_1
        mean += work
        g *= g  # from here on its place serves for what comes between
        g -= square
        g *= 1 - self.beta_2
        square += g
        if self.amsgrad:
            square = np.maximum(state["peak"], square, out=state["peak"])
        np.sqrt(square, out=g)
        g += self.epsilon
        np.divide(mean, g, out=g)
        g *= rate
        w -= g


class AdamW(Adam):
    """Adam with weights that shrink by themselves. Loshchilov & Hutter 2019.

    Before each step ``w -= rate * weight_decay * w``: decay does not pass through the moments.
    """

    weight_decay: float | None = setting(
        0.004,
        ge=0,
        le=1,
        label="Weight decay",
        help="The share of each weight, times the rate, that is subtracted at each step.",
    )


class Adamax(Optimizer):
    """Adam with the largest gradient in place of the mean square. Kingma & Ba 2015, section 7."""

    beta_1: float = setting(
        0.9, ge=0, lt=1, label="Beta 1", help="Decay of the moving mean.", advanced=True
    )
    beta_2: float = setting(
        0.999,
        ge=0,
        lt=1,
        label="Beta 2",
        help="Decay of the largest gradient.",
        advanced=True,
    )
    epsilon: float = setting(
        1e-7, gt=0, le=1, label="Epsilon", help="Avoids division by zero.", advanced=True
    )

    def start(self, weights: Array) -> State:
        return {"mean": np.zeros_like(weights), "largest": np.zeros_like(weights)}

    def scales(self, step: int, rate: float) -> tuple[float, ...]:
        return (rate / (1 - self.beta_1**step),)

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        mean, largest = state["mean"], state["largest"]
        mean += (1 - self.beta_1) * (g - mean)
        largest *= self.beta_2
        np.maximum(largest, np.abs(g), out=largest)
        w -= rate * mean / (largest + self.epsilon)


# The products of Nadam's momentum factors 1 - 0.96**t / 2; after 1,000 they no longer change.
_NADAM_FACTORS = np.cumprod(1 - 0.5 * 0.96 ** np.arange(1.0, 1001.0))


class Nadam(Optimizer):
    """Adam with Nesterov's look ahead and a momentum that grows in. Dozat 2016.

    Momentum at step t is ``beta_1 * (1 - 0.96**t / 2)``, as in Keras.
    """

    beta_1: float = setting(
        0.9, ge=0, lt=1, label="Beta 1", help="Decay of the moving mean.", advanced=True
    )
    beta_2: float = setting(
        0.999, ge=0, lt=1, label="Beta 2", help="Decay of the moving mean square.", advanced=True
    )
    epsilon: float = setting(
        1e-7, gt=0, le=1, label="Epsilon", help="Avoids division by zero.", advanced=True
    )

    def start(self, weights: Array) -> State:
        return {"mean": np.zeros_like(weights), "square": np.zeros_like(weights)}

    def scales(self, step: int, rate: float) -> tuple[float, ...]:
        now, then = (self.beta_1 * (1 - 0.5 * 0.96**t) for t in (step, step + 1))
        past = self.beta_1**step * float(_NADAM_FACTORS[min(step, len(_NADAM_FACTORS)) - 1])
        return (
            rate * then / (1 - past * then),
            rate * (1 - now) / (1 - past),
            sqrt(1 - self.beta_2**step),
        )

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        of_mean, of_gradient, root = scales
        mean, square = state["mean"], state["square"]
        mean += (1 - self.beta_1) * (g - mean)
        square += (1 - self.beta_2) * (g * g - square)
        w -= (of_mean * mean + of_gradient * g) / (np.sqrt(square) / root + self.epsilon)
