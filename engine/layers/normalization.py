"""Layers that keep the numbers inside of a network in a good range."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import Array, Shape
from engine.errors import ShapeError
from engine.initializers import Initializer, Ones, Zeros
from engine.layers.axes import sample_axis
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.rows import widening
from engine.parallel import for_each_shard, shards
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder

# How many numbers are worked on together, so that they stay in the cache.
BLOCK = 65_536


@layer(category="Normalization")
class BatchNormalization(TrainableLayer):
    """Gives every feature mean 0 and variance 1 over the batch, then scales and shifts it.

    Input and output of any shape; F is the size of ``axis``. gamma, beta,
    moving_mean, moving_variance (F,). While training it takes mean and (biased)
    variance of the batch over all other axes, and moves the moving statistics
    towards them; else, and where it is frozen, it takes the moving ones.
    ``keras.layers.BatchNormalization``; Ioffe & Szegedy 2015.
    """

    axis: int = setting(
        -1,
        ge=-8,
        le=8,
        label="Axis",
        help="Where features lie side by side: -1 is the last axis, 1 the first of a sample.",
        advanced=True,
    )
    momentum: float = setting(
        0.99,
        ge=0,
        le=1,
        label="Momentum",
        help="How much of the moving statistics each batch leaves as it is.",
    )
    epsilon: float = setting(
        1e-3,
        gt=0,
        le=1,
        label="Epsilon",
        help="Added to the variance, so that a constant feature does no harm.",
        advanced=True,
    )
    center: bool = setting(
        True, label="Shift", help="Learn what is added to each feature.", advanced=True
    )
    scale: bool = setting(
        True, label="Scale", help="Learn what each feature is multiplied by.", advanced=True
    )
    beta_initializer: Initializer = setting(
        Zeros(), label="Initial shift", help="What shifts start as.", advanced=True
    )
    gamma_initializer: Initializer = setting(
        Ones(), label="Initial scale", help="What scales start as.", advanced=True
    )
    moving_mean_initializer: Initializer = setting(
        Zeros(), label="Initial mean", help="What the moving means start as.", advanced=True
    )
    moving_variance_initializer: Initializer = setting(
        Ones(), label="Initial variance", help="What the moving variances start as.", advanced=True
    )
    beta_regularizer: Regularizer | None = setting(
        None, label="Shift penalty", help="Added to the loss to keep shifts small.", advanced=True
    )
    gamma_regularizer: Regularizer | None = setting(
        None, label="Scale penalty", help="Added to the loss to keep scales small.", advanced=True
    )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if not x:
            raise ShapeError(
                "BatchNormalization needs at least one axis; this input is a single number.",
                "Put a Reshape layer before it.",
            )
        sample_axis(self.kind, self.axis, len(x))
        return x

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        shape = (x[sample_axis(self.kind, self.axis, len(x))],)
        gamma = WeightSpec(shape, self.gamma_initializer, regularizer=self.gamma_regularizer)
        beta = WeightSpec(shape, self.beta_initializer, regularizer=self.beta_regularizer)
        return {
            **({"gamma": gamma} if self.scale else {}),
            **({"beta": beta} if self.center else {}),
            "moving_mean": WeightSpec(shape, self.moving_mean_initializer, trainable=False),
            "moving_variance": WeightSpec(shape, self.moving_variance_initializer, trainable=False),
        }

    def _features_last(self, x: Array) -> Array:
        """A batch with the features on the last axis, as everything below takes it."""
        return np.moveaxis(x, 1 + sample_axis(self.kind, self.axis, x.ndim - 1), -1)

    def _features_back(self, x: Array) -> Array:
        place = 1 + sample_axis(self.kind, self.axis, x.ndim - 1)
        return np.ascontiguousarray(np.moveaxis(x, -1, place))

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        x = self._features_last(xs[0])
        rows = _wide(x)
        by_batch = run.training and self.trainable
        if by_batch:
            mean, variance = _moments(rows, x.shape[-1])
            for name, batch in (("moving_mean", mean), ("moving_variance", variance)):
                run.updates[name] = w[name] * self.momentum + batch * (1 - self.momentum)
        else:
            mean, variance = w["moving_mean"], w["moving_variance"]
        inverse = 1 / np.sqrt(variance + np.asarray(self.epsilon, variance.dtype))
        center, factor = _along(rows, mean), _along(rows, self._factor(w, inverse))
        beta = _along(rows, w["beta"]) if self.center else None
        y = np.empty_like(rows)

        def normalize(index: int, block: slice) -> None:
            np.subtract(rows[block], center, out=y[block])
            y[block] *= factor
            if beta is not None:
                y[block] += beta

        _for_each_block(normalize, rows)
        return self._features_back(y.reshape(x.shape)), (x, mean, inverse, by_batch)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        x, mean, inverse, by_batch = kept
        rows, grad, width = _wide(x), _wide(self._features_last(dy)), x.shape[-1]
        center, factor = _along(rows, mean), _along(rows, self._factor(w, inverse))
        total = _sum(lambda block: grad[block].sum(axis=0), rows, width)
        along = inverse * _sum(
            lambda block: (grad[block] * (rows[block] - center)).sum(axis=0), rows, width
        )
        # The batch's mean and variance move with x: their shares are taken away.
        count = max(1, x.size // width)
        mean_share = _along(rows, total / count)
        spread_share = _along(rows, inverse * along / count)
        dx = np.empty(rows.shape, dy.dtype)

        def pull(index: int, block: slice) -> None:
            if by_batch:
                shares = rows[block] - center
                shares *= spread_share
                shares += mean_share
                np.subtract(grad[block], shares, out=dx[block])
                dx[block] *= factor
            else:
                np.multiply(grad[block], factor, out=dx[block])

        _for_each_block(pull, rows)
        grads = {"gamma": along} if self.scale else {}
        if self.center:
            grads["beta"] = total
        return (self._features_back(dx.reshape(x.shape)),), grads

    def _factor(self, w: Weights, inverse: Array) -> Array:
        """What each feature is multiplied by after its mean is taken away."""
        return inverse * w["gamma"] if self.scale else inverse

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        # ONNX' own operator wants channels first; this needs no transposition.
        factor = 1 / np.sqrt(w["moving_variance"] + np.float32(self.epsilon))
        if self.scale:
            factor = factor * w["gamma"]
        rank = len(g.shapes[xs[0]])
        after = rank - 1 - sample_axis(self.kind, self.axis, rank)

        def vector(name: str, values: Array) -> str:
            return g.weight(name, values.reshape(-1, *(1,) * after))

        y = g.op("Sub", xs[0], vector("moving_mean", w["moving_mean"]))
        y = g.op("Mul", y, vector("factor", factor))
        return g.op("Add", y, vector("beta", w["beta"])) if self.center else y


def _wide(x: Array) -> Array:
    """A batch as rows of whole groups of features, long enough to be worked on fast."""
    width = x.shape[-1]
    return x.reshape(-1, width * widening(x.size // width, width))


def _along(rows: Array, vector: Array) -> Array:
    """One number per feature, repeated to the length of the rows."""
    return np.tile(vector, rows.shape[1] // len(vector))


def _moments(rows: Array, width: int) -> tuple[Array, Array]:
    """Mean and biased variance of each feature."""
    count = rows.size // width
    mean = _sum(lambda block: rows[block].sum(axis=0), rows, width) / count
    center = _along(rows, mean)
    square = _sum(lambda block: np.square(rows[block] - center).sum(axis=0), rows, width)
    return mean, square / count


def _sum(term: Callable[[slice], Array], rows: Array, width: int) -> Array:
    """The sum of ``term`` for each feature; adding up block by block loses fewer digits."""
    sums = np.zeros((len(_blocks(rows)), rows.shape[1]), rows.dtype)

    def add(index: int, block: slice) -> None:
        sums[index] = term(block)

    _for_each_block(add, rows)
    total: Array = sums.sum(axis=0).reshape(-1, width).sum(axis=0)
    return total


def _blocks(rows: Array) -> list[slice]:
    height = max(1, BLOCK // rows.shape[1])
    return [slice(start, start + height) for start in range(0, len(rows), height)]


def _for_each_block(function: Callable[[int, slice], None], rows: Array) -> None:
    blocks = _blocks(rows)
    parts = shards(len(blocks))

    def work(part: int) -> None:
        for index in range(*parts[part].indices(len(blocks))):
            function(index, blocks[index])

    for_each_shard(work, len(parts))
