"""The cycle collector works from a timer, and goes back to Python afterwards."""

from __future__ import annotations

import gc
import weakref

from pytestqt.qtbot import QtBot

from app.gui_gc import GuiGarbage


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


def test_python_gets_its_collector_back(qtbot: QtBot) -> None:
    was_enabled = gc.isenabled()
    with GuiGarbage():
        pass
    assert gc.isenabled() == was_enabled
    assert gc.get_freeze_count() == 0
