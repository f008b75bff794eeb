"""Forms: typing, bad input, undo runs, the wheel, nested settings, lists."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QToolButton, QWidget, QWidgetItem
from pytestqt.qtbot import QtBot
from shiboken6 import getAllValidWrappers

from app.widgets.family_field import FamilyField
from app.widgets.list_field import ListField
from app.widgets.numbers import NumberField, next_by_digit, number, number_text, whole_number
from app.widgets.spec_form import LABEL_WIDTH, SpecForm
from app.widgets.tab_order import tab_stops
from app.widgets.texts import SizesField, TypedField, WordsField
from engine.initializers import HeNormal, Normal
from engine.layers import Dense, Input
from engine.metrics import MeanAbsoluteError
from engine.optimizers import SGD, Adam
from engine.spec import Spec
from engine.training.plan import Plan


def shown(qtbot: QtBot, spec: Spec) -> SpecForm:
    form = SpecForm()
    qtbot.addWidget(form)
    form.show_spec(spec)
    form.show()
    with qtbot.waitActive(form):
        form.activateWindow()
    return form


def typed(form: SpecForm, name: str) -> TypedField:
    field = form.field(name)
    assert isinstance(field, TypedField)
    return field


def retype(field: TypedField, text: str) -> None:
    field.line.setFocus()
    field.line.selectAll()
    QTest.keyClicks(field.line, text)


def test_typing_is_one_run_until_enter(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense())
    gestures = []
    form.edited.connect(lambda name, value: gestures.append((form.gesture, value)))
    retype(typed(form, "units"), "128")
    QTest.keyClick(typed(form, "units").line, Qt.Key.Key_Return)
    QTest.keyClick(typed(form, "units").line, Qt.Key.Key_End)
    QTest.keyClicks(typed(form, "units").line, "0")
    assert [value for _, value in gestures] == [1, 12, 128, 1280]
    first, second, third, fourth = [gesture for gesture, _ in gestures]
    assert first == second == third != fourth


def test_two_forms_never_share_a_gesture(qtbot: QtBot) -> None:
    assert shown(qtbot, Dense()).gesture != shown(qtbot, Dense()).gesture


def test_a_bad_text_takes_back_what_was_typed_on_the_way(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense(units=8))
    gestures = set()
    form.edited.connect(lambda name, value: gestures.add(form.gesture))
    retype(typed(form, "units"), "99999")
    assert typed(form, "units").line.text() == "99999"
    assert form.spec == Dense(units=8)
    assert len(gestures) == 1
    retype(typed(form, "units"), "999")
    assert form.spec == Dense(units=999)


def test_undo_takes_a_bad_text_back_and_else_goes_to_the_document(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    form = SpecForm()
    form.show_spec(Dense(units=8))
    window.setCentralWidget(form)
    undo = QAction("Undo", window)
    undo.setShortcut("Ctrl+Z")
    window.addAction(undo)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    field = typed(form, "units")
    retype(field, "many")
    with qtbot.assertNotEmitted(undo.triggered):
        QTest.keyClick(field.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.line.text() == "8"
    assert form.message("units") == ""
    retype(field, "9")
    with qtbot.waitSignal(undo.triggered):
        QTest.keyClick(field.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.line.text() == "9"


def test_bad_text_stays_is_explained_and_changes_nothing(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense(units=8))
    field = typed(form, "units")
    with qtbot.assertNotEmitted(form.edited):
        retype(field, "0")
        QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert form.message("units") == "Units is 0. Choose a number that is at least 1."
    assert form.spec == Dense(units=8)
    form.show_spec(Dense(units=8, use_bias=False))  # another setting changed elsewhere
    assert field.line.text() == "0"
    retype(field, "9")
    assert form.message("units") == ""
    assert form.spec == Dense(units=9, use_bias=False)


def test_text_that_is_no_number_is_explained(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense())
    retype(typed(form, "units"), "many")
    assert form.message("units") == "Units is “many”. Type a whole number from 1 to 65536."


def test_undo_overwrites_what_is_typed(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense(units=8))
    retype(typed(form, "units"), "77")
    form.show_spec(Dense(units=8))
    assert typed(form, "units").line.text() == "8"


def test_showing_the_same_value_keeps_text_focus_and_cursor(qtbot: QtBot) -> None:
    form = shown(qtbot, Adam())
    field = typed(form, "learning_rate")
    retype(field, "1e-4")
    field.line.setCursorPosition(2)
    form.show_spec(Adam(learning_rate=1e-4))
    assert field.line.text() == "1e-4"
    assert field.line.cursorPosition() == 2
    assert field.line.hasFocus() or field.box.hasFocus()  # type: ignore[attr-defined]


def test_arrows_step_by_the_size_of_the_number(qtbot: QtBot) -> None:
    form = shown(qtbot, Adam())
    field = typed(form, "learning_rate")
    QTest.keyClick(field.editor, Qt.Key.Key_Up)
    assert field.line.text() == "0.002"
    for _ in range(2):
        QTest.keyClick(field.editor, Qt.Key.Key_Down)
    assert field.line.text() == "0.0009"
    form.show_spec(SGD(momentum=0.9))
    momentum = typed(form, "momentum")
    for _ in range(3):
        QTest.keyClick(momentum.editor, Qt.Key.Key_Up)
    assert momentum.line.text() == "0.95"  # 1 is outside of its range


def test_the_wheel_passes_fields_without_the_keyboard(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense())
    with qtbot.assertNotEmitted(form.edited):
        for name in ("units", "activation"):
            form.field(name).editor.clearFocus()
            assert not wheel(form.field(name).editor).isAccepted()
    field = typed(form, "units")
    field.editor.setFocus()
    with qtbot.waitSignal(form.edited):
        wheel(field.editor)


def wheel(widget: QWidget) -> QWheelEvent:
    center = QPointF(widget.rect().center())
    event = QWheelEvent(
        center,
        QPointF(widget.mapToGlobal(center.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_seldom_needed_settings_wait_behind_a_button(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense())
    assert not form.field("use_bias").isVisible()
    assert form._more is not None
    QTest.mouseClick(form._more, Qt.MouseButton.LeftButton)
    assert form.field("use_bias").isVisible()
    form.show_spec(Input())
    form.show_spec(Dense())
    assert form.field("use_bias").isVisible()


def test_nested_settings_are_edited_in_place(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense(kernel_initializer=Normal()))
    field = form.field("kernel_initializer")
    assert isinstance(field, FamilyField)
    retype(typed(field.form, "stddev"), "0.5")
    assert form.spec == Dense(kernel_initializer=Normal(stddev=0.5))
    retype(typed(field.form, "stddev"), "-1")
    assert field.form.message("stddev") == "Spread is -1.0. Choose a number that is at least 0."


def test_a_look_at_another_kind_loses_no_settings(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense(kernel_initializer=Normal(stddev=0.5)))
    field = form.field("kernel_initializer")
    assert isinstance(field, FamilyField)
    field.combo.setFocus()
    there, back = field.combo.currentIndex(), field.combo.findText("HeNormal")
    for index in (back, there):
        field.combo.setCurrentIndex(index)
        field.combo.activated.emit(index)
    assert form.spec == Dense(kernel_initializer=Normal(stddev=0.5))
    assert isinstance(field._last[HeNormal], HeNormal)


def test_list_entries_are_added_moved_set_and_removed(qtbot: QtBot) -> None:
    form = shown(qtbot, Plan())
    field = form.field("metrics")
    assert isinstance(field, ListField)
    menu = field.add_button.menu()
    next(each for each in menu.actions() if each.data() == "MeanAbsoluteError").trigger()
    assert _kinds(form) == ["Accuracy", "MeanAbsoluteError"]
    QTest.mouseClick(field.entries[1].up, Qt.MouseButton.LeftButton)
    assert _kinds(form) == ["MeanAbsoluteError", "Accuracy"]
    QTest.mouseClick(field.entries[1].remove, Qt.MouseButton.LeftButton)
    assert form.spec == Plan(metrics=(MeanAbsoluteError(),))
    QTest.mouseClick(field.entries[0].remove, Qt.MouseButton.LeftButton)
    assert form.spec == Plan(metrics=())
    assert field.empty.isVisible()


def _kinds(form: SpecForm) -> list[str]:
    assert isinstance(form.spec, Plan)
    return [metric.kind for metric in form.spec.metrics]


def test_sizes_are_read_however_they_are_typed(qtbot: QtBot) -> None:
    field = SizesField("Kernel", 2)
    qtbot.addWidget(field)
    for text in ("3,4", "3x4", "3 × 4", "(3, 4)", " 3 4 ", "[3*4]"):
        assert field.parse(text) == (3, 4)
    assert field.parse("3") == (3, 3)
    assert field.format((3, 4)) == "3 × 4"
    free = SizesField("Shape", None)
    qtbot.addWidget(free)
    assert free.parse("28") == (28,)
    assert free.parse("-1") == (-1,)


def test_words_with_commas_come_back(qtbot: QtBot) -> None:
    field = WordsField("Ignored")
    qtbot.addWidget(field)
    words = ("name", "City, State", 'say "so"')
    assert field.parse(field.format(words)) == words


def test_numbers_are_read_and_written() -> None:
    assert whole_number(" 1 000 ") == 1000
    assert whole_number("65,536") == 65_536
    assert whole_number("1,5") is None
    assert whole_number("9" * 30) is None
    assert number("0,5") == 0.5
    assert number("1e-7") == 1e-7
    assert number("1e999") is None
    assert number("nan") is None
    assert [number_text(each) for each in (1e-7, 0.001, 1.0, 64, 1e20)] == [
        "1e-7", "0.001", "1", "64", "1e20",
    ]  # fmt: skip
    assert next_by_digit(0.009, 1) == 0.01
    assert next_by_digit(0.01, -1) == 0.009
    assert next_by_digit(-0.5, -1) == -0.6


def test_fields_have_names_and_help(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense())
    field = form.field("units")
    assert isinstance(field, NumberField)
    assert field.editor.accessibleName() == "Units"
    assert field.editor.toolTip() == "The number of outputs."


def tabbed_through(form: QWidget) -> list[str]:
    """The names of what Tab comes to in a window, from its first stop on."""
    first = found = next(tab_stops(form))
    names = []
    while True:
        if found.isVisible() and found.isEnabled():
            names.append(found.accessibleName() or getattr(found, "text", str)())
        QTest.keyClick(found, Qt.Key.Key_Tab)
        following = QApplication.focusWidget()
        assert following is not None
        if following is first or len(names) > 100:
            return names
        found = following


def test_tab_goes_through_a_plan_as_it_is_seen(qtbot: QtBot) -> None:
    form = shown(qtbot, Plan())
    next(tab_stops(form)).setFocus()
    names = tabbed_through(form)
    expected = ["Epochs", "Batch size", "Optimizer", "Learning rate", "More Adam settings", "Loss"]
    assert names[: len(expected)] == expected
    assert names[-2:] == ["Metrics", "More settings"]


def test_tab_still_follows_after_a_choice_and_a_new_entry(qtbot: QtBot) -> None:
    form = shown(qtbot, Plan())
    form.show_spec(Plan(optimizer=SGD(), metrics=(MeanAbsoluteError(), MeanAbsoluteError())))
    QApplication.processEvents()  # new rows are shown with the next layout
    next(tab_stops(form)).setFocus()
    names = tabbed_through(form)
    start = names.index("Optimizer")
    assert names[start + 1 : start + 4] == ["Learning rate", "Momentum", "Nesterov"]
    assert names.index("Metrics 1") < names.index("Metrics 2") < names.index("Metrics")


def test_nested_forms_say_whose_further_settings_they_hold(qtbot: QtBot) -> None:
    form = shown(qtbot, Dense(activation="softmax"))
    buttons = [each.text() for each in form.findChildren(QToolButton) if each.isVisible()]
    assert "More softmax settings" in buttons
    assert len(set(buttons)) == len(buttons)


def test_a_long_number_is_rounded_at_rest_and_whole_where_one_types(qtbot: QtBot) -> None:
    rate = 0.005 / 17
    form = shown(qtbot, SGD(learning_rate=rate))
    seen = []
    form.edited.connect(lambda name, value: seen.append(value))
    field = typed(form, "learning_rate")
    form.field("momentum").editor.setFocus()
    assert field.line.text() == "0.000294118"
    field.editor.setFocus()
    assert float(field.line.text()) == rate
    form.field("momentum").editor.setFocus()
    assert field.line.text() == "0.000294118"
    assert not seen
    assert field.parse(field.line.text()) == rate
    field.editor.setFocus()
    QTest.keyClick(field.editor, Qt.Key.Key_Up)
    assert seen == [pytest.approx(rate + 1e-4)]


def test_a_long_choice_stands_beside_its_label_where_there_is_room(qtbot: QtBot) -> None:
    form = shown(qtbot, Plan())
    combo = form.field("loss").editor
    for width, is_beside in ((420, True), (240, False), (420, True)):
        form.resize(width, 600)
        QApplication.processEvents()
        left = combo.mapTo(form, QPoint(0, 0)).x()
        assert (left > LABEL_WIDTH) == is_beside


def test_forms_make_no_python_objects_of_layout_items(qtbot: QtBot) -> None:
    """Qt deletes layout items behind Python's back; what is allocated there next would be
    taken for them, and the program would die."""
    form = shown(qtbot, Plan())
    form.show_spec(Plan(optimizer=SGD(), metrics=(MeanAbsoluteError(),)))
    assert list(tab_stops(form))
    wrapped = [each for each in getAllValidWrappers() if isinstance(each, QWidgetItem)]
    assert not wrapped
