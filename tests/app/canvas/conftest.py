"""A canvas with a small network, and hands to use it with."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.canvas import CanvasView
from app.canvas.scene import CanvasScene
from app.document import Document
from engine.graph import Edge, Graph
from engine.layers import Add, Conv2D, Dense, Flatten
from engine.project import Project

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


class Hands:
    """Real mouse and key events on a canvas, aimed in scene coordinates."""

    def __init__(self, view: CanvasView) -> None:
        self.view = view
        self.messages: list[str] = []
        self.hints: list[str] = []
        view.message.connect(self.messages.append)
        view.hint.connect(self.hints.append)

    @property
    def doc(self) -> Document:
        return self.view.document

    @property
    def graph(self) -> Graph:
        return self.doc.project.graph

    @property
    def scene(self) -> CanvasScene:
        return self.view.canvas_scene

    def at(self, scene: QPointF) -> QPoint:
        return self.view.navigation.to_view(scene).toPoint()

    def middle(self, node: str) -> QPointF:
        return self.scene.nodes[node].card.center() + QPointF(20, -20)

    def output(self, node: str) -> QPointF:
        return self.scene.nodes[node].output

    def input(self, node: str, port: int = 0) -> QPointF:
        return self.scene.nodes[node].input(port)

    def click(self, where: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, keys, self.at(where))

    def double_click(self, where: QPointF) -> None:
        QTest.mouseDClick(self.view.viewport(), LEFT, NO_KEYS, self.at(where))

    def press(
        self, where: QPointF, keys: Qt.KeyboardModifier = NO_KEYS, button: Qt.MouseButton = LEFT
    ) -> None:
        QTest.mousePress(self.view.viewport(), button, keys, self.at(where))

    def move(
        self, where: QPointF, keys: Qt.KeyboardModifier = NO_KEYS, button: Qt.MouseButton = LEFT
    ) -> None:
        # QTest.mouseMove tells no buttons, so a drag would look like a hover.
        port, at = self.view.viewport(), QPointF(self.at(where))
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            port.mapToGlobal(at),
            Qt.MouseButton.NoButton,
            button,
            keys,
        )
        QApplication.sendEvent(port, event)

    def release(
        self, where: QPointF, keys: Qt.KeyboardModifier = NO_KEYS, button: Qt.MouseButton = LEFT
    ) -> None:
        QTest.mouseRelease(self.view.viewport(), button, keys, self.at(where))

    def drag(
        self,
        start: QPointF,
        end: QPointF,
        keys: Qt.KeyboardModifier = NO_KEYS,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.press(start, keys, button)
        for step in (0.3, 0.7, 1.0):
            self.move(start + (end - start) * step, keys, button)
        self.release(end, keys, button)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.keyClick(self.view, key, keys)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.view.adding.box.field, text)

    def drop(self, mime: QMimeData, where: QPointF, *, leave: bool = False) -> bool:
        """Drag something in from outside; whether the canvas took it."""
        port, at = self.view.viewport(), self.at(where)
        buttons = (Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS)
        enter = QDragEnterEvent(at, *buttons)
        enter.ignore()
        QApplication.sendEvent(port, enter)
        if not enter.isAccepted():
            return False
        QApplication.sendEvent(port, QDragMoveEvent(at, *buttons))
        if leave:
            QApplication.sendEvent(port, QDragLeaveEvent())
            return True
        drop = QDropEvent(QPointF(at), *buttons)
        QApplication.sendEvent(port, drop)
        return drop.isAccepted()


def small_project() -> Project:
    """input → conv → flatten → dense, and an Add that waits for wires."""
    graph = Graph.sequential(
        (8, 8, 1), [Conv2D(filters=4, kernel_size=3), Flatten(), Dense(units=10)]
    )
    graph, add = graph.add(Add())
    places = {id: (240.0 * column, 0.0) for column, id in enumerate(graph.nodes)}
    places[add] = (480.0, 200.0)
    return Project(graph=graph, positions=MappingProxyType(places))


@pytest.fixture
def view(qtbot: QtBot) -> CanvasView:
    made = CanvasView(Document(small_project()))
    made.document.setParent(made)
    qtbot.addWidget(made)
    made.resize(1400, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.setFocus()
    made.zoom_reset()
    made.centerOn(450, 100)
    return made


@pytest.fixture
def hands(view: CanvasView) -> Hands:
    return Hands(view)


class Told:
    """What screen readers were told, and how urgently."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.politeness: list[QAccessible.AnnouncementPoliteness] = []

    def take(self, event: QAccessibleAnnouncementEvent) -> None:
        self.said.append(event.message())
        self.politeness.append(event.politeness())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """A screen reader that listens."""
    listener = Told()
    monkeypatch.setattr("app.canvas.speaking.tell", listener.take)
    QAccessible.setActive(True)
    yield listener
    QAccessible.setActive(False)


def color_of(widget: QWidget, at: QPoint) -> QColor:
    """What is seen at a point of a widget, on a screen of any resolution."""
    picture = widget.grab().toImage()
    return picture.pixelColor((QPointF(at) * picture.devicePixelRatio()).toPoint())


def edge(source: str, target: str, port: int = 0) -> Edge:
    return Edge(source, target, port)


def focus(widget: QWidget) -> None:
    widget.activateWindow()
    widget.setFocus()
