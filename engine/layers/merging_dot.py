"""The layer that multiplies two inputs as vectors or matrices."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.layers.axes import sample_axis
from engine.layers.base import Kept, Layer, Run, Weights, layer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder

# Under this square of a length a vector counts as zero, as in Keras.
TINY = 1e-14


def _as_pair(value: Any) -> Any:
    return (value, value) if isinstance(value, int) else value


_Axis = Annotated[int, Field(ge=-8, le=8)]


@layer(category="Merging")
class Dot(Layer):
    """The dot products of two inputs along one axis of each: ``keras.layers.Dot``.

    The output has the other axes of the first input, then those of the second;
    for two vectors it is (1,). Normalized, it is the cosine of the angle.
    """

    arity = (2, 2)

    axes: Annotated[tuple[_Axis, _Axis], BeforeValidator(_as_pair)] = setting(
        (-1, -1),
        label="Axes",
        help="Which axis of each input is summed over: -1 is the last, 1 the first of a sample.",
    )
    normalize: bool = setting(
        False,
        label="Normalize",
        help="Scale both to length 1 first, which gives the cosine similarity.",
    )

    def _places(self, inputs: tuple[Shape, ...]) -> tuple[int, int]:
        first, second = (
            sample_axis(self.kind, axis, len(x)) for axis, x in zip(self.axes, inputs, strict=True)
        )
        return first, second

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        a, b = inputs
        i, j = self._places(inputs)
        if a[i] != b[j]:
            raise ShapeError(
                f"Dot sums over axes of {a[i]} and {b[j]} numbers; "
                f"its inputs are {shape_text(a)} and {shape_text(b)}.",
                "Choose axes of one length.",
                needs=f"axes {self.axes[0]} and {self.axes[1]} of one length",
            )
        return (*a[:i], *a[i + 1 :], *b[:j], *b[j + 1 :]) or (1,)

    def multiply_adds(self, inputs: tuple[Shape, ...]) -> int:
        first, _ = self._places(inputs)
        return prod(self.output_shape(inputs)) * inputs[0][first]

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        shapes = tuple(x.shape[1:] for x in xs)
        a, b = (self._rows(x, place) for x, place in zip(xs, self._places(shapes), strict=True))
        inverse = (_inverse_length(a), _inverse_length(b)) if self.normalize else None
        if inverse:
            a, b = a * inverse[0], b * inverse[1]
        y = a @ b.swapaxes(1, 2)
        return y.reshape(len(y), *self.output_shape(shapes)), (shapes, a, b, inverse)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        shapes, a, b, inverse = kept
        grad = dy.reshape(len(a), a.shape[1], b.shape[1])
        slopes = [grad @ b, grad.swapaxes(1, 2) @ a]
        if inverse:
            slopes = [
                _through_length(slope, unit, scale)
                for slope, unit, scale in zip(slopes, (a, b), inverse, strict=True)
            ]
        return tuple(
            self._back(slope, shape, place)
            for slope, shape, place in zip(slopes, shapes, self._places(shapes), strict=True)
        ), {}

    @staticmethod
    def _rows(x: Array, place: int) -> Array:
        """An input as vectors to multiply: (B, other numbers, numbers on the axis)."""
        last = np.moveaxis(x, place + 1, -1)
        rest = last[0].size // last.shape[-1] if len(last) else 1
        return last.reshape(len(x), rest, x.shape[place + 1])

    @staticmethod
    def _back(rows: Array, shape: Shape, place: int) -> Array:
        moved = (len(rows), *shape[:place], *shape[place + 1 :], shape[place])
        return np.ascontiguousarray(np.moveaxis(rows.reshape(moved), -1, place + 1))

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        shapes = tuple(g.shapes[x] for x in xs)
        rows = []
        for x, shape, place in zip(xs, shapes, self._places(shapes), strict=True):
            others = [axis for axis in range(len(shape)) if axis != place]
            turned = g.op("Transpose", x, perm=[0, *(axis + 1 for axis in (*others, place))])
            sizes = [0, prod(shape[axis] for axis in others), shape[place]]
            row = g.op("Reshape", turned, g.constant(np.array(sizes, np.int64)))
            rows.append(self._onnx_unit(g, row) if self.normalize else row)
        y = g.op("MatMul", rows[0], g.op("Transpose", rows[1], perm=[0, 2, 1]))
        return g.op("Reshape", y, g.constant(np.array([0, *self.output_shape(shapes)], np.int64)))

    @staticmethod
    def _onnx_unit(g: OnnxBuilder, rows: str) -> str:
        square = g.op("ReduceSumSquare", rows, g.constant(np.array([-1], np.int64)), keepdims=1)
        length = g.op("Sqrt", g.op("Max", square, g.constant(np.array(TINY, np.float32))))
        return g.op("Div", rows, length)


def _inverse_length(rows: Array) -> Array:
    square = np.square(rows).sum(axis=-1, keepdims=True)
    inverse: Array = 1 / np.sqrt(np.maximum(square, np.asarray(TINY, rows.dtype)))
    return inverse


def _through_length(slope: Array, unit: Array, inverse: Array) -> Array:
    """The gradient for vectors from that for what they were divided by their length to."""
    along = (slope * unit).sum(axis=-1, keepdims=True)
    # A vector that counts as zero was divided by a constant.
    along *= inverse < np.asarray(TINY**-0.5, inverse.dtype)
    result: Array = (slope - unit * along) * inverse
    return result
