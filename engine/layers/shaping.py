"""Layers that move, repeat or cut what they get, and learn nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.layers.base import Kept, Layer, Run, Weights, layer
from engine.layers.windows import (
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
    Pair,
    picture_axes,
)
from engine.parallel import for_each_shard, shards
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


def _as_sides(value: Any) -> Any:
    """Keras' spellings: one number, (down, across), or ((top, bottom), (left, right))."""
    if isinstance(value, int):
        return (value,) * 4
    if isinstance(value, tuple | list) and len(value) == 2:
        pairs = [(each, each) if isinstance(each, int) else each for each in value]
        if all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
            return tuple(size for pair in pairs for size in pair)
    return value


_Side = Annotated[int, Field(ge=0, le=1024)]
Sides = Annotated[tuple[_Side, _Side, _Side, _Side], BeforeValidator(_as_sides)]
"""Pixels at the top, bottom, left and right; one number sets all."""


@layer(category="Shape")
class ZeroPadding2D(Layer):
    """Puts a border of zeros around pictures: ``keras.layers.ZeroPadding2D``.

    Input (H, W, C), output (top + H + bottom, left + W + right, C).
    """

    padding: Sides = setting(
        (1, 1, 1, 1),
        unit="pixels",
        label="Border",
        help="How many rows and columns are added: top, bottom, left, right.",
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        picture_axes(self.kind, x)
        top, bottom, left, right = self.padding
        return (top + x[0] + bottom, left + x[1] + right, x[2])

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        y = np.zeros((len(x), *self.output_shape((x.shape[1:],))), x.dtype)
        _inside(y, self.padding)[...] = x
        return y, None

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (np.ascontiguousarray(_inside(dy, self.padding)),), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        top, bottom, left, right = self.padding
        pads = np.array([0, top, left, 0, 0, bottom, right, 0], np.int64)
        return g.op("Pad", xs[0], g.constant(pads))


@layer(category="Shape")
class Cropping2D(Layer):
    """Cuts rows and columns off the borders of pictures: ``keras.layers.Cropping2D``.

    Input (H, W, C), output (H - top - bottom, W - left - right, C).
    """

    cropping: Sides = setting(
        (0, 0, 0, 0),
        unit="pixels",
        label="Border",
        help="How many rows and columns are cut off: top, bottom, left, right.",
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        picture_axes(self.kind, x)
        top, bottom, left, right = self.cropping
        for size, cut, name in ((x[0], top + bottom, "rows"), (x[1], left + right, "columns")):
            if cut >= size:
                raise ShapeError(
                    f"Cropping2D cuts off {cut} {name}, but its input has only {size} "
                    f"({shape_text(x)}).",
                    "Cut off less, so that at least one remains.",
                    needs=f"more than {top + bottom} × {left + right} × channels",
                )
        return (x[0] - top - bottom, x[1] - left - right, x[2])

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        return np.ascontiguousarray(_inside(x, self.cropping)), x.shape

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        dx = np.zeros(kept, dy.dtype)
        _inside(dx, self.cropping)[...] = dy
        return (dx,), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        top, bottom, left, right = self.cropping
        far = np.iinfo(np.int64).max
        ends = [-bottom or far, -right or far]
        return g.op(
            "Slice",
            xs[0],
            g.constant(np.array([top, left], np.int64)),
            g.constant(np.array(ends, np.int64)),
            g.constant(np.array([1, 2], np.int64)),
        )


def _inside(x: Array, sides: tuple[int, int, int, int]) -> Array:
    """The view of pictures without their border."""
    top, bottom, left, right = sides
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]


@layer(category="Shape")
class UpSampling2D(Layer):
    """Makes pictures larger by repeating or blending pixels: ``keras.layers.UpSampling2D``.

    Input (H, W, C), output (H * rows, W * columns, C). ``bilinear`` takes the
    centers of pixels as their places and holds the outermost ones at the border.
    """

    size: Pair = setting(
        (2, 2),
        unit="times",
        label="Factor",
        help="How many times higher and wider the picture becomes.",
    )
    interpolation: Literal["nearest", "bilinear"] = setting(
        "nearest",
        label="Interpolation",
        help="nearest repeats pixels, bilinear blends neighbors.",
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        picture_axes(self.kind, x)
        return (x[0] * self.size[0], x[1] * self.size[1], x[2])

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        (x,) = xs
        _, height, width, channels = x.shape
        y = np.empty((len(x), *self.output_shape((x.shape[1:],))), x.dtype)
        parts = shards(len(x))

        def enlarge(part: int) -> None:
            here, out = x[parts[part]], y[parts[part]]
            if self.interpolation == "nearest":
                down, across = self.size
                blocks = out.reshape(-1, height, down, width, across, channels)
                blocks[...] = here[:, :, None, :, None]
            else:
                out[...] = _blend(here, *self._shares(height, width, x.dtype))

        for_each_shard(enlarge, len(parts))
        return y, (height, width)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        (height, width), channels = kept, dy.shape[-1]
        dx = np.empty((len(dy), height, width, channels), dy.dtype)
        parts = shards(len(dy))

        def gather(part: int) -> None:
            grad = dy[parts[part]]
            if self.interpolation == "nearest":
                down, across = self.size
                blocks = grad.reshape(-1, height, down, width, across, channels)
                blocks.sum(axis=(2, 4), out=dx[parts[part]])
            else:
                rows, columns = self._shares(height, width, dy.dtype)
                dx[parts[part]] = _blend(grad, rows.T, columns.T)

        for_each_shard(gather, len(parts))
        return (dx,), {}

    def _shares(self, height: int, width: int, dtype: Any) -> tuple[Array, Array]:
        return (
            _linear_shares(height, self.size[0]).astype(dtype),
            _linear_shares(width, self.size[1]).astype(dtype),
        )

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        x = g.op("Transpose", xs[0], perm=TO_CHANNELS_FIRST)
        scales = g.constant(np.array([1, 1, *self.size], np.float32))
        if self.interpolation == "nearest":
            y = g.op(
                "Resize",
                x,
                "",
                scales,
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            )
        else:
            height, width, channels = g.shapes[xs[0]]
            # All channels of all samples in one row: ONNX Runtime moves transpositions past
            # a Resize, and then refuses the axes that it scales; past a Reshape it does not.
            x = g.op("Reshape", x, g.constant(np.array([1, -1, height, width])))
            y = g.op(
                "Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel"
            )
            sizes = (height * self.size[0], width * self.size[1])
            y = g.op("Reshape", y, g.constant(np.array([-1, channels, *sizes])))
        return g.op("Transpose", y, perm=TO_CHANNELS_LAST)


def _linear_shares(size: int, times: int) -> Array:
    """How much of each old pixel is in each new one along a side, (size * times, size)."""
    places = (np.arange(size * times) + 0.5) / times - 0.5
    below = np.floor(places).astype(np.intp)
    part = places - below
    shares, rows = np.zeros((size * times, size)), np.arange(size * times)
    shares[rows, below.clip(0, size - 1)] += 1 - part
    shares[rows, (below + 1).clip(0, size - 1)] += part
    return shares


def _blend(x: Array, rows: Array, columns: Array) -> Array:
    """Pictures (B, H, W, C) times the shares of rows (H', H) and of columns (W', W)."""
    batch, height, width, channels = x.shape
    tall = rows @ x.reshape(batch, height, width * channels)
    blended: Array = columns @ tall.reshape(batch, len(rows), width, channels)
    return blended


@layer(category="Shape")
class Permute(Layer):
    """The axes of a sample in another order: ``keras.layers.Permute``.

    Output axis ``i`` is input axis ``dims[i]``, counted from 1.
    """

    keeps_probabilities = True

    dims: Annotated[tuple[Annotated[int, Field(ge=1, le=8)], ...], Field(max_length=8)] = setting(
        (2, 1), label="Order", help="Which axis of the input comes first, second and so on, from 1."
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if sorted(self.dims) != list(range(1, len(x) + 1)):
            axes = "one axis" if len(x) == 1 else f"{len(x)} axes"
            raise ShapeError(
                f"Permute has the order {shape_text(self.dims)}, but its input ({shape_text(x)}) "
                f"has {axes}.",
                f"Name each axis from 1 to {len(x)} once." if x else "Put a Reshape before it.",
                needs=f"{len(self.dims)} axes" if len(self.dims) != 1 else "one axis",
            )
        return tuple(x[each - 1] for each in self.dims)

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return np.ascontiguousarray(xs[0].transpose(0, *self.dims)), None

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        back = np.argsort((0, *self.dims))
        return (np.ascontiguousarray(dy.transpose(back)),), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        return g.op("Transpose", xs[0], perm=[0, *self.dims])


@layer(category="Shape")
class RepeatVector(Layer):
    """The same vector several times, one below the other: ``keras.layers.RepeatVector``.

    Input (F,), output (n, F).
    """

    n: int = setting(
        2, ge=1, le=65_536, unit="times", label="Times", help="How often the vector is repeated."
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if len(x) != 1:
            raise ShapeError(
                f"RepeatVector needs one axis of features; this input is {shape_text(x)}.",
                "Put a Flatten before it." if x else "Put a Reshape before it.",
                needs="one axis",
            )
        return (self.n, *x)

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        return np.repeat(xs[0][:, None], self.n, axis=1), None

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        return (dy.sum(axis=1),), {}

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        x = g.op("Unsqueeze", xs[0], g.constant(np.array([1], np.int64)))
        return g.op("Expand", x, g.constant(np.array([1, self.n, 1], np.int64)))
