"""A small dialog that asks for a name, and says why one cannot be had."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from app.widgets.labels import ToneLabel
from engine.errors import EngineError

_WIDTH = 360


class NameDialog(QDialog):
    """Stays open until the name is taken, or Esc is pressed."""

    def __init__(
        self, title: str, name: str, take: Callable[[str], object], parent: QWidget
    ) -> None:
        """Prepare the question.

        Args:
            name: what stands there at first.
            take: is given the name; an EngineError says why it is none.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self._take = take
        self.field = QLineEdit(name)
        self.field.setMaxLength(80)
        self.field.setAccessibleName("Name")
        self.field.selectAll()
        self.reason = ToneLabel("", "bad")
        self.reason.hide()
        button = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(button.Ok | button.Cancel)
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.reason)
        column.addWidget(self.buttons)
        self.resize(_WIDTH, self.sizeHint().height())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.field.textEdited.connect(self._edited)

    def accept(self) -> None:
        try:
            self._take(self.field.text().strip())
        except EngineError as error:
            self.reason.setText(str(error))
            self.reason.show()
            self.field.setFocus()
        else:
            super().accept()

    def _edited(self, text: str) -> None:
        self.reason.hide()
