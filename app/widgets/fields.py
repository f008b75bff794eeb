"""What a field of a form is, and the simplest ones: check boxes and choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from app import theme
from engine.errors import SettingError


class Field(QWidget):
    """Edits one setting. It knows nothing of ranges: the Spec checks those.

    Signals:
        edited(value): the user chose or typed a value.
        refused(SettingError): what the user typed so far is no value at all.
        withdrawn(): the user takes back a bad text; the value before is to be shown.
        finished(): a typing run ended; the next edit is an undo step of its own.

    Attributes:
        below: further settings that belong to the value, laid out under the row.
        is_bare: whether it is nothing but what is below.
        wide: whether it needs the whole width, its label standing above it.
        beside_width: with so many pixels a wide one fits beside its label; 0 for never.
    """

    edited = Signal(object)
    refused = Signal(object)
    withdrawn = Signal()
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.below: QWidget | None = None
        self.wide = self.is_bare = False
        self.beside_width = 0
        self._frame = _BadFrame(self)
        self._frame.hide()

    @property
    def editor(self) -> QWidget:
        """What takes the keyboard, the label's shortcut and the accessible name."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value from outside, without a signal."""
        raise NotImplementedError

    def show_waiting(self, in_use: Any, words: str) -> bool:
        """Mark settings below that differ from those in use; whether that tells all.

        Args:
            in_use: the value that is in use at present; the shown one marks nothing.
            words: when the shown one will be.
        """
        return False

    def mark_bad(self, bad: bool) -> None:
        """Draw a red frame around the editor, or take it away."""
        self._frame.setVisible(bad)
        if bad:
            self._frame.follow(self.editor)

    def lay_out(self, *widgets: QWidget) -> None:
        """Put widgets side by side, the first taking what room there is."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for index, widget in enumerate(widgets):
            row.addWidget(widget, 0 if index else 1)


class _BadFrame(QWidget):
    """A red outline over an editor; an overlay, so that nothing moves when it comes and goes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def follow(self, editor: QWidget) -> None:
        if self._editor is None:
            editor.installEventFilter(self)
        self._editor = editor
        self.setGeometry(editor.geometry())
        self.raise_()

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if self._editor is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.setGeometry(self._editor.geometry())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("bad"), 1.5))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75), 2.5, 2.5)


class BoolField(Field):
    """Yes or no."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        self.lay_out(self.box)
        self.box.clicked.connect(self._clicked)

    @property
    def editor(self) -> QWidget:
        return self.box

    def show_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))

    def _clicked(self, checked: bool) -> None:
        self.edited.emit(checked)
        self.finished.emit()


class QuietCombo(QComboBox):
    """A combo box that the wheel leaves alone unless it has the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def showPopup(self) -> None:
        # The field may be narrow; its list need not be.
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + 30))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceField(Field):
    """One of several given values."""

    def __init__(self, choices: Sequence[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = tuple(choices)
        self.combo = QuietCombo(self)
        for choice in self._choices:
            self.combo.addItem(choice_text(choice))
        self.lay_out(self.combo)
        self.combo.activated.connect(self._activated)

    @property
    def editor(self) -> QWidget:
        return self.combo

    def show_value(self, value: Any) -> None:
        self.combo.setCurrentIndex(self._choices.index(value) if value in self._choices else -1)

    def _activated(self, index: int) -> None:
        self.edited.emit(self._choices[index])
        self.finished.emit()


def choice_text(choice: str | int | float | None) -> str:
    """A value as a person reads it: ``breast_cancer`` is "breast cancer"."""
    if choice is None:
        return "none"
    return "automatic" if choice == "auto" else str(choice).replace("_", " ")


def no_value(label: str, text: str, todo: str) -> SettingError:
    """The complaint about text that is no value of its setting's type."""
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    what = f"{label} is “{shown}”." if shown.strip() else f"{label} is empty."
    return SettingError(what, todo)
