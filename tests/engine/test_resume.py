"""Going on from a checkpoint, and what callbacks and schedules do to a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError, PlanError
from engine.graph import Graph
from engine.layers import Dense
from engine.network import Network
from engine.training import (
    BatchDone,
    EpochDone,
    Finished,
    Plan,
    RunState,
    read_checkpoint,
    train,
    write_checkpoint,
)
from engine.training.callbacks import EarlyStopping, KeepBest
from tests.engine.test_train import DATA, LINE, LINE_PLAN, line, mlp, plan, without_clock

ROUGH = plan(
    epochs=4,
    optimizer={"type": "Adam", "amsgrad": True, "clipnorm": 0.5, "learning_rate": 0.02},
    schedule={"type": "ReduceOnPlateau", "patience": 1, "min_delta": 1.0},
    callbacks=["KeepBest", {"type": "EarlyStopping", "patience": 3, "min_delta": 1.0}],
)


@pytest.mark.parametrize("after", [1, 5, 6, 8, 12, 13, 20])
def test_a_run_that_went_on_equals_one_that_was_never_interrupted(
    after: int, tmp_path: Path
) -> None:
    whole = mlp()
    expected = without_clock(list(train(whole, DATA, ROUGH)))
    first, state = mlp(), RunState()
    told = []
    for event in train(first, DATA, ROUGH, state=state):
        told.append(event)
        if len(told) == after:
            break
    path = tmp_path / "run.safetensors"
    write_checkpoint(path, first, state)
    second = mlp(seed=9)
    told += train(second, DATA, ROUGH, state=read_checkpoint(path, second))
    assert without_clock(told) == expected
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(second.weights[name], weight)


def test_a_copy_of_a_state_stays(tmp_path: Path) -> None:
    state = RunState()
    events = train(mlp(), DATA, plan(), state=state)
    next(events)
    copy = state.copy()
    list(events)
    assert (copy.step, state.step) == (1, 15)
    assert not np.array_equal(copy.moments["mean"], state.moments["mean"])


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    with pytest.raises(EngineError, match="There is no file"):
        read_checkpoint(path, mlp())
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(EngineError, match="cannot be read"):
        read_checkpoint(path, mlp())
    other = Network(Graph.sequential((4,), [Dense(units=3)]))
    write_checkpoint(path, other, RunState())
    with pytest.raises(EngineError):
        read_checkpoint(path, mlp())


def epochs_of(how: Plan, network: Network | None = None) -> tuple[list[EpochDone], Finished]:
    events = list(train(network or line(), LINE, how))
    end = events[-1]
    assert isinstance(end, Finished)
    return [event for event in events if isinstance(event, EpochDone)], end


def test_early_stopping_ends_the_run_and_says_why() -> None:
    still = {"type": "EarlyStopping", "patience": 2, "min_delta": 1e6}
    epochs, end = epochs_of(LINE_PLAN.changed(epochs=20, callbacks=[still]))
    # The first epoch is better than none.
    assert len(epochs) == 3
    assert (end.outcome, end.epochs) == ("completed", 3)
    assert "validation loss has not improved for 2 epochs" in end.note


@pytest.mark.parametrize("callback", ["KeepBest", {"type": "EarlyStopping", "patience": 50}])
def test_the_best_weights_come_back(callback: Any) -> None:
    """A rate that makes every epoch worse: the first epoch's weights must be there at the end."""
    how = LINE_PLAN.changed(epochs=4, optimizer={"type": "SGD", "learning_rate": 2.0})
    one, many = line(), line()
    epochs_of(how.changed(epochs=1), one)
    epochs, _ = epochs_of(how.changed(callbacks=[callback]), many)
    losses = [epoch.train["loss"] for epoch in epochs]
    assert losses[0] == min(losses)
    for name, weight in one.weights.items():
        np.testing.assert_array_equal(many.weights[name], weight)


def test_higher_is_better_for_accuracy() -> None:
    how = plan(epochs=30, callbacks=[{"type": "KeepBest", "monitor": "validation accuracy"}])
    network = mlp()
    events = list(train(network, DATA, how))
    best = max(event.validation["accuracy"] for event in events if isinstance(event, EpochDone))
    found = np.mean(network.predict(DATA.validation.x).argmax(1) == DATA.validation.y)
    assert found == pytest.approx(best)


def test_what_nobody_measures_cannot_be_watched() -> None:
    how = LINE_PLAN.changed(callbacks=[{"type": "KeepBest", "monitor": "validation accuracy"}])
    with pytest.raises(PlanError, match="KeepBest watches 'validation accuracy'"):
        next(iter(train(line(), LINE, how)))


def test_the_rate_that_was_used_is_told() -> None:
    how = LINE_PLAN.changed(schedule={"type": "StepDecay", "every": 2, "factor": 0.5})
    events = list(train(line(), LINE, how))
    rates = [event.learning_rate for event in events if isinstance(event, BatchDone)]
    assert rates == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125, 0.00625]
    last = [event.learning_rate for event in events if isinstance(event, EpochDone)]
    assert last == rates[2::3]


def test_the_rate_falls_on_a_plateau() -> None:
    schedule = {"type": "ReduceOnPlateau", "patience": 1, "min_delta": 1e6}
    epochs, _ = epochs_of(LINE_PLAN.changed(epochs=4, schedule=schedule))
    assert [epoch.learning_rate for epoch in epochs] == pytest.approx([0.1, 0.1, 0.01, 0.001])


def test_a_run_that_diverges_says_in_which_layer() -> None:
    network = mlp()
    network.weights["dense_1/kernel"][0, 0] = np.nan
    end = list(train(network, DATA, plan()))[-1]
    assert isinstance(end, Finished)
    assert end.outcome == "diverged"
    assert "epoch 1, batch 1, first at dense_1" in end.note


def test_an_epoch_without_a_number_is_never_best() -> None:
    """As the ROC AUC of a validation part with a single class: NaN, and the next may be best."""
    nan = float("nan")
    for callback in (KeepBest(), EarlyStopping(patience=9)):
        found = [callback.is_best([nan, 0.5, nan, 0.7, 0.4][:count]) for count in range(1, 6)]
        assert found == [False, True, False, False, True]
