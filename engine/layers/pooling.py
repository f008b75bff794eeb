"""Layers that make pictures smaller by keeping the largest or the mean value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.compiled import loops_for
from engine.compiled.program import over_pictures
from engine.compiled.tasks import POOL_PAIRS, SPREAD_PAIRS
from engine.layers.base import Kept, Layer, Run, Weights, layer
from engine.layers.windows import (
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
    Padding,
    Pair,
    Windows,
    picture_axes,
    windows_on,
)
from engine.parallel import for_each_shard, shards
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class _Pooling2D(Layer, abstract=True):
    """What both poolings share: (H, W, C) to (places down, places across, C)."""

    onnx_operator: ClassVar[str] = ""

    pool_size: Pair = setting(
        (2, 2), unit="pixels", label="Window", help="Height and width of the window."
    )
    strides: Pair | None = setting(
        None,
        unit="pixels",
        label="Stride",
        help="How far the window moves; none means its own size.",
        advanced=True,
    )
    padding: Padding = setting(
        "valid",
        label="Padding",
        help="valid drops incomplete windows at the border, same keeps them.",
        advanced=True,
    )

    def windows(self, shape: Shape) -> Windows:
        """Where the windows lie on one sample of ``shape``."""
        strides = self.strides or self.pool_size
        return windows_on(self.kind, shape, self.pool_size, strides, self.padding)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        return (*self.windows(x).places, x[-1])

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        strides = self.strides or self.pool_size
        x = g.op("Transpose", xs[0], perm=TO_CHANNELS_FIRST)
        y = g.op(
            self.onnx_operator,
            x,
            kernel_shape=list(self.pool_size),
            strides=list(strides),
            pads=self.windows(g.shapes[xs[0]]).onnx_pads,
        )
        return g.op("Transpose", y, perm=TO_CHANNELS_LAST)


@layer(category="Pooling")
class MaxPooling2D(_Pooling2D, aliases=("MaxPool2D",)):
    """The largest value of each window: ``keras.layers.MaxPooling2D``.

    Input (H, W, C), output (places down, places across, C). Of equal values in a
    window the first, row by row, gets the gradient.
    """

    onnx_operator = "MaxPool"

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        windows = self.windows(x.shape[1:])
        y = np.empty((len(x), *windows.places, x.shape[-1]), x.dtype)
        parts, loops = shards(len(x)), _loops_for_pairs(windows, x)
        if loops is not None:
            over_pictures(loops, POOL_PAIRS, len(x), x.shape[1:]).run(x, y)
            return y, (x, y)

        def pool(part: int) -> None:
            padded, best = windows.pad(x[parts[part]], -np.inf), y[parts[part]]
            best[...] = windows.at(padded, 0, 0)
            for row, column in list(windows.offsets)[1:]:
                np.maximum(best, windows.at(padded, row, column), out=best)

        for_each_shard(pool, len(parts))
        return y, (x, y)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        x, y = kept
        windows = self.windows(x.shape[1:])
        loops = _loops_for_pairs(windows, x, dy)
        covers = loops is not None and not (x.shape[1] % 2 or x.shape[2] % 2)
        dx = np.empty_like(x) if covers else np.zeros_like(x)
        if loops is not None:
            over_pictures(loops, SPREAD_PAIRS, len(x), x.shape[1:]).run(x, y, dy, dx)
            return (dx,), {}
        parts = shards(len(x))

        def spread(part: int) -> None:
            here = parts[part]
            padded = windows.pad(x[here], -np.inf)
            grad = np.zeros_like(padded) if windows.pads else dx[here]
            waiting = np.ones(y[here].shape, np.bool_)
            for row, column in windows.offsets:
                hit = windows.at(padded, row, column) == y[here]
                hit &= waiting
                waiting ^= hit
                into = windows.at(grad, row, column)
                if windows.overlap:
                    into += dy[here] * hit
                else:
                    np.multiply(dy[here], hit, out=into)
            if windows.pads:
                dx[here] = windows.inner(grad)

        for_each_shard(spread, len(parts))
        return (dx,), {}


def _loops_for_pairs(windows: Windows, *arrays: Array) -> Any:
    """Compiled loops for windows of 2 × 2 side by side; None where there are none."""
    is_pairs = windows.size == windows.strides == (2, 2) and not windows.pads
    return loops_for(*arrays) if is_pairs else None


@layer(category="Pooling")
class AveragePooling2D(_Pooling2D, aliases=("AvgPool2D",)):
    """The mean of each window: ``keras.layers.AveragePooling2D``.

    Input (H, W, C), output (places down, places across, C). Padding does not
    count: a window at the border is the mean of the pixels that exist.
    """

    keeps_probabilities = True

    onnx_operator = "AveragePool"

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        windows = self.windows(x.shape[1:])
        y = np.empty((len(x), *windows.places, x.shape[-1]), x.dtype)
        share, parts = _share(windows, x), shards(len(x))

        def pool(part: int) -> None:
            padded, total = windows.pad(x[parts[part]]), y[parts[part]]
            total[...] = windows.at(padded, 0, 0)
            for row, column in list(windows.offsets)[1:]:
                total += windows.at(padded, row, column)
            total *= share

        for_each_shard(pool, len(parts))
        return y, x.shape

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        windows = self.windows(kept[1:])
        dx = np.zeros(kept, dy.dtype)
        share, parts = _share(windows, dx), shards(len(dy))

        def spread(part: int) -> None:
            here = parts[part]
            grad = (
                np.zeros(windows.padded_shape(dx[here].shape), dx.dtype)
                if windows.pads
                else dx[here]
            )
            each = dy[here] * share
            for row, column in windows.offsets:
                into = windows.at(grad, row, column)
                into += each
            if windows.pads:
                dx[here] = windows.inner(grad)

        for_each_shard(spread, len(parts))
        return (dx,), {}


def _share(windows: Windows, x: Array) -> Array:
    """One over the number of pixels that exist in each window, (down, across, 1)."""
    ones = windows.pad(np.ones((1, *x.shape[1:3], 1), x.dtype))
    counts = sum(windows.at(ones, row, column) for row, column in windows.offsets)
    return np.asarray(1 / counts[0], x.dtype)  # type: ignore[index]


class _GlobalPooling2D(Layer, abstract=True):
    """What both global poolings share: (H, W, C) to (C,)."""

    onnx_operator: ClassVar[str] = ""

    keepdims: bool = setting(
        False,
        label="Keep axes",
        help="Give 1 × 1 × channels rather than channels.",
        advanced=True,
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        picture_axes(self.kind, x)
        return (1, 1, x[-1]) if self.keepdims else x[-1:]

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        axes = g.constant(np.array([1, 2], np.int64))
        return g.op(self.onnx_operator, xs[0], axes, keepdims=int(self.keepdims))


@layer(category="Pooling")
class GlobalAveragePooling2D(_GlobalPooling2D, aliases=("GlobalAvgPool2D",)):
    """The mean of each channel: ``keras.layers.GlobalAveragePooling2D``. Lin et al. 2014."""

    keeps_probabilities = True

    onnx_operator = "ReduceMean"

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        return x.mean(axis=(1, 2), keepdims=self.keepdims), x.shape

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        batch, height, width, channels = kept
        each = dy.reshape(batch, 1, 1, channels) / np.asarray(height * width, dy.dtype)
        return (np.broadcast_to(each, kept).copy(),), {}


@layer(category="Pooling")
class GlobalMaxPooling2D(_GlobalPooling2D, aliases=("GlobalMaxPool2D",)):
    """The largest value of each channel: ``keras.layers.GlobalMaxPooling2D``.

    Equal largest values share the gradient.
    """

    onnx_operator = "ReduceMax"

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        return x.max(axis=(1, 2), keepdims=self.keepdims), x

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        hit = kept == kept.max(axis=(1, 2), keepdims=True)
        count = hit.sum(axis=(1, 2), keepdims=True, dtype=dy.dtype)
        return (hit * (dy.reshape(count.shape) / count),), {}
