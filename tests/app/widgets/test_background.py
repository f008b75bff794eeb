"""Work in a thread: what is told, how it is broken off, how threads take turns meanwhile."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from time import sleep

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.widgets.background import Background
from app.widgets.work_dialog import WorkDialog
from engine.compiled.notice import PREPARING
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


def test_waiting_for_loops_is_told(qtbot: QtBot, background: Background) -> None:
    loop = pytest.importorskip("numba").njit(lambda x: x + 1)
    go_on = threading.Event()

    def work(progress: Progress) -> Generator[object, None, None]:
        loop(1)
        go_on.wait(10)
        yield "first"
        yield "second"

    told: list[bool] = []
    background.preparing.connect(told.append)
    with qtbot.waitSignal(background.preparing, timeout=TIMEOUT):
        background.start(work)
    assert told == [True]
    with qtbot.waitSignal(background.ended, timeout=TIMEOUT):
        go_on.set()
    assert told == [True, False]


class Slow(WorkDialog):
    """Waits for a loop, and then for the test."""

    def __init__(self, loop: Callable[[int], int]) -> None:
        super().__init__("Slow", "Working…")
        self.loop, self.go_on = loop, threading.Event()
        self._lay_out("It waits.", QWidget(), QSize(300, 200))

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        self.loop(1)
        self.go_on.wait(10)
        yield "first"

    def _add(self, found: list[object]) -> None:
        pass

    def _finish(self) -> None:
        self.outcome.setText("Done.")


def test_a_dialog_says_what_it_waits_for(qtbot: QtBot) -> None:
    dialog = Slow(pytest.importorskip("numba").njit(lambda x: x + 1))
    qtbot.addWidget(dialog)
    assert dialog.outcome.text() == "Working…"
    dialog.start()
    qtbot.waitUntil(lambda: dialog.outcome.text() == PREPARING, timeout=TIMEOUT)
    dialog.go_on.set()
    qtbot.waitUntil(lambda: dialog.outcome.text() == "Done.", timeout=TIMEOUT)
