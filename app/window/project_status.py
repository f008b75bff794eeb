"""What the window says of the open project: title, size, problems, whether it can be trained."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from app.document import Document
from app.document.files import DocumentFiles
from app.plots.curves import Curves
from app.problems.problems_panel import ProblemsPanel
from app.training.panel import TrainingPanel
from app.window.status import StatusFacts
from app.workbench import Workbench
from engine.diagnosis import diagnose


class ProjectStatus(QObject):
    """Keeps title, status line and panels in step with document and workbench."""

    def __init__(
        self,
        document: Document,
        files: DocumentFiles,
        workbench: Workbench,
        facts: StatusFacts,
        panels: tuple[ProblemsPanel, TrainingPanel, Curves],
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._document, self._files, self._workbench = document, files, workbench
        self._facts, self._window = facts, window
        self._problems, self._training, self._curves = panels
        workbench.changed.connect(self._show_readiness)
        document.changed.connect(self._show_size)
        document.changed.connect(self._show_title)  # other data, other title
        document.replaced.connect(self.refresh)
        document.pathChanged.connect(self._show_title)
        document.cleanChanged.connect(self._show_title)

    def refresh(self) -> None:
        """Say everything anew."""
        self._show_title()
        self._show_size()

    def _show_title(self, before: object = None) -> None:
        self._window.setWindowTitle(f"{self._files.title}[*] – Netsmith")
        self._window.setWindowModified(not self._document.is_clean)

    def _show_size(self, before: object = None) -> None:
        self._facts.show_size(diagnose(self._document.whole.graph))

    def _show_readiness(self) -> None:
        workbench, document = self._workbench, self._document
        self._problems.set_problems(document.all_problems)
        self._facts.show_problems(document.all_problems)
        self._facts.show_data(workbench.dataset, workbench.is_loading)
        continuing = workbench.continuing
        can_continue = continuing is not None and continuing.is_possible
        self._training.set_ready(
            workbench.reason_not_ready, can_continue, workbench.may_train_anyway
        )
        self._training.set_note(workbench.note)
        self._training.set_outdated(workbench.results_are_of)
        self._curves.set_outdated(workbench.results_are_of)
