"""What leaves the window as a file: the trained network, and the drawing."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.canvas.view import CanvasView
from app.document.data import LoadedData
from app.document.files import DocumentFiles
from app.exporting import drawing
from app.exporting.dialog import ExportDialog
from app.exporting.work import exportable
from app.messages import Messages
from app.settings import Settings
from app.training.session import TrainingSession
from app.window.trained import TrainedFiles
from engine.errors import ExportError


class Exports(QObject):
    """Asks where to, and writes it there; lives as long as the window."""

    def __init__(
        self,
        files: DocumentFiles,
        learned: tuple[TrainedFiles, LoadedData, TrainingSession],
        canvas: CanvasView,
        settings: Settings,
        messages: Messages,
        parent: QWidget,
    ) -> None:
        """Wait to be asked.

        Args:
            learned: what was trained, what it can be tried on, and who trains.
        """
        super().__init__(parent)
        self._files, self._canvas = files, canvas
        self._trained, self._data, self._session = learned
        self._settings, self._messages, self._window = settings, messages, parent

    def export(self) -> None:
        """The export dialog, for the trained network."""
        if self._session.is_active:
            self._messages.error(
                ExportError("Training is running.", "Stop it, then export the result.")
            )
            return
        self._messages.withdraw(ExportError)
        dataset = self._trained.dataset or self._data.dataset
        what = exportable(self._trained.model, dataset, self._files.title)
        ExportDialog(what, self._files.folder, self._settings, self._window).open()

    def export_drawing(self) -> None:
        """Ask where to, and write the drawing there."""
        suggested = self._files.folder / f"{self._files.title}.svg"
        path = self._files.dialogs.path_to_draw(suggested, drawing.FILTERS)
        if path is None:
            return
        try:
            drawing.write_drawing(path, self._canvas.drawn_area(), self._canvas.paint_drawing)
        except ExportError as error:
            self._messages.error(error)
        else:
            self._messages.info(f"Wrote {path}.")
