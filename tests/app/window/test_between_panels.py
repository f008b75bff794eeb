"""From the canvas to the settings and back, by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.project.examples import find_example

K = Qt.Key


def has_focus(panel):
    focused = QApplication.focusWidget()
    return focused is not None and panel.isAncestorOf(focused)


def test_enter_goes_to_the_settings_and_a_key_back(new_window, qtbot):
    window = new_window()
    window.open_example(find_example("digits-cnn"))
    window.activateWindow()
    window.canvas.setFocus()
    window.docks["problems"].raise_()
    window.document.selection.set(["conv2d"])
    QTest.keyClick(window.canvas, K.Key_Return)
    form = window.inspector.node_view.form
    qtbot.waitUntil(lambda: has_focus(form))
    focused = QApplication.focusWidget()
    QTest.keyClick(focused, K.Key_F4)
    assert window.canvas.hasFocus()
    window.document.selection.set(["flatten"])
    QTest.keyClick(window.canvas, K.Key_Return)
    qtbot.waitUntil(lambda: has_focus(window.inspector.node_view))


def test_reduced_motion_is_remembered(new_window):
    window = new_window()
    assert not window.actions_["reduce_motion"].isChecked()
    window.actions_["reduce_motion"].trigger()
    assert not window.canvas.moves
    window.settings.flush()
    again = new_window()
    assert again.actions_["reduce_motion"].isChecked()
    assert not again.canvas.moves
