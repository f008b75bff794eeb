"""Work in a thread: what is told, how it is broken off, how threads take turns meanwhile."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from time import sleep

import pytest
from pytestqt.qtbot import QtBot

from app.widgets.background import Background
from engine.errors import Cancelled
from engine.progress import Progress

TIMEOUT = 20_000


class Endless:
    """Goes on until it is told to stop."""

    def __init__(self) -> None:
        self.began = threading.Event()

    def work(self, progress: Progress) -> Generator[object, None, None]:
        yield "first"
        self.began.set()
        while True:
            progress(1, 2, "turns")
            sleep(0.001)


def three(progress: Progress) -> Generator[object, None, None]:
    for number in range(3):
        progress(number, 3, "numbers")
        yield number


@pytest.fixture
def background(qtbot: QtBot) -> Background:
    return Background()


def test_all_finds_come_in_order_and_the_end_last(qtbot: QtBot, background: Background) -> None:
    told: list[object] = []
    background.found.connect(told.extend)
    background.ended.connect(told.append)
    with qtbot.waitSignal(background.ended, timeout=TIMEOUT):
        background.start(three)
    assert told == [0, 1, 2, None]
    assert not background.is_working


def test_it_can_be_cancelled(qtbot: QtBot, background: Background) -> None:
    endless = Endless()
    with qtbot.waitSignal(background.ended, timeout=TIMEOUT) as end:
        background.start(endless.work)
        assert endless.began.wait(10)
        background.cancel()
    assert isinstance(end.args[0], Cancelled)


def test_shut_down_it_tells_nothing_more(background: Background) -> None:
    told: list[object] = []
    background.found.connect(told.append)
    background.ended.connect(told.append)
    endless = Endless()
    background.start(endless.work)
    assert endless.began.wait(10)
    background.shutdown()
    assert not told
    assert not background.is_working
    assert "background" not in [each.name for each in threading.enumerate()]


def test_threads_take_turns_often_until_the_last_work_has_ended(qtbot: QtBot) -> None:
    before = sys.getswitchinterval()
    works = [(Background(), Endless()) for _ in range(2)]
    for background, endless in works:
        background.start(endless.work)
    works[0][0].shutdown()
    assert sys.getswitchinterval() < before
    works[1][0].shutdown()
    assert sys.getswitchinterval() == before
