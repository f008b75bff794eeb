"""Activations made of straight pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.activations.base import Activation, placed
from engine.arrays import Array
from engine.compiled.tasks import RECTIFIED_SLOPE, RECTIFY
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class Relu(Activation, kind="relu"):
    """``max(0, x)``; on wish with a slope below, a limit above, and a threshold.

    ``negative_slope * (x - threshold)`` up to the threshold, then ``x``, and
    ``max_value`` from there on. With ``max_value`` 6 it is ReLU6. Nair & Hinton 2010.
    """

    max_value: float | None = setting(
        None, gt=0, le=1e6, label="Limit", help="The largest output; empty for none.", advanced=True
    )
    negative_slope: float = setting(
        0.0,
        ge=0,
        le=1e6,
        label="Slope",
        help="The slope for inputs up to the threshold.",
        advanced=True,
    )
    threshold: float = setting(
        0.0,
        ge=0,
        le=1e6,
        label="Threshold",
        help="Inputs above it activate the unit.",
        advanced=True,
    )

    @property
    def task_kinds(self) -> tuple[int, int] | None:
        is_plain = not self.negative_slope and not self.threshold and self.max_value is None
        return (RECTIFY, RECTIFIED_SLOPE) if is_plain else None

    def forward(self, x: Array, out: Array | None = None) -> Array:
        slope, threshold = self.negative_slope, self.threshold
        if not slope and not threshold:
            return np.clip(x, 0, self.max_value, out=out) if self.max_value else _rectified(x, out)
        # As arrays of the input's type: a float64 would be taken for the wider one.
        edge = np.asarray(threshold, x.dtype)
        below = (x - edge) * np.asarray(slope, x.dtype)
        above = x if self.max_value is None else np.minimum(x, self.max_value)
        return placed(np.where(x > edge, above, below), out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        # Above the threshold outputs are positive, and below it they never are.
        above = y > 0
        rising = above if self.max_value is None else above & (y < self.max_value)
        if not self.negative_slope:
            return np.multiply(dy, rising)
        falling = dy * np.asarray(self.negative_slope, dy.dtype)
        return np.where(above, dy * rising, falling)

    def backward_into(self, out: Array, dy: Array, x: Array | None, y: Array) -> None:
        if self.negative_slope or self.max_value is not None:
            super().backward_into(out, dy, x, y)
        else:
            np.multiply(dy, y > 0, out=out)

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        if self.negative_slope or self.threshold:
            return self._pieces_to_onnx(g, x)
        y = g.op("Relu", x)
        return y if self.max_value is None else g.op("Min", y, _number(g, self.max_value))

    def _pieces_to_onnx(self, g: OnnxBuilder, x: str) -> str:
        edge = _number(g, self.threshold)
        below = g.op("Mul", g.op("Sub", x, edge), _number(g, self.negative_slope))
        above = x if self.max_value is None else g.op("Min", x, _number(g, self.max_value))
        return g.op("Where", g.op("Greater", x, edge), above, below)


class LeakyRelu(Activation, kind="leaky_relu"):
    """``x`` where positive, else ``negative_slope * x``. Maas et al. 2013."""

    negative_slope: float = setting(
        0.2, ge=0, lt=1, label="Slope", help="The slope for negative inputs."
    )

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y: Array = np.maximum(x, x * np.asarray(self.negative_slope, x.dtype), out=out)
        return y

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        return np.where(y > 0, dy, dy * np.asarray(self.negative_slope, dy.dtype))

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("LeakyRelu", x, alpha=self.negative_slope)


class HardSigmoid(Activation, kind="hard_sigmoid"):
    """``x / 6 + 1/2``, cut at 0 and 1: a sigmoid of three lines, as Keras 3 draws it."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y: Array = np.multiply(x, np.asarray(1 / 6, x.dtype), out=out)
        y += np.asarray(0.5, x.dtype)
        return np.clip(y, 0, 1, out=y)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        return dy * np.where((y > 0) & (y < 1), np.asarray(1 / 6, dy.dtype), 0)

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("HardSigmoid", x, alpha=1 / 6, beta=0.5)


class BinaryStep(Activation, kind="binary_step", aliases=("step", "heaviside")):
    """1 from 0 on, else 0: the neuron of McCulloch & Pitts 1943. Not in Keras.

    Its true slope is 0, so nothing before it can learn. The straight-through
    estimator of Bengio et al. 2013 lets the gradient pass as if the step were
    not there; clipped, only where ``|x| <= 1`` (Hubara et al. 2016).
    """

    keeps_input = True

    gradient: Literal["zero", "straight_through", "clipped"] = setting(
        "zero",
        label="Gradient",
        help="zero is the true slope, straight_through passes all of it, "
        "clipped only that of inputs from -1 to 1.",
    )

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return placed((x >= 0).astype(x.dtype), out)

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        assert x is not None
        match self.gradient:
            case "zero":
                return np.zeros_like(dy)
            case "straight_through":
                return dy.copy()
        return dy * (np.abs(x) <= 1)

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        is_on = g.op("GreaterOrEqual", x, _number(g, 0.0))
        return g.op("Where", is_on, _number(g, 1.0), _number(g, 0.0))


def _rectified(x: Array, out: Array | None) -> Array:
    y: Array = np.maximum(x, 0, out=out)
    return y


def _number(g: OnnxBuilder, value: float) -> str:
    return g.constant(np.asarray(value, np.float32))
