"""Layers that look at pictures through a small window with learned weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activations import Activation, Linear
from engine.arrays import Array, Shape
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import GlorotUniform, Initializer, Zeros
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.correlation import correlate, gradients
from engine.layers.held import limit, output_penalty, penalty
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
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


@layer(category="Convolution")
class Conv2D(TrainableLayer, aliases=("Convolution2D",)):
    """Slides learned windows over a picture: ``y = activation(x * kernel + bias)``.

    Input (H, W, C), output (places down, places across, filters). kernel
    (height, width, C / groups, filters), bias (filters,).
    ``keras.layers.Conv2D``; LeCun et al. 1989.
    """

    filters: int = setting(
        32,
        ge=1,
        le=65_536,
        unit="filters",
        label="Filters",
        help="The number of filters, that is of output channels.",
    )
    kernel_size: Pair = setting(
        (3, 3), unit="pixels", label="Window", help="Height and width of the kernel."
    )
    strides: Pair = setting((1, 1), unit="pixels", label="Stride", help="How far the window moves.")
    padding: Padding = setting(
        "valid",
        label="Padding",
        help="valid stays inside the picture, same adds a border of zeros to keep its size.",
    )
    dilation_rate: Pair = setting(
        (1, 1),
        unit="pixels",
        label="Dilation",
        help="The distance between the pixels that the kernel covers.",
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

    def windows(self, shape: Shape) -> Windows:
        """Where the windows lie on one sample of ``shape``."""
        return windows_on(
            self.kind, shape, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        picture_axes(self.kind, x)
        check_dilation(self.kind, self.strides, self.dilation_rate)
        check_groups(self.kind, x[-1], self.filters, self.groups)
        shape = (*self.windows(x).places, self.filters)
        self.activation.check(shape)
        return shape

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        kernel = WeightSpec(
            (*self.kernel_size, x[-1] // self.groups, self.filters),
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
        windows = self.windows(x.shape[1:])
        y = correlate(x, w["kernel"], w.get("bias"), windows, self.groups)
        return y, (x, windows)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        dx, grads = self._gradients(w, kept, dy, passes_back=True)
        assert dx is not None
        return (dx,), grads

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        return self._gradients(w, kept, dy, passes_back=False)[1]

    def _gradients(
        self, w: Weights, kept: Kept, dy: Array, passes_back: bool
    ) -> tuple[Array | None, Weights]:
        x, windows = kept
        dx, kernel, bias = gradients(x, dy, w["kernel"], windows, self.groups, passes_back)
        return dx, {"kernel": kernel, "bias": bias} if self.use_bias else {"kernel": kernel}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        x = g.op("Transpose", xs[0], perm=TO_CHANNELS_FIRST)
        bias = [g.weight("bias", w["bias"])] if self.use_bias else []
        y = g.op(
            "Conv",
            x,
            g.weight("kernel", w["kernel"].transpose(3, 2, 0, 1)),
            *bias,
            kernel_shape=list(self.kernel_size),
            strides=list(self.strides),
            dilations=list(self.dilation_rate),
            group=self.groups,
            pads=self.windows(g.shapes[xs[0]]).onnx_pads,
        )
        return g.op("Transpose", y, perm=TO_CHANNELS_LAST)


def check_groups(kind: str, channels: int, filters: int, groups: int) -> None:
    """Check that channels and filters can be split.

    Raises:
        ShapeError: one of them cannot.
    """
    for number, name in ((channels, "input channels"), (filters, "filters")):
        if number % groups:
            raise ShapeError(
                f"{kind} cannot split {number} {name} into {groups} equal groups.",
                f"Choose groups that divide both {channels} channels and {filters} filters.",
                needs=f"a multiple of {groups} channels" if channels % groups else "",
            )
