"""The layer of the scene that lives while the network learns: pictures, chips, wires' health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QTimer

from app.canvas.health import chip_text, node_words, pace_of, wire_health
from app.canvas.live_pictures import LiveItem, chip_picture, glance_picture
from app.canvas.measures import CHIP_RISE, GLANCE_INSET, GLANCE_WIDTH
from app.canvas.node_face import card_of
from engine.arrays import Array
from engine.graph import Graph
from engine.training.health import Health

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene


_TURN_MS, _TURN_S = 8, 0.003
"""How often pictures are painted while some are due, and for how long at a time."""


class Live:
    """Hangs what is known of a run on the scene's nodes and wires, and takes it off again.

    Attributes:
        glances: small pictures by node, as numbers.
        health: of the last step that was watched.
        graph: that of the run; what was changed since shows nothing.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.glances: dict[str, Array] = {}
        self.health: Health | None = None
        self.graph: Graph | None = None
        self.shows_glances = self.shows_health = True
        self._near = True
        self._strips: dict[str, LiveItem] = {}
        self._chips: dict[str, LiveItem] = {}
        self._due: dict[str, None] = {}
        self._work = QTimer(scene, interval=_TURN_MS)
        self._work.timeout.connect(scene.paint_due)

    @property
    def is_near(self) -> bool:
        """Whether pictures would be seen."""
        return self._near

    @property
    def pictured(self) -> frozenset[str]:
        """The nodes with a picture."""
        return frozenset(self._strips)

    def show_run(
        self, graph: Graph, glances: Mapping[str, Array], health: Health | None = None
    ) -> None:
        """News of a run with this graph; what they do not tell of stays as it is."""
        if graph is not self.graph:
            self.clear()
            self.graph = graph
        self.glances.update(glances)
        if health is not None:
            self.health = health
            with self._scene.tiles.patiently():
                self._show_wires()
        self._let_paint(glances if health is None else self._scene.nodes)

    def clear(self) -> None:
        """Forget the run."""
        self.glances, self.health, self.graph = {}, None, None
        self._drop_strips()
        self._show_health()

    def show_glances(self, shown: bool) -> None:
        """Switch the pictures."""
        self.shows_glances = shown
        self.refresh()

    def show_health(self, shown: bool) -> None:
        """Switch chips and wires' health."""
        self.shows_health = shown
        self._show_health()

    def show_near(self, near: bool) -> None:
        """From afar there is no room for pictures and chips."""
        if near != self._near:
            self._near = near
            for item in (*self._strips.values(), *self._chips.values()):
                item.setVisible(near)
            if self.graph is not None:
                self._let_paint(self._scene.nodes)

    def forget(self, node: str) -> None:
        """A node's item is gone, and what hung on it with it."""
        self._strips.pop(node, None)
        self._chips.pop(node, None)

    def sync(self) -> None:
        """The graph changed: what was changed in it does not show what it was before."""
        for node in [each for each in self._strips if not self._is_same(each)]:
            self._drop(self._strips.pop(node))
        self._show_health()
        self._let_paint(self.glances)

    def refresh(self) -> None:
        """Take the colors in force."""
        self._drop_strips()
        for chip in self._chips.values():
            self._drop(chip)
        self._chips.clear()
        self.sync()

    def words_of(self, node: str) -> str:
        """How a node learns, in words."""
        if self.health is None or not self.shows_health or not self._is_same(node):
            return ""
        return node_words(self.health, node)

    def _is_same(self, node: str) -> bool:
        """Whether a node is drawn as it was trained."""
        if self.graph is None or node not in self._scene.nodes or node not in self.graph.nodes:
            return False
        now = self._scene.document.project.graph.nodes.get(node)
        then = self.graph.nodes[node]
        return now is not None and (now is then or now.layer == then.layer)

    # Painting, a little in each turn of the event loop

    def paint_due(self, seconds: float = _TURN_S) -> None:
        """Paint some of what is due; what is out of sight waits until it is in sight."""
        clock = perf_counter()
        with self._scene.tiles.patiently():
            while self._due and perf_counter() - clock < seconds:
                node = next(iter(self._due))
                del self._due[node]
                if node in self._scene.nodes:
                    self._show_glance(node)
                    self._show_chip(node)
        if not self._due:
            self._work.stop()

    def _let_paint(self, nodes: Iterable[str]) -> None:
        if self._near:
            self._due.update(dict.fromkeys(nodes))
        if self._due and not self._work.isActive():
            self._work.start()

    def _show_glance(self, node: str) -> None:
        values = self.glances.get(node)
        if values is None or not self.shows_glances or not self._is_same(node):
            return
        item = self._scene.nodes[node]
        strip = self._strips.get(node)
        if strip is None:
            strip = self._strips[node] = LiveItem(item)
            strip.setVisible(self._near)
            what = "numbers" if values.ndim == 1 else "channels"
            strip.setToolTip(f"Output of {node} for the sample: {what}.")
        card = card_of(item.face)
        strip.setPos(QPointF((card.width() - GLANCE_WIDTH) / 2, card.bottom() + GLANCE_INSET))
        if strip.shows is not values:
            strip.shows = values
            strip.show_picture(glance_picture(values))

    def _show_health(self) -> None:
        self._show_wires()
        for node in list(self._chips):
            self._show_chip(node)
        self._let_paint(self._scene.nodes)

    def _show_wires(self) -> None:
        health = self.health if self.shows_health else None
        same, wires = self._is_same, self._scene.wires
        edges = [edge for edge in wires if same(edge.source) and same(edge.target)]
        found = {} if health is None else wire_health(health, edges)
        for edge, wire in wires.items():
            wire.show_health(found.get(edge))

    def _show_chip(self, node: str) -> None:
        health = self.health if self.shows_health and self._is_same(node) else None
        self._scene.show_tip(self._scene.nodes[node])
        text = chip_text(health, node) if health is not None else ""
        chip = self._chips.get(node)
        if health is None or not text:
            if chip is not None:
                self._drop(self._chips.pop(node))
            return
        item = self._scene.nodes[node]
        if chip is None:
            chip = self._chips[node] = LiveItem(item)
            chip.setVisible(self._near)
        chip.setPos(card_of(item.face).topLeft() + QPointF(GLANCE_INSET + 8, -CHIP_RISE))
        chip.setToolTip(node_words(health, node))
        if chip.shows != text:
            chip.shows = text
            chip.show_picture(chip_picture(text, pace_of(health.updates.get(node))))

    def _drop_strips(self) -> None:
        for strip in self._strips.values():
            self._drop(strip)
        self._strips.clear()

    def _drop(self, item: LiveItem) -> None:
        if item.scene() is not None:
            item.scene().removeItem(item)
