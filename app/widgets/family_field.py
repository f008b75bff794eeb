"""A field for a value that comes in kinds: which kind, and below it that kind's settings."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import theme
from app.widgets.fields import Field, QuietCombo, choice_text
from engine.spec import Family, Spec

INDENT = 10
COMBO_FRAME = 34
"""What the arrow and the edges of a combo box take of its width."""

LONG_KIND = 20
"""Kinds with more letters than this do not fit beside a label in a narrow panel."""


class Indented(QWidget):
    """Room for nested settings, with a line at its left that ties them to their field."""

    def __init__(self, contents: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(INDENT, 0, 0, 0)
        layout.addWidget(contents)

    def paintEvent(self, event: QPaintEvent) -> None:
        line = QRectF(2, 1, 2, max(0, self.height() - 2))
        QPainter(self).fillRect(line, theme.color("border"))


def summary_of(kind: type[Spec]) -> str:
    """The first paragraph of a Spec's documentation, on one line and without markup."""
    text = (kind.__doc__ or "").strip().split("\n\n")[0]
    text = re.sub(r"[:;,]?\s+``keras\.[\w.]+``", "", text)
    return " ".join(text.replace("``", "").split())


class FamilyField(Field):
    """Chooses a kind of a family; the settings of that kind are in a nested form.

    Args:
        family: the family's root.
        optional: whether there may be none.
        name: what is chosen, for screen readers.
    """

    def __init__(
        self, family: type[Family], *, optional: bool, name: str, parent: QWidget | None = None
    ) -> None:
        # The form needs this field and this field needs the form.
        from app.widgets.spec_form import SpecForm

        super().__init__(parent)
        self._kinds: list[type[Family] | None] = [None] if optional else []
        self._kinds += family.kinds.values()
        self._name = name
        self._value: Family | None = None
        # What each kind was set to, so that a look at another kind loses nothing.
        self._last: dict[type[Family], Family] = {}
        self.wide = any(kind and len(kind.kind) > LONG_KIND for kind in self._kinds)
        self.combo = QuietCombo(self)
        for index, kind in enumerate(self._kinds):
            self.combo.addItem(choice_text(kind.kind if kind else None))
            if kind:
                self.combo.setItemData(index, summary_of(kind), Qt.ItemDataRole.ToolTipRole)
            widest = self.combo.fontMetrics().horizontalAdvance(self.combo.itemText(index))
            self.beside_width = max(self.beside_width, widest + COMBO_FRAME)
        self.lay_out(self.combo)
        self.form = SpecForm(title=name)
        self.below = Indented(self.form)
        self.below.hide()
        self.combo.activated.connect(self._choose)
        self.form.edited.connect(self._nested_edited)
        self.form.finished.connect(self.finished)

    @property
    def editor(self) -> QWidget:
        return self.combo

    def show_value(self, value: Any) -> None:
        self._value = value
        kind = None if value is None else type(value)
        self.combo.setCurrentIndex(self._kinds.index(kind) if kind in self._kinds else -1)
        if value is not None:
            self._last[type(value)] = value
            self.form.show_spec(value)
            called = choice_text(type(value).kind)
            self.form.set_subject(called if len(called) <= LONG_KIND else self._name.lower())
        if self.below:
            self.below.setVisible(value is not None and bool(type(value).model_fields))

    def show_waiting(self, in_use: Any, words: str) -> bool:
        is_same_kind = self._value is not None and type(in_use) is type(self._value)
        self.form.show_waiting(in_use if is_same_kind else None, words)
        return is_same_kind

    def _choose(self, index: int) -> None:
        kind = self._kinds[index]
        value = None if kind is None else self._last.get(kind) or kind()
        if value == self._value:
            return
        self.show_value(value)
        self.edited.emit(value)
        self.finished.emit()

    def _nested_edited(self, name: str, value: object) -> None:
        self._value = self.form.spec  # type: ignore[assignment]
        assert self._value is not None
        self._last[type(self._value)] = self._value
        self.edited.emit(self._value)


class NestedField(Field):
    """A Spec within a Spec: only its settings, below the label."""

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        from app.widgets.spec_form import SpecForm

        super().__init__(parent)
        self.wide = self.is_bare = True
        self.form = SpecForm(title=name)
        self.below = Indented(self.form)
        self.form.edited.connect(self._nested_edited)
        self.form.finished.connect(self.finished)

    @property
    def editor(self) -> QWidget:
        return self.form

    def mark_bad(self, bad: bool) -> None:
        """Nothing: the nested form marks its own fields."""

    def show_value(self, value: Any) -> None:
        self.form.show_spec(value)

    def show_waiting(self, in_use: Any, words: str) -> bool:
        self.form.show_waiting(in_use, words)
        return True

    def _nested_edited(self, name: str, value: object) -> None:
        self.edited.emit(self.form.spec)
