"""How far predicted numbers are from the true ones."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.metrics.base import Metric, State, Summed


class MeanSquaredError(Summed, aliases=("mse",)):
    """The mean squared distance between prediction and truth.

    As Keras and scikit-learn; over all outputs together.
    """

    label, better, task = "MSE", "lower", "regression"

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        error = y_true.reshape(y_pred.shape).astype(np.float64) - y_pred
        return np.array([np.square(error).sum(), error.size], np.float64)


class RootMeanSquaredError(MeanSquaredError, aliases=("rmse",)):
    """The root of the mean squared distance, in the target's unit.

    As Keras; over all outputs together, where scikit-learn means the roots of the outputs.
    """

    label = "RMSE"

    def value(self, sums: Array) -> float:
        return float(np.sqrt(super().value(sums)))


class MeanAbsoluteError(Summed, aliases=("mae",)):
    """The mean distance between prediction and truth, in the target's unit.

    As Keras and scikit-learn; over all outputs together.
    """

    label, better, task = "MAE", "lower", "regression"

    def sums(self, y_true: Array, y_pred: Array) -> Array:
        error = y_true.reshape(y_pred.shape).astype(np.float64) - y_pred
        return np.array([np.abs(error).sum(), error.size], np.float64)


class R2Score(Metric, aliases=("r2",)):
    """The share of the targets' variance that is explained: 1 is perfect, 0 is the mean.

    The mean over outputs, as Keras' ``R2Score`` and scikit-learn's ``r2_score``. Targets that
    are all alike give 1 if they are met and else 0, as in scikit-learn.
    """

    label, task = "R²", "regression"

    def add(self, state: State, y_true: Array, y_pred: Array) -> State:
        """A state holds one array (4, outputs): count, mean, squares around it, squared errors.

        Two of them are joined by Chan, Golub & LeVeque 1979, which keeps its digits where
        targets are far from zero.
        """
        y = y_true.reshape(-1, y_pred.shape[-1]).astype(np.float64)
        mean = y[0] + (y - y[0]).mean(axis=0)  # exact where all are alike
        around = np.square(y - mean).sum(axis=0)
        errors = np.square(y - y_pred.reshape(y.shape)).sum(axis=0)
        new = np.array([np.full_like(mean, len(y)), mean, around, errors])
        if not state:
            return (new,)
        count, before, around_before, errors_before = state[0]
        step, total = mean - before, count + len(y)
        return (
            np.array(
                [
                    total,
                    before + step * len(y) / total,
                    around_before + around + np.square(step) * count * len(y) / total,
                    errors_before + errors,
                ]
            ),
        )

    def result(self, state: State) -> float:
        if not state or state[0][0, 0] < 2:
            return float("nan")
        _, _, around, errors = state[0]
        explained = 1 - errors / np.where(around > 0, around, 1)
        return float(np.where(around > 0, explained, errors == 0).mean())
