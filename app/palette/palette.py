"""The palette: every layer type by category, to search, drag and add."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.document.blocks import Blocks
from app.palette.layer_tree import LayerTree
from app.palette.own_blocks import OwnBlocks
from app.widgets.layer_search import by_category, search
from engine.layers import Layer

_TO_LIST = {Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp}


class Palette(QWidget):
    """A search field above the layer types and blocks; own blocks have a context menu.

    Signals:
        layerActivated(str): a layer type was double-clicked, or Enter pressed on it.
    """

    layerActivated = Signal(str)

    def __init__(self, blocks: Blocks | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks = blocks
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search layers")
        self.search.setAccessibleName("Search layers")
        self.search.setClearButtonEnabled(True)
        self.tree = LayerTree()
        self.nothing = QLabel()
        self.nothing.setWordWrap(True)
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(12, 24, 12, 0)
        self.nothing.hide()
        inside = QVBoxLayout(self)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.setSpacing(6)
        inside.addWidget(self.search)
        inside.addWidget(self.tree, 1)
        inside.addWidget(self.nothing, 1)
        self._fill()
        self.own = OwnBlocks(blocks, self.tree) if blocks is not None else None
        if blocks is not None:
            blocks.changed.connect(self._fill)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._activate_current)
        self.search.installEventFilter(self)
        self.tree.activated.connect(self._on_activated)
        self.setAccessibleName("Layer palette")

    def focus_search(self) -> None:
        """Go to the search field, what stands there selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def sizeHint(self) -> QSize:
        return QSize(220, 500)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            if event.key() in _TO_LIST:
                self.tree.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    @property
    def _offered(self) -> list[str]:
        return [*Layer.palette(), *(self._blocks.keys if self._blocks else ())]

    def _fill(self) -> None:
        blocks = {"Blocks": self._blocks.keys} if self._blocks else {}
        self.tree.fill({**by_category(), **blocks})
        if self.search.text():
            self._filter(self.search.text())

    def _filter(self, text: str) -> None:
        found = search(text, self._offered)
        self.tree.show_only(set(found))
        self.tree.select(found[0] if found and text.strip() else None)
        self.tree.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.nothing.setText(
            f"No layer matches “{text.strip()[:40]}”.\nTry a part of its name, such as “conv”."
        )

    def _activate_current(self) -> None:
        kind = self.tree.current_kind()
        if kind is not None:
            self.layerActivated.emit(kind)

    def _on_activated(self, index: QModelIndex) -> None:
        kind = self.tree.kind_of(index)
        if kind is not None:
            self.layerActivated.emit(kind)
