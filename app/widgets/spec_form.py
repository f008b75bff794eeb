"""The form of a Spec, made from its declaration alone."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from app.widgets.field_for import field_for
from app.widgets.fields import Field
from app.widgets.labels import ToneLabel
from app.widgets.tab_order import order_tabs
from engine.errors import EngineError, SettingError
from engine.spec import Setting, Spec

LABEL_WIDTH = 96
SPACE = 8
PATIENCE_MS = 700
"""How long typing may rest on a bad value before the form says what is wrong with it."""

ROWS_PER_SETTING = 5

QWIDGETSIZE_MAX = 16_777_215
"""Qt's largest width, which PySide does not name."""

_form_numbers = count()


class SpecForm(QWidget):
    """Shows a Spec and lets it be edited, setting by setting.

    Signals:
        edited(name, value): a setting has a new, valid value; ``spec`` has it too.
        finished(): a typing run ended.

    Attributes:
        spec: what is shown, with all valid edits; None before the first.
    """

    edited = Signal(str, object)
    finished = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        title: str = "",
        hidden: Collection[str] = (),
    ) -> None:
        super().__init__(parent)
        self.spec: Spec | None = None
        self._hidden = frozenset(hidden)
        self._rows: dict[str, _Row] = {}
        self._next_row = 0
        self._number, self._run = next(_form_numbers), 0
        self._shows_all = False
        self._subject = ""
        self._more: QToolButton | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        if title:
            self.setAccessibleName(title)

    @property
    def gesture(self) -> Hashable:
        """Names the present typing run: edits that share it are one undo step."""
        return ("form", self._number, self._run)

    def field(self, name: str) -> Field:
        """The field of a setting.

        Raises:
            KeyError: the form does not show that setting.
        """
        return self._rows[name].field

    def message(self, name: str) -> str:
        """What the form says is wrong with a field at present; empty if nothing."""
        return self._rows[name].complaint_text

    @property
    def complaint(self) -> str:
        """What is wrong with the first bad text in it or in a form within; empty if nothing.

        What is shown there is not what the Spec holds.
        """
        forms = [self, *(each for each in self.findChildren(SpecForm) if each.isVisibleTo(self))]
        texts = (row.complaint_text for form in forms for row in form._rows.values())
        return next((text for text in texts if text), "")

    def show_spec(self, spec: Spec) -> None:
        """Show a Spec. One of the same type is shown in place: focus and cursor stay."""
        if self.spec is None or type(spec) is not type(self.spec):
            self._build(spec)
        self.spec = spec
        for name, row in self._rows.items():
            row.show_value(getattr(spec, name))

    def show_waiting(self, in_use: Spec | None, words: str = "") -> None:
        """Mark each setting that differs from the Spec in use at present.

        Args:
            in_use: None where what is shown is in use.
            words: when what is shown will be: "from the next Start".
        """
        for name, row in self._rows.items():
            shown = getattr(self.spec, name, None)
            row.show_waiting(shown if in_use is None else getattr(in_use, name, None), words)

    def set_subject(self, subject: str) -> None:
        """Say whose settings a nested form shows, so that two such forms can be told apart."""
        if subject != self._subject:
            self._subject = subject
            self._show_all(self._shows_all)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for row in self._rows.values():
            row.follow_width(self._grid, self.width())

    def clear(self) -> None:
        """Show nothing."""
        self._tear_down()
        self.spec = None

    def _build(self, spec: Spec) -> None:
        self._tear_down()
        settings = [
            setting
            for name, setting in type(spec).settings().items()
            if name not in self._hidden and not setting.hidden
        ]
        for setting in (s for s in settings if not s.advanced):
            self._add_row(setting)
        advanced = [s for s in settings if s.advanced]
        if advanced:
            self._more = self._make_more(len(advanced))
            self._grid.addWidget(self._more, self._next_row, 0, 1, 2)
            self._next_row += 1
            for setting in advanced:
                self._add_row(setting)
            self._show_all(self._shows_all)
        order_tabs(self)

    def _add_row(self, setting: Setting) -> None:
        row = _Row(setting, self)
        row.edited.connect(self._row_edited)
        row.finished.connect(self._finish_run)
        row.place(self._grid, self._next_row, self.width())
        self._next_row += ROWS_PER_SETTING
        self._rows[setting.name] = row

    def _make_more(self, number: int) -> QToolButton:
        more = QToolButton(self)
        more.setToolTip(f"{number} setting{'s'[: number > 1]} that rarely need changing.")
        more.setAutoRaise(True)
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        more.clicked.connect(self._toggle_all)
        return more

    def _toggle_all(self) -> None:
        self._show_all(not self._shows_all)

    def _show_all(self, shown: bool) -> None:
        self._shows_all = shown
        if self._more:
            which = f"{self._subject} settings" if self._subject else "settings"
            self._more.setText(f"{'Fewer' if shown else 'More'} {which}")
            self._more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        for row in self._rows.values():
            if row.setting.advanced:
                row.set_shown(shown)

    def _tear_down(self) -> None:
        self._run += 1
        for row in self._rows.values():
            row.tear_down()
        if self._more:
            _discard(self._more)
        self._rows, self._more, self._next_row = {}, None, 0

    def _row_edited(self, name: str, value: object) -> None:
        assert self.spec is not None
        try:
            self.spec = self.spec.changed(**{name: value})
        except SettingError as error:
            self._rows[name].complain(error)
            return
        accepted = getattr(self.spec, name)
        self._rows[name].accept(accepted)
        self.edited.emit(name, accepted)

    def _finish_run(self) -> None:
        self._run += 1
        self.finished.emit()


