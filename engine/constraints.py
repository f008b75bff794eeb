"""What weights are held to after every step; Keras' names and defaults."""

from __future__ import annotations

from typing import Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from engine.arrays import Array, Shape, shape_text
from engine.errors import ShapeError
from engine.spec import Family, setting

# Keras' epsilon: a weight of zeros has no direction that it could be scaled along.
EPSILON = 1e-7


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Axes = Annotated[
    tuple[Annotated[int, Field(ge=-8, le=7)], ...],
    Field(min_length=1, max_length=8),
    BeforeValidator(_one_or_more),
]


class Constraint(Family, root=True):
    """A set that one weight has to stay in."""

    def check(self, shape: Shape) -> None:
        """Whether a weight of this shape can be held to it.

        Raises:
            ShapeError: it cannot; says why and what helps.
        """

    def applied(self, weight: Array) -> Array:
        """The weight moved into the set, in a new array of its shape."""
        raise NotImplementedError


class NonNeg(Constraint, aliases=("NonNegative",)):
    """No number is below 0."""

    def applied(self, weight: Array) -> Array:
        return np.maximum(weight, 0)


class _OfLength(Constraint, abstract=True):
    """What constraints on the length of vectors share."""

    axis: Axes = setting(
        (0,),
        label="Axes",
        help="The axes of one weight vector: 0 for a Dense kernel, 0, 1, 2 for Conv2D.",
        advanced=True,
    )

    def check(self, shape: Shape) -> None:
        known = {axis % len(shape) for axis in self.axis if -len(shape) <= axis < len(shape)}
        if len(known) < len(self.axis):
            raise ShapeError(
                f"{self.kind} works along {_axes_text(self.axis)}, but the weight is "
                f"{shape_text(shape)}.",
                f"Choose different axes from 0 to {len(shape) - 1}.",
            )

    def applied(self, weight: Array) -> Array:
        lengths = np.sqrt(np.square(weight).sum(axis=self.axis, keepdims=True))
        scaled: Array = weight * (self._wanted(lengths) / (lengths + EPSILON))
        return scaled.astype(weight.dtype, copy=False)

    def _wanted(self, lengths: Array) -> Array:
        """The lengths that vectors of these lengths shall have."""
        raise NotImplementedError


class MaxNorm(_OfLength):
    """No vector is longer than the limit. Srivastava et al. 2014, section 5.1."""

    max_value: float = setting(2.0, ge=0, le=1e6, label="Limit", help="The largest length.")

    def _wanted(self, lengths: Array) -> Array:
        return np.minimum(lengths, self.max_value)


class MinMaxNorm(_OfLength):
    """Every vector's length lies between two limits, or moves there by a part each step."""

    min_value: float = setting(0.0, ge=0, le=1e6, label="From", help="The smallest length.")
    max_value: float = setting(1.0, ge=0, le=1e6, label="To", help="The largest length.")
    rate: float = setting(
        1.0, ge=0, le=1, label="Rate", help="How far each step moves toward the limit, from 0 to 1."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_value > self.max_value:
            raise ValueError("The minimum length must not exceed the maximum.")
        return self

    def _wanted(self, lengths: Array) -> Array:
        limited = np.clip(lengths, self.min_value, self.max_value)
        return self.rate * limited + (1 - self.rate) * lengths


class UnitNorm(_OfLength):
    """Every vector has length 1."""

    def _wanted(self, lengths: Array) -> Array:
        return np.ones_like(lengths)


def _axes_text(axes: tuple[int, ...]) -> str:
    numbers = ", ".join(str(axis) for axis in axes)
    return f"axis {numbers}" if len(axes) == 1 else f"the axes {numbers}"
