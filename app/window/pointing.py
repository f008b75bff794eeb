"""From a row of one panel to the place in another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from app.canvas.view import CanvasView
from app.document import Document
from app.inspector.inspector import Inspector
from app.window.docks import Docks
from app.window.pages import Pages
from engine.diagnosis import Fix


class Pointing(QObject):
    """Shows nodes, edits before they are made, and the fields of a layer."""

    def __init__(
        self,
        document: Document,
        canvas: CanvasView,
        inspector: Inspector,
        docks: Docks,
        pages: Pages,
    ) -> None:
        super().__init__(canvas)
        self._document, self._canvas, self._inspector = document, canvas, inspector
        self._docks, self._pages = docks, pages

    def show_node(self, node: str) -> None:
        """A node of the whole, given with its groups: ``group/node``."""
        self._pages.show_workspace()
        shown = self._document.show_node(node)
        if shown:
            self._canvas.show_node(shown)

    def show_here(self, node: str) -> None:
        """A node of what is looked at."""
        self.show_node("/".join((*self._document.level, node)))

    def preview_fix(self, fix: Fix | None) -> None:
        """Show what an edit of the whole would do; inside a group the same edit as seen there."""
        if fix is not None and self._document.level:
            known = (each for problem in self._document.problems for each in problem.fixes)
            fix = next((each for each in known if each.label == fix.label), None)
        self._canvas.preview_fix(fix)

    def show_data(self) -> None:
        """The panel where data is chosen."""
        self._show("data")

    def edit_settings(self) -> None:
        """The first field of the selected layer."""
        self._show("inspector")
        view = self._inspector.node_view
        fields = [
            each
            for each in view.form.findChildren(QWidget)
            if each.isVisibleTo(view) and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        (fields[0] if fields else view.title).setFocus(Qt.FocusReason.TabFocusReason)

    def focus_canvas(self) -> None:
        """Let the keyboard act on the canvas."""
        self._pages.show_workspace()
        self._canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show(self, dock: str) -> None:
        self._pages.show_workspace()
        self._docks[dock].show()
        self._docks[dock].raise_()
