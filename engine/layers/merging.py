"""Layers that make one of several inputs, number by number or side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.adding import added
from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.layers.axes import sample_axis
from engine.layers.base import Kept, Layer, Run, Weights, layer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class _Elementwise(Layer, abstract=True):
    """What merges number by number: inputs of one shape, where 1 stretches to any size."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    onnx_operator: ClassVar[str] = ""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        ranks = {len(x) for x in inputs}
        sizes = [{size for size in axis if size != 1} for axis in zip(*inputs, strict=False)]
        if len(ranks) > 1 or any(len(axis) > 1 for axis in sizes):
            raise ShapeError(
                f"{self.kind} needs inputs of one shape; these are {_listed(inputs)}.",
                "Give the layers before it the same size, or use Concatenate.",
                needs="inputs of one shape",
            )
        return tuple(next(iter(axis), 1) for axis in sizes)

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return g.op(self.onnx_operator, *xs)


def _shrunk(grad: Array, shape: Shape) -> Array:
    """The gradient for an input of ``shape`` that was stretched: the sum of its shares."""
    axes = tuple(
        axis
        for axis, (there, here) in enumerate(zip(grad.shape, shape, strict=True))
        if there != here
    )
    return grad.sum(axis=axes, keepdims=True) if axes else grad


@layer(category="Merging")
class Add(_Elementwise):
    """The sum of two or more inputs of one shape: ``keras.layers.Add``.

    The shortcut of residual networks. He et al. 2016.
    """

    onnx_operator = "Sum"

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        y = added(xs[0], xs[1])
        for x in xs[2:]:
            is_stretched = np.broadcast_shapes(y.shape, x.shape) != y.shape
            y = added(y, x, out=None if is_stretched else y)
        return y, [x.shape for x in xs]

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return tuple(_shrunk(dy, shape) for shape in kept), {}


@layer(category="Merging")
class Subtract(_Elementwise):
    """The first input minus the second: ``keras.layers.Subtract``."""

    arity = (2, 2)
    onnx_operator = "Sub"

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return xs[0] - xs[1], [x.shape for x in xs]

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (_shrunk(dy, kept[0]), -_shrunk(dy, kept[1])), {}


@layer(category="Merging")
class Multiply(_Elementwise):
    """The product of two or more inputs, number by number: ``keras.layers.Multiply``.

    With 1 × 1 × C it weighs the channels of pictures. Hu et al. 2018.
    """

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return _product(xs), xs

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        # The others' product, not the whole one divided: a factor can be 0.
        return tuple(
            _shrunk(_product((dy, *kept[:index], *kept[index + 1 :])), x.shape)
            for index, x in enumerate(kept)
        ), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        y = xs[0]
        for x in xs[1:]:
            y = g.op("Mul", y, x)
        return y


def _product(xs: tuple[Array, ...]) -> Array:
    y = xs[0] * xs[1]
    for x in xs[2:]:
        y = y * x
    return y


@layer(category="Merging")
class Average(_Elementwise):
    """The mean of two or more inputs, number by number: ``keras.layers.Average``."""

    keeps_probabilities = True

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        y = xs[0] + xs[1]
        for x in xs[2:]:
            y = y + x
        y *= np.asarray(1 / len(xs), y.dtype)
        return y, [x.shape for x in xs]

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        each = dy * np.asarray(1 / len(kept), dy.dtype)
        return tuple(_shrunk(each, shape) for shape in kept), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        # Not Mean: onnx's own evaluator cannot stretch axes of size 1 in it.
        return g.op("Mul", g.op("Sum", *xs), g.constant(np.array(1 / len(xs))))


class _Extreme(_Elementwise, abstract=True):
    """What takes one of several numbers; equal ones share the gradient as in Keras on JAX."""

    pick: ClassVar[np.ufunc]

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        steps = [xs[0]]
        for x in xs[1:]:
            steps.append(type(self).pick(steps[-1], x))
        return steps[-1], (xs, steps)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        xs, steps = kept
        grads: list[Array] = []
        for x, before, after in zip(xs[:0:-1], steps[-2::-1], steps[:0:-1], strict=True):
            # 1 where it won, a half where both are equal.
            share = (x == after).astype(dy.dtype)
            share[(x == before) & (x == after)] = 0.5
            grads.append(_shrunk(dy * share, x.shape))
            dy = _shrunk(dy * (1 - share), before.shape)
        return (dy, *reversed(grads)), {}


@layer(category="Merging")
class Maximum(_Extreme):
    """The largest of two or more inputs, number by number: ``keras.layers.Maximum``."""

    onnx_operator = "Max"
    pick = np.maximum


@layer(category="Merging")
class Minimum(_Extreme):
    """The smallest of two or more inputs, number by number: ``keras.layers.Minimum``."""

    onnx_operator = "Min"
    pick = np.minimum


@layer(category="Merging")
class Concatenate(Layer):
    """Two or more inputs side by side on one axis: ``keras.layers.Concatenate``."""

    arity = (2, None)

    axis: int = setting(
        -1,
        ge=-16,
        le=16,
        label="Axis",
        help="Where inputs are joined: -1 is the last axis, 1 the first of a sample.",
        advanced=True,
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        first = inputs[0]
        place = sample_axis(self.kind, self.axis, len(first))
        for x in inputs[1:]:
            if len(x) != len(first) or any(
                a != b for axis, (a, b) in enumerate(zip(first, x, strict=True)) if axis != place
            ):
                raise ShapeError(
                    f"Concatenate needs inputs that differ only on axis {self.axis}; "
                    f"these are {_listed(inputs)}.",
                    "Make the other axes equal, with Reshape or Flatten before it.",
                    needs=f"inputs that differ on axis {self.axis} alone",
                )
        return (*first[:place], sum(x[place] for x in inputs), *first[place + 1 :])

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return np.concatenate(xs, axis=self.axis), [x.shape[self.axis] for x in xs]

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        # Copies, so that every layer gets its gradient in one piece of memory.
        parts = np.split(dy, np.cumsum(kept)[:-1], axis=self.axis)
        return tuple(np.ascontiguousarray(part) for part in parts), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return g.op("Concat", *xs, axis=self.axis)


def _listed(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(shape_text(shape) for shape in shapes)
