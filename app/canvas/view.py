"""The canvas: shows the network and hands mouse and keys on to gestures and commands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.actions import Needs, command_named
from app.canvas.adding import Adding
from app.canvas.arranging import Arranging
from app.canvas.blocking import Blocking
from app.canvas.context_menu import ContextMenu
from app.canvas.dropping import Dropping
from app.canvas.editing import Editing
from app.canvas.framing import Framing
from app.canvas.gesture import Gesture, Pointer
from app.canvas.hits import MarkHit, NodeHit, PortHit, WireHit
from app.canvas.keyboard import Keyboard
from app.canvas.levels import Levels
from app.canvas.mending import Mending
from app.canvas.naming import Naming
from app.canvas.needs import lacks
from app.canvas.pointing import Pointing, pointer
from app.canvas.speaking import Speaking
from app.canvas.viewer import Viewer
from app.canvas.walking import Walking
from app.document import Document
from app.document.blocks import Blocks, Made
from app.widgets.offers import block_in
from engine.arrays import Shape
from engine.diagnosis import Fix


class CanvasView(Viewer):
    """Shows the document's graph and edits it through the document alone.

    Signals:
        message(str): a refusal with its reason, for the status bar.
        refused(EngineError): a refusal with more words than the status bar has room for.
        noted(what, more): what was done, and what was left out.
        hint(str): the quick tip of the gesture that is going on; empty after it.
        idleHint(str): what can be done with what the cursor is over; empty over nothing.
        editWanted(): the user wants to change the settings of the selected node.
        liveWanted(): pictures of layers were switched on; somebody should bring them.
    """

    message = Signal(str)
    refused = Signal(object)
    noted = Signal(str, str)
    hint = Signal(str)
    idleHint = Signal(str)
    editWanted = Signal()
    liveWanted = Signal()

    def __init__(
        self, document: Document, blocks: Blocks | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, parent)
        self.blocks = Blocks(parent=self) if blocks is None else blocks
        self._speaking = Speaking(self)
        self._editing = Editing(self)
        self.adding = Adding(self, self._editing)
        self._naming = Naming(self)
        self._walking = Walking(self)
        self.levels = Levels(self)
        self._pointing = Pointing(self)
        self.mending = Mending(self)
        self._dropping = Dropping(self, self._pointing)
        self._keyboard = Keyboard(self, self._pointing, self._editing, self._walking)
        self._menu = ContextMenu(self, self._pointing)
        self._parts: tuple[QObject, ...] = (
            self._editing,
            self.adding,
            Arranging(self),
            Framing(self, self._naming),
            self._naming,
            self._walking,
            self.levels,
            Blocking(self),
            self.mending,
        )
        self._shown = False
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Network canvas")
        self.setAccessibleDescription(
            "Layers and the wires between them. Tab adds a layer, arrows move what is selected."
        )
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_replaced)
        document.problemsChanged.connect(self._on_problems)
        self.overlaid.offer.accepted.connect(self._on_accepted)
        self._on_changed(None)

    # Commands, for menus, keys and toolbars

    def command(self, name: str) -> Callable[[], None]:
        """What carries out a command of the table: a method here or of a part."""
        part = next(part for part in (self, *self._parts) if hasattr(part, name))
        found: Callable[[], None] = getattr(part, name)
        return found

    def do(self, name: str) -> None:
        """Carry out a command of the table, or say why it cannot be done now."""
        needs = command_named(name).needs
        if self.lacks(needs):
            self.message.emit(str(needs))
        else:
            self.command(name)()

    def lacks(self, needs: Needs) -> bool:
        """Whether that which a command needs is missing at present."""
        return lacks(self.document, needs)

    def select_all(self) -> None:
        project = self.document.project
        self.document.selection.set(project.graph.nodes, marks=project.drawing.marks)

    def cut_port(self, port: PortHit) -> None:
        """Cut the wires at a port."""
        self._editing.cut_port(port)

    def edit(self) -> None:
        """Ask for the settings of the selected node."""
        self.editWanted.emit()

    def add_layer(self, kind: str) -> str:
        """Add a layer or block right of the selected node and wire them; the new node's id."""
        return self._editing.add(kind)

    def quick_add(self) -> None:
        """Open the search box at the cursor."""
        self.adding.open_by_key(self.cursor_place())

    def make(self, key: str, shape: Shape | None = None) -> Made:
        """What is added for a layer type or block that was chosen, for what arrives.

        Raises:
            EngineError: there is no such block, or it is not for such data.
        """
        is_layer = block_in(key) is None
        return Made(self.document.new_layer(key)) if is_layer else self.blocks.make(key, shape)

    def preview_fix(self, fix: Fix | None) -> None:
        """Show what an edit would do; None shows everything as it is."""
        self.mending.point_to(fix)

    @property
    def has_gesture(self) -> bool:
        """Whether a gesture is going on."""
        return self._pointing.gesture is not None

    def begin_gesture(self, gesture: Gesture) -> None:
        """Let a gesture go on that the pointer did not begin."""
        self._pointing.begin(gesture)

    def end_gesture(self, at: Pointer | None = None) -> None:
        """Let the gesture that is going on do what it shows."""
        self._pointing.finish(
            at or pointer(self, self.navigation.middle, Qt.KeyboardModifier.NoModifier)
        )

    def speak(self, text: str) -> None:
        """Let a screen reader say what the canvas shows now."""
        self._speaking.say(text)

    def show_pictures(self, shown: bool) -> None:
        """Switch the pictures of what layers put out."""
        self.canvas_scene.live.show_glances(shown)
        if shown:
            self.liveWanted.emit()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._editing.end_nudging()
        self._pointing.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointing.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self.navigation.to_scene(event.position())
        under = self._pointing.under(at)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and isinstance(under, NodeHit) and self.levels.enter(under.node):
            return
        if event.button() != Qt.MouseButton.LeftButton or isinstance(under, NodeHit | PortHit):
            self._pointing.press(event)
        elif isinstance(under, WireHit):
            self.adding.open_on(under.edge)
        elif isinstance(under, MarkHit):
            self._naming.open(under.mark)
        else:
            self._pointing.recall_selection()
            self.adding.open(at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._pointing.wheel(event)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._menu.open(event)

    # Drags from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dropping.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._dropping.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dropping.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dropping.drop(event)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._keyboard.press(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._keyboard.release(event):
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        # Tab opens the search box here; Shift+Tab leaves the canvas.
        if next:
            return False
        return self.levels.crumbs.focus_last() or super().focusNextPrevChild(next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._editing.end_nudging()
        self._pointing.hold_space(False)
        super().focusOutEvent(event)

    # The rest of Qt's events

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.navigation.zoom_by(1 + event.value(), event.position())
                return True
        elif event.type() == QEvent.Type.Leave:
            self._pointing.leave()
        return super().viewportEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._on_replaced()

    # What others tell

    def _on_changed(self, before: object) -> None:
        # Something else changed the document during a gesture, an undo say.
        self._pointing.drop()
        self.overlaid.follow()

    def _on_problems(self) -> None:
        self.overlaid.follow()

    def _on_accepted(self, fix: Fix) -> None:
        self.mending.apply(fix)
        self.fit_all()

    def look_anew(self, look: tuple[float, QPointF] | None) -> None:
        """Show what is looked at now as it was looked at before, by zoom and middle; else whole."""
        self._naming.close()
        self._on_changed(None)
        if look is None:
            self._on_replaced()
        else:
            self.navigation.zoom_to(look[0])
            self.centerOn(look[1])

    def _on_replaced(self) -> None:
        self._on_changed(None)
        if self.document.project.graph.nodes:
            self.navigation.fit_readable(self.canvas_scene.everything)
        else:
            self.zoom_reset()
            self.centerOn(0, 0)
