"""Steering a run from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from engine.training import Control, Look

LOOK = Look(np.zeros((1, 2)))


def test_a_run_goes_on_by_itself() -> None:
    control = Control()
    assert control.wait_for_leave() is True
    assert not control.is_paused


def test_stopping_wins() -> None:
    control = Control()
    control.pause()
    control.step()
    control.look(LOOK)
    control.stop()
    assert control.wait_for_leave() is False
    assert control.wait_for_leave() is False


def test_every_step_is_one_batch() -> None:
    control = Control()
    control.step()
    control.step()
    assert control.is_paused
    assert control.wait_for_leave() is True
    assert control.wait_for_leave() is True
    control.look(LOOK)
    assert control.wait_for_leave() is None, "both steps are taken; only the look waits"


def test_a_newer_wish_replaces_the_older() -> None:
    control, newer = Control(), Look(np.ones((1, 2)), ("dense",))
    control.look(LOOK)
    control.look(newer)
    assert control.take_look() is newer
    assert control.take_look() is None


def test_a_look_does_not_hold_up_a_run() -> None:
    control = Control()
    control.look(LOOK)
    assert control.wait_for_leave() is True
    assert control.take_look() is LOOK


@pytest.mark.parametrize(
    ("wake", "answer"),
    [
        (Control.resume, True),
        (Control.step, True),
        (Control.stop, False),
        (lambda control: control.look(LOOK), None),
    ],
)
def test_a_paused_run_wakes_up(wake: Callable[[Control], None], answer: bool | None) -> None:
    control = Control()
    control.pause()
    answers: list[bool | None] = []
    worker = threading.Thread(target=lambda: answers.append(control.wait_for_leave()))
    worker.start()
    worker.join(0.05)
    assert worker.is_alive(), "a paused run waits"
    assert control.is_paused
    wake(control)
    worker.join(10)
    assert answers == [answer]


def test_resuming_forgets_no_pause_that_follows() -> None:
    control = Control()
    control.pause()
    control.resume()
    assert control.wait_for_leave() is True
    control.pause()
    assert control.is_paused


def test_steps_that_were_not_taken_do_not_outlive_a_resume() -> None:
    control = Control()
    control.step()
    control.step()
    control.resume()
    assert control.wait_for_leave() is True
    control.pause()
    control.look(LOOK)
    assert control.wait_for_leave() is None, "a pause after resuming is a pause"