class _Row(QObject):
    """One setting of a form: its label, its field, what belongs below, and a complaint."""

    edited = Signal(str, object)
    finished = Signal()

    def __init__(self, setting: Setting, form: QWidget) -> None:
        super().__init__(form)
        self.setting = setting
        self._shown = True
        self._at, self._is_above = 0, False
        self._known: Any = _UNKNOWN
        self._before: Any = _UNKNOWN  # what the setting was when the typing run began
        self.field = field_for(setting, form)
        self.label = QLabel(setting.label, form)
        self.label.setWordWrap(not self.field.wide)
        self.label.setToolTip(setting.help)
        self.label.setBuddy(self.field.editor)
        self.field.editor.setToolTip(setting.help)
        self.field.editor.setAccessibleName(setting.label)
        self.field.editor.setAccessibleDescription(setting.help)
        self.message = ToneLabel("", "bad", scale=0.92, parent=form)
        self.message.hide()
        self.waiting = ToneLabel("", "warning", scale=0.92, parent=form)
        self.waiting.hide()
        self._error: EngineError | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say)
        self.field.edited.connect(self._field_edited)
        self.field.refused.connect(self.complain)
        self.field.withdrawn.connect(self._withdraw)
        self.field.finished.connect(self._field_finished)

    @property
    def complaint_text(self) -> str:
        return str(self._error) if self._error else ""

    def place(self, grid: QGridLayout, at: int, width: int) -> None:
        """Take the rows of the form's grid from ``at`` on; the form is so wide."""
        self._at = at
        if self.field.is_bare:
            self.field.hide()
            grid.addWidget(self.label, at, 0, 1, 2)
            grid.addWidget(self.message, at + 2, 0, 1, 2)
            grid.addWidget(self.waiting, at + 3, 0, 1, 2)
        else:
            self._put(grid, self._belongs_above(width))
        if self.field.below:
            grid.addWidget(self.field.below, at + 4, 0, 1, 2)

    def tear_down(self) -> None:
        """Take the row out of its form for good."""
        for widget in (self.label, self.field, self.field.below, self.message, self.waiting):
            if widget:
                _discard(widget)
        self.deleteLater()

    def follow_width(self, grid: QGridLayout, width: int) -> None:
        """The form is so wide now: put the label above or beside its field."""
        above = self._belongs_above(width)
        if not self.field.is_bare and above != self._is_above:
            for widget in (self.label, self.field, self.message, self.waiting):
                grid.removeWidget(widget)
            self._put(grid, above)

    def _belongs_above(self, width: int) -> bool:
        beside = self.field.beside_width
        return self.field.wide and not (beside and width >= LABEL_WIDTH + SPACE + beside)

    def _put(self, grid: QGridLayout, above: bool) -> None:
        self._is_above = above
        self.label.setMinimumWidth(0 if above else LABEL_WIDTH)
        self.label.setMaximumWidth(QWIDGETSIZE_MAX if above else LABEL_WIDTH)
        if above:
            grid.addWidget(self.label, self._at, 0, 1, 2)
            grid.addWidget(self.field, self._at + 1, 0, 1, 2)
            grid.addWidget(self.message, self._at + 2, 0, 1, 2)
            grid.addWidget(self.waiting, self._at + 3, 0, 1, 2)
        else:
            grid.addWidget(self.label, self._at, 0)
            grid.addWidget(self.field, self._at, 1)
            grid.addWidget(self.message, self._at + 2, 1)
            grid.addWidget(self.waiting, self._at + 3, 1)

    def set_shown(self, shown: bool) -> None:
        self._shown = shown
        self.label.setVisible(shown)
        self.field.setVisible(shown and not self.field.is_bare)
        self.message.setVisible(shown and bool(self.message.text()))
        self.waiting.setVisible(shown and bool(self.waiting.text()))
        if self.field.below:
            if not shown:
                self.field.below.hide()
            elif self._known is not _UNKNOWN:
                self.field.show_value(self._known)

    def show_value(self, value: Any) -> None:
        # What the field shows already is left alone: it may be in the middle of being typed,
        # or hold a bad text that is not to be lost.
        if value == self._known and type(value) is type(self._known):
            return
        self.accept(value)
        self._before = value
        self.field.show_value(value)
        if not self._shown and self.field.below:
            self.field.below.hide()

    def show_waiting(self, in_use: Any, words: str) -> None:
        """Say when the shown value will be in use, where it is another than ``in_use``."""
        value = self._known
        waits = value != in_use or type(value) is not type(in_use)
        tells_all = self.field.show_waiting(in_use, words)
        self.waiting.setText(words if waits and not tells_all else "")
        self.waiting.setVisible(self._shown and bool(self.waiting.text()))

    def accept(self, value: Any) -> None:
        """The value is in the Spec: nothing is wrong with the field."""
        self._known = value
        self._error = None
        self._patience.stop()
        self.message.clear()
        self.message.hide()
        self.field.mark_bad(False)

    def complain(self, error: EngineError) -> None:
        """Mark the field at once, and say why when typing rests.

        What was typed on the way to the bad text is not what the user means: the
        setting goes back to what it was when the typing run began.
        """
        if self._known != self._before:
            self.edited.emit(self.setting.name, self._before)
        self._error = error
        self.field.mark_bad(True)
        if self.message.isVisible():
            self._say()
        else:
            self._patience.start()

    def _say(self) -> None:
        self._patience.stop()
        if self._error:
            self.message.setText(str(self._error))
            self.message.setVisible(self._shown)

    def _field_edited(self, value: object) -> None:
        self.edited.emit(self.setting.name, value)

    def _withdraw(self) -> None:
        self.accept(self._known)
        self.field.show_value(self._known)

    def _field_finished(self) -> None:
        self._before = self._known
        self._say()
        self.finished.emit()


def _discard(widget: QWidget) -> None:
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


_UNKNOWN = object()
