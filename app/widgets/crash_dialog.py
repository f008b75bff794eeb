"""What the user sees of a bug of ours: its traceback, with a button to copy it."""

from __future__ import annotations

import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.labels import ToneLabel


class CrashDialog(QDialog):
    """Shows a report; the program goes on when it is closed."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report = report
        self.setWindowTitle("Netsmith: internal error")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 420)
        text = ToneLabel(
            "Netsmith has run into a bug. Your project is still open: save it under another name, "
            "and send the report below to the developers.",
            "text",
        )
        self.view = QPlainTextEdit(report)
        self.view.setReadOnly(True)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy_button = QPushButton("Copy report")
        self.copy_button.clicked.connect(self.copy)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(self.view, 1)
        layout.addWidget(buttons)

    def copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report)
        self.copy_button.setText("Copied")


class CrashReporter(QObject):
    """Turns exceptions that nobody caught, in any thread, into one dialog.

    While the dialog is open, further ones are printed only: a bug in a timer
    would otherwise bury the screen.
    """

    _crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: CrashDialog | None = None
        # Queued: the exception may come from another thread, or from within a paint event.
        self._crashed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def report(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Print an exception and show it."""
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        sys.__excepthook__(kind, error, trace)
        self._crashed.emit(report_text(error))

    def report_of_thread(self, args: threading.ExceptHookArgs) -> None:
        """As :meth:`report`, for :data:`threading.excepthook`."""
        if args.exc_value is not None:
            self.report(args.exc_type, args.exc_value, args.exc_traceback)

    @Slot(str)
    def _show(self, report: str) -> None:
        if self.dialog is not None:
            return
        self.dialog = CrashDialog(report, QApplication.activeWindow())
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None


def install_excepthook(parent: QObject) -> CrashReporter:
    """Show what nobody caught from now on; the reporter lives as long as ``parent``."""
    reporter = CrashReporter(parent)
    sys.excepthook = reporter.report
    threading.excepthook = reporter.report_of_thread
    return reporter


def report_text(error: BaseException) -> str:
    """A traceback with the versions that one asks for first."""
    from PySide6 import __version__ as qt_version

    from engine.version import VERSION

    head = (
        f"Netsmith {VERSION} · Python {platform.python_version()} · "
        f"PySide6 {qt_version} · {platform.platform()}\n\n"
    )
    return head + "".join(traceback.format_exception(error))
