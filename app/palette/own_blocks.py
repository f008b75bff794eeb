"""The context menu of the user's own blocks: rename, remove."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox

from app.document.blocks import Blocks
from app.palette.layer_tree import LayerTree
from app.widgets.name_dialog import NameDialog
from app.widgets.offers import block_in
from engine.errors import EngineError


class OwnBlocks(QObject):
    """Asks and does; the blocks that come with the program stay as they are."""

    def __init__(self, blocks: Blocks, tree: LayerTree) -> None:
        super().__init__(tree)
        self._blocks, self._tree = blocks, tree
        self._name = ""
        self.menu: QMenu | None = None
        self.dialog: NameDialog | None = None
        self.question: QMessageBox | None = None
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._open)

    def _open(self, at: QPoint) -> None:
        kind = self._tree.kind_of(self._tree.indexAt(at))
        self._name = block_in(kind or "") or ""
        if not self._name:
            return
        mine = self._name in self._blocks.own
        self.menu = QMenu(self._tree)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (("Rename…", self.rename), ("Remove…", self.remove)):
            action = QAction(text, self.menu)
            action.setEnabled(mine)
            action.triggered.connect(act)
            self.menu.addAction(action)
        if not mine:
            note = QAction("Comes with the program", self.menu)
            note.setEnabled(False)
            self.menu.addAction(note)
        self.menu.popup(self._tree.viewport().mapToGlobal(at))

    def rename(self) -> None:
        """Ask for another name of the block that was clicked."""
        self.dialog = NameDialog("Rename the block", self._name, self._rename, self._tree)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.open()

    def remove(self) -> None:
        """Ask before the block that was clicked is deleted."""
        button = QMessageBox.StandardButton
        self.question = QMessageBox(
            QMessageBox.Icon.Question,
            "Remove the block",
            f"Remove “{self._name}” permanently?\nNetworks built with it do not change.",
            button.Yes | button.Cancel,
            self._tree,
        )
        self.question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # It cannot be undone, so Enter pressed too soon must do no harm.
        self.question.setDefaultButton(button.Cancel)
        self.question.accepted.connect(self._remove)
        self.question.open()

    def _rename(self, new: str) -> None:
        self._blocks.rename(self._name, new)

    def _remove(self) -> None:
        try:
            self._blocks.remove(self._name)
        except EngineError as error:
            QMessageBox.warning(self._tree, "The block was not removed", str(error))
