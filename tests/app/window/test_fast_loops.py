"""The status line says that fast loops are being prepared, and when they are ready."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.window.fast_loops import FAILED, PreparingLoops
from engine.training.fast_loops import FastLoops, State


class Loops(FastLoops):
    """Loops that are as far as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.is_stopped = False

    def start(self) -> State:
        self.state = State.PREPARING
        return self.state

    def look(self) -> State:
        return self.state

    def stop(self) -> None:
        self.is_stopped = True


@pytest.mark.parametrize(
    ("end", "said"), [(State.READY, "Fast loops are ready"), (State.FAILED, FAILED)]
)
def test_the_status_line_says_how_far_it_is(
    window: MainWindow, qtbot: QtBot, end: State, said: str
) -> None:
    loops, told = Loops(), []
    window.messages.informed.connect(told.append)
    preparing = PreparingLoops(loops, window.facts, window.session, window.messages, window)
    preparing.start()
    window.facts.setVisible(True)
    label = window.facts._preparing
    assert not label.isHidden()
    loops.state = end
    qtbot.waitUntil(label.isHidden)
    assert said in told[-1]
    preparing.stop()
    assert loops.is_stopped


def test_nothing_is_said_where_there_is_nothing_to_do(window: MainWindow) -> None:
    loops = FastLoops()
    loops.start = lambda: State.READY  # type: ignore[method-assign]
    preparing = PreparingLoops(loops, window.facts, window.session, window.messages, window)
    preparing.start()
    assert window.facts._preparing.isHidden()
