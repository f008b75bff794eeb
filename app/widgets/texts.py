"""Fields that are typed: text, file paths, shapes and lists of words or numbers."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget
from shiboken6 import isValid

from app.widgets.fields import Field, no_value
from app.widgets.icons import IconButton
from engine.errors import SettingError

_HISTORY_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class TypedField(Field):
    """A line of text that stands for a value. Every keystroke that makes one is an edit.

    Args:
        label: the setting's name, for complaints.
    """

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        self._is_bad = False

    def listen_to(self, line: QLineEdit) -> None:
        """Take the text from this line edit; call once."""
        self.line = line
        line.textEdited.connect(self.take_text)
        line.editingFinished.connect(self._end_run)
        line.installEventFilter(self)

    def parse(self, text: str) -> Any:
        """The value that the text stands for.

        Raises:
            SettingError: it stands for none.
        """
        return text

    def format(self, value: Any) -> str:
        """The text that stands for a value."""
        return str(value)

    def take_text(self, text: str) -> None:
        """Treat a text as typed."""
        try:
            value = self.parse(text)
        except SettingError as error:
            self.refused.emit(error)
        else:
            self.edited.emit(value)

    def _end_run(self) -> None:
        if not isValid(self.line):
            return  # a focused field that is being destroyed loses the focus, too
        if not self._is_bad:
            self.show_value(self.parse(self.line.text()))  # "2x2" becomes "2 × 2"
        self.finished.emit()

    def show_value(self, value: Any) -> None:
        text, at = self.format(value), self.line.cursorPosition()
        if text != self.line.text():
            self.line.setText(text)
            # What is longer than the field shows its beginning, unless one types in it.
            self.line.setCursorPosition(min(at, len(text)) if self.line.hasFocus() else 0)

    def mark_bad(self, bad: bool) -> None:
        self._is_bad = bad
        super().mark_bad(bad)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Every keystroke that made a value is in the document's history, so undo belongs to
        # the document; only a bad text, which is in no history, is taken back right here.
        if not isinstance(event, QKeyEvent) or not any(event.matches(k) for k in _HISTORY_KEYS):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(self._is_bad)
            return True
        if event.type() == QEvent.Type.KeyPress and self._is_bad:
            self.withdrawn.emit()
            return True
        return False


class TextField(TypedField):
    """Any text."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.listen_to(QLineEdit(self))
        self.lay_out(self.line)

    @property
    def editor(self) -> QWidget:
        return self.line


class PathField(TextField):
    """The path of a file or folder, typed or chosen in a dialog."""

    def __init__(
        self, label: str, what: Literal["file", "folder"], parent: QWidget | None = None
    ) -> None:
        super().__init__(label, parent)
        self._what = what
        self.wide = True
        self.browse = IconButton("fa6s.folder-open", f"Choose a {what}…", self)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.browse)
        self.browse.clicked.connect(self._browse)

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        if not self.line.hasFocus():
            self.line.end(False)  # the name at the end matters most

    def _browse(self) -> None:
        start = self.line.text()
        folder = str(Path(start).parent) if start else ""
        if self._what == "folder" and not Path(start).is_file():
            chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", folder)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file", folder)
        if chosen:
            self.line.setText(chosen)
            self.take_text(chosen)
            self.finished.emit()


class SizesField(TextField):
    """Whole numbers that belong together: a shape, strides. ``3 × 3``, typed as 3x3 or 3,3.

    Args:
        count: how many there must be; None for any number of them.
        optional: whether an empty line means None.
    """

    def __init__(
        self,
        label: str,
        count: int | None,
        parent: QWidget | None = None,
        *,
        optional: bool = False,
    ) -> None:
        super().__init__(label, parent)
        self._count, self._optional = count, optional
        if optional:
            self.line.setPlaceholderText("automatic")

    def parse(self, text: str) -> tuple[int, ...] | None:
        if self._optional and not text.strip():
            return None
        parts = [part for part in re.split(r"[^\d+-]+", text.strip(" ()[]")) if part]
        if not re.fullmatch(r"[\d\s,;x×*()\[\]+-]*", text) or not all(
            re.fullmatch(r"[+-]?\d{1,12}", part) for part in parts
        ):
            raise no_value(self.label, text, "Type whole numbers, such as 3 × 3.")
        sizes = tuple(int(part) for part in parts)
        if self._count and len(sizes) == 1:
            return sizes * self._count
        if self._count and len(sizes) != self._count:
            raise no_value(self.label, text, f"Type {self._count} whole numbers, such as 3 × 3.")
        return sizes

    def format(self, value: Any) -> str:
        return "" if value is None else " × ".join(str(size) for size in value)


class NumbersField(TextField):
    """Numbers with commas between them."""

    def parse(self, text: str) -> tuple[float, ...]:
        parts = re.split(r"[\s,;]+", text.strip(" ,;()[]"))
        try:
            return tuple(float(part) for part in parts if part)
        except ValueError:
            todo = "Type numbers with commas between them, such as 0.5, 1.25."
            raise no_value(self.label, text, todo) from None

    def format(self, value: Any) -> str:
        return ", ".join(f"{number!r}".removesuffix(".0") for number in value)


class WordsField(TextField):
    """Words with commas between them; one that holds a comma stands in quotes."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.line.setPlaceholderText("none")

    def parse(self, text: str) -> tuple[str, ...]:
        words = next(csv.reader([text], skipinitialspace=True), [])
        return tuple(word.strip() for word in words if word.strip())

    def format(self, value: Any) -> str:
        return ", ".join(
            f'"{word.replace(chr(34), chr(34) * 2)}"' if "," in word or '"' in word else word
            for word in value
        )


class OptionalField(TextField):
    """Text that may be left out: an empty line means none."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.line.setPlaceholderText("none")

    def parse(self, text: str) -> str | None:
        return text if text.strip() else None

    def format(self, value: Any) -> str:
        return "" if value is None else str(value)
