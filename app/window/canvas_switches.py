"""The switches in the View menu for what stands on layers and wires, remembered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.actions import Actions
from app.canvas.view import CanvasView
from app.settings import Settings


class CanvasSwitches(QObject):
    """Costs on cards, live pictures below them, health on wires."""

    def __init__(self, canvas: CanvasView, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self._settings = canvas, settings

    @property
    def handlers(self) -> dict[str, Callable[[bool], None]]:
        """What carries out the commands, by name."""
        return {
            "show_costs": self.show_costs,
            "show_pictures": self.show_pictures,
            "show_health": self.show_health,
        }

    def use(self, actions: Actions) -> None:
        """Show what was chosen last time."""
        for name, handler in self.handlers.items():
            shown = self._settings.is_shown(name)
            actions[name].setChecked(shown)
            handler(shown)

    def show_costs(self, shown: bool) -> None:
        self._settings.set_shown("show_costs", shown)
        self._canvas.canvas_scene.show_costs(shown)

    def show_pictures(self, shown: bool) -> None:
        self._settings.set_shown("show_pictures", shown)
        self._canvas.show_pictures(shown)

    def show_health(self, shown: bool) -> None:
        self._settings.set_shown("show_health", shown)
        self._canvas.show_health(shown)
