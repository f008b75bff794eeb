"""Going on with a run that has ended, under the plan, data and network of now."""

from __future__ import annotations

import numpy as np

from engine.training.history import History
from engine.training.plan import Plan
from engine.training.state import RunState

MEASURES = ("metrics", "loss", "outputs")
"""The settings of a plan that say what is measured."""


def state_after(history: History) -> RunState:
    """Return the state after a run of which only its history is known, as one read from a file.

    Epochs, steps and seconds count on; the optimizer's moments and the callbacks begin anew.
    """
    epochs, seconds = history.column("epoch"), history.last("seconds") or 0.0
    epoch = int(epochs[-1]) if len(epochs) else 0
    return RunState(
        step=history.last_step,
        epoch=epoch,
        seconds=seconds,
        epoch_began=seconds,
        watched_from=epoch,
    )


def resumed(
    state: RunState,
    before: Plan,
    now: Plan,
    *,
    was_over: bool = False,
    same_data: bool = True,
    same_trained: bool = True,
) -> RunState:
    """Return a copy of ``state`` without the parts that no longer hold.

    With nothing changed, a run that was stopped goes on bit for bit as if it had not been.

    Args:
        before: the plan that the state belongs to.
        now: the plan to go on with.
        was_over: whether the run had come to its end; callbacks then watch anew, or one that
            ended the run would end it again at once.
        same_data: whether the samples are the same, in the same order.
        same_trained: whether the same weights are trained: see :class:`engine.network.Adopted`.
    """
    new = state.copy()
    if not keeps_moments(before, now, same_trained):
        new.moments, new.moment_steps = {}, 0
    if not (same_data and same_trained and _same_epoch(before, now)):
        new.batch, new.sums = 0, None
    if not (same_data and _same_measures(before, now)):
        new.history, was_over = [], True
    if was_over or before.callbacks != now.callbacks or not same_trained:
        new.watched_from, new.best = new.epoch, {}
    return new


def keeps_moments(before: Plan, now: Plan, same_trained: bool) -> bool:
    """Return whether the optimizer's moments still fit."""
    return same_trained and _moments(before) == _moments(now)


def last_epoch(done: int, plan: Plan) -> int:
    """Return the epoch to which a run goes on after ``done`` epochs.

    That is the plan's number of epochs, or as many more where they are done.
    """
    return plan.epochs if done < plan.epochs else done + plan.epochs


def _moments(plan: Plan) -> tuple[str, tuple[str, ...]]:
    """The kind of optimizer and the names of its moments, to which settings may add one."""
    return plan.optimizer.kind, tuple(plan.optimizer.start(np.zeros(1, np.float32)))


def _same_measures(before: Plan, now: Plan) -> bool:
    """Whether what was measured after each epoch can be compared with what will be."""
    return all(getattr(before, each) == getattr(now, each) for each in MEASURES)


def _same_epoch(before: Plan, now: Plan) -> bool:
    """Whether the rest of an epoch under way is what it would have been."""
    deciding = ("batch_size", "shuffle", "seed", "class_weights", *MEASURES)
    return all(getattr(before, each) == getattr(now, each) for each in deciding)
