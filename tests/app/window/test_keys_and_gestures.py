"""The page of keys and gestures is made from the tables, and the tables are complete."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.actions import COMMANDS, native
from app.canvas import cutting, key_wiring, laying_out, moving, placing, rewiring, sizing, wiring
from app.canvas.gesture import Gesture as GestureObject
from app.gestures import GESTURES
from app.window.shortcuts import ShortcutsDialog

MODULES = (cutting, key_wiring, laying_out, moving, placing, rewiring, sizing, wiring)


def kinds(base: type) -> set[type]:
    found = set(base.__subclasses__())
    return found.union(*(kinds(each) for each in found))


def test_every_gesture_is_in_the_table() -> None:
    assert MODULES
    made = {each.__name__ for each in kinds(GestureObject) if each.__module__.startswith("app.")}
    assert made == {each.by for each in GESTURES if each.by}


def test_every_gesture_has_a_quick_tip() -> None:
    for each in kinds(GestureObject):
        if each.__module__.startswith("app."):
            # Some count their wires first, or glide for a moment only.
            own = each.__name__ in ("RewireGesture", "LayoutGesture")
            assert each.words or own, each


def test_every_key_and_every_gesture_is_on_the_page(qtbot) -> None:
    page = ShortcutsDialog()
    qtbot.addWidget(page)
    page.show()
    for command in COMMANDS:
        assert ((command.words, native(command.keys)) in page.shown) == bool(command.keys)
    for gesture in GESTURES:
        assert (gesture.what, gesture.how) in page.shown
    assert len(page.shown) == len(GESTURES) + sum(bool(each.keys) for each in COMMANDS)


def test_typing_filters(qtbot) -> None:
    page = ShortcutsDialog()
    qtbot.addWidget(page)
    page.show()
    QTest.keyClicks(page.field, "cut")
    assert page.shown
    assert all("cut" in " ".join(row).casefold() for row in page.shown)
    QTest.keyClicks(page.field, "xyz")
    assert page.shown == []
    assert page._nothing.isVisible()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_it_is_opened_from_the_help_menu(new_window) -> None:
    window = new_window()
    window.actions_["shortcuts"].trigger()
    assert window.findChild(ShortcutsDialog).isVisible()
