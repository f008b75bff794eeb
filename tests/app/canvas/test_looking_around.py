"""Pan and zoom: Space and drag, two fingers, pinch, wheel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

K = Qt.Key
NO_KEYS, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def seen_at(hands, view: QPointF) -> QPointF:
    return hands.view.navigation.to_scene(view)


def test_space_and_drag_pan(hands):
    start, corner = QPointF(400, 300), QPointF(0, 0)
    before = seen_at(hands, corner)
    QTest.keyPress(hands.view, K.Key_Space)
    assert hands.view.viewport().cursor().shape() == Qt.CursorShape.OpenHandCursor
    at = seen_at(hands, start)
    hands.press(at)
    port = hands.view.viewport()
    assert port.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    hands.move(at + QPointF(120, 50))
    hands.release(seen_at(hands, start + QPointF(120, 50)))
    QTest.keyRelease(hands.view, K.Key_Space)
    way = before - seen_at(hands, corner)
    assert (way.x(), way.y()) == (120, 50)
    assert not hands.view.adding.box.isVisible()
    assert port.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert hands.doc.undo_stack.count() == 0


def test_space_over_a_node_pans_too(hands):
    """What is under the cursor is not moved while Space is held."""
    QTest.keyPress(hands.view, K.Key_Space)
    start = hands.middle("conv2d")
    hands.press(start)
    hands.move(start + QPointF(80, 0))
    hands.release(start)
    QTest.keyRelease(hands.view, K.Key_Space)
    assert hands.doc.undo_stack.count() == 0
    assert not hands.doc.selection.nodes


def test_a_tap_on_space_over_nothing_searches(hands):
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(QPointF(100, 300))))
    hands.key(K.Key_Space)
    box = hands.view.adding.box
    assert box.isVisible()
    QTest.keyClick(box.field, K.Key_Escape)
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(hands.middle("conv2d"))))
    hands.key(K.Key_Space)
    assert not box.isVisible()


def scroll(hands, pixels: QPoint, angle: QPoint, phase: Qt.ScrollPhase, keys=NO_KEYS) -> None:
    at = QPointF(300, 200)
    port = hands.view.viewport()
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(at, port.mapToGlobal(at), pixels, angle, none, keys, phase, False)
    QApplication.sendEvent(port, event)


def test_two_fingers_pan(hands):
    before, zoom = seen_at(hands, QPointF()), hands.view.zoom
    scroll(hands, QPoint(30, -40), QPoint(30, -40), Qt.ScrollPhase.ScrollUpdate)
    way = before - seen_at(hands, QPointF())
    assert (way.x(), way.y()) == (30, -40)
    assert hands.view.zoom == zoom


def test_two_fingers_with_ctrl_zoom(hands):
    fixed = seen_at(hands, QPointF(300, 200))
    scroll(hands, QPoint(0, 40), QPoint(0, 120), Qt.ScrollPhase.ScrollUpdate, CTRL)
    assert hands.view.zoom == pytest.approx(1.2)
    away = seen_at(hands, QPointF(300, 200)) - fixed
    assert abs(away.x()) + abs(away.y()) < 2


def test_a_tilted_wheel_pans_sideways(hands):
    before = seen_at(hands, QPointF())
    scroll(hands, QPoint(), QPoint(120, 0), Qt.ScrollPhase.NoScrollPhase)
    assert before.x() - seen_at(hands, QPointF()).x() == 60


def test_a_pinch_zooms_where_the_fingers_are(hands):
    at = QPointF(300, 200)
    port = hands.view.viewport()
    fixed = seen_at(hands, at)
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        port.mapToGlobal(at),
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(port, event)
    assert hands.view.zoom == pytest.approx(1.5)
    away = seen_at(hands, at) - fixed
    assert abs(away.x()) + abs(away.y()) < 2


def test_a_gesture_goes_on_while_the_wheel_turns(hands):
    """The dragged node stays under the cursor."""
    start = hands.middle("conv2d")
    hands.press(start)
    hands.move(start + QPointF(60, 60))
    scroll(hands, QPoint(), QPoint(0, 120), Qt.ScrollPhase.NoScrollPhase)
    assert hands.view.zoom == pytest.approx(1.2)
    assert hands.view.has_gesture
    hands.key(K.Key_Escape)
    assert hands.doc.undo_stack.count() == 0


def test_leaving_the_canvas_lets_go_of_space(hands):
    QTest.keyPress(hands.view, K.Key_Space)
    hands.view.clearFocus()
    QApplication.sendEvent(hands.view, QEvent(QEvent.Type.Leave))
    hands.drag(hands.middle("conv2d"), hands.middle("conv2d") + QPointF(0, 60))
    assert hands.doc.undo_stack.count() == 1
