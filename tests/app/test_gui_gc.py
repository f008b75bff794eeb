"""The cycle collector works from a timer, and goes back to Python afterwards."""

from __future__ import annotations

import gc
import sys
import weakref
from types import ModuleType

import pytest
from pytestqt.qtbot import QtBot

from app.gui_gc import BUSY_MS, INTERVAL_MS, MANY_MODULES, GuiGarbage


class Knot:
    """Garbage that only the cycle collector can free."""

    def __init__(self) -> None:
        self.me = self


def test_garbage_is_collected_by_the_timer(qtbot: QtBot) -> None:
    with GuiGarbage():
        assert not gc.isenabled()
        knot = weakref.ref(Knot())
        assert knot() is not None
        litter: list[list[int]] = []

        def is_gone() -> bool:
            # What dies elsewhere is counted against what is new, so keep making more.
            litter.extend([] for _ in range(gc.get_threshold()[0]))
            return knot() is None

        qtbot.waitUntil(is_gone, timeout=30_000)


def test_nothing_is_due_without_garbage(qtbot: QtBot) -> None:
    with GuiGarbage() as garbage:
        gc.collect()
        assert garbage.collect_if_due() is None


def test_while_much_is_made_looks_and_pauses_are_short(qtbot: QtBot) -> None:
    with GuiGarbage() as garbage:
        gc.collect()
        litter: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
        assert garbage.collect_if_due() is not None
        assert garbage._timer.interval() == BUSY_MS
        assert litter
        gc.collect()
        assert garbage.collect_if_due() is None
        assert garbage._timer.interval() == INTERVAL_MS


def test_what_a_package_brings_along_is_left_alone(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GuiGarbage() as garbage:
        before = gc.get_freeze_count()
        types = [Knot() for _ in range(500)]
        garbage.collect_if_due()
        assert gc.get_freeze_count() <= before
        for number in range(MANY_MODULES + 1):
            monkeypatch.setitem(sys.modules, f"imported_{number}", ModuleType("imported"))
        garbage.collect_if_due()
        assert gc.get_freeze_count() >= before + len(types)


def test_python_gets_its_collector_back(qtbot: QtBot) -> None:
    was_enabled = gc.isenabled()
    with GuiGarbage():
        pass
    assert gc.isenabled() == was_enabled
    assert gc.get_freeze_count() == 0
