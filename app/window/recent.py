"""The menu of recent projects."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.settings import Settings


class RecentMenu(QMenu):
    """Filled each time it is opened.

    Signals:
        fileChosen(Path).
    """

    fileChosen = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Open &recent", parent)
        self._settings = settings
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._chosen)

    def fill(self) -> None:
        """List what was open lately, the latest first."""
        self.clear()
        paths = self._settings.recent_files
        for path in paths:
            action = self.addAction(path.stem)
            action.setData(path)
            action.setStatusTip(str(path))
        if not paths:
            self.addAction("No recent projects").setEnabled(False)
            return
        self.addSeparator()
        self.addAction("Clear this list")

    def _chosen(self, action: QAction) -> None:
        path = action.data()
        if isinstance(path, Path):
            self.fileChosen.emit(path)
        else:
            self._settings.forget_recent_files()
