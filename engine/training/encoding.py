"""The targets of the data as a loss compares them with an output, where it can."""

from __future__ import annotations

from math import prod

import numpy as np

from engine.arrays import Array, Shape
from engine.data import Targets
from engine.losses import Loss, Target


def encode_targets(y: Array, target: Target, classes: int, output: Shape) -> Array:
    """Return targets as a loss wants them.

    A single output for classes is compared with their numbers, and outputs beyond the classes
    with 0; a single number is compared with every output. Keras does the same with such arrays.

    Args:
        y: (B,) labels where there are classes, else (B, k) numbers.
        classes: how many classes there are; 0 for regression.
        output: shape of one output sample; see :func:`can_compare`.
    """
    if target == "labels":
        return y
    if not classes:
        if y[:1].size == 1 and prod(output) != 1:
            alone = y.reshape(len(y), *[1] * len(output))
            return np.broadcast_to(alone, (len(y), *output))
        return y.reshape(len(y), *output)
    if output[-1:] == (1,):
        return y.reshape(len(y), *output)
    return np.eye(max(classes, output[-1]), dtype=np.float32)[y]


def can_compare(targets: Targets, loss: Loss, output: Shape) -> bool:
    """Return whether the loss of an output of this shape can be computed at all."""
    if targets.task == "regression":
        fits = prod(output) == targets.size or targets.size == 1
        return fits and loss.target != "labels"
    if len(output) != 1:
        return False
    return output[0] >= targets.size or (output == (1,) and loss.target != "labels")
