"""The canvas: shows the network and hands mouse and keys on to gestures and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPixmapCache,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QStyle, QWidget

from app.actions import Needs, command_named
from app.canvas.adding import Adding
from app.canvas.arranging import Arranging
from app.canvas.backdrop import paint_backdrop
from app.canvas.blocking import Blocking
from app.canvas.drawing import drawn_area, paint_drawing
from app.canvas.editing import Editing
from app.canvas.framing import Framing
from app.canvas.gesture import Gesture, Pointer
from app.canvas.health_legend import HealthLegend
from app.canvas.hits import Hit, MarkHit, NodeHit, PortHit, WireHit
from app.canvas.keys import ARROWS, command_of
from app.canvas.levels import Levels
from app.canvas.mending import Mending
from app.canvas.menus import menu_for
from app.canvas.minimap import Minimap
from app.canvas.naming import Naming
from app.canvas.navigation import STEP, Navigation
from app.canvas.needs import lacks
from app.canvas.overlays import EmptyHint, RunMark, StartOffer, Tip
from app.canvas.placing import PlaceGesture
from app.canvas.pointing import Pointing, pointer
from app.canvas.scene import CanvasScene
from app.canvas.speaking import Speaking
from app.canvas.walking import Walking
from app.document import Document
from app.document.blocks import Blocks, Made
from app.widgets.layer_drag import kind_in
from app.widgets.offers import block_in
from engine.arrays import Shape
from engine.diagnosis import Fix
from engine.errors import EngineError

_Key, _Mods = Qt.Key, Qt.KeyboardModifier
_PICTURES_KB = 128 * 1024
_FLASH_MS = 1400


class CanvasView(QGraphicsView):
    """Shows the document's graph and edits it through the document alone.

    Signals:
        message(str): a refusal with its reason, for the status bar.
        hint(str): the quick tip of the gesture that is going on; empty after it.
        idleHint(str): what can be done with what the cursor is over; empty over nothing.
        editWanted(): the user wants to change the settings of the selected node.
        liveWanted(): pictures of layers were switched on; somebody should bring them.
    """

    message = Signal(str)
    hint = Signal(str)
    idleHint = Signal(str)
    editWanted = Signal()
    liveWanted = Signal()

    def __init__(
        self, document: Document, blocks: Blocks | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.blocks = Blocks(parent=self) if blocks is None else blocks
        self._speaking = Speaking(self)
        self.canvas_scene = CanvasScene(document, self)
        self.setScene(self.canvas_scene)
        self.navigation = Navigation(self, self.canvas_scene, self._overlays)
        self.tip = Tip(self)
        self._empty = EmptyHint(self)
        self._offer = StartOffer(self)
        self._mark = RunMark(self)
        self._legend = HealthLegend(self)
        self._map = Minimap(self, self.canvas_scene, self.navigation)
        self._editing = Editing(self)
        self.adding = Adding(self, self._editing)
        self._naming = Naming(self)
        self._walking = Walking(self)
        self.levels = Levels(self)
        self._pointing = Pointing(self)
        self.mending = Mending(self)
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
        self._flash = QVariantAnimation(self)
        self._flashing = ""
        self._shown = False
        self._still = False
        self._set_up()
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_replaced)
        document.problemsChanged.connect(self._on_problems)
        self._offer.accepted.connect(self._on_accepted)
        self._flash.valueChanged.connect(self._on_flash)
        self._on_changed(None)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Network canvas")
        self.setAccessibleDescription(
            "Layers and the wires between them. Tab adds a layer, arrows move what is selected."
        )
        # Qt's default of 10 MB holds a third of the nodes on a large screen.
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _PICTURES_KB))
        self._flash.setStartValue(1.0)
        self._flash.setEndValue(0.0)
        self._flash.setDuration(_FLASH_MS)

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

    @property
    def zoom(self) -> float:
        """Screen pixels per canvas pixel."""
        return self.navigation.zoom

    @property
    def seen(self) -> QRectF:
        """The part of the scene that is in sight."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

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

    def select_all(self) -> None:
        project = self.document.project
        self.document.selection.set(project.graph.nodes, marks=project.drawing.marks)

    def cut_port(self, port: PortHit) -> None:
        """Cut the wires at a port."""
        self._editing.cut_port(port)

    def minimap(self) -> None:
        """Show or hide the minimap."""
        self._map.toggle()

    def edit(self) -> None:
        """Ask for the settings of the selected node."""
        self.editWanted.emit()

    def add_layer(self, kind: str) -> str:
        """Add a layer or block right of the selected node and wire them; the new node's id."""
        return self._editing.add(kind)

    def quick_add(self) -> None:
        """Open the search box at the cursor."""
        self.adding.open_by_key(self.cursor_place())

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
        self._flash.stop()
        self._on_flash(0.0)
        self._flashing = node
        if self.moves:
            self._flash.start()

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
        self._pointing.finish(at or pointer(self, self.navigation.middle, _Mods.NoModifier))

    def speak(self, text: str) -> None:
        """Let a screen reader say what the canvas shows now."""
        self._speaking.say(text)

    def set_still(self, still: bool) -> None:
        """Let nothing glide or flash."""
        self._still = still

    @property
    def moves(self) -> bool:
        """Whether things may glide: neither the user nor the desktop wants it still."""
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        return not self._still and self.style().styleHint(hint, None, self) > 0

    def set_running(self, running: bool) -> None:
        """Show whether a run is going on with a copy of the network."""
        self._mark.setVisible(running)
        self._map.set_running(running)

    def show_pictures(self, shown: bool) -> None:
        """Switch the pictures of what layers put out."""
        self.canvas_scene.live.show_glances(shown)
        if shown:
            self.liveWanted.emit()

    def show_health(self, shown: bool) -> None:
        """Switch what tells how well layers learn."""
        self.canvas_scene.live.show_health(shown)
        self.show_legend()

    def show_legend(self) -> None:
        """Explain the wires while they show something."""
        live = self.canvas_scene.live
        self._legend.setVisible(live.shows_health and live.health is not None)

    def _overlays(self) -> list[QRectF]:
        """Where something lies over the drawing."""
        over = (self._legend, self._map, self._mark)
        return [QRectF(each.geometry()) for each in over if each.isVisibleTo(self)]

    def nodes_in_sight(self) -> set[str]:
        """The nodes of which something can be seen."""
        return self.canvas_scene.nodes_in(self.seen)

    def show_cursor(self, shape: Qt.CursorShape | None) -> None:
        """Use a cursor; None the usual one."""
        if shape is None:
            self.viewport().unsetCursor()
        else:
            self.viewport().setCursor(shape)

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
        selection = self.document.selection
        if event.modifiers() & _Mods.ControlModifier:
            return  # that is a stroke across wires
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            under = self._pointing.under(self.navigation.to_scene(QPointF(event.pos())))
        else:
            under = self._selected_hit()
        match under:
            case NodeHit(node) | PortHit(node) if node not in selection.nodes:
                selection.set([node])
            case WireHit(edge):
                selection.set(edges=[edge])
            case MarkHit(mark) if mark not in selection.marks:
                selection.set(marks=[mark])
        menu = menu_for(self, self.document, under)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.triggered.connect(self._on_menu)
        menu.hovered.connect(self._on_menu_hovered)
        menu.aboutToHide.connect(self._on_menu_hidden)
        menu.popup(event.globalPos())

    def _selected_hit(self) -> Hit:
        """What the menu key is for: one of what is selected."""
        selection = self.document.selection
        for node in selection.nodes:
            return NodeHit(node)
        for edge in selection.edges:
            return WireHit(edge)
        for mark in selection.marks:
            return MarkHit(mark)
        return None

    # Drags from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind = kind_in(event.mimeData())
        if kind is None:
            event.ignore()
            return
        try:
            gesture = PlaceGesture(self, kind)
        except EngineError as error:
            self.message.emit(str(error))
            event.ignore()
            return
        self._pointing.begin(gesture)
        self._empty.hide()
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if isinstance(self._pointing.gesture, PlaceGesture):
            self._pointing.gesture.move(self._pointer_of(event))
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._pointing.drop()
        self._on_changed(None)

    def dropEvent(self, event: QDropEvent) -> None:
        if isinstance(self._pointing.gesture, PlaceGesture):
            self._pointing.finish(self._pointer_of(event))
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            event.acceptProposedAction()

    def _pointer_of(self, event: QDropEvent) -> Pointer:
        return pointer(self, event.position(), event.modifiers())

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers() & ~_Mods.KeypadModifier
        gesture, is_arrow = self._pointing.gesture, _Key(key) in ARROWS
        if key != _Key.Key_Control and not (is_arrow and held == _Mods.ControlModifier):
            self._editing.end_nudging()
        if key == _Key.Key_Escape:
            if not self._pointing.drop():
                if self.document.level:
                    self.levels.go_out()
                else:
                    self.document.selection.clear()
        elif gesture is not None and gesture.key(_Key(key)):
            pass
        elif key == _Key.Key_Space and not held:
            if not event.isAutoRepeat():
                self._pointing.hold_space(True)
        elif is_arrow and gesture is None and held == _Mods.ControlModifier:
            self._editing.nudge(*ARROWS[_Key(key)])
        elif is_arrow and gesture is None and held in (_Mods.NoModifier, _Mods.ShiftModifier):
            self._walking.step(_Key(key), adding=bool(held))
        elif gesture is None and (command := command_of(key, held)):
            self.do(command)
        else:
            # QGraphicsView would scroll; what the canvas does not use is the window's.
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != _Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat() and self._pointing.hold_space(False):
            at = self.cursor_place()
            if at is not None and self._pointing.under(at) is None:
                self.adding.open_by_key(at)

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

    def drawn_area(self) -> QRectF:
        """What a drawing of the whole network covers; empty without layers."""
        return drawn_area(self.canvas_scene)

    def paint_drawing(self, painter: QPainter) -> None:
        """Paint the whole network on any device, in the coordinates of :meth:`drawn_area`."""
        paint_drawing(self.canvas_scene, painter)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.resetCachedContent()
            self.canvas_scene.refresh()
            self._map.forget()
            self.viewport().update()
        super().changeEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        paint_backdrop(painter, QRectF(rect), self.zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._empty.setGeometry(self.rect())
        self._offer.place()
        self._mark.move(self.width() - self._mark.width() - 10, 10)
        self._map.follow()
        self._legend.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._on_replaced()

    # What others tell

    def _on_changed(self, before: object) -> None:
        # Something else changed the document during a gesture, an undo say.
        self._pointing.drop()
        is_empty = not self.document.project.graph.nodes
        self._empty.setVisible(is_empty)
        self._offer.offer(self.document.problems, is_empty)
        self._map.forget()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self.viewportUpdateMode() is self.ViewportUpdateMode.NoViewportUpdate:
            self.viewport().update()  # while the scene sharpens what was zoomed
        self._map.follow()

    def _on_problems(self) -> None:
        self._map.forget()
        self._offer.offer(self.document.problems, not self.document.project.graph.nodes)

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

    def _on_flash(self, strength: object) -> None:
        item = self.canvas_scene.nodes.get(self._flashing)
        if item is not None and isinstance(strength, float):
            item.show_flash(strength)

    def _on_menu(self, action: QAction) -> None:
        asked = action.data()
        if isinstance(asked, Fix):
            self.mending.apply(asked)
        elif isinstance(asked, str):
            self.do(asked)

    def _on_menu_hovered(self, action: QAction) -> None:
        asked = action.data()
        self.preview_fix(asked if isinstance(asked, Fix) else None)

    def _on_menu_hidden(self) -> None:
        self.preview_fix(None)

    def cursor_place(self) -> QPointF | None:
        """Where the cursor is in the scene; None if it is not over the canvas."""
        at = self.viewport().mapFromGlobal(QPointF(QCursor.pos()))
        inside = QRectF(self.viewport().rect()).contains(at) and self.isVisible()
        return self.navigation.to_scene(at) if inside else None
