"""Light, dark, or as the desktop: the switch in the View menu, remembered."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QActionGroup, QGuiApplication

from app import theme
from app.actions import Actions
from app.settings import Settings
from app.theme import Scheme


class Appearance(QObject):
    """Applies the scheme that the user chose."""

    def __init__(self, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._actions: Actions | None = None
        parent.installEventFilter(self)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def use(self, actions: Actions) -> None:
        """Take over the three switches."""
        self._actions = actions
        group = QActionGroup(self)
        for scheme in Scheme:
            group.addAction(actions[str(scheme)])
        actions[str(self._settings.scheme)].setChecked(True)

    def light(self) -> None:
        self._choose(Scheme.LIGHT)

    def dark(self) -> None:
        self._choose(Scheme.DARK)

    def system(self) -> None:
        self._choose(Scheme.SYSTEM)

    def _choose(self, scheme: Scheme) -> None:
        self._settings.scheme = scheme
        theme.apply(scheme)

    def _system_changed(self) -> None:
        theme.follow_system()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.PaletteChange and self._actions is not None:
            self._actions.draw_icons()
        return False
