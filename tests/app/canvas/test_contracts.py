"""What holds for every command and every gesture of the canvas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from app.actions import COMMANDS, Needs
from app.canvas.gesture import Gesture
from app.document import edits
from app.widgets.layer_drag import mime_of
from engine.graph import Edge
from engine.project import Frame, project_to_text
from tests.app.canvas.conftest import Hands

CTRL = Qt.KeyboardModifier.ControlModifier
RIGHT, MIDDLE = Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton

CANVAS = [command for command in COMMANDS if command.on_canvas]


def prepare(hands: Hands, needs: Needs) -> None:
    """Select what a command needs, among nodes that are out of line."""
    doc = hands.doc
    places = {id: (x, 37.0 * n) for n, (id, (x, _)) in enumerate(doc.project.positions.items())}
    project, mark = edits.add_mark(edits.move_nodes(doc.project, places), Frame(text="Stem"))
    doc.do("prepare", project)
    doc.selection.set(["conv2d"])
    hands.key(Qt.Key.Key_C, CTRL)
    match needs:
        case Needs.WIRE:
            doc.selection.set(edges=[Edge("input", "conv2d")])
        case Needs.MARK:
            doc.selection.set(marks=[mark])
        case Needs.TWO | Needs.THREE:
            doc.selection.set(["input", "conv2d", "flatten"])
        case Needs.GROUP | Needs.INSIDE:
            hands.view.do("group")
            if needs is Needs.INSIDE:
                hands.view.do("go_in")


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("command", CANVAS, ids=[command.name for command in CANVAS])
def test_a_command_is_at_most_one_named_step_that_is_undone(hands, command):
    hands.view.set_still(True)
    prepare(hands, command.needs)
    steps, before = hands.doc.undo_stack.count(), hands.doc.whole
    text = project_to_text(before)
    assert not hands.view.lacks(command.needs)
    hands.view.do(command.name)
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    hands.view._pointing.drop()
    if hands.doc.whole is before:
        assert hands.doc.undo_stack.count() == steps
        return
    assert hands.doc.undo_stack.count() == steps + 1
    name = hands.doc.undo_stack.undoText()
    assert name[:1].isupper()
    assert not name.endswith(".")
    after = project_to_text(hands.doc.whole)
    hands.doc.undo_stack.undo()
    assert project_to_text(hands.doc.whole) == text
    hands.doc.undo_stack.redo()
    assert project_to_text(hands.doc.whole) == after


@pytest.mark.parametrize("command", CANVAS, ids=[command.name for command in CANVAS])
def test_a_command_without_what_it_needs_says_so(hands, command):
    if command.needs is Needs.NOTHING:
        return
    hands.doc.do("clear", edits.delete(hands.doc.project, hands.graph.nodes))
    QGuiApplication.clipboard().clear()
    steps = hands.doc.undo_stack.count()
    hands.view.do(command.name)
    assert hands.messages == [str(command.needs)]
    assert hands.doc.undo_stack.count() == steps


def begin_drag(hands: Hands, start: QPointF, *, keys=Qt.KeyboardModifier.NoModifier, button=None):
    held = {"keys": keys, "button": button or Qt.MouseButton.LeftButton}
    hands.press(start, **held)
    hands.move(start + QPointF(25, 15), **held)
    hands.move(start + QPointF(60, 130), **held)


def drag_in(hands: Hands) -> None:
    port, at = hands.view.viewport(), hands.at(QPointF(100, 250))
    held = (
        Qt.DropAction.CopyAction,
        mime_of("Dense"),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(port, QDragEnterEvent(at, *held))
    QApplication.sendEvent(port, QDragMoveEvent(at, *held))


def draw_by_key(hands: Hands) -> None:
    hands.doc.selection.set(["conv2d"])
    hands.key(Qt.Key.Key_W)


def resize_frame(hands: Hands) -> None:
    frame = Frame(text="Stem", x=0, y=240, width=200, height=100)
    hands.doc.do("frame", edits.add_mark(hands.doc.project, frame)[0])
    begin_drag(hands, QPointF(196, 336))


BEGINNINGS: dict[str, Callable[[Hands], None]] = {
    "MoveGesture": lambda hands: begin_drag(hands, hands.middle("conv2d")),
    "BandGesture": lambda hands: begin_drag(hands, QPointF(100, 250)),
    "PanGesture": lambda hands: begin_drag(hands, QPointF(100, 250), button=MIDDLE),
    "WireGesture": lambda hands: begin_drag(hands, hands.input("dense")),
    "RewireGesture": lambda hands: begin_drag(hands, hands.output("conv2d"), keys=CTRL),
    "CutGesture": lambda hands: begin_drag(hands, QPointF(215, -40), keys=CTRL, button=RIGHT),
    "SizeGesture": resize_frame,
    "PlaceGesture": drag_in,
    "KeyWireGesture": draw_by_key,
    "LayoutGesture": lambda hands: hands.view.do("arrange"),
}


def kinds(base: type) -> set[type]:
    found = set(base.__subclasses__())
    return found.union(*(kinds(each) for each in found))


def test_every_gesture_is_tried():
    made = {each.__name__ for each in kinds(Gesture) if each.__module__.startswith("app.")}
    assert made == BEGINNINGS.keys()


@pytest.mark.parametrize("name", BEGINNINGS)
def test_escape_drops_any_gesture_and_leaves_no_trace(hands, name):
    def picture() -> object:
        nodes = {id: (item.pos(), item.opacity()) for id, item in hands.scene.nodes.items()}
        wires = {
            edge: (item.look, item.isVisible(), item.start, item.end)
            for edge, item in hands.scene.wires.items()
        }
        return nodes, wires

    before, selection = picture(), hands.doc.selection.nodes
    BEGINNINGS[name](hands)
    project, count = hands.doc.project, hands.doc.undo_stack.count()
    marks = len(hands.scene.marks)
    gesture = hands.view._pointing.gesture
    assert type(gesture).__name__ == name
    assert hands.hints[-1] == gesture.words != ""
    hands.key(Qt.Key.Key_Escape)
    assert hands.view._pointing.gesture is None
    assert hands.hints[-1] == ""
    assert hands.doc.project is project
    assert hands.doc.undo_stack.count() == count
    assert picture() == before
    items = len(hands.scene.nodes) + len(hands.scene.wires) + marks
    assert len([item for item in hands.scene.items() if item.parentItem() is None]) == items
    assert not hands.view.tip.isVisible()
    if name == "BandGesture":
        assert hands.doc.selection.nodes == selection
