"""Layers that prepare data inside of the network, and so leave with it on export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Kept, Layer, Run, Weights, layer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


@layer(category="Preprocessing")
class Rescaling(Layer):
    """``x * scale + offset``; any shape: ``keras.layers.Rescaling``.

    The default brings the bytes of a picture to 0 … 1.
    """

    scale: float = setting(1 / 255, ge=-1e9, le=1e9, label="Scale", help="Factor for each number.")
    offset: float = setting(0.0, ge=-1e9, le=1e9, label="Offset", help="Added after multiplying.")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return inputs[0]

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        y = x * np.asarray(self.scale, x.dtype)
        if self.offset:
            y += np.asarray(self.offset, x.dtype)
        return y, None

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (dy * np.asarray(self.scale, dy.dtype),), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        y = g.op("Mul", xs[0], g.constant(np.array(self.scale, np.float32)))
        return g.op("Add", y, g.constant(np.array(self.offset, np.float32)))
