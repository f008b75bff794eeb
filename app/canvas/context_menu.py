"""Opens the context menu, shows what its entries would do, and carries one out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent

from app.canvas.hits import Hit, MarkHit, NodeHit, PortHit, WireHit
from app.canvas.menus import menu_for
from app.canvas.pointing import Pointing
from engine.diagnosis import Fix

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class ContextMenu(QObject):
    """The menu for what is under the cursor, or by the menu key for what is selected."""

    def __init__(self, canvas: CanvasView, pointing: Pointing) -> None:
        super().__init__(canvas)
        self._canvas, self._pointing = canvas, pointing

    def open(self, event: QContextMenuEvent) -> None:
        """Select what it is for, and open it."""
        canvas, selection = self._canvas, self._canvas.document.selection
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return  # that is a stroke across wires
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            under = self._pointing.under(canvas.navigation.to_scene(QPointF(event.pos())))
        else:
            under = self._selected_hit()
        match under:
            case NodeHit(node) | PortHit(node) if node not in selection.nodes:
                selection.set([node])
            case WireHit(edge):
                selection.set(edges=[edge])
            case MarkHit(mark) if mark not in selection.marks:
                selection.set(marks=[mark])
        menu = menu_for(canvas, canvas.document, under)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.triggered.connect(self._on_triggered)
        menu.hovered.connect(self._on_hovered)
        menu.aboutToHide.connect(self._on_hidden)
        menu.popup(event.globalPos())

    def _selected_hit(self) -> Hit:
        """One of what is selected."""
        selection = self._canvas.document.selection
        for node in selection.nodes:
            return NodeHit(node)
        for edge in selection.edges:
            return WireHit(edge)
        for mark in selection.marks:
            return MarkHit(mark)
        return None

    def _on_triggered(self, action: QAction) -> None:
        asked = action.data()
        if isinstance(asked, Fix):
            self._canvas.mending.apply(asked)
        elif isinstance(asked, str):
            self._canvas.do(asked)

    def _on_hovered(self, action: QAction) -> None:
        asked = action.data()
        self._canvas.preview_fix(asked if isinstance(asked, Fix) else None)

    def _on_hidden(self) -> None:
        self._canvas.preview_fix(None)
