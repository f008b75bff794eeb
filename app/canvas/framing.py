"""Commands for frames and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from app.canvas.mark_item import TITLE, color_named
from app.document import edits
from app.document.places import snapped
from engine.project import COLORS, Frame, Note

if TYPE_CHECKING:
    from app.canvas.naming import Naming
    from app.canvas.view import CanvasView

_AROUND = 20.0
_NOTE = 220.0, 90.0


class Framing(QObject):
    """Makes frames and notes and gives them another color; each is one undo step."""

    def __init__(self, canvas: CanvasView, naming: Naming) -> None:
        super().__init__(canvas)
        self._canvas, self._naming = canvas, naming

    def frame(self) -> None:
        """Put a frame around the selected nodes, and write its title."""
        scene, selection = self._canvas.canvas_scene, self._canvas.document.selection
        rect = scene.rect_of(selection.nodes)
        for name in selection.marks:
            rect = rect.united(scene.marks[name].rect)
        rect = rect.adjusted(-_AROUND, -_AROUND - TITLE, _AROUND, _AROUND)
        left, top = snapped(rect.left()), snapped(rect.top())
        right, bottom = snapped(rect.right()), snapped(rect.bottom())
        self._add(
            Frame(
                text="Frame", color="blue", x=left, y=top, width=right - left, height=bottom - top
            )
        )

    def note(self) -> None:
        """Put a note at the cursor or in the middle, and write its text."""
        canvas = self._canvas
        at = canvas.cursor_place() or canvas.navigation.to_scene(canvas.navigation.middle)
        width, height = _NOTE
        x, y = snapped(at.x() - width / 2), snapped(at.y() - height / 2)
        self._add(Note(color="yellow", x=x, y=y, width=width, height=height))

    def recolor(self) -> None:
        """Offer colors for the selected frames and notes."""
        canvas, marks = self._canvas, self._canvas.document.selection.marks
        menu = QMenu(canvas)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in COLORS:
            action = QAction(_swatch(color_named(name)), name.capitalize(), menu)
            action.setData(name)
            menu.addAction(action)
        menu.triggered.connect(self._take_color)
        corner = canvas.canvas_scene.marks[min(marks)].rect.topLeft()
        at = canvas.navigation.to_view(corner).toPoint()
        menu.popup(canvas.viewport().mapToGlobal(at))

    def _take_color(self, action: QAction) -> None:
        document = self._canvas.document
        marks = document.project.drawing.marks
        changed = {
            name: marks[name].changed(color=action.data())
            for name in sorted(document.selection.marks)
        }
        if any(marks[name] != mark for name, mark in changed.items()):
            document.do("Change color", edits.change_marks(document.project, changed))

    def _add(self, mark: Frame | Note) -> None:
        document, gesture = self._canvas.document, object()
        project, name = edits.add_mark(document.project, mark)
        document.do(f"Add {mark.kind.lower()}", project, gesture)
        document.selection.set(marks=[name])
        # What is written now belongs to the same step.
        self._naming.open(name, gesture)


def _swatch(color: QColor) -> QIcon:
    picture = QPixmap(16, 16)
    picture.fill(color)
    return QIcon(picture)
