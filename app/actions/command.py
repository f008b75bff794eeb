"""What a command is, and how a menu declares its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Needs(StrEnum):
    """What a command works on; the value says what to do where it is missing."""

    NOTHING = ""
    LAYERS = "The canvas is empty. Add a layer first."
    SELECTION = "Nothing is selected. Click a layer or a wire first."
    NAMED = "Select one layer, frame or note first."
    MARK = "No frame or note is selected. Click the title of one first."
    SELECTED = "No layer is selected. Click one first."
    ONE = "Select one layer first."
    GROUP = "Select a group first; Ctrl+G groups the selected layers."
    INSIDE = "This is the top level. Double-click a group to open it."
    TWO = "Select two or more layers first."
    THREE = "Select three or more layers first."
    WIRE = "No wire is selected. Click one first."
    CLIPBOARD = "There are no layers on the clipboard. Copy some first."
    UNDONE = "There is nothing to undo."
    REDONE = "There is nothing to redo."


@dataclass(frozen=True)
class Command:
    """One thing the user can ask for.

    Attributes:
        name: what the code calls it.
        text: its words in a menu; ``&`` marks the access key.
        keys: its shortcut; empty for none.
        tip: a sentence for the status bar.
        icon: a qtawesome name; empty for none.
        starts_group: whether a line is drawn above it.
        checkable: whether it is a switch.
        on_canvas: whether its key works only while the canvas has the focus; the
            canvas sees to that itself.
        needs: what it works on.
        menu: the menu that it stands in; see :func:`in_menu`.
    """

    name: str
    text: str
    keys: str = ""
    tip: str = ""
    icon: str = ""
    starts_group: bool = False
    checkable: bool = False
    on_canvas: bool = False
    needs: Needs = Needs.NOTHING
    menu: str = ""

    @property
    def words(self) -> str:
        """Its text as it is read aloud or searched."""
        return self.text.replace("&", "").rstrip("…")


def on_canvas(name: str, text: str, keys: str, tip: str, **more: Any) -> Command:
    """A command whose key works only while the canvas has the focus."""
    return Command(name, text, keys, tip, on_canvas=True, **more)


def in_menu(menu: str, *commands: Command) -> tuple[Command, ...]:
    """The commands of a menu, in its order; ``&`` marks the menu's access key."""
    return tuple(replace(command, menu=menu) for command in commands)
