"""Number fields: whole numbers, and numbers from 1e-7 to millions."""

from __future__ import annotations

import re
from math import floor, isfinite, log10
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from app.widgets.fields import no_value
from app.widgets.labels import ToneLabel
from app.widgets.texts import TypedField
from engine.spec import Setting

SHORT_DIGITS = 6
SHARE_STEP = 0.05
"""How far an arrow moves a number that lies between 0 and 1."""


class StepBox(QAbstractSpinBox):
    """Arrows around free text. What the text means is the field's affair.

    Qt's own spin boxes refuse keystrokes outside of the range; here one types
    what one likes and is told in words what is wrong with it.
    """

    stepped = Signal(int)

    def __init__(self, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccelerated(True)
        line = self.lineEdit()
        self._unit = ToneLabel(unit, parent=line) if unit else None
        if self._unit:
            self._unit.setWordWrap(False)
            self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            line.textChanged.connect(self._place_unit)

    def stepBy(self, steps: int) -> None:
        self.stepped.emit(steps)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return (
            QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
            | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        )

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_unit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.lineEdit().selectAll()

    def _place_unit(self) -> None:
        """Put the unit at the right end of the line, as long as the number leaves room."""
        if self._unit is None:
            return
        line, size = self.lineEdit(), self._unit.sizeHint()
        typed = line.fontMetrics().horizontalAdvance(line.text())
        self._unit.setVisible(typed + size.width() + 14 <= line.width())
        self._unit.setGeometry(line.width() - size.width() - 4, 0, size.width(), line.height())


class NumberField(TypedField):
    """A number with arrows that step sensibly for its size.

    Args:
        setting: gives label, unit and range; arrows stop at the range.
        whole: whether it is an integer.
        optional: whether an empty line means None.
    """

    def __init__(
        self,
        setting: Setting,
        *,
        whole: bool,
        optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(setting.label, parent)
        self._setting, self._whole, self._optional = setting, whole, optional
        self._value: Any = None
        self.box = StepBox(setting.unit, self)
        line = self.box.lineEdit()
        assert isinstance(line, QLineEdit)
        if optional:
            line.setPlaceholderText(setting.empty)
        self.listen_to(line)
        # The box has the keyboard in place of its line.
        self.box.installEventFilter(self)
        self.box.stepped.connect(self._step)
        self.lay_out(self.box)

    @property
    def editor(self) -> QWidget:
        return self.box

    def parse(self, text: str) -> float | None:
        if self._optional and not text.strip():
            return None
        value = self._read(text)
        if value is None:
            kind = "whole number" if self._whole else "number"
            raise no_value(self.label, text, f"Type a {kind}{self._range_text()}.")
        return value

    def _read(self, text: str) -> float | None:
        at_rest = isinstance(self._value, float) and not self.box.hasFocus()
        if at_rest and text == short_number_text(self._value):
            return float(self._value)  # with the digits that are not shown
        return whole_number(text) if self._whole else number(text)

    def format(self, value: Any) -> str:
        if value is None:
            return ""
        # All digits only where one types: at rest a long tail would push the number's size
        # out of sight.
        return number_text(value) if self.box.hasFocus() else short_number_text(value)

    def show_value(self, value: Any) -> None:
        self._value = value
        super().show_value(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and event.type() == QEvent.Type.FocusIn and not self._is_bad:
            # The box has the focus already, and gets the event after this.
            self.show_value(self._value)
        return super().eventFilter(watched, event)

    def _step(self, steps: int) -> None:
        value = self._read(self.line.text())
        if value is None:
            default = self._setting.default
            value = default if isinstance(default, int | float) else self._setting.ge or 0
        else:
            value = self._stepped(value, steps)
        text = number_text(value)
        if text != self.line.text():
            self.line.setText(text)
            self.line.selectAll()
            self.take_text(text)

    def _stepped(self, value: float, steps: int) -> float:
        setting, moved = self._setting, value
        if self._whole:
            moved = int(value) + steps
        elif self._is_share():
            moved = round((round(value / SHARE_STEP, 6) + steps) * SHARE_STEP, 10)
        else:
            for _ in range(abs(steps)):
                moved = next_by_digit(moved, 1 if steps > 0 else -1)
        if setting.ge is not None and moved < setting.ge:
            moved = type(moved)(setting.ge)
        if setting.le is not None and moved > setting.le:
            moved = type(moved)(setting.le)
        over = setting.lt is not None and moved >= setting.lt
        under = setting.gt is not None and moved <= setting.gt
        return value if over or under else moved

    def _is_share(self) -> bool:
        low = self._setting.ge if self._setting.ge is not None else self._setting.gt
        high = self._setting.le if self._setting.le is not None else self._setting.lt
        default = self._setting.default
        tiny = isinstance(default, float) and 0 < default < 0.01
        return low is not None and high is not None and high - low <= 1 and not tiny

    def _range_text(self) -> str:
        low = self._setting.ge if self._setting.ge is not None else self._setting.gt
        high = self._setting.le if self._setting.le is not None else self._setting.lt
        if low is not None and high is not None:
            return f" from {number_text(low)} to {number_text(high)}"
        return ""


def whole_number(text: str) -> int | None:
    """The integer that was typed, perhaps with its thousands grouped; None if it is none."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,3}([ ,_\u202f]\d{3})+", text):
        text = re.sub(r"[ ,_\u202f]", "", text)
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None


def number(text: str) -> float | None:
    """The number that was typed, with a point or a comma; None if it is none."""
    text = text.strip().replace("−", "-")
    text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text):
        return None
    value = float(text)
    return value if isfinite(value) else None


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number: 0.001, 1e-7, 64."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return re.sub(r"e([+-])0*(\d)", r"e\1\2", repr(value)).replace("e+", "e")


def short_number_text(value: float) -> str:
    """A number in :data:`SHORT_DIGITS` digits at most; whole numbers stay whole."""
    if isinstance(value, int) or value.is_integer():
        return number_text(value)
    return number_text(float(f"{value:.{SHORT_DIGITS}g}"))


def next_by_digit(value: float, direction: int) -> float:
    """The next number with one more, or one less, in its leading digit: 0.009, 0.01, 0.02."""
    if value == 0:
        return 0.1 * direction
    power = floor(log10(abs(value)) + 1e-12)
    away = (value > 0) == (direction > 0)
    digit = abs(value) / 10.0**power
    if not away and digit <= 1 + 1e-12:
        power -= 1  # 0.01 steps down to 0.009
    moved = value / 10.0**power + direction
    return float(f"{round(moved, 9):.9g}e{power}")
