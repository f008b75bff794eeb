"""Writing in place: the title of a node or a frame, the text of a note."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from app.canvas.mark_item import TITLE
from app.canvas.node_face import font
from app.document import edits
from engine.project import Note
from engine.project.drawing import MAX_TEXT

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

MAX_TITLE = 80
_LEAST_WIDTH, _LEAST_HEIGHT = 120, 30


class Naming(QObject):
    """A field over what is named; Enter takes it (in a note Ctrl+Enter), Esc drops it."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._of = ""
        self._gesture: Hashable = None
        self.field = QPlainTextEdit(canvas.viewport())
        self.field.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.setTabChangesFocus(True)
        self.field.installEventFilter(self)
        self.field.hide()

    @property
    def _is_mark(self) -> bool:
        return self._of in self._canvas.document.project.drawing.marks

    @property
    def _is_note(self) -> bool:
        return isinstance(self._canvas.document.project.drawing.marks.get(self._of), Note)

    def rename(self) -> None:
        """Write the name of the selected node, frame or note."""
        selection = self._canvas.document.selection
        self.open(next(iter(selection.marks), None) or next(iter(selection.nodes)))

    def open(self, of: str, gesture: Hashable = None) -> None:
        """Write what a mark or node is called; one undo step with that of ``gesture``."""
        self._of, self._gesture = of, gesture
        project = self._canvas.document.project
        self.field.setPlainText(
            project.drawing.marks[of].text if self._is_mark else project.graph.nodes[of].title
        )
        self.field.setPlaceholderText("" if self._is_mark else of)
        self.field.setAccessibleName(f"Text of {of}" if self._is_mark else f"Title of {of}")
        wrap = QPlainTextEdit.LineWrapMode
        self.field.setLineWrapMode(wrap.WidgetWidth if self._is_note else wrap.NoWrap)
        self.field.setFont(font(13 if self._is_note else 14, bold=not self._is_note))
        self.field.setGeometry(self._place())
        self.field.selectAll()
        self.field.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        takes = "Ctrl+Enter" if self._is_note else "Enter"
        self._canvas.hint.emit(f"{takes} accepts · Esc cancels")

    def close(self) -> None:
        """Leave everything as it was."""
        if self.field.isVisible():
            self._of = ""
            self.field.hide()
            self._canvas.hint.emit("")
            self._canvas.setFocus()

    def take(self) -> None:
        """Take what was written."""
        of, text = self._of, self.field.toPlainText().strip()
        mark = self._canvas.document.project.drawing.marks.get(of)
        self.close()
        document = self._canvas.document
        if mark is not None and text != mark.text:
            changed = mark.changed(text=text[:MAX_TEXT])
            project = edits.change_marks(document.project, {of: changed})
            document.do(f"Edit {mark.kind.lower()}", project, self._gesture)
        elif of in document.project.graph.nodes:
            node = document.project.graph.nodes[of]
            title = " ".join(text.split())[:MAX_TITLE]
            if title != node.title:
                document.do(f"Rename {node.name}", edits.rename(document.project, of, title))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self._of:
            self.take()
        elif isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (held or not self._is_note):
            self.take()
        else:
            return False
        return True

    def _place(self) -> QRect:
        """Where the field lies: over the text, at least so large that one can write in it."""
        scene = self._canvas.canvas_scene
        if self._is_mark:
            rect = scene.marks[self._of].rect
            if not self._is_note:
                rect.setHeight(TITLE)
        else:
            rect = scene.nodes[self._of].card
            rect.setHeight(TITLE)
        at = self._canvas.navigation
        shown = QRectF(at.to_view(rect.topLeft()), at.to_view(rect.bottomRight())).toRect()
        shown.setWidth(max(shown.width(), _LEAST_WIDTH))
        shown.setHeight(max(shown.height(), _LEAST_HEIGHT))
        return shown
