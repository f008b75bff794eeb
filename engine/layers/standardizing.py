"""Layers that normalize each sample by itself, whatever else is in the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from engine.arrays import Array, Shape, shape_text
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import Initializer, Ones, Zeros
from engine.layers.axes import sample_axis
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.held import limit, penalty
from engine.parallel import for_each_shard, shards
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a sample is looked at.

    Attributes:
        view: its shape while it is normalized.
        axes: which axes of a batch so shaped share one mean.
        weight: the shape of gamma and beta, which stretches to the view.
    """

    view: Shape
    axes: tuple[int, ...]
    weight: Shape

    @property
    def stretched(self) -> tuple[int, ...]:
        """The axes of a batch along which gamma and beta are the same."""
        return (0, *(axis + 1 for axis, size in enumerate(self.weight) if size == 1))


class _Standardizing(TrainableLayer, abstract=True):
    """What both normalizations share: mean 0, variance 1 over some axes, then scale and shift."""

    epsilon: float = setting(
        1e-3,
        gt=0,
        le=1,
        label="Epsilon",
        help="Added to the variance, so that a constant sample does no harm.",
        advanced=True,
    )
    center: bool = setting(
        True, label="Shift", help="Learn a shift for each feature.", advanced=True
    )
    scale: bool = setting(
        True, label="Scale", help="Learn a scale for each feature.", advanced=True
    )
    beta_initializer: Initializer = setting(
        Zeros(), label="Initial shift", help="How shifts are initialized.", advanced=True
    )
    gamma_initializer: Initializer = setting(
        Ones(), label="Initial scale", help="How scales are initialized.", advanced=True
    )
    beta_regularizer: Regularizer | None = penalty("Shift", "shifts")
    gamma_regularizer: Regularizer | None = penalty("Scale", "scales")
    beta_constraint: Constraint | None = limit("Shift", "shifts")
    gamma_constraint: Constraint | None = limit("Scale", "scales")

    def _layout(self, shape: Shape) -> _Layout:
        raise NotImplementedError

    def _weight_shape(self, shape: Shape) -> Shape:
        raise NotImplementedError

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        shape = self._weight_shape(inputs[0])
        gamma = WeightSpec(
            shape,
            self.gamma_initializer,
            regularizer=self.gamma_regularizer,
            constraint=self.gamma_constraint,
        )
        beta = WeightSpec(
            shape,
            self.beta_initializer,
            regularizer=self.beta_regularizer,
            constraint=self.beta_constraint,
        )
        return {
            **({"gamma": gamma} if self.scale else {}),
            **({"beta": beta} if self.center else {}),
        }

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        layout = self._layout(xs[0].shape[1:])
        x = xs[0].reshape(len(xs[0]), *layout.view)
        gamma, beta = (
            w[name].reshape(layout.weight) if name in w else None for name in ("gamma", "beta")
        )
        unit, y = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)
        spread = [size if axis not in layout.axes else 1 for axis, size in enumerate(x.shape)]
        inverse, parts = np.empty(spread, x.dtype), shards(len(x))

        def standardize(part: int) -> None:
            here = parts[part]
            np.subtract(x[here], x[here].mean(axis=layout.axes, keepdims=True), out=unit[here])
            square = np.square(unit[here], out=y[here])
            variance = square.mean(axis=layout.axes, keepdims=True)
            variance += np.asarray(self.epsilon, x.dtype)
            np.divide(1, np.sqrt(variance, out=variance), out=inverse[here])
            unit[here] *= inverse[here]
            np.multiply(unit[here], np.asarray(1, x.dtype) if gamma is None else gamma, out=y[here])
            if beta is not None:
                y[here] += beta

        for_each_shard(standardize, len(parts))
        return y.reshape(xs[0].shape), (unit, inverse)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        unit, inverse = kept
        layout = self._layout(dy.shape[1:])
        grad = dy.reshape(unit.shape)
        gamma = w["gamma"].reshape(layout.weight) if self.scale else np.asarray(1, dy.dtype)
        dx, parts = np.empty(unit.shape, dy.dtype), shards(len(unit))
        sums = np.zeros((2, len(parts), *layout.weight), dy.dtype)

        def pull(part: int) -> None:
            here = parts[part]
            along = grad[here] * unit[here]
            for index, terms in enumerate((along, grad[here])):
                total = terms.sum(axis=layout.stretched, keepdims=True)
                sums[index, part] = total[0]
            slope = np.multiply(grad[here], gamma, out=dx[here])
            along *= gamma
            # The sample's mean and variance move with x: their shares are taken away.
            share = unit[here] * along.mean(axis=layout.axes, keepdims=True)
            share += slope.mean(axis=layout.axes, keepdims=True)
            slope -= share
            slope *= inverse[here]

        for_each_shard(pull, len(parts))
        shape = self._weight_shape(dy.shape[1:])
        of_gamma, of_beta = sums.sum(axis=1).reshape(2, *shape)
        grads = {"gamma": of_gamma} if self.scale else {}
        if self.center:
            grads["beta"] = of_beta
        return (dx.reshape(dy.shape),), grads

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        shape = g.shapes[xs[0]]
        layout = self._layout(shape)
        reshaped = layout.view != shape
        x = g.op("Reshape", xs[0], _sizes(g, 0, *layout.view)) if reshaped else xs[0]
        axes = _sizes(g, *layout.axes)
        centered = g.op("Sub", x, g.op("ReduceMean", x, axes, keepdims=1))
        variance = g.op("ReduceMean", g.op("Mul", centered, centered), axes, keepdims=1)
        epsilon = g.constant(np.array(self.epsilon, np.float32))
        y = g.op("Div", centered, g.op("Sqrt", g.op("Add", variance, epsilon)))
        if self.scale:
            y = g.op("Mul", y, g.weight("gamma", w["gamma"].reshape(layout.weight)))
        if self.center:
            y = g.op("Add", y, g.weight("beta", w["beta"].reshape(layout.weight)))
        return g.op("Reshape", y, _sizes(g, 0, *shape)) if reshaped else y


