"""What weights start as, with Keras' names, semantics and defaults."""

from __future__ import annotations

from math import prod, sqrt
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.spec import Family, setting


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs and outputs a weight of this shape connects, as Keras counts.

    A kernel of a convolution is (..., in, out): the axes before the last two
    are its receptive field.
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    field = prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class Initializer(Family, root=True):
    """Draws the starting value of one weight."""

    def check(self, shape: Shape) -> None:
        """Whether a weight of this shape can be drawn.

        Raises:
            ShapeError: it cannot; says why and what helps.
        """

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        """An array of ``shape``, float64; the network casts it."""
        raise NotImplementedError


class Zeros(Initializer):
    """All zeros."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.zeros(shape)


class Ones(Initializer):
    """All ones."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.ones(shape)


class Constant(Initializer):
    """The same number everywhere."""

    value: float = setting(0.0, ge=-1e6, le=1e6, label="Value", help="The number.")

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.full(shape, self.value)


class Normal(Initializer, aliases=("RandomNormal",)):
    """Draws from a normal distribution."""

    mean: float = setting(
        0.0, ge=-1e6, le=1e6, label="Mean", help="The center of the distribution."
    )
    stddev: float = setting(0.05, ge=0, le=1e6, label="Spread", help="Its standard deviation.")

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.normal(self.mean, self.stddev, shape)


class TruncatedNormal(Initializer):
    """Draws from a normal distribution, again where they lie over two spreads from the mean.

    As in Keras the spread is that of the distribution before it is cut; what
    is drawn spreads 0.88 times as far.
    """

    mean: float = setting(
        0.0, ge=-1e6, le=1e6, label="Mean", help="The center of the distribution."
    )
    stddev: float = setting(0.05, ge=0, le=1e6, label="Spread", help="Its standard deviation.")

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return self.mean + self.stddev * _cut_normal(shape, rng)


class Uniform(Initializer, aliases=("RandomUniform",)):
    """Draws evenly between two limits."""

    minval: float = setting(-0.05, ge=-1e6, le=1e6, label="From", help="The lower limit.")
    maxval: float = setting(0.05, ge=-1e6, le=1e6, label="To", help="The upper limit.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minval > self.maxval:
            raise ValueError("The lower limit must not be above the upper one.")
        return self

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.uniform(self.minval, self.maxval, shape)


def _uniform(variance: float, shape: Shape, rng: np.random.Generator) -> Array:
    limit = sqrt(3 * variance)
    return rng.uniform(-limit, limit, shape)


# A normal distribution cut at two standard deviations has this spread.
_CUT_SPREAD = 0.87962566103423978


def _cut_normal(shape: Shape, rng: np.random.Generator) -> Array:
    """Standard normal draws between -2 and 2."""
    draws = np.asarray(rng.standard_normal(shape))
    while (outside := np.abs(draws) > 2).any():
        draws[outside] = rng.standard_normal(int(outside.sum()))
    return draws


def _truncated_normal(variance: float, shape: Shape, rng: np.random.Generator) -> Array:
    return _cut_normal(shape, rng) * (sqrt(variance) / _CUT_SPREAD)


class VarianceScaling(Initializer):
    """Draws with variance ``scale / n``; n counts inputs, outputs, or is the mean of both.

    Glorot's, He's and LeCun's rules are this one with fixed settings.
    """

    scale: float = setting(1.0, gt=0, le=1e6, label="Scale", help="The variance times n.")
    mode: Literal["fan_in", "fan_out", "fan_avg"] = setting(
        "fan_in",
        label="Count",
        help="fan_in counts inputs, fan_out outputs, fan_avg takes the mean of both.",
    )
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = setting(
        "truncated_normal",
        label="Distribution",
        help="Normal (cut off at two standard deviations, or not) or uniform.",
    )

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        inputs, outputs = fans(shape)
        count = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}
        variance = self.scale / max(1, count[self.mode])
        match self.distribution:
            case "truncated_normal":
                return _truncated_normal(variance, shape, rng)
            case "untruncated_normal":
                return rng.normal(0, sqrt(variance), shape)
        return _uniform(variance, shape, rng)


class GlorotUniform(Initializer):
    """Even draws with variance 2 / (inputs + outputs). Glorot & Bengio 2010."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return _uniform(2 / max(1, sum(fans(shape))), shape, rng)


class GlorotNormal(Initializer):
    """Cut normal draws with variance 2 / (inputs + outputs). Glorot & Bengio 2010."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return _truncated_normal(2 / max(1, sum(fans(shape))), shape, rng)


class HeUniform(Initializer):
    """Even draws with variance 2 / inputs, for ReLU networks. He et al. 2015."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return _uniform(2 / max(1, fans(shape)[0]), shape, rng)


class HeNormal(Initializer):
    """Cut normal draws with variance 2 / inputs, for ReLU networks. He et al. 2015."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return _truncated_normal(2 / max(1, fans(shape)[0]), shape, rng)


class LecunUniform(Initializer):
    """Even draws with variance 1 / inputs. LeCun et al. 1998."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return _uniform(1 / max(1, fans(shape)[0]), shape, rng)


class LecunNormal(Initializer):
    """Cut normal draws with variance 1 / inputs, for SELU networks. LeCun et al. 1998."""

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        return _truncated_normal(1 / max(1, fans(shape)[0]), shape, rng)


class Orthogonal(Initializer, aliases=("OrthogonalInitializer",)):
    """A random matrix that turns, but neither stretches nor squeezes. Saxe et al. 2014.

    Columns (or rows, where they are fewer) are at right angles and of length
    ``gain``. A kernel of a convolution counts as a matrix (window × inputs, filters).
    """

    gain: float = setting(1.0, ge=-1e6, le=1e6, label="Gain", help="The length of each column.")

    def check(self, shape: Shape) -> None:
        _need_axes(self.kind, len(shape) >= 2, "at least two", shape)

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        rows, columns = prod(shape[:-1]), shape[-1]
        draws = rng.standard_normal((max(rows, columns), min(rows, columns)))
        turned, triangle = np.linalg.qr(draws)
        # With these signs every such matrix is equally likely; Mezzadri 2007.
        turned *= np.where(np.diag(triangle) < 0, -1.0, 1.0)
        return self.gain * (turned.T if rows < columns else turned).reshape(shape)


class Identity(Initializer, aliases=("IdentityInitializer",)):
    """1 on the diagonal of a matrix, else 0: a Dense layer that starts by passing on its input."""

    gain: float = setting(1.0, ge=-1e6, le=1e6, label="Gain", help="The number on the diagonal.")

    def check(self, shape: Shape) -> None:
        _need_axes(self.kind, len(shape) == 2, "two", shape)

    def draw(self, shape: Shape, rng: np.random.Generator) -> Array:
        rows, columns = shape
        matrix: Array = self.gain * np.eye(rows, columns)
        return matrix


def _need_axes(kind: str, fits: bool, count: str, shape: Shape) -> None:
    if not fits:
        raise ShapeError(
            f"{kind} makes a weight with {count} axes; this one is {shape_text(shape)}.",
            "Choose another start, for instance GlorotUniform or Zeros.",
        )
