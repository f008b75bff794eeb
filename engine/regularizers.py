"""Penalties on weights and outputs, added to the loss; Keras' names and defaults."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.spec import Family, setting


class Regularizer(Family, root=True):
    """A penalty on one weight, or on what a layer puts out for a batch."""

    def penalty(self, weight: Array) -> float:
        """The number that is added to the loss."""
        raise NotImplementedError

    def gradient(self, weight: Array) -> Array:
        """The penalty's derivative, in the weight's shape."""
        raise NotImplementedError


class L1L2(Regularizer, aliases=("l1_l2",)):
    """``l1 * sum(|w|) + l2 * sum(w²)``.

    Keras' class defaults to 0/0, Keras 2's string ``"l1_l2"`` meant 0.01/0.01; a
    penalty that does nothing helps nobody, so here both are 0.01.
    """

    l1: float = setting(
        0.01, ge=0, le=1e6, label="L1", help="Weight of the sum of absolute values."
    )
    l2: float = setting(0.01, ge=0, le=1e6, label="L2", help="Weight of the sum of squares.")

    def penalty(self, weight: Array) -> float:
        return float(self.l1 * np.abs(weight).sum() + self.l2 * np.square(weight).sum())

    def gradient(self, weight: Array) -> Array:
        return self.l1 * np.sign(weight) + 2 * self.l2 * weight


class L1(Regularizer):
    """``l1 * sum(|w|)``: pushes weights to exactly zero."""

    l1: float = setting(
        0.01, ge=0, le=1e6, label="L1", help="Weight of the sum of absolute values."
    )

    def penalty(self, weight: Array) -> float:
        return float(self.l1 * np.abs(weight).sum())

    def gradient(self, weight: Array) -> Array:
        return self.l1 * np.sign(weight)


class L2(Regularizer):
    """``l2 * sum(w²)``: keeps weights small."""

    l2: float = setting(0.01, ge=0, le=1e6, label="L2", help="Weight of the sum of squares.")

    def penalty(self, weight: Array) -> float:
        return float(self.l2 * np.square(weight).sum())

    def gradient(self, weight: Array) -> Array:
        return 2 * self.l2 * weight


class OrthogonalRegularizer(Regularizer):
    """The mean ``|cosine|`` of the angles between rows or columns: pushes them to right angles.

    Keras takes matrices only. Here axes before the last count as one, so that a
    kernel of a convolution is a matrix (window × inputs, filters).
    """

    factor: float = setting(0.01, ge=0, le=1e6, label="Factor", help="Weight of the penalty.")
    mode: Literal["rows", "columns"] = setting(
        "rows",
        label="Between",
        help="rows compares inputs, columns compares the units of a Dense layer.",
    )

    def penalty(self, weight: Array) -> float:
        _, _, cosines, scale = self._cosines(weight)
        return float(scale * np.abs(cosines).sum())

    def gradient(self, weight: Array) -> Array:
        units, lengths, cosines, scale = self._cosines(weight)
        slopes = (2 * scale) * (np.sign(cosines) @ units)
        # A change along a vector does not turn it.
        slopes -= units * (units * slopes).sum(axis=1, keepdims=True)
        slopes /= lengths
        return (slopes if self.mode == "rows" else slopes.T).reshape(weight.shape)

    def _cosines(self, weight: Array) -> tuple[Array, Array, Array, float]:
        """Vectors of length 1 (V, F), their lengths before (V, 1), the cosines between
        different ones (V, V), and the factor of their sum."""
        matrix = weight.reshape(-1, weight.shape[-1] if weight.ndim else 1)
        vectors = matrix if self.mode == "rows" else matrix.T
        lengths = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
        lengths = np.maximum(lengths, np.asarray(1e-6, lengths.dtype))
        units = vectors / lengths
        cosines = units @ units.T
        np.fill_diagonal(cosines, 0)
        count = len(vectors)
        return units, lengths, cosines, self.factor / max(1, count * (count - 1))
