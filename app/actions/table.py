"""The one table of commands: menus, toolbar, command palette and lists of keys derive from it."""

from __future__ import annotations

from app.actions.arrange import ARRANGE
from app.actions.command import Command
from app.actions.edit import EDIT
from app.actions.file import FILE
from app.actions.help import HELP
from app.actions.training import TRAINING
from app.actions.view import VIEW

COMMANDS = (*FILE, *EDIT, *VIEW, *ARRANGE, *TRAINING, *HELP)
"""Menu by menu, in the order of the menu bar."""

TOOLBAR = ("new", "open", "save", "", "undo", "redo", "", "quick_add", "fit_all", "", "export")

_BY_NAME = {command.name: command for command in COMMANDS}


def command_named(name: str) -> Command:
    """The command of this name."""
    return _BY_NAME[name]
