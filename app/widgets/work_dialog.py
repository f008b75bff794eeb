"""The dialog around one piece of work in a thread: what it finds, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from app.widgets.background import Background
from app.widgets.labels import ToneLabel
from engine.compiled.notice import PREPARING
from engine.errors import Cancelled
from engine.progress import Progress


class WorkDialog(QDialog):
    """Starts its work when told, and closes once the thread has ended.

    A kind of it says what the work is, shows what was found, and tells the outcome.

    Attributes:
        bar: how far it is; hidden once it is over.
        outcome: what came of it, in words.
        buttons: Cancel, and what the kind adds.
    """

    def __init__(self, title: str, doing: str, parent: QWidget | None = None) -> None:
        """Build what all have.

        Args:
            doing: what is said while it works.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._doing, self._closes = doing, False
        self.background = Background(self)
        self.background.found.connect(self._add)
        self.background.progressed.connect(self._progressed)
        self.background.preparing.connect(self._prepares)
        self.background.ended.connect(self._ended)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.outcome = ToneLabel(doing)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)

    # What a kind of it does

    def _work(self, progress: Progress) -> Generator[object, None, None]:
        """Yield what is found; runs in the thread."""
        raise NotImplementedError

    def _add(self, found: list[Any]) -> None:
        """Show what was found since the last time."""
        raise NotImplementedError

    def _finish(self) -> None:
        """All of it is found: say what came of it."""
        raise NotImplementedError

    # What all do

    def start(self) -> None:
        """Begin; what is found is shown as it comes."""
        self.background.start(self._work)

    def reject(self) -> None:
        """Stop, and close once the thread has ended."""
        if self.background.is_working:
            self._closes = True
            self.outcome.setText("Stopping…")
            self.background.cancel()
        else:
            super().reject()

    def _lay_out(self, about: str, shown: QWidget, size: QSize) -> None:
        """Stack the parts.

        Args:
            about: what the work does, in a sentence or two.
            shown: what shows the finds; it has the room that is left.
        """
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for widget in (ToneLabel(about), shown, self.outcome, self.bar, self.buttons):
            column.addWidget(widget, 1 if widget is shown else 0)
        self.resize(size)

    def _progressed(self, done: int, total: int) -> None:
        if total:  # else nothing was said yet
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _prepares(self, is_preparing: bool) -> None:
        if not self._closes:
            self.outcome.setText(PREPARING if is_preparing else self._doing)

    def _ended(self, error: BaseException | None) -> None:
        self.bar.hide()
        if self._closes:
            super().reject()
        elif error is None:
            self._finish()
        if error is not None and not isinstance(error, Cancelled):
            self.outcome.setText("It failed because of a bug in Netsmith.")
            self.outcome.set_tone("bad")
            raise error
