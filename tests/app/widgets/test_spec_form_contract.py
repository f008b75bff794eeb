"""Every Spec in the program can be shown in a form, and every field of it edited."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.widgets.column_fields import ColumnField, ColumnsField
from app.widgets.family_field import FamilyField, NestedField
from app.widgets.fields import BoolField, ChoiceField, Field, QuietCombo
from app.widgets.list_field import ListField
from app.widgets.numbers import NumberField
from app.widgets.spec_form import SpecForm
from app.widgets.texts import NumbersField, SizesField, TypedField
from engine.activations import Activation
from engine.data import DataSetup, Split
from engine.data.source import Source
from engine.data.steps import Step
from engine.errors import SettingError
from engine.initializers import Initializer
from engine.layers import Layer
from engine.losses import Loss
from engine.metrics import Metric
from engine.optimizers import Optimizer
from engine.regularizers import Regularizer
from engine.schedules import Schedule
from engine.spec import Setting, Spec
from engine.training.callbacks import Callback
from engine.training.plan import Plan

FAMILIES = (
    Layer,
    Activation,
    Initializer,
    Regularizer,
    Optimizer,
    Schedule,
    Callback,
    Loss,
    Metric,
    Source,
    Step,
)
SPECS: list[type[Spec]] = [kind for family in FAMILIES for kind in family.kinds.values()]
SPECS += [Plan, Split, DataSetup]


def shown_settings(kind: type[Spec]) -> list[tuple[str, Setting]]:
    return [(name, each) for name, each in kind.settings().items() if not each.hidden]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists that open
@pytest.mark.parametrize("kind", SPECS, ids=lambda kind: kind.__name__)
def test_every_field_edits_its_setting(qtbot: QtBot, kind: type[Spec]) -> None:
    spec = kind()
    form = SpecForm()
    qtbot.addWidget(form)
    form.show_spec(spec)
    form.show()
    heard: list[tuple[str, object]] = []
    form.edited.connect(lambda name, value: heard.append((name, value)))
    for name, setting in shown_settings(kind):
        form.show_spec(spec)
        heard.clear()
        _edit(form.field(name), spec, setting)
        assert heard, f"{kind.__name__}.{name}: no edit was heard; {form.message(name)}"
        assert heard[-1][0] == name
        value = heard[-1][1]
        assert value != getattr(spec, name)
        assert form.spec == spec.changed(**{name: value})
        assert kind.parse(form.spec.to_json()) == form.spec
        assert form.message(name) == ""


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists that open
@pytest.mark.parametrize("kind", SPECS, ids=lambda kind: kind.__name__)
def test_every_field_shows_what_it_is_told(qtbot: QtBot, kind: type[Spec]) -> None:
    """What one form was edited to, another shows; and its fields say so when asked again."""
    spec = kind()
    form, other = SpecForm(), SpecForm()
    for each in (form, other):
        qtbot.addWidget(each)
        each.show_spec(spec)
        each.show()
    for name, setting in shown_settings(kind):
        form.show_spec(spec)
        _edit(form.field(name), spec, setting)
        assert form.spec is not None
        other.show_spec(form.spec)
        assert _shown(other.field(name)) == _shown(form.field(name))
        assert other.spec == form.spec


def _edit(field: Field, spec: Spec, setting: Setting) -> None:
    """Use a field with keys and clicks so that its value changes to another valid one."""
    now = getattr(spec, setting.name)
    match field:
        case BoolField():
            QTest.mouseClick(field.box, Qt.MouseButton.LeftButton, pos=field.box.rect().center())
            if field.box.isChecked() == now:  # clicked beside its box
                QTest.keyClick(field.box, Qt.Key.Key_Space)
        case ListField() if isinstance(now, str):
            _choose_other(field.combo)
        case ListField():
            field.add_button.menu().actions()[-1].trigger()
        case FamilyField() | ChoiceField():
            _choose_other(field.combo)
        case NestedField():
            name, inner = next(iter(type(now).settings().items()))
            _edit(field.form.field(name), now, inner)
        case TypedField():
            _type(field, _other_text(field, spec, setting))
        case ColumnField():
            field.offer(["height", "width"])
            QTest.keyClicks(field.line, "width")
            QTest.keyClick(field.line, Qt.Key.Key_Return)
        case ColumnsField():
            field.offer(["height", "width"])
            QTest.keyClick(field.combo, Qt.Key.Key_Space)
            QTest.keyClick(field.list.rows, Qt.Key.Key_Space)
            QTest.keyClick(field.list.rows, Qt.Key.Key_Escape)
        case _:
            raise AssertionError(f"no way to edit {field}")


def _choose_other(combo: QuietCombo) -> None:
    key = Qt.Key.Key_Up if combo.currentIndex() == combo.count() - 1 else Qt.Key.Key_Down
    combo.setFocus()
    QTest.keyClick(combo, key)


def _type(field: TypedField, text: str) -> None:
    field.line.setFocus()
    field.line.selectAll()
    QTest.keyClicks(field.line, text)
    QTest.keyClick(field.line, Qt.Key.Key_Return)


def _other_text(field: TypedField, spec: Spec, setting: Setting) -> str:
    """Text for another value that the whole Spec accepts."""
    candidates = ["5", "2", "0.25", "0.1", "-0.5", "50", "-0.25"]
    if isinstance(field, NumbersField):
        candidates = ["0.5, 1.25"]
    elif isinstance(field, SizesField):
        candidates = ["2x2", "3,3", "5", "1 × 1 × 1"]
    elif not isinstance(field, NumberField):
        candidates = ["some words"]
    for text in candidates:
        try:
            value: Any = field.parse(text)
            changed = spec.changed(**{setting.name: value})
        except SettingError:
            continue
        if getattr(changed, setting.name) != getattr(spec, setting.name):
            return text
    raise AssertionError(f"no other value for {setting.name}")


def _shown(field: Field) -> object:
    match field:
        case TypedField():
            return field.line.text()
        case BoolField():
            return field.box.isChecked()
        case ListField():
            return field.combo.currentText(), [_shown(entry.field) for entry in field.entries]
        case FamilyField() | ChoiceField() | ColumnsField():
            return field.combo.currentText()
        case ColumnField():
            return field.line.text()
    return [each.text() for each in field.below.findChildren(QLineEdit)] if field.below else None
