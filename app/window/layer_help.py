"""The window with the help page of a layer type."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from app.widgets.layer_look import paint_layer_tile
from app.widgets.layer_page import page_of

_TILE = 56
_EDGE = 16


class LayerHelp(QDialog):
    """Stays open beside the work; another layer's page takes the place of the last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.kind = ""
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.setAccessibleName("Help on the layer")
        self._tile = _Tile(self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.page.document().setDocumentMargin(_EDGE)
        self.resize(520, 620)

    def show_kind(self, kind: str) -> None:
        """Show the page of a layer type."""
        self.kind = kind
        self.setWindowTitle(f"{kind} – Help")
        self.page.setHtml(page_of(kind))
        self._tile.show_kind(kind)
        self.show()
        self.activateWindow()
        self.page.setFocus(Qt.FocusReason.PopupFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self.kind:
            self.page.setHtml(page_of(self.kind))
        super().changeEvent(event)


class _Tile(QWidget):
    """The layer's picture, in the page's upper right corner."""

    def __init__(self, page: QTextBrowser) -> None:
        super().__init__(page.viewport())
        self._page = page
        self._kind = ""
        self.resize(_TILE, _TILE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        page.viewport().installEventFilter(self)

    def show_kind(self, kind: str) -> None:
        self._kind = kind
        self.update()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.move(self._page.viewport().width() - _TILE - _EDGE, _EDGE)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._kind:
            paint_layer_tile(QPainter(self), QRectF(self.rect()), self._kind)
