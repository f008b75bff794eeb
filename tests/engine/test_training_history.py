"""The course of a run: bounded, readable, and the same after writing and reading."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import ProjectError
from engine.training import BatchDone, EpochDone
from engine.training.history import History, LossTrail
from engine.training.record import RunRecord


def course(epochs: int) -> History:
    history = History()
    for epoch in range(1, epochs + 1):
        history.add_batches([BatchDone(epoch, epoch, 1, 1, 8, 0.1, 1 / epoch)])
        validation = {"loss": 2.0} if epoch > 1 else {}
        history.add_epoch(
            EpochDone(epoch, epochs, epoch, {"loss": 1 / epoch}, validation, 0.1, 9.0)
        )
    return history


def test_a_long_trail_is_thinned_to_means() -> None:
    trail = LossTrail(limit=64)
    steps = np.arange(1.0, 1001.0)
    for part in np.split(steps, [1, 2, 10, 500, 700]):
        trail.extend(part, part)
    assert len(trail) < 64
    assert trail.stride == 16
    np.testing.assert_allclose(trail.steps, np.arange(1, len(trail) + 1) * trail.stride)
    np.testing.assert_allclose(trail.losses, trail.steps - (trail.stride - 1) / 2)


def test_columns_keep_step_with_epochs() -> None:
    history = course(3)
    np.testing.assert_array_equal(history.column("epoch"), [1, 2, 3])
    np.testing.assert_array_equal(history.column("validation/loss"), [np.nan, 2, 2])
    assert history.last("train/loss") == pytest.approx(1 / 3)
    assert history.best("train/loss", higher=False) == pytest.approx(1 / 3)
    assert history.last("train/accuracy") is None
    assert history.measures == ("loss",)


def test_it_is_the_same_after_writing_and_reading() -> None:
    history = course(4)
    history.add_batches([BatchDone(5, 5, 1, 1, 8, 0.1, float("nan"))])
    text = json.dumps(history.to_json(), allow_nan=False)
    again = History.parse(json.loads(text))
    assert json.dumps(again.to_json()) == text
    assert again.last_step == history.last_step == 5


def test_a_copy_is_added_to_alone() -> None:
    history = course(4)
    history.test = {"loss": 0.5}
    history.record = RunRecord(data="iris", loops=("plain",))
    longer = history.going_on(RunRecord(data="wine"))
    assert (longer.record.data, longer.record.loops) == ("wine", ("plain",))
    assert longer.test == {}
    longer.add_batches([BatchDone(5, 5, 1, 1, 8, 0.1, 0.2)])
    longer.add_epoch(EpochDone(5, 8, 5, {"loss": 0.1}, {}, 0.1, 9.0))
    assert longer.column("epoch").tolist() == [1, 2, 3, 4, 5]
    assert (len(history), len(history.trail), history.test) == (4, 4, {"loss": 0.5})


@pytest.mark.parametrize(
    "bad",
    [None, [], {}, {"columns": 3}, {"columns": {"epoch": ["x"]}}, {"columns": {"epoch": [1]}}],
)
def test_something_else_is_refused_in_words(bad: object) -> None:
    with pytest.raises(ProjectError):
        History.parse(bad)
