"""The palette's list: layer types under their categories."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QDrag, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.palette.painting import drag_picture, paint_category
from app.widgets.layer_drag import mime_of
from app.widgets.layer_look import summary
from app.widgets.layer_row import LayerRow
from app.widgets.offers import shown_name

_KIND = Qt.ItemDataRole.UserRole
_CATEGORY_HEIGHT = 30


class LayerTree(QTreeWidget):
    """Categories open and close; layer types can be dragged out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QTreeWidgetItem] = {}
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Layers")
        self.setItemDelegate(_RowDelegate(self))
        self.itemClicked.connect(self._on_clicked)

    def fill(self, kinds: Mapping[str, list[str]]) -> None:
        """Show these layer types and blocks, by category; categories stay open or closed."""
        closed = {top.text(0) for top in self._tops() if not top.isExpanded()}
        self.clear()
        self._items = {}
        for category, members in kinds.items():
            top = QTreeWidgetItem([category])
            top.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.addTopLevelItem(top)
            for kind in members:
                item = QTreeWidgetItem([shown_name(kind)])
                item.setData(0, _KIND, kind)
                item.setToolTip(0, summary(kind))
                top.addChild(item)
                self._items[kind] = item
            top.setExpanded(category not in closed)

    def _tops(self) -> list[QTreeWidgetItem]:
        tops = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [top for top in tops if top is not None]

    def kind_of(self, item: QTreeWidgetItem | None) -> str | None:
        """The layer type of a row; None for a category."""
        kind = item.data(0, _KIND) if item is not None else None
        return kind if isinstance(kind, str) else None

    def current_kind(self) -> str | None:
        """The layer type that is selected."""
        item = self.currentItem()
        return None if item is None or item.isHidden() else self.kind_of(item)

    def item(self, kind: str) -> QTreeWidgetItem:
        """The row of a layer type."""
        return self._items[kind]

    def select(self, kind: str | None) -> None:
        """Select a layer type; None selects nothing."""
        self.setCurrentItem(self._items[kind] if kind else None)  # type: ignore[arg-type]

    def show_only(self, kinds: Collection[str]) -> None:
        """Hide all other layer types, and the categories that are empty then."""
        for top in self._tops():
            shown = 0
            for index in range(top.childCount()):
                item = top.child(index)
                assert item is not None
                item.setHidden(self.kind_of(item) not in kinds)
                shown += not item.isHidden()
            top.setHidden(not shown)
            if len(kinds) < len(self._items):
                top.setExpanded(True)

    def startDrag(self, supported: Qt.DropAction) -> None:
        kind = self.current_kind()
        if kind is None:
            return
        drag = QDrag(self)
        drag.setMimeData(mime_of(kind))
        drag.setPixmap(drag_picture(self, kind))
        # Beside the cursor: the canvas shows the node itself beneath it.
        drag.setHotSpot(QPoint(-14, -10))
        drag.exec(Qt.DropAction.CopyAction)

    def _on_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if self.kind_of(item) is None:
            item.setExpanded(not item.isExpanded())


class _RowDelegate(LayerRow):
    """Paints categories as headings, layer types as everywhere."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        size = super().sizeHint(option, index)
        return size if index.data(_KIND) else QSize(size.width(), _CATEGORY_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tree = self.parent()
        assert isinstance(tree, LayerTree)
        if index.data(_KIND) is None and isinstance(index, QModelIndex):
            paint_category(painter, option, str(index.data()), tree.isExpanded(index))
        else:
            super().paint(painter, option, index)
