"""The QActions of the window, made from the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from app.actions.command import Command, Needs
from app.actions.keys import menu_text, tool_tip
from app.actions.table import COMMANDS
from app.widgets.icons import icon


class Actions:
    """The QActions made from the table, by name."""

    def __init__(
        self, window: QMainWindow, handlers: Mapping[str, Callable[..., object] | QAction]
    ) -> None:
        """Make an action for each command.

        Args:
            handlers: by command name a bound method, or an action that a panel has
                made; it gets the table's key and tip.
        """
        self._window = window
        self.by_name: dict[str, QAction] = {}
        for command in COMMANDS:
            handler = handlers[command.name]
            if isinstance(handler, QAction):
                action = handler
            else:
                action = QAction(command.text, window)
                action.setToolTip(tool_tip(command))
                action.triggered.connect(handler)
            action.setObjectName(command.name)
            if command.on_canvas:
                # Shown in the menu only: Del in a text field must not delete a layer.
                action.setText(menu_text(command))
            else:
                action.setShortcut(QKeySequence(command.keys))
            action.setStatusTip(command.tip)
            action.setCheckable(command.checkable)
            self.by_name[command.name] = action
        self.draw_icons()

    def __getitem__(self, name: str) -> QAction:
        return self.by_name[name]

    def enable(self, lacks: Callable[[Needs], bool]) -> None:
        """Enable those of the canvas whose needs are met at present."""
        for command in COMMANDS:
            if command.on_canvas:
                self.by_name[command.name].setEnabled(not lacks(command.needs))

    def why_not(self, command: Command) -> str:
        """Why a command cannot be used now, in words; empty if it can."""
        action = self.by_name[command.name]
        if action.isEnabled():
            return ""
        return str(command.needs) or action.toolTip()

    def draw_icons(self) -> None:
        """Draw every icon in the colors in force."""
        for command in COMMANDS:
            if command.icon:
                self.by_name[command.name].setIcon(icon(command.icon))

    def fill_menus(self) -> dict[str, QMenu]:
        """Add the menus to the window; they by title without ``&``."""
        menus: dict[str, QMenu] = {}
        for command in COMMANDS:
            title = command.menu.replace("&", "")
            if title not in menus:
                menus[title] = self._window.menuBar().addMenu(command.menu)
            if command.starts_group:
                menus[title].addSeparator()
            menus[title].addAction(self.by_name[command.name])
        return menus
