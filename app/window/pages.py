"""The two pages of the window: the start page, or the canvas with its panels around it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from app.document import Document
from app.document.files import DocumentFiles
from app.settings import Settings
from app.start_page.start_page import StartPage
from app.window.docks import LAYOUT_VERSION, Docks
from engine.project import Project


class Pages(QStackedWidget):
    """Shows one of the two, and remembers how the panels stand."""

    def __init__(
        self,
        start_page: StartPage,
        workspace: QMainWindow,
        docks: Docks,
        document: Document,
        files: DocumentFiles,
        settings: Settings,
    ) -> None:
        """Put them together.

        Args:
            workspace: the canvas, and around it the docks.
        """
        super().__init__()
        self._start_page, self._workspace, self._docks = start_page, workspace, docks
        self._document, self._files, self._settings = document, files, settings
        self._is_laid_out = False
        self.addWidget(start_page)
        self.addWidget(workspace)

    def show_start_page(self) -> None:
        """Examples and recent projects; the open project stays as it is."""
        self._start_page.set_recent(self._settings.recent_files)
        self.setCurrentWidget(self._start_page)
        self._start_page.set_back("" if self._is_untouched else self._files.title)

    def show_workspace(self) -> None:
        """The canvas with its panels."""
        if self.currentWidget() is self._workspace:
            return
        self.setCurrentWidget(self._workspace)
        if not self._is_laid_out and self.isVisible():
            self._is_laid_out = True
            # Once the workspace has its size; before, Qt shares out what is not there.
            QTimer.singleShot(0, self._docks.share_out)
        canvas = self._workspace.centralWidget()
        if canvas is not None:
            canvas.setFocus()

    def restore(self) -> None:
        """Put the panels as they stood when the window was closed last."""
        self._docks.lay_out()
        state = self._settings.window_state
        if not state.isEmpty():
            self._is_laid_out = self._workspace.restoreState(state, LAYOUT_VERSION)

    def remember(self) -> None:
        """Keep how the panels stand for the next start."""
        self._settings.window_state = self._workspace.saveState(LAYOUT_VERSION)

    def begins_project(self) -> bool:
        """Whether data begins a new project: on the start page no other is seen."""
        return self.currentWidget() is self._start_page and not self._is_untouched

    @property
    def _is_untouched(self) -> bool:
        """Whether the project is the empty one that the program begins with."""
        return self._document.path is None and self._document.whole == Project()
