"""The help window and the quick tips."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.actions import Needs
from engine.project.examples import find_example

K = Qt.Key


@pytest.fixture
def window(new_window):
    window = new_window()
    window.open_example(find_example("digits-cnn"))
    window.activateWindow()
    window.canvas.setFocus()
    return window


def hover(canvas, scene):
    at = QPointF(canvas.navigation.to_view(scene).toPoint())
    none = Qt.MouseButton.NoButton
    port = canvas.viewport()
    where = port.mapToGlobal(at)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(port, event)


def test_a_key_opens_the_page_of_the_selected_layer(window):
    window.document.selection.set(["conv2d"])
    QTest.keyClick(window.canvas, K.Key_F1)
    assert window.helping.layer_help.isVisible()
    assert "Slides learned windows" in window.helping.layer_help.page.toPlainText()
    window.activateWindow()
    window.document.selection.set(["dropout"])
    QTest.keyClick(window.canvas, K.Key_F1)
    assert window.helping.layer_help.kind == "Dropout"
    QTest.keyClick(window.helping.layer_help, K.Key_Escape)
    assert not window.helping.layer_help.isVisible()


def test_without_a_layer_it_says_what_to_do(window):
    QTest.keyClick(window.canvas, K.Key_F1)
    assert not window.helping.layer_help.isVisible()
    assert window.statusBar().currentMessage() == Needs.ONE


def test_tips_follow_the_cursor_but_leave_a_message_alone(window):
    canvas, bar = window.canvas, window.statusBar()
    canvas.zoom_reset()
    canvas.center_on("conv2d")
    items = canvas.canvas_scene.nodes
    hover(canvas, items["conv2d"].card.center())
    assert "F1 shows help" in bar.currentMessage()
    hover(canvas, items["conv2d"].output)
    assert "Ctrl+drag" in bar.currentMessage()
    hover(canvas, items["conv2d"].card.center() + QPointF(0, 150))
    assert bar.currentMessage() == ""
    canvas.message.emit("This would be a loop.")
    hover(canvas, items["conv2d"].card.center())
    assert bar.currentMessage() == "This would be a loop."
    canvas.hint.emit("Drag to pan")
    assert bar.currentMessage() == "Drag to pan"
