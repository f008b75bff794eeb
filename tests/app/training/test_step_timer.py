"""What a step takes: steps alone, the first ones left out."""

from __future__ import annotations

import pytest

from app.training.step_timer import WARM_UP, StepTimer
from engine.training import BatchDone


def batch(step: int, epoch: int, seconds: float) -> BatchDone:
    return BatchDone(step, epoch, step, 10, 32, seconds, 0.5)


def test_the_median_of_steps_after_the_first():
    timer = StepTimer()
    ends = [5.0, 9.0, 12.0, 12.01, 12.02, 12.03, 12.53]
    timer.add(batch(step + 1, 1, end) for step, end in enumerate(ends))
    assert WARM_UP == 3
    assert timer.seconds == pytest.approx(0.01)


def test_what_lies_between_epochs_is_no_step():
    timer = StepTimer()
    timer.add([batch(10, 1, 1.0), batch(11, 2, 9.0), batch(12, 2, 9.1)])
    assert timer.seconds == pytest.approx(0.1)


def test_before_two_steps_nothing_is_known():
    timer = StepTimer()
    timer.add([batch(10, 1, 1.0)])
    assert timer.seconds is None
