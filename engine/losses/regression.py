"""Losses of numbers, by the distance between prediction and target."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.compiled import loops_for
from engine.losses.base import EPSILON, Loss, like_prediction
from engine.spec import setting


def _regression_pair(y_true: Array, y_pred: Array) -> Array:
    error: Array = y_pred - like_prediction(y_true, y_pred)
    return error


class MeanSquaredError(Loss, aliases=("mse",)):
    """``mean((y_true - y_pred)²)``."""

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        error = _regression_pair(y_true, y_pred)
        squares = np.square(error)
        error *= 2
        return squares, error

    def at_once(
        self, y_true: Array, y_pred: Array, from_logits: bool
    ) -> tuple[float, Array] | None:
        y = like_prediction(y_true, y_pred)
        loops = loops_for(y, y_pred)
        if loops is None:
            return None
        slopes, size = np.empty_like(y_pred), max(1, y.size)
        given = y.reshape(-1), y_pred.reshape(-1), np.float32(1 / size), slopes.reshape(-1)
        return loops.squared_error(*given) / size, slopes


class MeanAbsoluteError(Loss, aliases=("mae",)):
    """``mean(|y_true - y_pred|)``."""

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        error = _regression_pair(y_true, y_pred)
        return np.abs(error), np.sign(error)


class MeanAbsolutePercentageError(Loss, aliases=("mape",)):
    """``100 mean(|y_true - y_pred| / max(|y_true|, 1e-7))``."""

    tasks = ("regression",)

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = like_prediction(y_true, y_pred)
        scale = np.maximum(np.abs(y), np.asarray(EPSILON, y.dtype))
        error = (y_pred - y) / scale
        hundred = np.asarray(100, y.dtype)
        return hundred * np.abs(error), hundred * np.sign(error) / scale


class MeanSquaredLogarithmicError(Loss, aliases=("msle",)):
    """``mean((log(1 + y_true) - log(1 + y_pred))²)``, what is below 1e-7 taken as 1e-7."""

    tasks = ("regression",)
    least_target = 0.0
    outside = "Targets below 0 count as 0."

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = like_prediction(y_true, y_pred)
        least = np.asarray(EPSILON, y.dtype)
        p = np.maximum(y_pred, least)
        error = np.log1p(p) - np.log1p(np.maximum(y, least))
        return np.square(error), 2 * error / (1 + p) * (y_pred > least)


class Huber(Loss):
    """Half the square of an error up to ``delta``, a straight line beyond (Huber 1964).

    ``mean(e² / 2 if |e| <= delta else delta |e| - delta² / 2)``.
    """

    delta: float = setting(
        1.0, gt=0, le=1e6, label="Delta", help="Larger errors count linearly instead of squared."
    )

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        error = _regression_pair(y_true, y_pred)
        near = np.clip(error, -self.delta, self.delta)
        # One formula for both parts, which overflows only where the result does.
        return near * (error - near / 2), near


class LogCosh(Loss):
    """``mean(log(cosh(y_pred - y_true)))``: squares of small errors, distances of large ones."""

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        error = _regression_pair(y_true, y_pred)
        size = np.abs(error)
        logs = size + np.log1p(np.exp(-2 * size)) - np.asarray(np.log(2), size.dtype)
        return logs, np.tanh(error)


class Poisson(Loss):
    """``mean(y_pred - y_true log(y_pred + 1e-7))``: counts, whose mean is predicted.

    A prediction below 0 is no mean of counts. Keras gives NaN there; here the
    logarithm stays at its value in 0.
    """

    tasks = ("regression",)
    suits = ("softplus", "exponential", "relu", "sigmoid", "hard_sigmoid", "softmax")
    unsuited = "An output below 0 cannot be the mean of counts, so its loss means little."
    least_target = 0.0
    outside = "A target below 0 pulls the output below 0, where the loss means little."

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = like_prediction(y_true, y_pred)
        p = np.maximum(y_pred, 0) + np.asarray(EPSILON, y.dtype)
        return y_pred - y * np.log(p), 1 - y / p * (y_pred >= 0)


class CosineSimilarity(Loss):
    """``-sum(y_true · y_pred / (|y_true| |y_pred|))`` over the last axis: -1 is the same direction.

    Lengths below 1e-7 count as 1e-7.
    """

    least_outputs = 2

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        p, length = _unit_rows(y_pred)
        y, _ = _unit_rows(like_prediction(y_true, y_pred))
        cosine = (y * p).sum(axis=-1, keepdims=True)
        # Where the length was raised to the least one it is a constant.
        along = p * cosine * (length > EPSILON)
        return -cosine[..., 0], (along - y) / length


def _unit_rows(x: Array) -> tuple[Array, Array]:
    """Rows of length 1, and the lengths (..., 1)."""
    # The squares of very large numbers would overflow.
    largest = np.maximum(np.abs(x).max(axis=-1, keepdims=True), np.asarray(EPSILON, x.dtype))
    length = largest * np.sqrt(np.square(x / largest).sum(axis=-1, keepdims=True))
    length = np.maximum(length, np.asarray(EPSILON, x.dtype))
    return x / length, length
