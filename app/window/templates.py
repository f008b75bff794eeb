"""Known architectures from the menu onto the canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.canvas.view import CanvasView
from app.document import Document
from app.messages import Messages
from app.templates.dialog import TemplateDialog
from app.window.pages import Pages
from app.workbench import Workbench
from engine.errors import DataError
from engine.graph import Graph
from engine.templates import Template


class Templates(QObject):
    """Offers them, and draws what was chosen; lives as long as the window."""

    def __init__(
        self,
        document: Document,
        workbench: Workbench,
        canvas: CanvasView,
        pages: Pages,
        messages: Messages,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._document, self._workbench = document, workbench
        self._canvas, self._pages = canvas, pages
        self._messages, self._window = messages, parent

    def choose(self) -> None:
        """The dialog of known architectures, sized to the data."""
        data = self._workbench.dataset
        if data is None:
            self._messages.error(
                DataError("Templates are sized to the data, and none is loaded.", "Choose some.")
            )
            return
        dialog = TemplateDialog(data, len(self._document.whole.graph.nodes), self._window)
        dialog.chosen.connect(self.draw)
        dialog.open()

    def draw(self, template: Template, graph: Graph) -> None:
        """Draw it in place of what is there."""
        self._pages.show_workspace()
        self._workbench.draw(template.label, graph, template.learns)
        self._canvas.fit_all()
