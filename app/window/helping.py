"""What the Help menu does."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from app.actions import Needs
from app.document import Document
from app.window.guide import GuideWindow
from app.window.layer_help import LayerHelp
from app.window.shortcuts import ShortcutsDialog
from app.window.status import QuickTips
from engine.layers import Layer
from engine.version import VERSION


class Helping(QObject):
    """Opens the guide, the help on a layer, the keys, and who made the program.

    Attributes:
        guide, layer_help: stay open beside the work.
    """

    def __init__(self, document: Document, tips: QuickTips, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._tips, self._window = document, tips, parent
        self.layer_help = LayerHelp(parent)
        self.guide = GuideWindow(parent)

    def help_on_layer(self) -> None:
        """The page of the selected layer."""
        node = self._document.selection.node
        kind = self._document.project.graph.nodes[node].layer.kind if node else ""
        if kind in Layer.kinds:
            self.layer_help.show_kind(kind)
        else:
            self._tips.say(f"No layer called {kind} is known." if kind else str(Needs.ONE))

    def show_shortcuts(self) -> None:
        """All keys and gestures."""
        ShortcutsDialog(self._window).open()

    def show_about(self) -> None:
        """Version and license."""
        QMessageBox.about(
            self._window,
            "About Netsmith",
            f"<b>Netsmith {VERSION}</b><p>Draw a neural network, train it on your data, "
            "watch it learn, take it away as ONNX.</p><p>MIT license.</p>",
        )
