"""What every loss is: a value, its gradient, and what it can be used for."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.spec import Family

# Keras' epsilon: probabilities are kept this far from 0 and 1 before the logarithm.
EPSILON = 1e-7

Target = Literal["numbers", "binary", "one_hot", "labels"]


class Loss(Family, root=True):
    """How wrong a batch of predictions is.

    Attributes:
        target: what ``y_true`` holds: numbers (B, ...) for regression, binary
            0/1 (B, ...), one-hot rows (B, classes) or integer labels (B, ...).
        takes_logits: whether it is computed from the values before a final
            softmax or sigmoid.
        tasks: the kinds of data it is for.
        suits: activations of the output that it works with, the best first;
            empty where any will do, or where ``takes_logits`` decides.
        unsuited: what comes of another activation than those; a sentence.
        least_target, greatest_target: the smallest and the largest number it is defined for as a
            target, or None.
        outside: what comes of targets beyond; a sentence.
        least_outputs: how many numbers an output must have.
        threshold: where a single output that gives no probability divides no from yes.
    """

    target: ClassVar[Target] = "numbers"
    takes_logits: ClassVar[bool] = False
    tasks: ClassVar[tuple[str, ...]] = ("classification", "regression")
    suits: ClassVar[tuple[str, ...]] = ()
    unsuited: ClassVar[str] = ""
    least_target: ClassVar[float | None] = None
    greatest_target: ClassVar[float | None] = None
    outside: ClassVar[str] = ""
    least_outputs: ClassVar[int] = 1
    threshold: ClassVar[float] = 0.5

    @property
    def expects_logits(self) -> bool:
        """Whether it was told that the network's output is logits."""
        return False

    @property
    def in_words(self) -> str:
        """``mean squared error`` of ``MeanSquaredError``, ``KL divergence`` of ``KLDivergence``."""
        words = re.findall("[A-Z]+(?![a-z])|[A-Z][a-z]+", self.kind)
        return " ".join(word if word.isupper() else word.lower() for word in words)

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        """What each output adds to the loss, and the derivative of that by ``y_pred``.

        Args:
            y_true: as :attr:`target` says.
            y_pred: (B, ...) predictions, or logits if ``from_logits``.

        Returns:
            Terms, one for each number of ``y_pred`` or one for each row of it: (B, ...) or
            (B, ...) without the last axis; and their slopes, a new array like ``y_pred``.
        """
        raise NotImplementedError

    def at_once(
        self, y_true: Array, y_pred: Array, from_logits: bool
    ) -> tuple[float, Array] | None:
        """What :meth:`value_and_grad` gives without weights, by a compiled loop if there is one."""
        return None

    def value_and_grad(
        self, y_true: Array, y_pred: Array, from_logits: bool, weights: Array | None = None
    ) -> tuple[float, Array]:
        """The mean loss of the batch, and its derivative by ``y_pred``.

        Args:
            y_true, y_pred, from_logits: as for :meth:`terms`.
            weights: (B,) how much each sample counts; None counts all alike. As in Keras, the
                weighted terms are divided by their number, not by the sum of the weights.
        """
        if weights is None:
            found = self.at_once(y_true, y_pred, from_logits)
            if found is not None:
                return found
        terms, slopes = self.terms(y_true, y_pred, from_logits)
        share = np.asarray(1 / max(1, terms.size), y_pred.dtype)
        if weights is None:
            slopes *= share
            # The mean, without what its method does besides: half of a small batch's loss.
            return float(np.add.reduce(terms, axis=None)) / max(1, terms.size), slopes
        each = weights.astype(y_pred.dtype, copy=False)
        slopes *= (each * share).reshape(-1, *[1] * (slopes.ndim - 1))
        return float((terms * each.reshape(-1, *[1] * (terms.ndim - 1))).mean()), slopes


def like_prediction(y_true: Array, y_pred: Array) -> Array:
    """The targets in the shape and precision of the predictions."""
    return y_true.reshape(y_pred.shape).astype(y_pred.dtype, copy=False)


def target_shape(loss: Loss, output: Shape) -> Shape:
    """The shape that one target must have for an output of this shape."""
    return output[:-1] if loss.target == "labels" else output
