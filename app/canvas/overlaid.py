"""What lies over the canvas: which of it is seen when, and where it stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsView, QWidget

from app.canvas.health_legend import HealthLegend
from app.canvas.minimap import Minimap
from app.canvas.navigation import Navigation
from app.canvas.overlays import EmptyHint, RunMark, StartOffer, Tip
from app.canvas.scene import CanvasScene
from app.document import Document

_EDGE = 10


class Overlaid:
    """Holds the overlays of a view.

    Attributes:
        tip: beside the cursor, why a drop would be refused.
        empty: how to begin, while there is nothing.
        offer: the network that is proposed for the data, while there is nothing.
        legend: what the wires mean.
        map: the minimap.
    """

    def __init__(
        self,
        view: QGraphicsView,
        document: Document,
        scene: CanvasScene,
        navigation: Navigation,
    ) -> None:
        self._view, self._document, self._scene = view, document, scene
        self.tip = Tip(view)
        self.empty = EmptyHint(view)
        self.offer = StartOffer(view)
        self._mark = RunMark(view)
        self.legend = HealthLegend(view)
        self.map = Minimap(view, scene, navigation)
        self._corners: list[QWidget] = [self._mark, self.legend]

    def add(self, corner: QWidget) -> None:
        """Something else stands in a corner while it is shown."""
        self._corners.append(corner)

    def covers(self, seen: QRectF) -> list[QRectF]:
        """What is covered while a rectangle of the scene is seen, in the viewport.

        Args:
            seen: if it is empty, all that may be covered.
        """
        shown = [each for each in self._corners if not each.isHidden()]
        if self.map.is_useful(seen):
            shown.append(self.map)
        return [QRectF(each.geometry()) for each in shown]

    def place(self) -> None:
        """The view was resized."""
        self.empty.setGeometry(self._view.rect())
        self.offer.place()
        self._mark.move(self._view.width() - self._mark.width() - _EDGE, _EDGE)
        self.map.follow()
        self.legend.place()

    def follow(self) -> None:
        """The document or what is wrong with it changed."""
        is_empty = not self._document.project.graph.nodes
        self.empty.setVisible(is_empty)
        self.offer.offer(self._document.problems, is_empty)
        self.map.forget()

    def show_running(self, running: bool) -> None:
        """Show whether a run is going on with a copy of the network."""
        self._mark.setVisible(running)
        self.map.set_running(running)

    def show_legend(self) -> None:
        """Explain the wires while they show something."""
        live = self._scene.live
        self.legend.setVisible(live.shows_health and live.health is not None)
