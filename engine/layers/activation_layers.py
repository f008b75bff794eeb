"""Activations as layers of their own, with Keras' names; the functions are those of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from engine.activations import Activation, Relu
from engine.activations import Elu as EluFunction
from engine.activations import LeakyRelu as LeakyReluFunction
from engine.activations import Softmax as SoftmaxFunction
from engine.activations.vectors import Axis
from engine.arrays import Array, Shape, shape_text
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import Initializer, Zeros
from engine.layers.base import Kept, Layer, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class _OneFunction(Layer, abstract=True):
    """A layer that is nothing but its activation, which the network applies."""

    @property
    def applied_activation(self) -> Activation:
        raise NotImplementedError

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        self.applied_activation.check(x)
        return x

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return xs[0], None

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (dy,), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return xs[0]


@layer(category="Activation")
class ReLU(_OneFunction):
    """``max(0, x)``, with a limit, a slope and a threshold: ``keras.layers.ReLU``."""

    max_value: float | None = setting(
        None, gt=0, le=1e6, label="Limit", help="The largest output; empty for none."
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
    def applied_activation(self) -> Activation:
        return Relu(
            max_value=self.max_value, negative_slope=self.negative_slope, threshold=self.threshold
        )


@layer(category="Activation")
class LeakyReLU(_OneFunction):
    """``x`` where positive, else a small slope times ``x``: ``keras.layers.LeakyReLU``.

    The layer's slope is 0.3 by default, that of the activation 0.2, as in Keras.
    """

    negative_slope: float = setting(
        0.3, ge=0, lt=1, label="Slope", help="The slope for negative inputs."
    )

    @property
    def applied_activation(self) -> Activation:
        return LeakyReluFunction(negative_slope=self.negative_slope)


@layer(category="Activation")
class ELU(_OneFunction):
    """``x`` where positive, else ``alpha * (exp(x) - 1)``: ``keras.layers.ELU``."""

    alpha: float = setting(
        1.0, gt=0, label="Alpha", help="The output approaches minus this for very negative x."
    )

    @property
    def applied_activation(self) -> Activation:
        return EluFunction(alpha=self.alpha)


@layer(category="Activation")
class Softmax(_OneFunction):
    """Shares that add up to 1 along an axis: ``keras.layers.Softmax``."""

    axis: Axis = setting(
        -1,
        ge=-8,
        le=8,
        label="Axis",
        help="The axis to work along; -1 is the last, 1 the first after the batch.",
        advanced=True,
    )

    @property
    def applied_activation(self) -> Activation:
        return SoftmaxFunction(axis=self.axis)


@layer(category="Activation")
class PReLU(TrainableLayer):
    """``x`` where positive, else a learned slope times ``x``: ``keras.layers.PReLU``.

    Input and output of any shape. alpha has the shape of a sample, with 1 for
    each shared axis: on pictures ``shared_axes=(1, 2)`` learns one slope per
    channel. He et al. 2015.
    """

    alpha_initializer: Initializer = setting(
        Zeros(), label="Initial slopes", help="The initial slopes.", advanced=True
    )
    alpha_regularizer: Regularizer | None = setting(
        None, label="Slope penalty", help="Added to the loss to keep slopes small.", advanced=True
    )
    alpha_constraint: Constraint | None = setting(
        None, label="Slope limit", help="Applied to the slopes after each step.", advanced=True
    )
    shared_axes: (
        Annotated[tuple[Annotated[int, Field(ge=1, le=8)], ...], Field(max_length=8)] | None
    ) = setting(
        None,
        label="Shared axes",
        help="Axes that share one slope; 1, 2 are height and width of a picture.",
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if any(axis > len(x) for axis in self.shared_axes or ()):
            raise ShapeError(
                f"PReLU shares slopes along axis {max(self.shared_axes or ())}, "
                f"but {shape_text(x)} has {len(x)}.",
                f"Choose axes from 1 to {len(x)}, or none." if x else "Choose none.",
            )
        return x

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        shared = self.shared_axes or ()
        shape = tuple(1 if axis in shared else size for axis, size in enumerate(inputs[0], 1))
        return {
            "alpha": WeightSpec(
                shape,
                self.alpha_initializer,
                regularizer=self.alpha_regularizer,
                constraint=self.alpha_constraint,
            )
        }

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        return np.where(x > 0, x, x * w["alpha"]), x

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (np.where(kept > 0, dy, dy * w["alpha"]),), self.weight_gradients(w, kept, dy)

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        slopes = dy * np.minimum(kept, 0)
        grad = slopes.sum(axis=(0, *(self.shared_axes or ()))).reshape(w["alpha"].shape)
        return {"alpha": grad}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return g.op("PRelu", xs[0], g.weight("alpha", w["alpha"]))
