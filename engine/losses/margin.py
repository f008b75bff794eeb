"""Losses that ask for a margin, as support vector machines do; not for probabilities."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.losses.base import Loss, Target, like_prediction


class _Margin(Loss, abstract=True):
    target: ClassVar[Target] = "binary"
    tasks = ("classification",)
    suits = ("linear", "tanh")
    unsuited = "The margins of -1 and 1 may lie out of reach, so the loss may never come to 0."
    threshold = 0.0


def _signs_and_gaps(y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """Targets as -1 and 1 (0 counts as -1, as in Keras), and how far the margin is missed."""
    signs = np.where(like_prediction(y_true, y_pred) > 0, 1, -1).astype(y_pred.dtype)
    return signs, np.maximum(1 - signs * y_pred, 0)


class Hinge(_Margin):
    """``mean(max(1 - t y_pred, 0))`` with ``t`` = -1 for no and 1 for yes."""

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        signs, gaps = _signs_and_gaps(y_true, y_pred)
        return gaps, -signs * (gaps > 0)


class SquaredHinge(_Margin):
    """``mean(max(1 - t y_pred, 0)²)`` with ``t`` = -1 for no and 1 for yes."""

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        signs, gaps = _signs_and_gaps(y_true, y_pred)
        return np.square(gaps), -2 * signs * gaps


class CategoricalHinge(_Margin):
    """``max(largest wrong output - right output + 1, 0)``: one of several classes.

    As Keras writes it, ``neg = max((1 - y) y_pred)``, so ``neg`` is never below 0.
    """

    target = "one_hot"

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = like_prediction(y_true, y_pred)
        wrong = (1 - y) * y_pred
        worst = wrong.argmax(axis=-1)[..., np.newaxis]
        gaps = np.take_along_axis(wrong, worst, axis=-1)
        gaps = np.maximum(gaps - (y * y_pred).sum(axis=-1, keepdims=True) + 1, 0)
        grad = -y
        slope = np.take_along_axis(1 - y, worst, axis=-1)  # 0 where the right class was largest
        np.put_along_axis(grad, worst, np.take_along_axis(grad, worst, axis=-1) + slope, axis=-1)
        return gaps[..., 0], grad * (gaps > 0)
