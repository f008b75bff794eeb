"""Offers the edits that mend a problem or a refused wire, shows them, carries one out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize

from app.canvas.mend_box import MendBox
from app.canvas.previewing import FixPreview, touched_by
from app.document import edits
from engine.diagnosis import Fix, Problem, mends_for_connection, refusal
from engine.graph import Edge, Graph

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Mending(QObject):
    """Opens the box for what is wrong; what it points to is previewed on the canvas."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas, self._document = canvas, canvas.document
        self.preview = FixPreview(canvas)
        self.box = MendBox(canvas)
        self.box.pointed.connect(self.point_to)
        self.box.chosen.connect(self.apply)
        self.box.closed.connect(self._on_closed)
        self._document.changed.connect(self._on_changed)
        self._document.replaced.connect(self._drop)
        self._document.problemsChanged.connect(self._drop)

    def mend(self) -> None:
        """Offer what mends the selected node; else go to the first that has a problem."""
        node = self._document.selection.node
        if node is None or not self._document.problems_of(node):
            node = next((each.node for each in self._document.problems if each.node), "")
            node, _, _ = node.partition("/")
            if not node:
                problems = self._document.problems
                self._canvas.message.emit(str(problems[0]) if problems else "There is no problem.")
                return
            self._canvas.highlight_problem(node)
        self.open_for(node)

    def open_for(self, node: str) -> None:
        """Offer what mends a node."""
        problems = self._document.problems_of(node)
        if problems:
            card = self._canvas.canvas_scene.nodes[node].card
            fixes = [fix for problem in problems for fix in problem.fixes]
            self._open(self._in_view(card), problems[0], fixes)

    def open_for_wire(self, graph: Graph, edge: Edge, at: QPoint) -> bool:
        """Offer what makes a refused wire possible; whether there is anything to offer.

        Args:
            graph: the graph that the wire was to be drawn in.
        """
        refused, fixes = refusal(graph, edge), mends_for_connection(graph, edge)
        if refused is None or not fixes:
            return False
        self._open(QRect(at, QSize(1, 1)), refused, fixes)
        return True

    def point_to(self, fix: Fix | None) -> None:
        """Show what an edit would do; None shows everything as it is."""
        if fix is None:
            self.preview.clear()
        elif not self._canvas.has_gesture:
            self.preview.show(fix)

    def apply(self, fix: Fix) -> None:
        """Carry out an edit, as one undo step."""
        self.preview.clear()
        self._document.do(fix.label, edits.adopt(edits.placed(self._document.project), fix))
        self._canvas.setFocus()

    def _open(self, at: QRect, problem: Problem, fixes: Sequence[Fix]) -> None:
        self._canvas.tip.hide()
        project = edits.placed(self._document.project)
        areas = [touched_by(project, fix) for fix in fixes]
        seen = [self._in_view(area) for area in areas if not area.isNull()]
        self.box.open_at(at, problem, fixes, seen)

    def _in_view(self, rect: QRectF) -> QRect:
        at = self._canvas.navigation
        return QRectF(at.to_view(rect.topLeft()), at.to_view(rect.bottomRight())).toRect()

    def _on_closed(self) -> None:
        if self._canvas.isVisible():
            self._canvas.setFocus()

    def _on_changed(self, before: object) -> None:
        self._drop()

    def _drop(self) -> None:
        self.preview.clear()
        self.box.close_box()
