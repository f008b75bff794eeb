"""The export dialog: where to, what is inside, and the proof that it is the same."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.exporting.work import Export, Exportable, contents
from app.settings import Settings
from app.widgets.facts import Facts
from app.widgets.icons import icon
from app.widgets.labels import Heading, ToneLabel
from engine.errors import EngineError, ExportError
from engine.exporting import ExportReport

POLL_MS = 33
SUFFIX = ".onnx"
WIDTH = 520


class ExportDialog(QDialog):
    """Writes the trained network as ONNX in a thread, verified, and shows the difference."""

    def __init__(
        self,
        what: Exportable | ExportError,
        folder: Path,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        """Prepare an export.

        Args:
            what: what to export, or why nothing can be.
            folder: where to propose to write it.
        """
        super().__init__(parent)
        self.setWindowTitle("Export ONNX")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self._settings = settings
        self._what = what
        self._job: Export | None = None
        self._written: Path | None = None
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        self._build()
        stem = _file_name(what.title) if isinstance(what, Exportable) else "network"
        self.path_field.setText(str(folder / f"{stem}{SUFFIX}"))
        if isinstance(what, Exportable):
            self.inside.show_rows(contents(what))
        else:
            self._show_failure(what)
            self.inside.show_rows([])
        self._update()

    @property
    def is_working(self) -> bool:
        """Whether an export is going on."""
        return self._job is not None

    def _build(self) -> None:
        self.path_field = QLineEdit()
        self.path_field.setAccessibleName("File")
        self.path_field.textChanged.connect(self._update)
        self.browse_button = QPushButton("Choose…")
        self.browse_button.clicked.connect(self._browse)
        self.inside = Facts()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.outcome = ToneLabel()
        self.folder_button = QPushButton(icon("fa6s.folder-open"), "Open folder")
        self.folder_button.clicked.connect(self._open_folder)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export_button = QPushButton("Export and verify")
        self.export_button.clicked.connect(self.export)
        buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.folder_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        for button in (self.browse_button, self.folder_button, *buttons.buttons()):
            assert isinstance(button, QPushButton)
            button.setAutoDefault(False)
        self.export_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        layout.addWidget(Heading("File"))
        row = QHBoxLayout()
        layout.addLayout(row)
        row.addWidget(self.path_field, 1)
        row.addWidget(self.browse_button)
        layout.addSpacing(8)
        layout.addWidget(Heading("What is inside"))
        layout.addWidget(self.inside)
        layout.addSpacing(8)
        layout.addWidget(Heading("Check"))
        layout.addWidget(self.outcome)
        layout.addWidget(self.bar)
        layout.addStretch(1)
        layout.addWidget(buttons)
        # The result takes their place later; without room kept, the dialog would jump.
        for widget in (self.bar, self.folder_button):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
            widget.hide()
        self.outcome.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.outcome.setText(
            "The file is run in ONNX Runtime on samples that the network was not trained on, "
            "and written only if it gives the same answers."
        )

    # Working

    def export(self) -> None:
        """Start the export; its outcome is shown when it is there."""
        if self._job is not None or not isinstance(self._what, Exportable):
            return
        path = Path(self.path_field.text().strip()).expanduser()
        if path.suffix != SUFFIX:
            path = path.with_name(f"{path.name}{SUFFIX}")
        self._settings.last_folder = path.absolute().parent
        self._job = Export(self._what, path.absolute())
        self._written = None
        self.outcome.set_tone("muted")
        self.outcome.setText("Exporting…")
        self._job.start()
        self._poll.start()
        self._update()

    def _look(self) -> None:
        job = self._job
        if job is None:
            return
        what, done, total = job.stage
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        if job.is_alive():
            self.outcome.setText(f"{what.capitalize()}…")
            return
        self._poll.stop()
        self._job = None
        if isinstance(job.outcome, ExportReport):
            self._show_success(job.outcome)
        elif isinstance(job.outcome, EngineError):
            self._show_failure(job.outcome)
        else:
            self._show_failure(EngineError("The export failed because of a bug in Netsmith."))
        self._update()
        if job.outcome is not None and not isinstance(job.outcome, ExportReport | EngineError):
            raise job.outcome

    def _show_success(self, report: ExportReport) -> None:
        proof = report.verification
        self._written = report.path
        self.outcome.set_tone("good")
        self.outcome.setText(
            f"Verified on {proof.samples:,} samples: ONNX Runtime and Netsmith differ by at most "
            f"{proof.largest_difference:.1e} (allowed: {proof.limit:g}).\n"
            f"Wrote {report.path.name}, {report.bytes / 1024:,.0f} KiB."
        )

    def _show_failure(self, error: EngineError) -> None:
        self.outcome.set_tone("bad")
        self.outcome.setText(str(error))

    def _update(self) -> None:
        idle = self._job is None
        self.bar.setVisible(not idle)
        self.path_field.setEnabled(idle)
        self.browse_button.setEnabled(idle)
        self.folder_button.setVisible(self._written is not None)
        is_named = bool(self.path_field.text().strip())
        self.export_button.setEnabled(idle and is_named and isinstance(self._what, Exportable))

    # Around it

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Export ONNX", self.path_field.text(), f"ONNX models (*{SUFFIX})"
        )
        if name:
            self.path_field.setText(name)

    def _open_folder(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def reject(self) -> None:
        """Close, once the file is written: half an export helps nobody."""
        if self._job is None:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            event.ignore()
            return
        super().closeEvent(event)


def _file_name(text: str) -> str:
    """A title as a file name that every system takes."""
    kept = "".join(each if each.isalnum() or each in " -_" else " " for each in text)
    return "-".join(kept.lower().split()) or "network"
