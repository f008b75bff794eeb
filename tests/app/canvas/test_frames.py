"""Frames and notes: made, moved, sized, written, colored, deleted; each one undo step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.actions import Needs
from app.document import edits
from engine.project import Frame, Note, project_from_text, project_to_text

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
K = Qt.Key


def marks(hands):
    return hands.doc.project.drawing.marks


def field(hands):
    return hands.view._naming.field


def framed(hands, *nodes, title="Stem"):
    hands.doc.selection.set(nodes)
    hands.key(K.Key_C)
    QTest.keyClicks(field(hands), title)
    QTest.keyClick(field(hands), K.Key_Return)
    return next(iter(hands.doc.selection.marks))


def title_of(hands, name):
    mark = marks(hands)[name]
    return QPointF(mark.x + mark.width / 2, mark.y + 12)


def corner_of(hands, name):
    mark = marks(hands)[name]
    return QPointF(mark.x + mark.width - 5, mark.y + mark.height - 5)


def test_a_frame_goes_around_the_selection_and_is_named_in_one_step(hands):
    name = framed(hands, "conv2d", "flatten")
    frame = marks(hands)[name]
    assert isinstance(frame, Frame)
    assert frame.text == "Stem"
    rect = hands.scene.marks[name].rect
    cards = {id: item.card for id, item in hands.scene.nodes.items()}
    assert {id for id, card in cards.items() if rect.contains(card)} == {"conv2d", "flatten"}
    assert hands.doc.undo_stack.count() == 1
    assert hands.doc.undo_stack.undoText() == "Add frame"
    hands.doc.undo_stack.undo()
    assert not marks(hands)
    assert not hands.scene.marks
    hands.doc.undo_stack.redo()
    assert marks(hands)[name] == frame


def test_a_frame_dragged_by_its_title_takes_its_content_along(hands):
    name = framed(hands, "conv2d", "flatten")
    start = title_of(hands, name)
    hands.drag(start, start + QPointF(0, 200))
    at = hands.doc.project.positions
    assert at["conv2d"] == (240.0, 200.0)
    assert at["flatten"] == (480.0, 200.0)
    assert at["dense"] == (720.0, 0.0)
    assert hands.doc.undo_stack.undoText() == "Move frame"
    hands.doc.undo_stack.undo()
    assert hands.scene.nodes["conv2d"].pos() == QPointF(240, 0)
    assert hands.scene.marks[name].rect.contains(hands.scene.nodes["conv2d"].card)


def test_escape_puts_a_frame_back(hands):
    name = framed(hands, "conv2d")
    before = hands.scene.marks[name].rect
    start = title_of(hands, name)
    hands.press(start)
    hands.move(start + QPointF(0, 150))
    assert hands.scene.marks[name].rect != before
    hands.key(K.Key_Escape)
    hands.release(start + QPointF(0, 150))
    assert hands.scene.marks[name].rect == before
    assert hands.scene.nodes["conv2d"].pos() == QPointF(240, 0)
    assert hands.doc.undo_stack.count() == 1


def test_inside_a_frame_the_canvas_is_as_everywhere(hands):
    framed(hands, "conv2d", "flatten")
    hands.click(QPointF(455, -8))
    assert not hands.doc.selection
    start = hands.middle("conv2d")
    hands.drag(start, start + QPointF(0, 150))
    assert hands.doc.project.positions["conv2d"] == (240.0, 150.0)


def test_the_corner_changes_the_size(hands):
    name = framed(hands, "conv2d")
    before = marks(hands)[name]
    hands.drag(corner_of(hands, name), corner_of(hands, name) + QPointF(100, 60))
    after = marks(hands)[name]
    assert (after.width, after.height) == (before.width + 100, before.height + 60)
    assert hands.doc.undo_stack.undoText() == "Resize frame"
    hands.drag(corner_of(hands, name), corner_of(hands, name) - QPointF(3000, 3000))
    assert marks(hands)[name].width >= 40


def test_a_note_is_written_on_the_canvas(hands):
    QCursor.setPos(hands.view.viewport().mapToGlobal(hands.at(QPointF(300, 300))))
    hands.key(K.Key_N)
    QTest.keyClicks(field(hands), "first line")
    QTest.keyClick(field(hands), K.Key_Return)
    QTest.keyClicks(field(hands), "second")
    QTest.keyClick(field(hands), K.Key_Return, CTRL)
    (note,) = marks(hands).values()
    assert isinstance(note, Note)
    assert note.text == "first line\nsecond"
    assert hands.doc.undo_stack.count() == 1
    assert hands.view.hasFocus()


def test_a_double_click_writes_again_and_escape_leaves_it(hands):
    name = framed(hands, "conv2d")
    hands.double_click(title_of(hands, name))
    QTest.keyClicks(field(hands), "other")
    QTest.keyClick(field(hands), K.Key_Escape)
    assert marks(hands)[name].text == "Stem"
    hands.double_click(title_of(hands, name))
    QTest.keyClicks(field(hands), "Head")
    hands.click(QPointF(300, 400))
    assert marks(hands)[name].text == "Head"
    assert hands.doc.undo_stack.undoText() == "Edit frame"


def test_a_node_is_renamed_in_place(hands):
    hands.doc.selection.set(["dense"])
    hands.key(K.Key_F2)
    QTest.keyClicks(field(hands), "Classifier")
    QTest.keyClick(field(hands), K.Key_Return)
    assert hands.graph.nodes["dense"].title == "Classifier"
    assert hands.doc.undo_stack.undoText() == "Rename dense"
    hands.doc.selection.set(["dense", "conv2d"])
    hands.key(K.Key_F2)
    assert not field(hands).isVisible()
    assert hands.messages == [Needs.NAMED]


def test_frames_are_selected_nudged_deleted(hands):
    name = framed(hands, "conv2d")
    hands.key(K.Key_Escape)
    hands.click(title_of(hands, name))
    assert hands.doc.selection.marks == {name}
    assert hands.scene.marks[name].selected
    hands.click(title_of(hands, name), CTRL)
    assert not hands.doc.selection.marks
    hands.key(K.Key_A, CTRL)
    assert hands.doc.selection.marks == {name}
    hands.click(title_of(hands, name))
    hands.key(K.Key_Delete)
    assert not marks(hands)
    assert "conv2d" in hands.graph.nodes
    assert hands.doc.undo_stack.undoText() == "Delete frame or note"


def test_a_band_takes_frames_that_it_holds_and_notes_that_it_touches(hands):
    name = framed(hands, "conv2d")
    project, note = edits.add_mark(hands.doc.project, Note(x=240, y=200, width=100, height=60))
    hands.doc.do("test", project)
    hands.drag(QPointF(205, 300), QPointF(300, 220))
    assert hands.doc.selection.marks == {note}
    hands.drag(QPointF(205, 300), QPointF(460, -70))
    assert hands.doc.selection.marks == {note, name}


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_another_color_is_chosen_from_a_menu(hands):
    name = framed(hands, "conv2d")
    hands.key(K.Key_C, SHIFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(each for each in menu.actions() if each.text() == "Green")
    action.trigger()
    menu.close()
    assert marks(hands)[name].color == "green"
    assert hands.doc.undo_stack.undoText() == "Change color"


def test_they_are_in_the_file_and_old_files_have_none(hands):
    assert '"drawing"' not in project_to_text(hands.doc.project)
    framed(hands, "conv2d")
    text = project_to_text(hands.doc.project)
    assert project_from_text(text).drawing == hands.doc.project.drawing


@pytest.mark.parametrize("command", ["frame", "rename", "recolor"])
def test_what_is_missing_is_said(hands, command):
    hands.view.do(command)
    assert len(hands.messages) == 1
    assert hands.doc.undo_stack.count() == 0
