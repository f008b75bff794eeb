"""Data that is opened from the menu or dropped: into the project, or as a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.data_view.data_panel import DataPanel
from app.document.files import DocumentFiles
from app.messages import Messages
from app.window.predicting import Predicting
from app.workbench import Workbench
from engine.errors import DataError
from engine.project import SUFFIX


class TakingData(QObject):
    """Takes files and folders; an empty canvas gets a network for them.

    Signals:
        taken(): there will be data to look at.
    """

    taken = Signal()

    def __init__(
        self,
        panel: DataPanel,
        workbench: Workbench,
        files: DocumentFiles,
        messages: Messages,
        begins_project: Callable[[], bool],
        predicting: Predicting,
        parent: QObject,
    ) -> None:
        """Wait for data.

        Args:
            begins_project: whether data begins a new project now, because the open one
                is not seen.
            predicting: what else a dropped file may be for.
        """
        super().__init__(parent)
        self._panel, self._workbench = panel, workbench
        self._files, self._messages = files, messages
        self._begins_project, self._predicting = begins_project, predicting

    def ask_for_file(self) -> None:
        """Ask for a file of data, and take it."""
        self._take(self._panel.file_to_open())

    def ask_for_folder(self) -> None:
        """Ask for a folder of pictures, and take it."""
        self._take(self._panel.folder_to_open())

    def open_path(self, path: Path) -> bool:
        """Open a project, or take anything else as data; whether it was done."""
        return self._files.open_path(path) if path.suffix == SUFFIX else self._take(path)

    def take(self, path: Path) -> None:
        """Make a file or folder the data of the project."""
        self._take(path)

    def open_one_dropped(self, path: Path) -> bool:
        """Open what was dropped; where a network is trained, ask what data is for.

        Returns:
            Whether it was opened, or asked about.
        """
        is_data = path.suffix != SUFFIX
        if is_data and self._predicting.is_possible and not self._begins_project():
            self._predicting.choose(path, self.take)
            return True
        return self.open_path(path)

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """The first of what was dropped; it is said that there were others."""
        if not paths:
            self._messages.error(
                DataError(
                    "What was dropped has not arrived: the program that it came from has sent no "
                    "file names.",
                    "Drop it again, or choose File → Open.",
                )
            )
            return
        if self.open_one_dropped(paths[0]) and len(paths) > 1:
            # Not in the status line, where the next message would hide it at once.
            self._messages.error(
                DataError(
                    f"{len(paths)} files were dropped; only {paths[0].name} was opened.",
                    "Combine tables into one file, and sort pictures into folders by class.",
                )
            )

    def _take(self, path: Path | None) -> bool:
        source = None if path is None else self._panel.source_at(path)
        if source is None or (self._begins_project() and not self._files.new()):
            return False
        self.taken.emit()
        self._workbench.draw_for_data_when_ready()
        self._panel.choose(source)
        return True
