"""The command palette: every command, by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.actions import COMMANDS, Needs
from engine.project.examples import find_example

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
K = Qt.Key


@pytest.fixture
def window(new_window, qtbot):
    window = new_window()
    window.open_example(find_example("digits"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=20_000)
    window.activateWindow()
    window.canvas.setFocus()
    return window


def opened(window):
    QTest.keyClick(window.canvas, K.Key_P, CTRL_SHIFT)
    assert window.commands.isVisible()
    return window.commands


def names(box):
    return [row.text for row in box.list.rows]


def test_every_command_is_offered_with_its_key(window):
    box = opened(window)
    role, model = Qt.ItemDataRole.AccessibleDescriptionRole, box.list.model()
    indexes = [model.index(row, 0) for row in range(model.rowCount())]
    offered = {index.data(): index.data(role) for index in indexes}
    assert set(offered) == {c.words for c in COMMANDS if c.name != "command_palette"}
    assert "Ctrl+D" in offered["Duplicate"]


def test_typing_and_enter_carry_a_command_out(window, qtbot):
    box = opened(window)
    QTest.keyClicks(box.field, "sel all")
    assert names(box)[0] == "Select all"
    QTest.keyClick(box.field, K.Key_Return)
    assert not box.isVisible()
    graph = window.document.project.graph
    qtbot.waitUntil(lambda: window.document.selection.nodes == set(graph.nodes))
    assert window.canvas.hasFocus()


def test_the_last_used_comes_first_and_is_remembered(window, qtbot):
    box = opened(window)
    QTest.keyClicks(box.field, "fit all")
    QTest.keyClick(box.field, K.Key_Return)
    assert names(opened(window))[0] == "Fit all"
    assert window.settings.recent_commands == ("fit_all",)


def test_what_cannot_be_done_now_says_why_and_stays(window):
    window.document.selection.clear()
    box = opened(window)
    QTest.keyClicks(box.field, "duplicate")
    assert box.words.text() == Needs.SELECTED
    QTest.keyClick(box.field, K.Key_Return)
    assert box.isVisible()
    assert window.document.undo_stack.count() == 0
    QTest.keyClick(box.field, K.Key_Escape)
    assert not box.isVisible()
    assert window.canvas.hasFocus()
    window.document.selection.set(["dense"])
    box = opened(window)
    QTest.keyClicks(box.field, "duplicate")
    assert not box.words.text().startswith("No layer")


def test_every_reason_is_said(window):
    """No command is refused without words, whatever state the window is in."""
    QGuiApplication.clipboard().setText("")
    window.document.selection.clear()
    window._refresh_actions()
    for command in COMMANDS:
        action = window.actions_[command.name]
        assert action.isEnabled() or window.actions_.why_not(command)


def test_nothing_found_is_said(window):
    box = opened(window)
    QTest.keyClicks(box.field, "zzzz")
    assert not box.list.rows
    QTest.keyClick(box.field, K.Key_Return)
    assert box.isVisible()


def test_the_menus_disable_what_cannot_be_done(window):
    menu = next(action.menu() for action in window.menuBar().actions() if action.text() == "&Edit")
    window.document.selection.clear()
    menu.aboutToShow.emit()
    assert not window.actions_["duplicate"].isEnabled()
    window.document.selection.set(["dense"])
    menu.aboutToShow.emit()
    assert window.actions_["duplicate"].isEnabled()


def test_the_exact_name_comes_first_and_what_can_be_done_before_what_cannot(window):
    box = opened(window)
    QTest.keyClicks(box.field, "start")
    found = box.list.rows
    assert found[0].text == "Start"
    starting = [bool(row.value.why_not) for row in found if row.text.startswith("Start ")]
    assert starting == sorted(starting)
    assert True in starting
    assert False in starting
