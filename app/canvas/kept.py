"""What is painted into kept pieces of picture, and not by Qt with every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from app.canvas.tiles import Tiles

# A second class of Qt's among the bases of an item would be one too many.
if TYPE_CHECKING:
    _Item = QGraphicsItem
else:
    _Item = object


class KeptScene(QGraphicsScene):
    """A scene with kept pieces of picture."""

    tiles: Tiles

    def addItem(self, item: QGraphicsItem) -> None:
        super().addItem(item)
        _renew(item)

    def removeItem(self, item: QGraphicsItem) -> None:
        _renew(item)
        super().removeItem(item)


class Kept(_Item):
    """Comes before the Qt class among an item's bases; tells the scene what looks different.

    Attributes:
        is_kept: whether the scene's pieces show it; else Qt does, above them.
    """

    is_kept = False

    def keep(self) -> None:
        """Let the scene's pieces show it."""
        self.is_kept = True
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)

    def paint_kept(self, painter: QPainter, zoom: float, rough: bool) -> None:
        """Paint it in the scene's coordinates.

        Args:
            zoom: pixels of the screen per unit of the scene.
            rough: paint fast, as the zoom goes on.
        """
        raise NotImplementedError

    def renew(self) -> None:
        """It looks different, or is at another place."""
        _renew(self)
        if not self.is_kept:
            self.update()

    def setPos(self, *at: Any) -> None:
        _renew(self)
        super().setPos(*at)
        _renew(self)

    def setVisible(self, visible: bool) -> None:
        _renew(self)
        super().setVisible(visible)

    def setOpacity(self, opacity: float) -> None:
        super().setOpacity(opacity)
        self.renew()

    def setZValue(self, z: float) -> None:
        super().setZValue(z)
        self.renew()


def extent(item: QGraphicsItem) -> QRectF:
    """What an item covers of the scene, with all that hangs on it."""
    whole = item.boundingRect().united(item.childrenBoundingRect())
    return item.mapRectToScene(whole)


def _renew(item: QGraphicsItem) -> None:
    if not isinstance(item, Kept) or not item.is_kept:
        return
    scene = item.scene()
    if isinstance(scene, KeptScene):
        scene.tiles.renew(extent(item))
