"""Every command of the window: a table, menu by menu, and the actions made from it."""

from app.actions.actions import Actions
from app.actions.command import Command, Needs
from app.actions.keys import menu_text, native
from app.actions.table import COMMANDS, TOOLBAR, command_named

__all__ = [
    "COMMANDS",
    "TOOLBAR",
    "Actions",
    "Command",
    "Needs",
    "command_named",
    "menu_text",
    "native",
]
