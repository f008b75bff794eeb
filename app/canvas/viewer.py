"""The canvas as something that is looked at: pan, zoom, fit, find; it edits nothing."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QCursor, QHideEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QStyle, QWidget

from app.canvas.drawing import drawn_area, paint_drawing
from app.canvas.flash import Flash
from app.canvas.navigation import STEP, Navigation
from app.canvas.overlaid import Overlaid
from app.canvas.scene import CanvasScene
from app.document import Document

_MARGINS = -8, -8, 8, 8
"""How far lines may reach beyond what changed, in pixels of the screen."""


class Viewer(QGraphicsView):
    """Shows the document's graph, and what lies over it."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.canvas_scene = CanvasScene(document, self)
        self.setScene(self.canvas_scene)
        self.navigation = Navigation(self, self.canvas_scene, self._covers)
        self.overlaid = Overlaid(self, document, self.canvas_scene, self.navigation)
        self.tip = self.overlaid.tip
        self._flash = Flash(self, self.canvas_scene)
        self._still = False
        self._set_up()
        self.canvas_scene.tiles.renewed.connect(self._on_renewed)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)

    # Where it looks

    @property
    def zoom(self) -> float:
        """Screen pixels per canvas pixel."""
        return self.navigation.zoom

    @property
    def seen(self) -> QRectF:
        """The part of the scene that is in sight."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def nodes_in_sight(self) -> set[str]:
        """The nodes of which something can be seen."""
        return self.canvas_scene.nodes_in(self.seen)

    def cursor_place(self) -> QPointF | None:
        """Where the cursor is in the scene; None if it is not over the canvas."""
        at = self.viewport().mapFromGlobal(QPointF(QCursor.pos()))
        inside = QRectF(self.viewport().rect()).contains(at) and self.isVisible()
        return self.navigation.to_scene(at) if inside else None

    def zoom_in(self) -> None:
        self.navigation.zoom_by(STEP)

    def zoom_out(self) -> None:
        self.navigation.zoom_by(1 / STEP)

    def zoom_reset(self) -> None:
        self.navigation.zoom_to(1.0)

    def fit_all(self) -> None:
        """Show the whole drawing."""
        self.navigation.fit(self.canvas_scene.everything)

    def fit_selection(self) -> None:
        """Show the selected nodes; everything if none is."""
        selection, scene = self.document.selection, self.canvas_scene
        rect = scene.rect_of(selection.nodes)
        for mark in selection.marks:
            rect = rect.united(scene.marks[mark].rect)
        self.navigation.fit(scene.everything if rect.isNull() else rect)

    def _covers(self, seen: QRectF) -> list[QRectF]:
        return self.overlaid.covers(seen)

    def center_on(self, node: str) -> None:
        """Bring a node to the middle."""
        self.navigation.center_on(self.canvas_scene.rect_of([node]))

    def show_node(self, node: str) -> None:
        """Scroll just so far that a node can be seen."""
        self.show_nodes([node])

    def show_nodes(self, nodes: Iterable[str]) -> None:
        """Scroll just so far that nodes can be seen."""
        self.ensureVisible(self.canvas_scene.rect_of(nodes), 30, 30)

    def highlight_problem(self, node: str) -> None:
        """Select a node, bring it to the middle and let it flash."""
        if node not in self.canvas_scene.nodes:
            return
        self.document.selection.set([node])
        self.center_on(node)
        self._flash.at(node, moves=self.moves)

    # What it shows

    def minimap(self) -> None:
        """Show or hide the minimap."""
        self.overlaid.map.toggle()

    def set_running(self, running: bool) -> None:
        """Show whether a run is going on with a copy of the network."""
        self.overlaid.show_running(running)

    def show_health(self, shown: bool) -> None:
        """Switch what tells how well layers learn."""
        self.canvas_scene.live.show_health(shown)
        self.show_legend()

    def show_legend(self) -> None:
        """Explain the wires while they show something."""
        self.overlaid.show_legend()

    def show_cursor(self, shape: Qt.CursorShape | None) -> None:
        """Use a cursor; None the usual one."""
        if shape is None:
            self.viewport().unsetCursor()
        else:
            self.viewport().setCursor(shape)

    def set_still(self, still: bool) -> None:
        """Turn animations off."""
        self._still = still

    @property
    def moves(self) -> bool:
        """Whether things may glide: neither the user nor the desktop wants it still."""
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        return not self._still and self.style().styleHint(hint, None, self) > 0

    # Painting

    def drawn_area(self) -> QRectF:
        """What a drawing of the whole network covers; empty without layers."""
        return drawn_area(self.canvas_scene)

    def paint_drawing(self, painter: QPainter) -> None:
        """Paint the whole network on any device, in the coordinates of :meth:`drawn_area`."""
        paint_drawing(self.canvas_scene, painter)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self.canvas_scene.tiles.paint(painter, QRectF(rect), self.seen)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.canvas_scene.refresh()
            self.overlaid.map.forget()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.overlaid.place()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.canvas_scene.tiles.pause()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        # What was moved would show a seam beside what is painted where it was rounded otherwise.
        if self.canvas_scene.tiles.is_stretched or not self.devicePixelRatioF().is_integer():
            self.viewport().update()
        self.overlaid.map.follow()

    def _on_renewed(self, rect: QRectF) -> None:
        if rect.isEmpty():
            self.viewport().update()
        else:
            seen = self.viewportTransform().mapRect(rect).toAlignedRect()
            self.viewport().update(seen.adjusted(*_MARGINS))
