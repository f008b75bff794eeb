"""The search box at the cursor that chooses a layer type."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtWidgets import QWidget

from app.widgets.layer_look import category_of, summary
from app.widgets.layer_row import LayerRow
from app.widgets.layer_search import search
from app.widgets.offers import shown_name
from app.widgets.rows import Row
from app.widgets.search_box import SearchBox

_SIZE = QSize(280, 320)
_CORNER = QPoint(20, 20)


class QuickAdd(SearchBox):
    """Offers layer types and blocks.

    Signals:
        chosen(str): the layer type or block that was chosen; the box is closed already.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _SIZE, "Search layers")
        self._kinds: Sequence[str] = ()
        self.setAccessibleName("Choose a layer")
        self.use_rows(LayerRow(self.list))

    def open_at(self, at: QPoint, kinds: Sequence[str], words: str) -> None:
        """Open near a point of the parent, offering these layer types in this order."""
        self._kinds = kinds
        self.show_near(at - _CORNER, words)

    def found(self, text: str) -> list[Row]:
        return [
            Row(shown_name(kind), kind, tip=summary(kind), description=category_of(kind))
            for kind in search(text, self._kinds)
        ]

    def nothing_found(self, text: str) -> str:
        return f"No layer matches “{text}”." if text else "No layer fits."

    def choose(self, row: Row) -> None:
        self.chosen.emit(row.value)
