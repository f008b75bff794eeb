"""How panels tell the user something: they call this, the window shows it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.errors import Cancelled, EngineError


class Messages(QObject):
    """Carries messages from panels to the window; holds none.

    Signals:
        informed(text): something went well, or is worth a glance; the status bar.
        failed(EngineError): what the user asked for did not happen; a banner that
            stays until it is closed, withdrawn, or the next one comes.
        noted(what, more): it went well, but not in every part; a card that stays until it is
            closed.
        passed(): something else was done; such a card is out of date.
        withdrawn(kinds): what such errors were about is tried again; they are out of date.
        warned(EngineError): something is wrong and remains so; a banner that stays.
        calmed(): it is over.
    """

    informed = Signal(str)
    failed = Signal(object)
    noted = Signal(str, str)
    passed = Signal()
    withdrawn = Signal(tuple)
    warned = Signal(object)
    calmed = Signal()

    def info(self, text: str) -> None:
        """Say something in passing."""
        self.informed.emit(text)

    def error(self, error: EngineError) -> None:
        """Say that something did not work, and what to do. Cancelling is no failure."""
        if isinstance(error, Cancelled):
            self.informed.emit(str(error))
        else:
            self.failed.emit(error)

    def withdraw(self, *kinds: type[EngineError]) -> None:
        """Take away an error of one of these kinds that was said before."""
        self.withdrawn.emit(kinds)

    def note(self, what: str, more: str) -> None:
        """Say what was done, and what was left out."""
        self.noted.emit(what, more)

    def pass_note(self) -> None:
        """Say that what was noted is out of date."""
        self.passed.emit()

    def warn(self, error: EngineError) -> None:
        """Say that something is wrong until :meth:`calm` is called."""
        self.warned.emit(error)

    def calm(self) -> None:
        """Say that what was warned of is over."""
        self.calmed.emit()
