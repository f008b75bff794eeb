"""Activations that look at all numbers along one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import AfterValidator

from engine.activations.base import Activation
from engine.arrays import Array, Shape, shape_text
from engine.compiled import loops_for
from engine.errors import ShapeError
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


def _not_the_batch(axis: int) -> int:
    if axis == 0:
        raise ValueError("Axis 0 is the batch; choose -1 for the last axis or 1 for the first.")
    return axis


Axis = Annotated[int, AfterValidator(_not_the_batch)]


class AlongAnAxis(Activation, abstract=True):
    """What softmax and its logarithm share."""

    elementwise = False

    axis: Axis = setting(
        -1,
        ge=-8,
        le=8,
        label="Axis",
        help="The axis to work along; -1 is the last, 1 the first after the batch.",
        advanced=True,
    )

    def check(self, shape: Shape) -> None:
        if not shape:
            raise ShapeError(
                "Softmax works along an axis, but this input is a single number.",
                "Use sigmoid, or give the layer before it more units.",
                needs="at least one axis",
            )
        if not -len(shape) <= self.axis <= len(shape):
            raise ShapeError(
                f"{type(self).__name__} works along axis {self.axis}, but {shape_text(shape)} "
                f"has {len(shape)}.",
                f"Choose an axis from 1 to {len(shape)}, or -1 for the last.",
                needs=f"at least {abs(self.axis)} axes",
            )

    def is_along_last(self, shape: Shape) -> bool:
        """Whether samples of this shape are shared out over their last axis."""
        return self.axis in (-1, len(shape))


class Softmax(AlongAnAxis, kind="softmax"):
    """``exp(x) / sum(exp(x))`` along an axis: shares that add up to 1. Bridle 1990."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        loops = loops_for(x, x if out is None else out)
        if loops is not None and x.size and self.is_along_last(x.shape[1:]):
            y: Array = np.empty_like(x) if out is None else out
            loops.softmax(x.reshape(-1, x.shape[-1]), y.reshape(-1, x.shape[-1]))
            return y
        y = np.subtract(x, x.max(axis=self.axis, keepdims=True), out=out)
        np.exp(y, out=y)
        y /= y.sum(axis=self.axis, keepdims=True)
        return y

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        dx: Array = y * (dy - (dy * y).sum(axis=self.axis, keepdims=True))
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("Softmax", x, axis=self.axis)


class LogSoftmax(AlongAnAxis, kind="log_softmax"):
    """``log(softmax(x))`` along an axis, without losing small shares to rounding."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y: Array = np.subtract(x, x.max(axis=self.axis, keepdims=True), out=out)
        y -= np.log(np.exp(y).sum(axis=self.axis, keepdims=True))
        return y

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        dx: Array = dy - np.exp(y) * dy.sum(axis=self.axis, keepdims=True)
        return dx

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return g.op("LogSoftmax", x, axis=self.axis)
