"""The context menus: for nodes, for a wire, for the empty canvas."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.actions import command_named, menu_text
from app.canvas.hits import Hit, MarkHit, NodeHit, PortHit, WireHit
from app.canvas.needs import lacks
from app.document import Document
from engine.diagnosis import Fix

# Names of commands; an empty one draws a line.
_ON_NODES = (
    "copy",
    "cut",
    "duplicate",
    "",
    "rename",
    "replace",
    "use_again",
    "group",
    "ungroup",
    "go_in",
    "save_block",
    "bypass",
    "frame",
    "collapse",
    "",
    "fit_selection",
    "",
    "cut_wires",
    "delete",
    "delete_only",
)
_ON_WIRE = ("insert_on_wire", "", "delete")
_ON_MARK = ("rename", "recolor", "", "delete")
_ON_CANVAS = (
    "go_out",
    "",
    "quick_add",
    "note",
    "paste",
    "paste_wired",
    "copy_summary",
    "",
    "arrange",
    "select_all",
    "fit_all",
    "zoom_reset",
)


def menu_for(parent: QWidget, document: Document, at: Hit) -> QMenu:
    """The menu for what was clicked; an action's data is a view's method name, or a Fix."""
    menu = QMenu(parent)
    rows: tuple[str, ...]
    match at:
        case NodeHit(node) | PortHit(node):
            _add_fixes(menu, document, node)
            rows = _ON_NODES
        case WireHit():
            rows = _ON_WIRE
        case MarkHit():
            rows = _ON_MARK
        case _:
            rows = _ON_CANVAS
    for command in rows:
        if not command:
            menu.addSeparator()
            continue
        # Its key is shown, not bound: the view's own keys do it.
        action = QAction(menu_text(command_named(command)), menu)
        action.setData(command)
        action.setEnabled(not lacks(document, command_named(command).needs))
        menu.addAction(action)
    return menu


def _add_fixes(menu: QMenu, document: Document, node: str) -> None:
    fixes: list[Fix] = [fix for problem in document.problems_of(node) for fix in problem.fixes]
    for fix in fixes:
        action = QAction(f"Fix: {fix.label}", menu)
        action.setData(fix)
        menu.addAction(action)
    if fixes:
        menu.addSeparator()
