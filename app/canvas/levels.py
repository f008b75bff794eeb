"""Going into groups and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF

from app.canvas.breadcrumbs import Breadcrumbs
from engine.graph import Group, names_along
from engine.project import Level

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_CORNER = 10


class Levels(QObject):
    """The commands, the breadcrumbs, and from where each level was looked at last."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas, self._document = canvas, canvas.document
        self._looks: dict[Level, tuple[float, QPointF]] = {}
        self.crumbs = Breadcrumbs(canvas)
        self.crumbs.move(_CORNER, _CORNER)
        canvas.overlaid.add(self.crumbs)
        self.crumbs.chosen.connect(self._go_out_to)
        self.crumbs.left.connect(self._focus_canvas)
        self._document.levelChanged.connect(self._on_level)
        self._document.replaced.connect(self._on_replaced)
        self._document.changed.connect(self._on_changed)

    def go_in(self) -> None:
        """Look into the selected group."""
        node = self._document.selection.node
        assert node is not None
        self.enter(node)

    def enter(self, node: str) -> bool:
        """Look into a group; whether it is one."""
        if not isinstance(self._document.project.graph.nodes[node].layer, Group):
            return False
        self._remember()
        self._document.go_to((*self._document.level, node))
        return True

    def go_out(self) -> None:
        """Look at what the group lies in."""
        self._go_out_to(len(self._document.level) - 1)

    def _go_out_to(self, number: int) -> None:
        self._remember()
        level = self._document.level
        self._document.go_to(level[:number])
        self._document.selection.set([level[number]])
        self._focus_canvas()

    def _focus_canvas(self) -> None:
        self._canvas.setFocus()

    def _remember(self) -> None:
        navigation = self._canvas.navigation
        self._looks[self._document.level] = navigation.zoom, navigation.to_scene(navigation.middle)

    def _on_level(self) -> None:
        self._canvas.look_anew(self._looks.get(self._document.level))
        self._show_way()

    def _on_replaced(self) -> None:
        self._looks.clear()
        self._show_way()

    def _on_changed(self, before: object) -> None:
        if self._document.level:
            self._show_way()  # a group may have another name

    def _show_way(self) -> None:
        document = self._document
        self.crumbs.show_way(["Network", *names_along(document.whole.graph, document.level)])
