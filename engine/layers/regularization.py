"""Layers that keep a network from learning its training data by heart."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.layers.base import Kept, Layer, Run, Weights, layer
from engine.layers.windows import picture_axes
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class _OnlyInTraining(Layer, abstract=True):
    """What changes numbers at random while training, and nothing afterwards."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return inputs[0]

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        # Kept is what each number was multiplied by, if it was.
        return (dy if kept is None else dy * kept,), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return xs[0]


class _Dropping(_OnlyInTraining, abstract=True):
    """What sets some numbers to zero and lets the others grow by ``1 / (1 - rate)``."""

    rate: float = setting(
        0.5, ge=0, le=1, label="Rate", help="The share of numbers that are set to zero."
    )

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of what is drawn for a batch of ``shape``, with its batch axis."""
        return shape

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        if not run.training or self.rate == 0:
            return x, None
        shape = self.mask_shape(x.shape)
        mask = self._drawn(int(np.prod(shape)), run.rng).reshape(shape).astype(x.dtype)
        if self.rate < 1:
            mask *= 1 / (1 - self.rate)
        return x * mask, mask

    def _drawn(self, size: int, rng: np.random.Generator) -> Array:
        """Which numbers are kept."""
        # Four draws of 16 bits from each 64: several times faster than random
        # floats, and the share dropped is met to 1 in 131,072.
        bits = rng.integers(0, 2**64 - 1, -(-size // 4), np.uint64, endpoint=True)
        return bits.view(np.uint16)[:size] >= round(self.rate * 65_536)


@layer(category="Regularization")
class Dropout(_Dropping):
    """Sets a random part of its input to zero while training; any shape.

    What is kept grows by ``1 / (1 - rate)``, so that the sum is expected to
    stay. ``keras.layers.Dropout``; Srivastava et al. 2014.
    """


class _SpatialDropout(_Dropping, abstract=True):
    """What drops whole channels: neighbors in a channel say much the same."""

    spatial_axes: ClassVar[int]

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], *(1,) * self.spatial_axes, shape[-1])


@layer(category="Regularization")
class SpatialDropout1D(_SpatialDropout):
    """Sets whole channels of sequences to zero while training.

    Input and output (steps, C). ``keras.layers.SpatialDropout1D``; Tompson et al. 2015.
    """

    spatial_axes = 1

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if len(x) != 2:
            raise ShapeError(
                f"SpatialDropout1D needs sequences of steps × channels; this input is "
                f"{shape_text(x)}.",
                "Use Dropout, which takes any shape.",
                needs="steps × channels",
            )
        return x


@layer(category="Regularization")
class SpatialDropout2D(_SpatialDropout):
    """Sets whole channels of pictures to zero while training.

    Input and output (H, W, C). ``keras.layers.SpatialDropout2D``; Tompson et al. 2015.
    """

    spatial_axes = 2

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        picture_axes(self.kind, inputs[0])
        return inputs[0]


@layer(category="Regularization")
class GaussianNoise(_OnlyInTraining):
    """Adds random numbers with mean 0 while training; any shape: ``keras.layers.GaussianNoise``."""

    stddev: float = setting(
        0.1, ge=0, le=1e6, label="Spread", help="The standard deviation of the noise."
    )

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        if not run.training or self.stddev == 0:
            return x, None
        noise = _normal(x, run.rng)
        noise *= self.stddev
        noise += x
        return noise, None


@layer(category="Regularization")
class GaussianDropout(_OnlyInTraining):
    """Multiplies by random numbers with mean 1 while training; any shape.

    Their variance is that of Dropout, ``rate / (1 - rate)``.
    ``keras.layers.GaussianDropout``; Srivastava et al. 2014.
    """

    rate: float = setting(
        0.5, ge=0, lt=1, label="Rate", help="As strong as dropping this share of numbers."
    )

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        if not run.training or self.rate == 0:
            return x, None
        factor = _normal(x, run.rng)
        factor *= sqrt(self.rate / (1 - self.rate))
        factor += 1
        return x * factor, factor


def _normal(x: Array, rng: np.random.Generator) -> Array:
    """Standard normal numbers in the shape and type of ``x``."""
    if x.dtype == np.float32:
        return rng.standard_normal(x.shape, np.float32)
    return rng.standard_normal(x.shape)
