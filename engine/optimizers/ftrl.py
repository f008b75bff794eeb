"""Follow the regularized leader."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.optimizers.base import Optimizer, State
from engine.spec import setting


class Ftrl(Optimizer, aliases=("FTLR",)):
    """Follows the regularized leader: sparse weights by L1. McMahan et al. 2013.

    ``n' = n + g²``; ``s = (n'^-p - n^-p) / rate`` with the power p;
    ``z += g + 2 * shrinkage * w - s * w``;
    ``w = (clip(z, -l1, l1) - z) / (n'^-p / rate + 2 * l2 + beta / rate)``.
    """

    learning_rate_power: float = setting(
        -0.5,
        ge=-2,
        le=0,
        label="Rate power",
        help="How fast the rate falls as squares add up; 0 keeps it fixed.",
        advanced=True,
    )
    initial_accumulator_value: float = setting(
        0.1,
        ge=0,
        le=1e6,
        label="Initial sum",
        help="The initial sum of squares.",
        advanced=True,
    )
    l1_regularization_strength: float = setting(
        0.0, ge=0, le=1e6, label="L1", help="Sets small weights to exactly zero."
    )
    l2_regularization_strength: float = setting(
        0.0, ge=0, le=1e6, label="L2", help="Keeps weights small at every step."
    )
    l2_shrinkage_regularization_strength: float = setting(
        0.0,
        ge=0,
        le=1e6,
        label="L2 shrinkage",
        help="Adds the weights to their gradient, but not to the sum of squares.",
        advanced=True,
    )
    beta: float = setting(
        0.0, ge=0, le=1e6, label="Beta", help="Added to the root of the squares.", advanced=True
    )

    def start(self, weights: Array) -> State:
        total = np.full_like(weights, self.initial_accumulator_value)
        return {"sum": total, "linear": np.zeros_like(weights)}

    def move(self, w: Array, g: Array, state: State, scales: tuple[float, ...]) -> None:
        (rate,) = scales
        total, linear = state["sum"], state["linear"]
        power, l1 = -self.learning_rate_power, self.l1_regularization_strength
        before = total**power
        total += g * g
        if not rate:  # a sum over rates cannot hold one of zero; the weights stay
            return
        after = total**power
        linear += (
            g + 2 * self.l2_shrinkage_regularization_strength * w - (after - before) / rate * w
        )
        quadratic = after / rate + 2 * self.l2_regularization_strength + self.beta / rate
        # A weight that never had a gradient and a sum that starts from 0: 0 / 0, stays as 0.
        pull = np.clip(linear, -l1, l1) - linear
        np.divide(pull, quadratic, out=w, where=quadratic > 0)
