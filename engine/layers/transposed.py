"""Convolution the other way round: every pixel paints a window."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Activation, Linear
from engine.arrays import Array, Shape, shape_text
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import GlorotUniform, Initializer, Zeros
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.columns import correlate_columns, input_gradient, kernel_gradient
from engine.layers.held import limit, output_penalty, penalty
from engine.layers.rows import add_to_rows, column_sums
from engine.layers.windows import (
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
    Borders,
    Padding,
    Pair,
    Windows,
    check_dilation,
    picture_axes,
)
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


@layer(category="Convolution")
class Conv2DTranspose(TrainableLayer):
    """Paints learned windows at every pixel, and so makes pictures larger.

    The transpose of Conv2D: input (H, W, C), output (H', W', filters), where H'
    is H * stride for ``same`` and (H - 1) * stride + max(window, stride) for
    ``valid``, unless ``output_padding`` is given. kernel (height, width,
    filters, C), bias (filters,). ``keras.layers.Conv2DTranspose``; Zeiler et al. 2010.
    """

    filters: int = setting(
        32, ge=1, le=65_536, unit="filters", label="Filters", help="How many channels it paints."
    )
    kernel_size: Pair = setting(
        (3, 3), unit="pixels", label="Window", help="Height and width of what one pixel paints."
    )
    strides: Pair = setting(
        (1, 1), unit="pixels", label="Stride", help="How far apart neighbors paint."
    )
    padding: Padding = setting(
        "valid",
        label="Padding",
        help="valid keeps all that is painted, same cuts it to the size times the stride.",
    )
    output_padding: Borders | None = setting(
        None,
        unit="pixels",
        label="Output padding",
        help="Rows and columns added at the bottom and right; none works out the usual size.",
        advanced=True,
    )
    dilation_rate: Pair = setting(
        (1, 1),
        unit="pixels",
        label="Dilation",
        help="How far apart the pixels that a window paints are.",
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

    def _side(self, axis: int, size: int) -> tuple[int, int]:
        """How many painted pixels are cut off before, and how many remain.

        Keras' rule, also where the cut at the end is below zero and pixels are added.
        """
        stride = self.strides[axis]
        span = (self.kernel_size[axis] - 1) * self.dilation_rate[axis] + 1
        extra = None if self.output_padding is None else self.output_padding[axis]
        if self.padding == "valid":
            total = 2 * (span - 1) + (max(span, stride) - span if extra is None else extra)
            before = span - 1
        else:
            total = stride + span - 2 if extra is None else span + span % 2 - 2 + extra
            before = min(total // 2 + total % 2, span - 1)
        return span - 1 - before, (size - 1) * stride + total - span + 2

    def windows(self, shape: Shape) -> Windows:
        """Where the windows lie on the *output* for one sample of ``shape``."""
        (top, high), (left, wide) = (self._side(axis, shape[axis]) for axis in (0, 1))
        ends = []
        for axis, (before, size) in enumerate(((top, high), (left, wide))):
            span = (self.kernel_size[axis] - 1) * self.dilation_rate[axis] + 1
            painted = (shape[axis] - 1) * self.strides[axis] + span
            ends.append(max(0, painted - before - size))
        return Windows(
            self.kernel_size,
            self.strides,
            self.dilation_rate,
            (top, left),
            (ends[0], ends[1]),
            (shape[0], shape[1]),
        )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        picture_axes(self.kind, x)
        check_dilation(self.kind, self.strides, self.dilation_rate)
        if self.output_padding is not None:
            for extra, stride in zip(self.output_padding, self.strides, strict=True):
                if extra >= stride:
                    raise ShapeError(
                        f"Conv2DTranspose has an output padding of {extra} with a stride of "
                        f"{stride}.",
                        "Choose an output padding that is smaller than the stride.",
                    )
        high, wide = (self._side(axis, x[axis])[1] for axis in (0, 1))
        if high < 1 or wide < 1:
            raise ShapeError(
                f"Conv2DTranspose makes pictures of {high} × {wide} pixels from {shape_text(x)}.",
                'Leave the output padding empty, or choose the padding "valid".',
            )
        self.activation.check((high, wide, self.filters))
        return (high, wide, self.filters)

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        kernel = WeightSpec(
            (*self.kernel_size, self.filters, x[-1]),
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

    def multiply_adds(self, inputs: tuple[Shape, ...]) -> int:
        # Every place of the input, not of the output, meets the kernel.
        ((height, width, _),) = inputs
        return height * width * prod(self.weights(inputs)["kernel"].shape)

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        windows = self.windows(x.shape[1:])
        shape = (len(x), *self.output_shape((x.shape[1:],)))
        y = input_gradient(shape, x, w["kernel"], windows, 1)
        if self.use_bias:
            add_to_rows(y.reshape(-1, self.filters), w["bias"])
        return y, (x, windows)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        _, windows = kept
        dx = correlate_columns(dy, w["kernel"], None, windows, 1)
        return (dx,), self.weight_gradients(w, kept, dy)

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        x, windows = kept
        kernel, _ = kernel_gradient(dy, x, w["kernel"], windows, 1)
        if not self.use_bias:
            return {"kernel": kernel}
        rows = np.ascontiguousarray(dy).reshape(-1, self.filters)
        return {"kernel": kernel, "bias": column_sums(rows)}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        shape = g.shapes[xs[0]]
        windows = self.windows(shape)
        sizes = self.output_shape((shape,))
        more = [
            windows.before[axis]
            + sizes[axis]
            + windows.after[axis]
            - (shape[axis] - 1) * self.strides[axis]
            - (self.kernel_size[axis] - 1) * self.dilation_rate[axis]
            - 1
            for axis in (0, 1)
        ]
        x = g.op("Transpose", xs[0], perm=TO_CHANNELS_FIRST)
        y = g.op(
            "ConvTranspose",
            x,
            g.weight("kernel", w["kernel"].transpose(3, 2, 0, 1)),
            *([g.weight("bias", w["bias"])] if self.use_bias else []),
            kernel_shape=list(self.kernel_size),
            strides=list(self.strides),
            dilations=list(self.dilation_rate),
            pads=[*windows.before, *windows.after],
            output_padding=more,
        )
        return g.op("Transpose", y, perm=TO_CHANNELS_LAST)
