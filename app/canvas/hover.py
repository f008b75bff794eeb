"""Lighting up what the cursor is over."""

from __future__ import annotations

from app.canvas.hits import Hit, MarkHit, NodeHit, PortHit, WireHit
from app.canvas.scene import CanvasScene
from app.canvas.wire_item import Look


def tip_for(at: Hit) -> str:
    """What can be done with what the cursor is over."""
    match at:
        case PortHit(_, None):
            return "Drag to connect · Ctrl+drag moves all its wires · Alt+click cuts them"
        case PortHit():
            return "Drag to connect or to move the wire · Alt+click cuts it"
        case NodeHit(_, True):
            return "Click to see what is wrong and how to fix it · Ctrl+. does the same"
        case NodeHit():
            return "Drag to move · F2 renames · R replaces · F1 shows help · right-click for more"
        case WireHit():
            return "Double-click to insert a layer · Del cuts · Ctrl + right drag cuts across"
        case MarkHit(_, True):
            return "Drag to resize"
        case MarkHit():
            return "Drag to move it with its contents · double-click to edit the text"
    return ""


class Hover:
    """Remembers what is lit up, to put it out again."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._at: Hit = None

    def look_at(self, at: Hit) -> bool:
        """Light up this and nothing else; whether that is new."""
        if at == self._at:
            return False
        self._show(self._at, False)
        self._at = at
        self._show(at, True)
        return True

    def _show(self, at: Hit, lit: bool) -> None:
        # What was lit up may be deleted by now.
        match at:
            case PortHit(node, port) if node in self._scene.nodes:
                ports = frozenset([port]) if lit else frozenset()
                self._scene.nodes[node].show_hovered(lit, ports)
            case NodeHit(node) if node in self._scene.nodes:
                self._scene.nodes[node].show_hovered(lit)
            case MarkHit(mark) if mark in self._scene.marks:
                self._scene.marks[mark].show_hovered(lit)
            case WireHit(edge) if edge in self._scene.wires:
                self._scene.wires[edge].show_look(Look.HOVERED if lit else Look.PLAIN)
