"""Layers that keep the numbers inside of a network in a good range."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import Array, Shape
from engine.compiled import loops_for
from engine.compiled.program import over_rows
from engine.compiled.tasks import BOTH_SUMS, MOMENTS, PULL, SCALE
from engine.constraints import Constraint
from engine.errors import ShapeError
from engine.initializers import Initializer, Ones, Zeros
from engine.layers.axes import sample_axis
from engine.layers.base import Kept, Run, TrainableLayer, Weights, WeightSpec, layer
from engine.layers.held import limit, penalty
from engine.layers.rows import widening
from engine.parallel import for_each_shard, shards
from engine.regularizers import Regularizer
from engine.spec import setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder

# How many numbers are worked on together. Fewer would stay in the cache, but threads
# that call NumPy every few microseconds wait for Python's lock.
BLOCK = 262_144

# From how many numbers it is guessed where the means lie.
SAMPLE = 8192

# How many variances the square of a mean's distance may be from where sums are taken
# around: the variance then loses three bits at most.
NEAR = 4


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
        help="The axis of the features: -1 is the last, 1 the first of a sample.",
        advanced=True,
    )
    momentum: float = setting(
        0.99,
        ge=0,
        le=1,
        label="Momentum",
        help="How much of the moving statistics is kept at each batch.",
    )
    epsilon: float = setting(
        1e-3,
        gt=0,
        le=1,
        label="Epsilon",
        help="Added to the variance, to avoid dividing by zero.",
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
    moving_mean_initializer: Initializer = setting(
        Zeros(), label="Initial mean", help="How moving means are initialized.", advanced=True
    )
    moving_variance_initializer: Initializer = setting(
        Ones(),
        label="Initial variance",
        help="How moving variances are initialized.",
        advanced=True,
    )
    beta_regularizer: Regularizer | None = penalty("Shift", "shifts")
    gamma_regularizer: Regularizer | None = penalty("Scale", "scales")
    beta_constraint: Constraint | None = limit("Shift", "shifts")
    gamma_constraint: Constraint | None = limit("Scale", "scales")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        (x,) = inputs
        if not x:
            raise ShapeError(
                "BatchNormalization needs at least one axis; this input is a single number.",
                "Put a Reshape layer before it.",
                needs="at least one axis",
            )
        sample_axis(self.kind, self.axis, len(x))
        return x

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        (x,) = inputs
        shape = (x[sample_axis(self.kind, self.axis, len(x))],)
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
        factor, shift = self._factor(w, inverse), w["beta"] if self.center else None
        y = _scaled(rows, mean, factor, shift)
        return self._features_back(y.reshape(x.shape)), (x, mean, inverse, by_batch)

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        x, mean, inverse, by_batch = kept
        rows, grad, width = _wide(x), _wide(self._features_last(dy)), x.shape[-1]
        factor = self._factor(w, inverse)
        center = _along(rows, mean)

        def products(block: slice) -> tuple[Array, Array]:
            far = rows[block] - center
            return _column_sum(grad[block]), np.einsum("ij,ij->j", far, grad[block])

        total, along = _sums(BOTH_SUMS, products, width, rows, grad, center)
        along *= inverse
        # The batch's mean and variance move with x: their shares are taken away.
        count = max(1, x.size // width)
        dx = (
            _pulled(rows, grad, center, factor, total / count, inverse * along / count)
            if by_batch
            else _scaled(grad, np.zeros_like(mean), factor, None)
        )
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
    # Around the mean of some samples the sums keep their digits, as a rule.
    few = rows[: -(-SAMPLE // rows.shape[1])]
    center = few.reshape(-1, width).mean(axis=0)
    offset, variance = _moments_around(center, rows)
    if not (np.square(offset) <= NEAR * variance).all():
        center = center + offset
        offset, variance = _moments_around(center, rows)
    return center + offset, variance


def _moments_around(center: Array, rows: Array) -> tuple[Array, Array]:
    """How far the mean of each feature is from ``center``, and its biased variance."""
    around, width = _along(rows, center), len(center)

    def both(block: slice) -> tuple[Array, Array]:
        far = rows[block] - around
        return _column_sum(far), _square_sum(far)

    offset, square = _sums(MOMENTS, both, width, rows, around) / (rows.size // width)
    return offset, square - np.square(offset)


def _scaled(rows: Array, center: Array, factor: Array, shift: Array | None) -> Array:
    """``(rows - center) * factor + shift``, with one number each per feature."""
    y = np.empty_like(rows)
    before, times = _along(rows, center), _along(rows, factor)
    after = np.zeros_like(times) if shift is None else _along(rows, shift)

    def work(index: int, block: slice) -> None:
        np.subtract(rows[block], before, out=y[block])
        y[block] *= times
        y[block] += after

    if not _ran(SCALE, rows, before, times, after, y):
        _for_each_block(work, rows)
    return y


def _pulled(
    rows: Array,
    grad: Array,
    center: Array,
    factor: Array,
    mean_share: Array,
    spread_share: Array,
) -> Array:
    """``factor * (grad - mean_share - (rows - center) * spread_share)``."""
    dx = np.empty(rows.shape, grad.dtype)
    shift, slope, times = (_along(rows, each) for each in (-mean_share, -spread_share, factor))

    def work(index: int, block: slice) -> None:
        np.subtract(rows[block], center, out=dx[block])
        dx[block] *= slope
        dx[block] += shift
        dx[block] += grad[block]
        dx[block] *= times

    if not _ran(PULL, rows, grad, center, slope, shift, times, dx):
        _for_each_block(work, rows)
    return dx


def _column_sum(rows: Array) -> Array:
    # As a product: twice as fast as a sum.
    total: Array = np.ones(len(rows), rows.dtype) @ rows
    return total


def _square_sum(rows: Array) -> Array:
    total: Array = np.einsum("ij,ij->j", rows, rows)
    return total


def _sums(
    kind: int, terms: Callable[[slice], tuple[Array, Array]], width: int, rows: Array, *more: Array
) -> Array:
    """Two sums for each feature, (2, width), of what is made of ``rows`` and ``more``.

    Adding up block by block loses fewer digits.

    Args:
        kind: of compiled tasks that give the same as ``terms``.
        terms: of a block of rows.
    """
    sums = np.empty((2, len(_blocks(rows)), rows.shape[1]), rows.dtype)

    def add(index: int, block: slice) -> None:
        sums[0, index], sums[1, index] = terms(block)

    if not _ran(kind, rows, *more, sums):
        _for_each_block(add, rows)
    total: Array = sums.sum(axis=1).reshape(2, -1, width).sum(axis=1)
    return total


def _ran(kind: int, rows: Array, *more: Array) -> bool:
    """Let compiled tasks of a kind do it, where there are such."""
    loops = loops_for(rows, *more)
    if loops is not None:
        over_rows(loops, kind, *rows.shape, _height(rows)).run(rows, *more)
    return loops is not None


def _blocks(rows: Array) -> list[slice]:
    height = _height(rows)
    return [slice(start, start + height) for start in range(0, len(rows), height)]


def _height(rows: Array) -> int:
    """Of how many rows a block is."""
    return int(max(1, BLOCK // rows.shape[1]))


def _for_each_block(function: Callable[[int, slice], None], rows: Array) -> None:
    blocks = _blocks(rows)
    parts = shards(len(blocks))

    def work(part: int) -> None:
        for index in range(*parts[part].indices(len(blocks))):
            function(index, blocks[index])

    for_each_shard(work, len(parts))