def _sizes(g: OnnxBuilder, *sizes: int) -> str:
    return g.constant(np.array(sizes, np.int64))


def _as_axes(value: Any) -> Any:
    return (value,) if isinstance(value, int) else value


@layer(category="Normalization")
class LayerNormalization(_Standardizing):
    """Gives each sample mean 0 and variance 1 over its features, then scales and shifts them.

    Input and output of any shape; gamma and beta have the sizes of ``axis``.
    ``keras.layers.LayerNormalization``; Ba et al. 2016.
    """

    axis: Annotated[
        tuple[Annotated[int, Field(ge=-8, le=8)], ...],
        Field(min_length=1, max_length=8),
        BeforeValidator(_as_axes),
    ] = setting(
        (-1,),
        label="Axes",
        help="Which axes share one mean: -1 is the last, 1 the first of a sample.",
        advanced=True,
    )

    def _places(self, shape: Shape) -> tuple[int, ...]:
        return tuple(sorted(sample_axis(self.kind, axis, len(shape)) for axis in self.axis))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        places = self._places(x)
        if len(set(places)) < len(places):
            raise ShapeError(
                f"LayerNormalization has the axes {', '.join(map(str, self.axis))}, of which "
                f"two are the same on an input of {shape_text(x)}.",
                "Name each axis once.",
            )
        return x

    def _weight_shape(self, shape: Shape) -> Shape:
        return tuple(shape[place] for place in self._places(shape))

    def _layout(self, shape: Shape) -> _Layout:
        places = self._places(shape)
        weight = tuple(size if axis in places else 1 for axis, size in enumerate(shape))
        return _Layout(shape, tuple(place + 1 for place in places), weight)


@layer(category="Normalization")
class GroupNormalization(_Standardizing):
    """Gives groups of channels mean 0 and variance 1 in each sample, then scales and shifts.

    Input and output of any shape; C is the size of ``axis``. gamma, beta (C,).
    ``keras.layers.GroupNormalization``; Wu & He 2018.
    """

    groups: int = setting(
        32,
        ge=-1,
        le=65_536,
        label="Groups",
        help="Into how many groups channels are split; -1 makes each channel its own.",
    )
    axis: int = setting(
        -1,
        ge=-8,
        le=8,
        label="Axis",
        help="Where channels lie side by side: -1 is the last axis, 1 the first of a sample.",
        advanced=True,
    )

    def _place(self, shape: Shape) -> int:
        return sample_axis(self.kind, self.axis, len(shape))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        channels = x[self._place(x)]
        if self.groups == 0 or channels % self.groups:
            raise ShapeError(
                f"GroupNormalization cannot split {channels} channels into {self.groups} "
                "equal groups.",
                f"Choose a number that divides {channels}, or -1.",
                needs=f"a multiple of {self.groups} channels" if self.groups else "",
            )
        return x

    def _weight_shape(self, shape: Shape) -> Shape:
        return (shape[self._place(shape)],)

    def _layout(self, shape: Shape) -> _Layout:
        place = self._place(shape)
        groups = self.groups if self.groups > 0 else shape[place]
        inner = (groups, shape[place] // groups)
        view = (*shape[:place], *inner, *shape[place + 1 :])
        axes = tuple(axis + 1 for axis in range(len(view)) if axis != place)
        weight = (*(1,) * place, *inner, *(1,) * (len(shape) - place - 1))
        return _Layout(view, axes, weight)
