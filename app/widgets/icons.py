"""Icons in the color of the text, and buttons that carry one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QPaintEvent
from PySide6.QtWidgets import (
    QMenu,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from app import theme


def icon(name: str, tone: str = "text") -> QIcon:
    """An icon of qtawesome (``"fa6s.plus"``) in one of the theme's colors.

    Ask again when the scheme changes; the icon keeps the color it was made with.
    """
    # The icon fonts take a tenth of a second, which the command line need not pay.
    import qtawesome

    found: QIcon = qtawesome.icon(
        name,
        color=theme.color(tone),
        color_disabled=theme.color("border"),
    )
    return found


class IconButton(QToolButton):
    """A small flat button with an icon that follows the color scheme."""

    def __init__(
        self, name: str, tip: str, parent: QWidget | None = None, *, tone: str = "muted"
    ) -> None:
        super().__init__(parent)
        self._name, self._tone = name, tone
        self.setAutoRaise(True)
        self.setIconSize(QSize(16, 16))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        self.setIcon(icon(self._name, self._tone))


class MenuButton(IconButton):
    """An icon that opens a menu, without an arrow beside it."""

    def __init__(self, name: str, tip: str, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(name, tip, parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu.setParent(self, menu.windowFlags())
        self.setMenu(menu)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.features &= ~QStyleOptionToolButton.ToolButtonFeature.HasMenu
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
