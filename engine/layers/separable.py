"""Convolutions that look at each channel by itself, and cost a fraction of a full one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Activation, Linear
from engine.arrays import Array, Shape
from engine.constraints import Constraint
from engine.initializers import GlorotUniform, Initializer, Zeros
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.depthwise import correlate_each, each_input_gradient, each_kernel_gradient
from engine.layers.held import limit, output_penalty, penalty
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.windows import (
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
    Padding,
    Pair,
    Windows,
    check_dilation,
    picture_axes,
    windows_on,
)
from engine.products import product
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class _EachChannel(TrainableLayer, abstract=True):
    """What both layers share: windows that slide over every channel by itself."""

    kernel_size: Pair = setting(
        (3, 3), unit="pixels", label="Window", help="Height and width of the kernel."
    )
    strides: Pair = setting((1, 1), unit="pixels", label="Stride", help="How far the window moves.")
    padding: Padding = setting(
        "valid",
        label="Padding",
        help="valid stays inside the picture, same adds a border of zeros to keep its size.",
    )
    depth_multiplier: int = setting(
        1,
        ge=1,
        le=1024,
        unit="filters",
        label="Filters per channel",
        help="The number of filters for each channel.",
        advanced=True,
    )
    dilation_rate: Pair = setting(
        (1, 1),
        unit="pixels",
        label="Dilation",
        help="The distance between the pixels that the kernel covers.",
        advanced=True,
    )
    activation: Activation = setting(Linear(), label="Activation", help="Applied to the output.")
    use_bias: bool = setting(
        True, label="Bias", help="Add a learned bias to each filter.", advanced=True
    )
    depthwise_initializer: Initializer = setting(
        GlorotUniform(), label="Initial weights", help="How weights are initialized.", advanced=True
    )
    bias_initializer: Initializer = setting(
        Zeros(), label="Initial bias", help="How biases are initialized.", advanced=True
    )
    depthwise_regularizer: Regularizer | None = penalty("Weight", "weights")
    bias_regularizer: Regularizer | None = penalty("Bias", "constants")
    activity_regularizer: Regularizer | None = output_penalty()
    depthwise_constraint: Constraint | None = limit("Weight", "weights")
    bias_constraint: Constraint | None = limit("Bias", "constants")

    def windows(self, shape: Shape) -> Windows:
        """Where the windows lie on one sample of ``shape``."""
        return windows_on(
            self.kind, shape, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )

    def _each_shape(self, x: Shape) -> Shape:
        """The shape after the windows: (places down, places across, C * multiplier)."""
        picture_axes(self.kind, x)
        check_dilation(self.kind, self.strides, self.dilation_rate)
        return (*self.windows(x).places, x[-1] * self.depth_multiplier)

    def _each_weight(self, x: Shape) -> WeightSpec:
        shape = (*self.kernel_size, x[-1], self.depth_multiplier)
        return WeightSpec(
            shape,
            self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )

    def _bias_weight(self, size: int) -> dict[str, WeightSpec]:
        if not self.use_bias:
            return {}
        bias = WeightSpec(
            (size,),
            self.bias_initializer,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )
        return {"bias": bias}

    def _each_to_onnx(
        self, g: OnnxBuilder, x: str, windows: Windows, kernel: Array, *bias: str
    ) -> str:
        """The windows as an operator; input and output have their channels first."""
        height, width, channels, times = kernel.shape
        filters = kernel.transpose(2, 3, 0, 1).reshape(channels * times, 1, height, width)
        return g.op(
            "Conv",
            x,
            g.weight("kernel", filters),
            *bias,
            kernel_shape=list(self.kernel_size),
            strides=list(self.strides),
            dilations=list(self.dilation_rate),
            group=channels,
            pads=windows.onnx_pads,
        )


@layer(category="Convolution")
class DepthwiseConv2D(_EachChannel):
    """Slides learned windows over each channel of a picture by itself.

    Input (H, W, C), output (places down, places across, C * multiplier). kernel
    (height, width, C, multiplier), bias (C * multiplier,).
    ``keras.layers.DepthwiseConv2D``; Howard et al. 2017.
    """

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = self._each_shape(inputs[0])
        self.activation.check(shape)
        return shape

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        bias = self._bias_weight(x[-1] * self.depth_multiplier)
        return {"kernel": self._each_weight(x), **bias}

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        windows = self.windows(x.shape[1:])
        padded = windows.pad(x)
        y = correlate_each(padded, w["kernel"], windows)
        if self.use_bias:
            add_to_rows(y.reshape(-1, y.shape[-1]), w["bias"])
        return y, (padded, windows)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        padded, windows = kept
        dy = np.ascontiguousarray(dy)
        dx = each_input_gradient(padded.shape, dy, w["kernel"], windows)
        return (windows.inner(dx),), self.weight_gradients(w, kept, dy)

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        padded, windows = kept
        dy = np.ascontiguousarray(dy)
        grads = {"kernel": each_kernel_gradient(padded, dy, w["kernel"], windows)}
        if self.use_bias:
            grads["bias"] = column_sums(dy.reshape(-1, dy.shape[-1]))
        return grads

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        x = g.op("Transpose", xs[0], perm=TO_CHANNELS_FIRST)
        bias = [g.weight("bias", w["bias"])] if self.use_bias else []
        y = self._each_to_onnx(g, x, self.windows(g.shapes[xs[0]]), w["kernel"], *bias)
        return g.op("Transpose", y, perm=TO_CHANNELS_LAST)


@layer(category="Convolution")
class SeparableConv2D(_EachChannel):
    """Windows over each channel by itself, then a mixture of the channels at each pixel.

    Input (H, W, C), output (places down, places across, filters).
    depthwise_kernel (height, width, C, multiplier), pointwise_kernel (1, 1,
    C * multiplier, filters), bias (filters,). ``keras.layers.SeparableConv2D``;
    Chollet 2017.
    """

    filters: int = setting(
        32,
        ge=1,
        le=65_536,
        unit="filters",
        label="Filters",
        help="The number of filters, that is of output channels.",
    )
    pointwise_initializer: Initializer = setting(
        GlorotUniform(),
        label="Initial mixture",
        help="How the mixture is initialized.",
        advanced=True,
    )
    pointwise_regularizer: Regularizer | None = penalty("Mixture", "the mixture's weights")
    pointwise_constraint: Constraint | None = limit("Mixture", "the mixture's weights")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = (*self._each_shape(inputs[0])[:2], self.filters)
        self.activation.check(shape)
        return shape

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        pointwise = WeightSpec(
            (1, 1, x[-1] * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        bias = self._bias_weight(self.filters)
        return {"depthwise_kernel": self._each_weight(x), "pointwise_kernel": pointwise, **bias}

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        windows = self.windows(x.shape[1:])
        padded = windows.pad(x)
        each = correlate_each(padded, w["depthwise_kernel"], windows)
        rows = product(each.reshape(-1, each.shape[-1]), w["pointwise_kernel"][0, 0])
        if self.use_bias:
            add_to_rows(rows, w["bias"])
        return rows.reshape(*each.shape[:3], self.filters), (padded, windows, each)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        padded, windows, _ = kept
        grad, grads = self._gradients(w, kept, dy)
        dx = each_input_gradient(padded.shape, grad, w["depthwise_kernel"], windows)
        return (windows.inner(dx),), grads

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        return self._gradients(w, kept, dy)[1]

    def _gradients(self, w: Weights, kept: Kept, dy: Array) -> tuple[Array, Weights]:
        """The gradient for what is between the two steps, and those for the weights."""
        padded, windows, each = kept
        rows = np.ascontiguousarray(dy).reshape(-1, self.filters)
        grad = product(rows, w["pointwise_kernel"][0, 0].T).reshape(each.shape)
        pointwise = product(each.reshape(-1, each.shape[-1]).T, rows)
        grads = {
            "depthwise_kernel": each_kernel_gradient(padded, grad, w["depthwise_kernel"], windows),
            "pointwise_kernel": pointwise[None, None],
        }
        if self.use_bias:
            grads["bias"] = column_sums(rows)
        return grad, grads

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        x = g.op("Transpose", xs[0], perm=TO_CHANNELS_FIRST)
        each = self._each_to_onnx(g, x, self.windows(g.shapes[xs[0]]), w["depthwise_kernel"])
        y = g.op("Transpose", each, perm=TO_CHANNELS_LAST)
        y = g.op("MatMul", y, g.weight("pointwise_kernel", w["pointwise_kernel"][0, 0]))
        return g.op("Add", y, g.weight("bias", w["bias"])) if self.use_bias else y
