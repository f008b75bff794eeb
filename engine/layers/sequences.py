"""Layers for sequences (steps, channels): those for pictures, with a height of 1.

Each has the settings of its one direction, and hands its work to its
counterpart in two; only checks and messages are its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.activations import Activation, Linear
from engine.arrays import Array, Shape, shape_text
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import GlorotUniform, Initializer, Zeros
from engine.layers.base import Kept, Layer, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.convolution import Conv2D, check_groups
from engine.layers.held import limit, output_penalty, penalty
from engine.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from engine.layers.windows import Padding, check_dilation
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class _Flat(Layer, abstract=True):
    """What is done by the layer for pictures that :meth:`flat` gives."""

    def flat(self) -> Layer:
        """The layer that does the work on pictures of height 1."""
        raise NotImplementedError

    def check(self, shape: Shape) -> None:
        """Refuse what cannot work, in the words of sequences.

        Raises:
            ShapeError: says why and what helps.
        """
        if len(shape) == 2:
            return
        fix = (
            f"Put a Reshape to {shape_text((*shape, 1))} before it, which makes one channel."
            if len(shape) == 1
            else "Put a Reshape layer before it."
        )
        raise ShapeError(
            f"{self.kind} needs sequences of steps × channels; this input is {shape_text(shape)}.",
            fix,
            needs="steps × channels",
        )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        self.check(x)
        return self.flat().output_shape(((1, *x),))[1:]

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        y, kept = self.flat().forward(_lifted(w), run, x[:, None])
        return y[:, 0], kept

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        (dx,), grads = self.flat().backward(_lifted(w), kept, dy[:, None])
        return (dx[:, 0],), _lowered(grads)

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        return _lowered(self.flat().weight_gradients(_lifted(w), kept, dy[:, None]))

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        axis = g.constant(np.array([1], np.int64))
        x = g.op("Unsqueeze", xs[0], axis)
        g.shapes[x] = (1, *g.shapes[xs[0]])
        return g.op("Squeeze", self.flat().to_onnx(g, _lifted(w), x), axis)


def _lifted(w: Weights) -> Weights:
    """Kernels with a height of 1."""
    return {name: each[None] if name == "kernel" else each for name, each in w.items()}


def _lowered(w: Weights) -> Weights:
    return {name: each[0] if name == "kernel" else each for name, each in w.items()}


def _check_length(kind: str, shape: Shape, span: int) -> None:
    if span > shape[0]:
        raise ShapeError(
            f"{kind}'s window is {span} steps long, but its input only {shape[0]} "
            f"({shape_text(shape)}).",
            'Choose a smaller window, or the padding "same".',
            needs=f"at least {span} × channels",
        )


@layer(category="Convolution")
class Conv1D(_Flat, TrainableLayer):
    """Slides learned windows along a sequence: ``y = activation(x * kernel + bias)``.

    Input (steps, C), output (places, filters). kernel (size, C / groups,
    filters), bias (filters,). ``causal`` pads before the first step only, so
    that no place sees what comes after it. ``keras.layers.Conv1D``; Waibel et al. 1989.
    """

    filters: int = setting(
        32,
        ge=1,
        le=65_536,
        unit="filters",
        label="Filters",
        help="The number of filters, that is of output channels.",
    )
    kernel_size: int = setting(
        3, ge=1, le=1024, unit="steps", label="Window", help="The length of the kernel in steps."
    )
    strides: int = setting(
        1, ge=1, le=1024, unit="steps", label="Stride", help="How far the window moves."
    )
    padding: Literal["valid", "same", "causal"] = setting(
        "valid",
        label="Padding",
        help="valid stays inside the sequence, same adds zeros around it, causal before it.",
    )
    dilation_rate: int = setting(
        1,
        ge=1,
        le=1024,
        unit="steps",
        label="Dilation",
        help="The distance between the steps that the kernel covers.",
        advanced=True,
    )
    groups: int = setting(
        1,
        ge=1,
        le=65_536,
        label="Groups",
        help="The number of groups of channels, each with its own filters.",
        advanced=True,
    )
    activation: Activation = setting(Linear(), label="Activation", help="Applied to the output.")
    use_bias: bool = setting(
        True, label="Bias", help="Add a learned bias to each filter.", advanced=True
    )
    kernel_initializer: Initializer = setting(
        GlorotUniform(), label="Initial weights", help="How weights are initialized.", advanced=True
    )
    bias_initializer: Initializer = setting(
        Zeros(), label="Initial bias", help="How biases are initialized.", advanced=True
    )
    kernel_regularizer: Regularizer | None = penalty("Weight", "weights")
    bias_regularizer: Regularizer | None = penalty("Bias", "constants")
    activity_regularizer: Regularizer | None = output_penalty()
    kernel_constraint: Constraint | None = limit("Weight", "weights")
    bias_constraint: Constraint | None = limit("Bias", "constants")

    def flat(self) -> Conv2D:
        # Taken as it is: the settings were checked, and this runs at every step.
        return Conv2D.model_construct(
            filters=self.filters,
            kernel_size=(1, self.kernel_size),
            strides=(1, self.strides),
            padding="same" if self.padding == "same" else "valid",
            dilation_rate=(1, self.dilation_rate),
            groups=self.groups,
            use_bias=self.use_bias,
        )

    @property
    def _before(self) -> int:
        """How many zeros causal padding puts before the first step."""
        return (self.kernel_size - 1) * self.dilation_rate if self.padding == "causal" else 0

    def check(self, shape: Shape) -> None:
        super().check(shape)
        check_dilation(self.kind, (1, self.strides), (1, self.dilation_rate), per_side=False)
        check_groups(self.kind, shape[-1], self.filters, self.groups)
        if self.padding == "valid":
            _check_length(self.kind, shape, (self.kernel_size - 1) * self.dilation_rate + 1)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        self.check(x)
        return self.flat().output_shape(((1, x[0] + self._before, x[1]),))[1:]

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        kernel = WeightSpec(
            (self.kernel_size, x[-1] // self.groups, self.filters),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        if not self.use_bias:
            return {"kernel": kernel}
        bias = WeightSpec(
            (self.filters,),
            self.bias_initializer,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )
        return {"kernel": kernel, "bias": bias}

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        if self._before:
            x = np.pad(x, ((0, 0), (self._before, 0), (0, 0)))
        return super().forward(w, run, x)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        (dx,), grads = super().backward(w, kept, dy)
        return (dx[:, self._before :],), grads

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        (x,) = xs
        if self._before:
            steps, channels = g.shapes[x]
            x = g.op("Pad", x, g.constant(np.array([0, self._before, 0, 0, 0, 0], np.int64)))
            g.shapes[x] = (steps + self._before, channels)
        return super().to_onnx(g, w, x)


class _Pooling1D(_Flat, abstract=True):
    """What both poolings share: (steps, C) to (places, C)."""

    pool_size: int = setting(
        2, ge=1, le=1024, unit="steps", label="Window", help="The length of the window."
    )
    strides: int | None = setting(
        None,
        ge=1,
        le=1024,
        unit="steps",
        label="Stride",
        help="How far the window moves; none means its own size.",
        advanced=True,
    )
    padding: Padding = setting(
        "valid",
        label="Padding",
        help="valid drops an incomplete window at the end, same keeps it.",
        advanced=True,
    )

    def check(self, shape: Shape) -> None:
        super().check(shape)
        if self.padding == "valid":
            _check_length(self.kind, shape, self.pool_size)


@layer(category="Pooling")
class MaxPooling1D(_Pooling1D, aliases=("MaxPool1D",)):
    """The largest value of each window of a sequence: ``keras.layers.MaxPooling1D``.

    Input (steps, C), output (places, C). The first of equal values gets the gradient.
    """

    def flat(self) -> MaxPooling2D:
        return MaxPooling2D.model_construct(
            pool_size=(1, self.pool_size),
            strides=(1, self.strides or self.pool_size),
            padding=self.padding,
        )


@layer(category="Pooling")
class AveragePooling1D(_Pooling1D, aliases=("AvgPool1D",)):
    """The mean of each window of a sequence: ``keras.layers.AveragePooling1D``.

    Input (steps, C), output (places, C). Padding does not count.
    """

    keeps_probabilities = True

    def flat(self) -> AveragePooling2D:
        return AveragePooling2D.model_construct(
            pool_size=(1, self.pool_size),
            strides=(1, self.strides or self.pool_size),
            padding=self.padding,
        )


class _GlobalPooling1D(_Flat, abstract=True):
    """What both global poolings share: (steps, C) to (C,)."""

    keepdims: bool = setting(
        False, label="Keep axes", help="Give 1 × channels rather than channels.", advanced=True
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        self.check(x)
        return (1, x[-1]) if self.keepdims else x[-1:]

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        y, kept = self.flat().forward(w, run, xs[0][:, None])
        return y[:, 0] if self.keepdims else y, kept

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        (dx,), _ = self.flat().backward(w, kept, dy[:, None] if self.keepdims else dy)
        return (dx[:, 0],), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        axis = g.constant(np.array([1], np.int64))
        y = self.flat().to_onnx(g, w, g.op("Unsqueeze", xs[0], axis))
        return g.op("Squeeze", y, axis) if self.keepdims else y


@layer(category="Pooling")
class GlobalAveragePooling1D(_GlobalPooling1D, aliases=("GlobalAvgPool1D",)):
    """The mean of each channel over all steps: ``keras.layers.GlobalAveragePooling1D``."""

    keeps_probabilities = True

    def flat(self) -> GlobalAveragePooling2D:
        return GlobalAveragePooling2D.model_construct(keepdims=self.keepdims)


@layer(category="Pooling")
class GlobalMaxPooling1D(_GlobalPooling1D, aliases=("GlobalMaxPool1D",)):
    """The largest value of each channel over all steps: ``keras.layers.GlobalMaxPooling1D``.

    Equal largest values share the gradient.
    """

    def flat(self) -> GlobalMaxPooling2D:
        return GlobalMaxPooling2D.model_construct(keepdims=self.keepdims)
