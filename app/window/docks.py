"""Where the panels stand: the layout of the first start, and the user's own afterwards."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

LEFT, RIGHT, BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)

TABBED = ("inspector", "data", "problems")
LEFT_TABBED = ("palette", "outline")
BOTTOM_TABBED = ("curves", "comparison")

# Raise when panels are added or renamed: a layout saved by an older version is then not restored.
LAYOUT_VERSION = 4


ROOMY = 1200
"""From this width on, in pixels, the plan stands beside the run."""

FRAME = QSize(0, 40)
"""What the window's frame takes of the screen."""


def first_size(screen: QSize) -> QSize:
    """The window's size at the first start: most of the screen, never more than all."""
    wanted = (screen * 0.85).expandedTo(QSize(1280, 760))
    return wanted.boundedTo(screen - FRAME)


class Docks(QObject):
    """The dock widgets of a window, by name."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        window.setDockNestingEnabled(True)
        # What belongs to training has the whole width: plan, curves and activations are
        # to be seen at once, in a narrow window as well.
        window.setCorner(Qt.Corner.BottomLeftCorner, BOTTOM)
        window.setCorner(Qt.Corner.BottomRightCorner, BOTTOM)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def add(self, name: str, title: str, panel: QWidget) -> QDockWidget:
        """Put a panel into a dock; :meth:`lay_out` says where."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(name)
        if name in (*TABBED, *LEFT_TABBED, *BOTTOM_TABBED):
            dock.setTitleBarWidget(QWidget())  # its tab says the same
        dock.setWidget(panel)
        self._docks[name] = dock
        return dock

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def lay_out(self) -> None:
        """Put every panel where it stands at the first start."""
        window, docks = self._window, self._docks
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        window.addDockWidget(LEFT, docks["palette"])
        window.addDockWidget(RIGHT, docks["inspector"])
        window.addDockWidget(BOTTOM, docks["training"])
        window.splitDockWidget(docks["training"], docks["curves"], Qt.Orientation.Horizontal)
        window.splitDockWidget(docks["curves"], docks["activations"], Qt.Orientation.Horizontal)
        for group in (TABBED, LEFT_TABBED, BOTTOM_TABBED):
            for first, second in pairwise(group):
                window.tabifyDockWidget(docks[first], docks[second])
        for dock in docks.values():
            dock.show()
        docks["inspector"].raise_()
        docks["curves"].raise_()
        docks["palette"].raise_()
        self.share_out()

    @Slot()
    def share_out(self) -> None:
        """Give every panel the share of the window that suits it."""
        width, height = self._window.width(), self._window.height()
        side = max(270, min(380, width // 5))
        # Run and plan side by side, where the rest then still is enough for the charts.
        training = min(720, max(624, width // 3)) if width >= ROOMY else 290
        rest = width - training
        self._resize(
            Qt.Orientation.Horizontal,
            palette=max(200, min(240, width // 7)),
            inspector=side,
        )
        self._resize(
            Qt.Orientation.Horizontal,
            training=training,
            curves=rest // 2,
            activations=rest // 2,
        )
        self._resize(Qt.Orientation.Vertical, training=max(280, height * 36 // 100))

    def _resize(self, direction: Qt.Orientation, **sizes: int) -> None:
        docks = [self._docks[name] for name in sizes]
        self._window.resizeDocks(docks, list(sizes.values()), direction)

    def toggle_actions(self) -> list[QAction]:
        """The actions that show and hide each panel, for the View menu."""
        return [dock.toggleViewAction() for dock in self._docks.values()]
