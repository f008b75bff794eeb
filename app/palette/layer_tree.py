"""The palette's list: layer types under their categories."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QDrag, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from app.palette.painting import drag_picture, paint_category
from app.widgets.layer_drag import mime_of
from app.widgets.layer_look import summary
from app.widgets.layer_row import LayerRow
from app.widgets.offers import shown_name
from app.widgets.rows import VALUE, Row, Section, TreeModel

_CATEGORY_HEIGHT = 30


class LayerTree(QTreeView):
    """Categories open and close; layer types can be dragged out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TreeModel(self)
        self.setModel(self._model)
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
        self.clicked.connect(self._on_clicked)

    def fill(self, kinds: Mapping[str, list[str]]) -> None:
        """Show these layer types and blocks, by category; categories stay open or closed."""
        tops = range(len(self._model.branches))
        closed = {self._model.branches[top].row.text for top in tops if not self._is_open(top)}
        self._model.reset(
            [
                Section(
                    Row(category, is_heading=True),
                    tuple(Row(shown_name(kind), kind, tip=summary(kind)) for kind in members),
                )
                for category, members in kinds.items()
            ]
        )
        for top, category in enumerate(kinds):
            self.setExpanded(self._model.index(top), category not in closed)

    def _is_open(self, top: int) -> bool:
        return self.isExpanded(self._model.index(top))

    def kind_of(self, index: QModelIndex) -> str | None:
        """The layer type of a row; None for a category."""
        row = self._model.row_at(index)
        return None if row is None else row.value

    def current_kind(self) -> str | None:
        """The layer type that is selected."""
        index = self.currentIndex()
        if not index.isValid() or self.isRowHidden(index.row(), index.parent()):
            return None
        return self.kind_of(index)

    def index_of(self, kind: str) -> QModelIndex:
        """Where a layer type is.

        Raises:
            KeyError: it is not among those shown.
        """
        for top, branch in enumerate(self._model.branches):
            for place, row in enumerate(branch.below):
                if row.value == kind:
                    return self._model.index(place, 0, self._model.index(top))
        raise KeyError(kind)

    def select(self, kind: str | None) -> None:
        """Select a layer type; None selects nothing."""
        self.setCurrentIndex(self.index_of(kind) if kind else QModelIndex())

    def show_only(self, kinds: Collection[str]) -> None:
        """Hide all other layer types, and the categories that are empty then."""
        of_all = sum(len(branch.below) for branch in self._model.branches)
        for top, branch in enumerate(self._model.branches):
            at = self._model.index(top)
            for place, row in enumerate(branch.below):
                self.setRowHidden(place, at, row.value not in kinds)
            hidden = not any(row.value in kinds for row in branch.below)
            self.setRowHidden(top, QModelIndex(), hidden)
            if len(kinds) < of_all:
                self.setExpanded(at, True)

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

    def _on_clicked(self, index: QModelIndex) -> None:
        if self.kind_of(index) is None:
            self.setExpanded(index, not self.isExpanded(index))


class _RowDelegate(LayerRow):
    """Paints categories as headings, layer types as everywhere."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        size = super().sizeHint(option, index)
        return size if index.data(VALUE) else QSize(size.width(), _CATEGORY_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tree = self.parent()
        assert isinstance(tree, LayerTree)
        if index.data(VALUE) is None and isinstance(index, QModelIndex):
            paint_category(painter, option, str(index.data()), tree.isExpanded(index))
        else:
            super().paint(painter, option, index)
