"""How well outputs put samples in order, whatever the threshold."""

from __future__ import annotations

import numpy as np

from engine.activations import Softmax
from engine.arrays import Array
from engine.metrics.base import Metric, State
from engine.spec import setting

MAX_SCORES = 2**21
"""So many scores are kept, over all classes: 24 bytes each."""


class AUC(Metric, aliases=("roc_auc",)):
    """The area under the ROC curve: how likely a sample of the class scores above another.

    Ties count one half. With several classes the mean over them, each against the rest
    (``macro``, ``ovr`` in scikit-learn); classes that do not occur, or alone do, are left out.
    Hanley & McNeil 1982.

    It is exact, as in scikit-learn: scores are kept, where ``keras.metrics.AUC`` sorts them into
    200 bins. Beyond ``MAX_SCORES`` of them (samples times classes) neighbors in rank are taken
    together as ties: with n pairs of neighbors kept per class, of which p is the share of the
    positive, that is at most 1 / (8 n p (1 - p)) from the exact area.
    """

    label = "ROC AUC"
    from_logits: bool = setting(
        False,
        label="From logits",
        help="Apply softmax first; with a single output it makes no difference.",
    )

    def add(self, state: State, y_true: Array, y_pred: Array) -> State:
        """Append the batch: a state's arrays are (classes, scores, 3).

        The three are a score, and how many samples of the class and of others had it.
        """
        state = (*state, self._scored(y_true, y_pred))
        # As in a binary counter, so that each score is copied a few times only.
        while len(state) > 1 and state[-2].shape[1] <= state[-1].shape[1]:
            state = (*state[:-2], np.concatenate(state[-2:], axis=1))
        while sum(len(each) * each.shape[1] for each in state) > MAX_SCORES:
            state = (_halved(np.concatenate(state, axis=1)),)
        return state

    def _scored(self, y_true: Array, y_pred: Array) -> Array:
        rows = y_pred.reshape(-1, y_pred.shape[-1]).astype(np.float64)
        if self.from_logits and rows.shape[1] > 1:
            rows = Softmax().forward(rows)
        classes = np.arange(rows.shape[1])
        if len(classes) <= 2:  # the second is enough: the first would say the same
            rows, classes = rows[:, -1:], np.array([1])
        positive = y_true.reshape(1, -1) == classes[:, None]
        return np.stack([rows.T, positive, ~positive], axis=2)

    def result(self, state: State) -> float:
        if not state:
            return float("nan")
        areas = np.array([_area(*each.T) for each in np.concatenate(state, axis=1)])
        known = areas[np.isfinite(areas)]
        return float(known.mean()) if len(known) else float("nan")

    def for_logits(self, outputs: int) -> Metric:
        return self.changed(from_logits=True) if outputs > 1 else self


def _area(scores: Array, positive: Array, negative: Array) -> float:
    """The area for one class: of its (n,) scores, and how many samples had each."""
    if not positive.any() or not negative.any() or not np.isfinite(scores).all():
        return float("nan")
    order = np.argsort(scores)
    scores, positive, negative = scores[order], positive[order], negative[order]
    starts = np.flatnonzero(np.append(True, scores[1:] > scores[:-1]))
    positive, negative = np.add.reduceat(positive, starts), np.add.reduceat(negative, starts)
    # Integers and halves: exact below 2**53 pairs.
    below = np.cumsum(negative) - negative / 2
    return float(positive @ below / (positive.sum() * negative.sum()))


def _halved(table: Array) -> Array:
    """Half as many scores (classes, n / 2, 3): each two neighbors in rank become one."""
    order = np.argsort(table[:, :, 0], axis=1)
    table = np.take_along_axis(table, order[:, :, None], axis=1)
    pairs = table.shape[1] // 2
    merged = table[:, : 2 * pairs].reshape(len(table), pairs, 2, 3)
    both = np.concatenate([merged[:, :, 0, :1], merged[:, :, :, 1:].sum(axis=2)], axis=2)
    return np.concatenate([both, table[:, 2 * pairs :]], axis=1)
