"""What an activation is, and the functions that others are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.spec import Family

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder


class Activation(Family, root=True):
    """A function applied to each number (softmax: to each vector on an axis).

    Attributes:
        keeps_input: whether :meth:`backward` needs ``x``; else it gets None.
        elementwise: whether each number is by itself, wherever it stands.
    """

    keeps_input: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True

    @property
    def task_kinds(self) -> tuple[int, int] | None:
        """The kinds of compiled tasks for flat arrays that do it, and its slope; if there are."""
        return None

    def check(self, shape: Shape) -> None:
        """Whether samples of this shape can be taken.

        Raises:
            ShapeError: they cannot; says why and what helps.
        """

    def forward(self, x: Array, out: Array | None = None) -> Array:
        """``f(x)``; ``out`` may be ``x`` itself, where the caller can spare it."""
        raise NotImplementedError

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        """``dy * f'(x)``, in a new array."""
        raise NotImplementedError

    def backward_into(self, out: Array, dy: Array, x: Array | None, y: Array) -> None:
        """:meth:`backward` into ``out``."""
        out[...] = self.backward(dy, x, y)

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        """Add the operators; the name of their output."""
        raise NotImplementedError


class Linear(Activation, kind="linear", aliases=("identity",)):
    """``x``: no activation."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return x

    def backward(self, dy: Array, x: Array | None, y: Array) -> Array:
        return dy

    def to_onnx(self, g: OnnxBuilder, x: str) -> str:
        return x


def placed(y: Array, out: Array | None) -> Array:
    """``y``, in ``out`` where there is one."""
    if out is None:
        return y
    out[...] = y
    return out


def applied(loop: Callable[..., None], x: Array, out: Array | None) -> Array:
    """What a compiled loop makes of each number of ``x``."""
    y = np.empty_like(x) if out is None else out
    loop(x.reshape(-1), y.reshape(-1))
    return y


def sloped(loop: Callable[..., None], dy: Array, y: Array) -> Array:
    """What a compiled loop makes of each number of ``dy`` and of ``y``."""
    dx = np.empty_like(dy)
    loop(dy.reshape(-1), y.reshape(-1), dx.reshape(-1))
    return dx


def sigmoid(x: Array, out: Array | None = None) -> Array:
    """``1 / (1 + exp(-x))`` without overflow: a tanh at half the argument."""
    y: Array = np.multiply(x, 0.5, out=out)
    np.tanh(y, out=y)
    y *= 0.5
    y += 0.5
    return y


def softplus(x: Array, out: Array | None = None) -> Array:
    """``log(1 + exp(x))`` without overflow."""
    return np.logaddexp(x, np.zeros((), x.dtype), out=out)
