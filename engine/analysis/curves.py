"""Activation functions as curves."""

from __future__ import annotations

import numpy as np

from engine.activations import Activation, LeakyRelu, Linear, LogSoftmax, Softmax
from engine.arrays import Array
from engine.layers import Layer, PReLU


def activation_curve(
    activation: Activation, low: float = -5.0, high: float = 5.0, points: int = 201
) -> tuple[Array, Array, Array]:
    """An activation drawn over its input.

    Softmax and its logarithm have no curve of one number: theirs is that of the
    first of two numbers, where the second is 0.

    Args:
        low, high: the least and the greatest input.

    Returns:
        Inputs, outputs, and the slopes that training uses there (for a binary
        step those of its estimator), each (points,), float64.
    """
    x = np.linspace(low, high, points)
    if not isinstance(activation, Softmax | LogSoftmax):
        y = activation.forward(x)
        return x, y, activation.backward(np.ones_like(x), x, y)
    along_last = activation.changed(axis=-1)
    pairs = np.stack([x, np.zeros_like(x)], axis=-1)
    shares = along_last.forward(pairs)
    slopes = along_last.backward(np.array([1.0, 0.0]) * np.ones_like(pairs), pairs, shares)
    return x, shares[:, 0], slopes[:, 0]


def function_of(layer: Layer) -> Activation | None:
    """The activation that a layer applies, to be drawn; None where it applies none.

    That of a PReLU has the mean of the slopes that it starts from, where a
    leaky ReLU may have it.
    """
    if isinstance(layer, PReLU):
        slopes = layer.alpha_initializer.draw((64,), np.random.default_rng(0))
        return LeakyRelu.parse({"negative_slope": float(np.clip(slopes.mean(), 0, 0.999))})
    applied = layer.applied_activation
    if applied is None and "activation" in type(layer).model_fields:
        return Linear()
    return applied
