"""Keeping groups as blocks for other places and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from app.widgets.name_dialog import NameDialog
from engine.graph import Group
from engine.project import Inside

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Blocking(QObject):
    """The command that saves the selected group as a block."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._node = ""
        self.dialog: NameDialog | None = None

    def save_block(self) -> None:
        """Ask for a name, and keep the selected group under it."""
        node = self._canvas.document.selection.node
        assert node is not None
        self._node = node
        title = self._canvas.document.project.graph.nodes[node].title
        self.dialog = NameDialog("Save as a block", title or "My block", self._save, self._canvas)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.open()

    def _save(self, name: str) -> None:
        project = self._canvas.document.project
        group = project.graph.nodes[self._node].layer
        assert isinstance(group, Group)
        self._canvas.blocks.save(name, group, project.insides.get(self._node, Inside()))
        self._canvas.message.emit(f"Saved the block {name}. It is in the palette under Blocks.")
