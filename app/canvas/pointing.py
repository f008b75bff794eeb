"""Mouse and wheel: which gesture a press begins, and what a click selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.canvas.cutting import CutGesture
from app.canvas.gesture import Gesture, Pointer
from app.canvas.hits import Hit, MarkHit, NodeHit, PortHit, WireHit, hit
from app.canvas.hover import Hover, tip_for
from app.canvas.moving import BandGesture, MoveGesture, PanGesture
from app.canvas.navigation import STEP
from app.canvas.rewiring import RewireGesture, takes_all
from app.canvas.sizing import SizeGesture
from app.canvas.wiring import WireGesture
from engine.graph import Edge

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_Button, _Mods = Qt.MouseButton, Qt.KeyboardModifier
_NOTCH = 120.0


class Pointing:
    """Holds the one gesture that is going on, or the press that may become one."""

    def __init__(self, canvas: CanvasView) -> None:
        self._canvas = canvas
        self._scene = canvas.canvas_scene
        self._selection = canvas.document.selection
        self._hover = Hover(self._scene)
        self._pressed: tuple[Hit, Pointer] | None = None
        self._selected_by_press = False
        self._selected_before = self._selected
        self._space = False
        self._space_used = False
        self._cursor: Qt.CursorShape | None = None
        self.gesture: Gesture | None = None

    # Gestures begin and end

    def begin(self, gesture: Gesture) -> None:
        """Let a gesture follow the pointer; one that is going on is dropped."""
        self.drop()
        self._hover.look_at(None)
        self.gesture = gesture
        self._canvas.hint.emit(gesture.words)

    def drop(self) -> bool:
        """Leave everything as it was before the gesture; whether there was one."""
        gesture, self.gesture, self._pressed = self.gesture, None, None
        if gesture is None:
            return False
        gesture.cancel()
        self._canvas.hint.emit("")
        return True

    def finish(self, at: Pointer) -> bool:
        """Let the gesture do what it shows; whether there was one."""
        gesture, self.gesture = self.gesture, None
        if gesture is None:
            return False
        gesture.finish(at)
        self._canvas.hint.emit("")
        return True

    # Mouse

    def press(self, event: QMouseEvent) -> None:
        at, button = pointer(self._canvas, event.position(), event.modifiers()), event.button()
        if self.gesture is not None:
            return
        if button == _Button.MiddleButton or (self._space and button == _Button.LeftButton):
            self._space_used = True
            self.begin(PanGesture(self._canvas, at))
        elif button == _Button.RightButton and at.keys & _Mods.ControlModifier:
            self.begin(CutGesture(self._canvas, at))
        elif button == _Button.LeftButton:
            under = self.under(at.scene)
            self._pressed = under, at
            self._selected_before = self._selected
            # Selected at once, so that a drag takes it along.
            match under:
                case NodeHit(node):
                    self._selected_by_press = node not in self._selection.nodes
                case MarkHit(mark):
                    self._selected_by_press = mark not in self._selection.marks
                case _:
                    self._selected_by_press = False
            if self._selected_by_press:
                self._select(under, at.keys)

    def move(self, event: QMouseEvent) -> None:
        at = pointer(self._canvas, event.position(), event.modifiers())
        if self.gesture is None and self._pressed is not None:
            under, start = self._pressed
            way = at.view - start.view
            if abs(way.x()) + abs(way.y()) >= QApplication.startDragDistance():
                self.begin(self._gesture_for(under, start))
        if self.gesture is not None:
            self.gesture.move(at)
            self._canvas.hint.emit(self.gesture.words)
        elif event.buttons() == _Button.NoButton:
            under = self.under(at.scene)
            if self._hover.look_at(under):
                self._canvas.idleHint.emit(tip_for(under))
            cursor = _cursor_over(under)
            if cursor != self._cursor:
                self._cursor = cursor
                self._canvas.show_cursor(cursor)

    def release(self, event: QMouseEvent) -> None:
        at = pointer(self._canvas, event.position(), event.modifiers())
        pressed, self._pressed = self._pressed, None
        if self.finish(at) or pressed is None or event.button() != _Button.LeftButton:
            return
        if isinstance(pressed[0], PortHit) and at.keys & _Mods.AltModifier:
            self._canvas.cut_port(pressed[0])
            return
        if not self._selected_by_press:
            self._click(pressed[0], at.keys)
        match pressed[0]:
            case NodeHit(node, True) if at.keys == _Mods.NoModifier:
                self._canvas.mending.open_for(node)

    def recall_selection(self) -> None:
        """Select again what the first click of a double click on nothing let go."""
        self._selection.set(*self._selected_before)
        self._selection.keep_existing(self._canvas.document.project)

    def leave(self) -> None:
        """The pointer left the canvas."""
        self._hover.look_at(None)

    def wheel(self, event: QWheelEvent) -> None:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        zooming = bool(event.modifiers() & _Mods.ControlModifier)
        navigation = self._canvas.navigation
        # A touchpad reports pixels and phases, a wheel only notches.
        fingers = not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        if fingers and not zooming:
            navigation.pan(pixels.x(), pixels.y())
        elif angle.x() and not angle.y():
            navigation.pan(angle.x() / 2, 0)
        elif angle.y():
            navigation.zoom_by(STEP ** (angle.y() / _NOTCH), event.position())
        if self.gesture is not None:
            self.gesture.move(pointer(self._canvas, event.position(), event.modifiers()))

    def hold_space(self, down: bool) -> bool:
        """Space makes the left button pan; on release, whether it was only tapped."""
        if down == self._space:
            return False
        tapped = not down and not self._space_used and self.gesture is None
        self._space, self._space_used = down, False
        self._canvas.show_cursor(Qt.CursorShape.OpenHandCursor if down else None)
        return tapped

    def under(self, at: QPointF) -> Hit:
        """What lies under a point of the scene."""
        return hit(self._scene, at, self._canvas.zoom)

    def _gesture_for(self, under: Hit, start: Pointer) -> Gesture:
        match under:
            case PortHit(node) if start.keys & _Mods.ControlModifier and takes_all(
                under, self._canvas
            ):
                return RewireGesture(self._canvas, node)
            case PortHit():
                return WireGesture(self._canvas, under)
            case MarkHit(mark, True):
                return SizeGesture(self._canvas, mark, start)
            case NodeHit() | MarkHit():
                return MoveGesture(self._canvas, under, start)
            case _:
                return BandGesture(self._canvas, start)

    @property
    def _selected(self) -> tuple[frozenset[str], frozenset[Edge], frozenset[str]]:
        return self._selection.nodes, self._selection.edges, self._selection.marks

    def _select(self, under: Hit, keys: Qt.KeyboardModifier) -> None:
        adding = bool(keys & (_Mods.ShiftModifier | _Mods.ControlModifier))
        nodes, edges, marks = self._selected if adding else (frozenset(),) * 3
        match under:
            case NodeHit(node) | PortHit(node):
                self._selection.set(nodes | {node}, edges, marks)
            case WireHit(edge):
                self._selection.set(nodes, edges | {edge}, marks)
            case MarkHit(mark):
                self._selection.set(nodes, edges, marks | {mark})
            case _ if not adding:
                self._selection.clear()

    def _click(self, under: Hit, keys: Qt.KeyboardModifier) -> None:
        nodes, edges, marks = self._selected
        toggling = bool(keys & _Mods.ControlModifier)
        match under:
            case NodeHit(node) if toggling and node in nodes:
                self._selection.set(nodes - {node}, edges, marks)
            case WireHit(edge) if toggling and edge in edges:
                self._selection.set(nodes, edges - {edge}, marks)
            case MarkHit(mark) if toggling and mark in marks:
                self._selection.set(nodes, edges, marks - {mark})
            case _:
                self._select(under, keys)


def _cursor_over(at: Hit) -> Qt.CursorShape | None:
    match at:
        case MarkHit(_, True):
            return Qt.CursorShape.SizeFDiagCursor
        case NodeHit(_, True):
            return Qt.CursorShape.PointingHandCursor
    return None


def pointer(canvas: CanvasView, at: QPointF, keys: Qt.KeyboardModifier) -> Pointer:
    """A point of the viewport as gestures see it."""
    return Pointer(canvas.navigation.to_scene(at), at, keys)
