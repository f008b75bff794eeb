"""Losses of probabilities, or of the logits that they come from."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.activations import sigmoid
from engine.arrays import Array
from engine.compiled import loops_for
from engine.losses.base import EPSILON, Loss, like_prediction
from engine.spec import setting

OUTSIDE = "Beyond 0 and 1 the targets are not probabilities, and the loss may fall without limit."


class _CrossEntropy(Loss, abstract=True):
    takes_logits = True
    tasks: ClassVar[tuple[str, ...]] = ("classification",)

    from_logits: bool = setting(
        False,
        label="From logits",
        help="The network's output is not a probability yet. "
        "An output that ends in softmax or sigmoid is recognized without this.",
        advanced=True,
    )
    label_smoothing: float = setting(
        0.0,
        ge=0,
        le=1,
        label="Label smoothing",
        help="The share of each label's probability that is spread evenly over all classes.",
        advanced=True,
    )

    @property
    def expects_logits(self) -> bool:
        return self.from_logits


class BinaryCrossentropy(_CrossEntropy, aliases=("bce",)):
    """``-y log p - (1 - y) log(1 - p)``, for yes/no outputs; or numbers from 0 to 1, as pixels."""

    target = "binary"
    tasks = ("classification", "regression")
    least_target = 0.0
    greatest_target = 1.0
    outside = OUTSIDE

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = _smoothed(like_prediction(y_true, y_pred), self.label_smoothing, 2)
        if from_logits:
            # Not the difference of the probability and the target, which loses digits.
            far = np.exp(-np.abs(y_pred))
            yes, no = np.where(y_pred >= 0, 1, far), np.where(y_pred >= 0, far, 1)
            return _entropy(y, y_pred), ((1 - y) * yes - y * no) / (1 + far)
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        inside = (y_pred > EPSILON) & (y_pred < 1 - EPSILON)
        entropy = -(y * np.log(p) + (1 - y) * np.log1p(-p))
        return entropy, (p - y) / (p * (1 - p)) * inside

    def at_once(
        self, y_true: Array, y_pred: Array, from_logits: bool
    ) -> tuple[float, Array] | None:
        y = like_prediction(y_true, y_pred)
        loops = loops_for(y, y_pred)
        if loops is None or not from_logits or self.label_smoothing:
            return None
        slopes, size = np.empty_like(y_pred), max(1, y.size)
        given = y_pred.reshape(-1), y.reshape(-1), np.float32(1 / size), slopes.reshape(-1)
        return loops.binary_crossentropy(*given) / size, slopes


class BinaryFocalCrossentropy(_CrossEntropy):
    """Binary cross-entropy times ``(1 - p_t)^gamma``, which plays down what is easy.

    ``p_t`` is the probability given to the truth (Lin et al. 2018).
    """

    target = "binary"
    tasks = ("classification", "regression")
    least_target = 0.0
    greatest_target = 1.0
    outside = OUTSIDE

    gamma: float = setting(
        2.0, ge=0, le=100, label="Gamma", help="How strongly easy samples are down-weighted."
    )
    apply_class_balancing: bool = setting(
        False, label="Balance classes", help="Weight positives by alpha and negatives by 1 - alpha."
    )
    alpha: float = setting(
        0.25, ge=0, le=1, label="Alpha", help="The weight of positives, if classes are balanced."
    )

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = _smoothed(like_prediction(y_true, y_pred), self.label_smoothing, 2)
        if from_logits:
            p, rest = sigmoid(y_pred), sigmoid(-y_pred)
            entropy, slope = _entropy(y, y_pred), p - y
            miss, miss_slope = y * rest + (1 - y) * p, (1 - 2 * y) * p * rest
        else:
            p = np.clip(y_pred, EPSILON, 1 - EPSILON)
            entropy = -(y * np.log(p) + (1 - y) * np.log1p(-p))
            slope = np.where(p == y_pred, (p - y) / (p * (1 - p)), 0)
            miss, miss_slope = y * (1 - y_pred) + (1 - y) * y_pred, 1 - 2 * y
        # A power below 1 has no slope in 0.
        miss = np.maximum(miss, np.finfo(y.dtype).tiny)
        factor = miss**self.gamma
        grad = factor * slope + self.gamma * (factor / miss * miss_slope) * entropy
        if self.apply_class_balancing:
            weight = y * self.alpha + (1 - y) * (1 - self.alpha)
            factor, grad = factor * weight, grad * weight
        return factor * entropy, grad


class CategoricalCrossentropy(_CrossEntropy, aliases=("cce",)):
    """``-sum(y log p)`` for one-hot ``y``: one of several classes."""

    target = "one_hot"

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        y = _smoothed(
            y_true.astype(y_pred.dtype, copy=False), self.label_smoothing, y_pred.shape[-1]
        )
        if from_logits:
            logs = log_softmax(y_pred)
            return -(y * logs).sum(axis=-1), np.exp(logs) * y.sum(axis=-1, keepdims=True) - y
        total = y_pred.sum(axis=-1, keepdims=True)
        share = y_pred / total
        p = np.clip(share, EPSILON, 1 - EPSILON)
        slope = np.where(p == share, -y / p, 0)  # by the share; zero where it was clipped
        grad = (slope - (slope * share).sum(axis=-1, keepdims=True)) / total
        return -(y * np.log(p)).sum(axis=-1), grad


class SparseCategoricalCrossentropy(_CrossEntropy, aliases=("scce",)):
    """``-log p[label]`` for integer labels: one of several classes.

    Keras has no label smoothing here; it means the same as for one-hot labels.
    """

    target = "labels"

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        if self.label_smoothing:
            rows_of = np.eye(y_pred.shape[-1], dtype=y_pred.dtype)
            one_hot = CategoricalCrossentropy(label_smoothing=self.label_smoothing)
            return one_hot.terms(rows_of[y_true.reshape(y_pred.shape[:-1])], y_pred, from_logits)
        labels = y_true.reshape(-1)
        flat = y_pred.reshape(len(labels), y_pred.shape[-1])
        places = np.arange(len(labels))
        if from_logits:
            logs = log_softmax(np.ascontiguousarray(flat))  # whose reshaped array is a view
            here = places * flat.shape[-1] + labels  # one index is found faster than two
            entropy = -logs.take(here)
            grad = np.exp(logs, out=logs)
            grad.reshape(-1)[here] -= 1
            return entropy.reshape(y_pred.shape[:-1]), grad.reshape(y_pred.shape)
        total = flat.sum(axis=-1)
        share = flat[places, labels] / total
        p = np.clip(share, EPSILON, 1 - EPSILON)
        slope = np.where(p == share, -1 / p, 0) / total  # zero where it was clipped
        grad = np.repeat((-slope * share)[:, np.newaxis], flat.shape[-1], axis=1)
        grad[places, labels] += slope
        return -np.log(p).reshape(y_pred.shape[:-1]), grad.reshape(y_pred.shape)

    def at_once(
        self, y_true: Array, y_pred: Array, from_logits: bool
    ) -> tuple[float, Array] | None:
        loops = loops_for(y_pred)
        if loops is None or not from_logits or self.label_smoothing or not y_true.size:
            return None
        labels = np.ascontiguousarray(y_true.reshape(-1), np.int64)
        slopes, size = np.empty_like(y_pred), len(labels)
        rows = y_pred.reshape(size, -1), labels, np.float32(1 / size), slopes.reshape(size, -1)
        return loops.sparse_crossentropy(*rows) / size, slopes


class KLDivergence(Loss, aliases=("kld", "kullback_leibler_divergence")):
    """``sum(y log(y / p))``: how far a distribution ``p`` is from the true one.

    Both are kept between 1e-7 and 1, as in Keras.
    """

    target = "one_hot"
    tasks = ("classification",)
    suits = ("softmax",)
    unsuited = (
        "Outputs are cut off at 1e-7 and 1 and need not add up to 1: the loss may be below 0."
    )

    def terms(self, y_true: Array, y_pred: Array, from_logits: bool) -> tuple[Array, Array]:
        least = np.asarray(EPSILON, y_pred.dtype)
        y = np.clip(like_prediction(y_true, y_pred), least, 1)
        p = np.clip(y_pred, least, 1)
        return (y * np.log(y / p)).sum(axis=-1), np.where(p == y_pred, -y / p, 0)


def _entropy(y: Array, logits: Array) -> Array:
    """``-y log p - (1 - y) log(1 - p)`` with ``p = sigmoid(logits)``.

    Nearly equal numbers are subtracted first, so that a sure prediction's loss keeps its digits.
    """
    difference: Array = np.maximum(logits, 0) - y * logits
    return difference + np.log1p(np.exp(-np.abs(logits)))


def _smoothed(y: Array, smoothing: float, classes: int) -> Array:
    return y * (1 - smoothing) + smoothing / classes if smoothing else y


def log_softmax(x: Array) -> Array:
    """``log(softmax(x))`` over the last axis, without overflow."""
    shifted: Array = x - x.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted
