"""Whether there is at present what a command works on."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.actions import Needs
from app.canvas import snippet
from app.document import Document
from app.document.edits import is_group


def lacks(document: Document, needs: Needs) -> bool:
    """Whether that which a command needs is missing."""
    selection = document.selection
    match needs:
        case Needs.LAYERS:
            return not document.project.graph.nodes
        case Needs.SELECTION:
            return not selection
        case Needs.NAMED:
            return len(selection.nodes) + len(selection.marks) != 1
        case Needs.MARK:
            return not selection.marks
        case Needs.SELECTED:
            return not selection.nodes
        case Needs.ONE:
            return selection.node is None
        case Needs.GROUP:
            return selection.node is None or not is_group(document.project.graph, selection.node)
        case Needs.INSIDE:
            return not document.level
        case Needs.TWO:
            return len(selection.nodes) < 2
        case Needs.THREE:
            return len(selection.nodes) < 3
        case Needs.WIRE:
            return not selection.edges
        case Needs.CLIPBOARD:
            return not snippet.may_hold_layers(QGuiApplication.clipboard().text())
    return False
