"""A stopped run goes on as if it had not been; what no longer holds begins anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.network import Network
from engine.training import BatchDone, EpochDone, Event, Plan, RunState, train
from engine.training.callbacks import EarlyStopping
from engine.training.history import History
from engine.training.resuming import last_epoch, resumed, state_after
from tests.engine.test_train import DATA, mlp, plan, without_clock


def stopped(how: Plan, after: int) -> tuple[Network, RunState, list[Event]]:
    """A run that was left after so many events."""
    network, state, told = mlp(), RunState(), list[Event]()
    for event in train(network, DATA, how, state=state):
        told.append(event)
        if len(told) == after:
            break
    return network, state, told


@pytest.mark.parametrize("after", [1, 4, 8, 9])
def test_with_nothing_changed_the_run_is_the_one_that_was_not_stopped(after: int) -> None:
    how = plan(epochs=4, schedule="CosineDecay")
    whole = mlp()
    expected = without_clock(list(train(whole, DATA, how)))
    network, state, told = stopped(how, after)
    told += train(network, DATA, how, state=resumed(state, how, how))
    assert without_clock(told) == expected
    np.testing.assert_array_equal(network.trained, whole.trained)


def test_another_rate_keeps_the_moments_and_another_optimizer_does_not() -> None:
    how = plan(epochs=4)
    _, state, _ = stopped(how, 3)
    faster = how.changed(optimizer=how.optimizer.changed(learning_rate=0.5))
    kept = resumed(state, how, faster)
    assert kept.moments.keys() == state.moments.keys()
    assert kept.moment_steps == state.moment_steps == 3
    for other in ({"type": "RMSprop"}, {"type": "Adam", "amsgrad": True}):
        new = resumed(state, how, Plan.parse({**how.to_json(), "optimizer": other}))
        assert (new.moments, new.moment_steps) == ({}, 0)
        assert (new.step, new.epoch, new.batch) == (state.step, state.epoch, state.batch)


def test_new_moments_begin_with_their_own_bias_correction() -> None:
    """Adam's first step moves each weight by the rate, wherever the run is."""
    how = plan(epochs=4, optimizer={"type": "Adam", "learning_rate": 0.01})
    network, state, _ = stopped(how, 3)
    state.moments, state.moment_steps = {}, 0
    before = network.trained.copy()
    next(iter(train(network, DATA, how, state=state)))
    moved = np.abs(network.trained - before)
    assert moved.max() == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize(
    "change", [{"batch_size": 7}, {"seed": 4}, {"shuffle": False}, {"metrics": ()}]
)
def test_an_epoch_that_would_be_another_begins_again(change: dict[str, Any]) -> None:
    how = plan(epochs=4)
    network, state, _ = stopped(how, 3)
    assert state.batch == 3
    now = how.changed(**change)
    new = resumed(state, how, now)
    assert (new.batch, new.sums, new.epoch) == (0, None, state.epoch)
    told = list(train(network, DATA, now, state=new))
    assert [each.epoch for each in told if isinstance(each, EpochDone)] == [1, 2, 3, 4]
    assert isinstance(told[0], BatchDone)
    assert (told[0].batch, told[0].step) == (1, 4)


def test_a_run_that_ended_early_watches_anew() -> None:
    stopping = EarlyStopping(patience=1, min_delta=100.0)
    how = plan(epochs=9, callbacks=(stopping.to_json(),))
    network, state = mlp(), RunState()
    list(train(network, DATA, how, state=state))
    assert state.epoch == 2
    told = list(train(network, DATA, how, state=resumed(state, how, how, was_over=True)))
    assert [each.epoch for each in told if isinstance(each, EpochDone)] == [3, 4]
    again = list(train(network, DATA, how, state=resumed(state, how, how)))
    assert not [each for each in again if isinstance(each, EpochDone)], "it ends at once"


def test_after_a_history_alone_epochs_and_steps_count_on() -> None:
    how = plan(epochs=2)
    history = History()
    network = mlp()
    for event in train(network, DATA, how):
        if isinstance(event, BatchDone):
            history.add_batches([event])
        elif isinstance(event, EpochDone):
            history.add_epoch(event)
    state = state_after(History.parse(history.to_json()))
    more = how.changed(epochs=last_epoch(state.epoch, how))
    told = list(train(network, DATA, more, state=state))
    batches = [each for each in told if isinstance(each, BatchDone)]
    assert batches[0].step == history.last_step + 1
    assert batches[0].seconds > (history.last("seconds") or 0)
    assert [each.epoch for each in told if isinstance(each, EpochDone)] == [3, 4]


@pytest.mark.parametrize(("done", "epochs", "last"), [(0, 5, 5), (3, 5, 5), (5, 5, 10), (7, 5, 12)])
def test_a_run_goes_on_to_the_plan_or_as_long_again(done: int, epochs: int, last: int) -> None:
    assert last_epoch(done, plan(epochs=epochs)) == last
